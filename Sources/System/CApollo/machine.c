#define _GNU_SOURCE
#include "CApolloMachine.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

int capollo_kvm_version(int descriptor) { return ioctl(descriptor, KVM_GET_API_VERSION, 0); }

int capollo_clock_is_synchronised(long *error) {
    struct timex state = {.modes = 0};
    if (adjtimex(&state) < 0) return -1;
    *error = state.maxerror;
    return (state.status & STA_UNSYNC) == 0;
}

long capollo_file_system_kind(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return -1;
    return (long)status.f_type;
}

int capollo_open_unnamed(const char *directory, unsigned int mode) {
    return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

int capollo_name_file(int descriptor, const char *path) {
    // The way that needs no capability (open(2), O_TMPFILE).
    char open_file[64];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}
