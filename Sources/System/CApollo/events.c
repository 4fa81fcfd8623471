#define _GNU_SOURCE
#include "CApolloEvents.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

__thread void *capollo_thread_slot;

_Static_assert(CAPOLLO_EPOLL_IN == EPOLLIN && CAPOLLO_EPOLL_OUT == EPOLLOUT, "epoll masks");
_Static_assert(CAPOLLO_EPOLL_ERROR == EPOLLERR && CAPOLLO_EPOLL_HANGUP == EPOLLHUP, "epoll masks");
_Static_assert(CAPOLLO_EPOLL_READ_HANGUP == EPOLLRDHUP, "epoll masks");

int capollo_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int capollo_eventfd_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int capollo_epoll_add(int epoll, int fd, int level, void *data) {
    struct epoll_event event = {.data.ptr = data};
    event.events = level ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int capollo_epoll_remove(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

void capollo_block_sigpipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int capollo_usable_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}
