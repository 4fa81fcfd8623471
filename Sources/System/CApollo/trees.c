#define _GNU_SOURCE
#include "CApolloTrees.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int capollo_open_in_root(int root, const char *path, int flags) {
    struct open_how how = {
        .flags = (unsigned long long)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int capollo_make_whiteout(int directory, const char *name) {
    return mknodat(directory, name, S_IFCHR, makedev(0, 0));
}

int capollo_set_attribute(int file, const char *name, const void *value, size_t size) {
    return fsetxattr(file, name, value, size, 0);
}

int capollo_sync_file_system(int file) { return syncfs(file); }

int capollo_mount_overlay(const char *target, const char *options) {
    return mount("overlay", target, "overlay", 0, options);
}

int capollo_unmount(const char *target) { return umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW); }
