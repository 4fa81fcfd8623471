#pragma once

#include <semaphore.h>
#include <stdint.h>

/// Names the calling thread for debuggers and /proc; the kernel keeps 15 bytes.
void capollo_set_thread_name(const char *name);

/// Waits for the semaphore until CLOCK_MONOTONIC reaches `deadline`, in nanoseconds. 0, or -1 with errno.
int capollo_semaphore_wait_until(sem_t *semaphore, int64_t deadline);
