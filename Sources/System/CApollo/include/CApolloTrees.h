#pragma once

#include <stddef.h>

/// openat2(2) with RESOLVE_IN_ROOT: absolute paths, links and `..` mean what they mean to who has `root` as the root. Close-on-exec.
/// -1 with errno; ENOSYS before Linux 5.6.
int capollo_open_in_root(int root, const char *path, int flags);

/// What overlayfs takes for "not there": a character device 0/0.
int capollo_make_whiteout(int directory, const char *name);

/// fsetxattr(2).
int capollo_set_attribute(int file, const char *name, const void *value, size_t size);

/// syncfs(2).
int capollo_sync_file_system(int file);

/// mount(2) of an overlay file system. -1 with errno.
int capollo_mount_overlay(const char *target, const char *options);

/// Takes what is mounted at `target` out of sight; it goes with the last who uses it (umount2(2), MNT_DETACH).
int capollo_unmount(const char *target);
