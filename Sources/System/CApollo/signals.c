#define _GNU_SOURCE
#include "CApolloSignals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { signal_count = 65 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction previous[signal_count];
// The descriptor plus one, so that 0 says "not forwarded". Read by the handler: atomic, and nothing else of ours is.
static _Atomic int target[signal_count];

static void forward(int signo) {
    int saved = errno;
    int fd = atomic_load(&target[signo]) - 1;
    if (fd >= 0) {
        unsigned char byte = (unsigned char)signo;
        ssize_t ignored = write(fd, &byte, 1);
        (void)ignored;
    }
    errno = saved;
}

int capollo_signal_forward(int signo, int fd) {
    if (signo < 1 || signo >= signal_count) return errno = EINVAL, -1;
    pthread_mutex_lock(&lock);
    int result = -1;
    if (atomic_load(&target[signo])) {
        errno = EBUSY;
    } else {
        struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART};
        sigfillset(&action.sa_mask);
        atomic_store(&target[signo], fd + 1);
        result = sigaction(signo, &action, &previous[signo]);
        if (result != 0) atomic_store(&target[signo], 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

void capollo_signal_restore(int signo) {
    if (signo < 1 || signo >= signal_count) return;
    pthread_mutex_lock(&lock);
    if (atomic_load(&target[signo])) {
        sigaction(signo, &previous[signo], NULL);
        atomic_store(&target[signo], 0);
    }
    pthread_mutex_unlock(&lock);
}

int capollo_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }
