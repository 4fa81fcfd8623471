#pragma once
#include <sys/vfs.h>

/// Whether the path is on a file system in memory (statfs(2): TMPFS_MAGIC, RAMFS_MAGIC).
static inline int capollo_is_in_memory(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0) return 0;
    return system.f_type == 0x01021994 || system.f_type == (__typeof__(system.f_type))0x858458f6;
}
