#pragma once

/// The version of the kernel's interface to hardware virtualisation behind an open /dev/kvm (12 since 2007), or -1 with
/// errno. It says nothing of whether a guest would boot.
int capollo_kvm_version(int descriptor);

/// Whether the kernel's clock is kept right by somebody (adjtimex(2)): 1 or 0, or -1 with errno. `error` becomes the
/// largest error that is thought possible, in microseconds.
int capollo_clock_is_synchronised(long *error);

/// The kind of file system that holds `path` (statfs(2)), or -1 with errno.
long capollo_file_system_kind(const char *path);

/// Opens a file without a name in `directory` to write to, closed on exec (open(2), O_TMPFILE); -1 with errno.
int capollo_open_unnamed(const char *directory, unsigned int mode);

/// Gives the file that is open as `descriptor` and has no name the name `path`, unless there is such a file. 0, or -1
/// with errno.
int capollo_name_file(int descriptor, const char *path);
