#pragma once

#include <stdint.h>
#include <sys/epoll.h>

/// A slot of the calling thread. An event loop keeps its own address there, so that "am I on my thread?" is one load.
extern __thread void *capollo_thread_slot;

static inline void *capollo_thread_slot_get(void) { return capollo_thread_slot; }
static inline void capollo_thread_slot_set(void *value) { capollo_thread_slot = value; }

/// The masks are of an enumeration that Swift imports as a type of its own.
enum {
    CAPOLLO_EPOLL_IN = 0x001,
    CAPOLLO_EPOLL_OUT = 0x004,
    CAPOLLO_EPOLL_ERROR = 0x008,
    CAPOLLO_EPOLL_HANGUP = 0x010,
    CAPOLLO_EPOLL_READ_HANGUP = 0x2000,
};

/// An epoll descriptor, closed on exec; -1 and errno on failure.
int capollo_epoll_create(void);

/// An eventfd that never blocks, closed on exec; -1 and errno on failure.
int capollo_eventfd_create(void);

/// Watches `fd` for reading, writing, hang-up and errors; edge-triggered unless `level` is not 0.
int capollo_epoll_add(int epoll, int fd, int level, void *data);

/// Stops watching `fd`.
int capollo_epoll_remove(int epoll, int fd);

/// Blocks SIGPIPE for the calling thread: `sendfile` has no flag that spares it.
void capollo_block_sigpipe(void);

/// The cores that this process may use (sched_getaffinity(2)), at least 1.
int capollo_usable_cores(void);
