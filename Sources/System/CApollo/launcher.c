#define _GNU_SOURCE
#include "CApolloLauncher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int capollo_launcher_poller(void) { return epoll_create1(EPOLL_CLOEXEC); }

int capollo_launcher_watch(int poller, int file, int writing, int is_new) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.fd = file};
    return epoll_ctl(poller, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, file, &event);
}

int capollo_launcher_wait(int poller, int *files, int *writable, int most, int milliseconds) {
    struct epoll_event events[256];
    int count = epoll_wait(poller, events, most < 256 ? most : 256, milliseconds);
    for (int i = 0; i < count; i++) {
        files[i] = events[i].data.fd;
        writable[i] = (events[i].events & EPOLLOUT) != 0;
    }
    return count;
}

int capollo_launcher_signals(void) {
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    // A child of a parent that ignores SIGCHLD inherits that, and would never see its own children end.
    signal(SIGCHLD, SIG_DFL);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    if (sigprocmask(SIG_SETMASK, &wanted, NULL) != 0) return -1;
    return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

int capollo_launcher_next_signal(int signals) {
    struct signalfd_siginfo info;
    return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int capollo_launcher_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int capollo_launcher_pipe(int ends[2], uint64_t *inode) {
    int made[2];
    if (pipe2(made, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    // Opened anew, since O_NONBLOCK belongs to the open file and the child must not have it (open(2)).
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", made[1]);
    ends[0] = made[0];
    ends[1] = open(path, O_RDWR | O_CLOEXEC);
    int error = errno;
    close(made[1]);
    struct stat status;
    if (ends[1] < 0 || fstat(ends[1], &status) != 0) {
        if (ends[1] >= 0) {
            error = errno;
            close(ends[1]);
        }
        close(ends[0]);
        errno = error;
        return -1;
    }
    *inode = status.st_ino;
    return 0;
}
