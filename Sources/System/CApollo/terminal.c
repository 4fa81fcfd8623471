#define _GNU_SOURCE
#include "CApolloTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int capollo_terminal_size(int descriptor, unsigned short *columns, unsigned short *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int capollo_set_terminal_size(int descriptor, unsigned short columns, unsigned short rows) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(descriptor, TIOCSWINSZ, &size);
}

int capollo_open_terminal(unsigned short columns, unsigned short rows, char *path, unsigned long length) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    int failure = 0;
    if (grantpt(master) != 0 || unlockpt(master) != 0) failure = errno;
    if (failure == 0) failure = ptsname_r(master, path, length);
    if (failure == 0 && capollo_set_terminal_size(master, columns, rows) != 0) failure = errno;
    if (failure == 0) return master;
    close(master);
    errno = failure;
    return -1;
}

int capollo_open_terminal_end(const char *path) { return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); }

short capollo_spawn_in_new_session(void) { return POSIX_SPAWN_SETSID; }
