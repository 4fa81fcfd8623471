#pragma once

/// A user namespace (user_namespaces(7)) in which 0 to `count` - 1 are users and groups of the machine from `first` on; the
/// namespace of no process. Close-on-exec. -1 with errno.
int capollo_user_namespace(unsigned first, unsigned count);

/// What is at `path`, once more, with the owners that the user namespace `users` makes of those on the disk (mount_setattr(2),
/// MOUNT_ATTR_IDMAP): a mount that is nowhere yet. With what is mounted below it, where `recursive`. Close-on-exec. -1 with errno:
/// EINVAL where the file system cannot, ENOSYS before Linux 5.12.
int capollo_map_mount(const char *path, int users, int recursive);

/// Puts such a mount at `target`. -1 with errno.
int capollo_attach_mount(int mount, const char *target);

/// Mounts an empty file system in memory, whose mounts are told to no other mount namespace. -1 with errno.
int capollo_mount_memory(const char *target);
