#define _GNU_SOURCE
#include "CApolloThreads.h"

#include <sys/prctl.h>
#include <time.h>

void capollo_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int capollo_semaphore_wait_until(sem_t *semaphore, int64_t deadline) {
    struct timespec time = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    // sem_clockwait(3), glibc 2.30: sem_timedwait would follow the wall clock when someone sets it.
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, &time);
}
