#pragma once

#include <stdint.h>
#include <sys/types.h>

// What the launcher of processes needs of Linux that the Glibc module of Swift does not show. Each returns -1 with errno
// on failure, as the calls that it stands for.

/// epoll_create1(2), close-on-exec.
int capollo_launcher_poller(void);
/// Watches `file` for reading; for writing too when `writing`. `is_new` adds it, else it is changed.
int capollo_launcher_watch(int poller, int file, int writing, int is_new);
/// Waits; fills `files` with at most `most` ready files, and `writable` with whether each takes bytes.
int capollo_launcher_wait(int poller, int *files, int *writable, int most, int milliseconds);

/// A descriptor that reads SIGCHLD and SIGTERM, which are blocked; SIGINT, SIGHUP and SIGPIPE are ignored.
int capollo_launcher_signals(void);
/// The next signal of that descriptor, or 0.
int capollo_launcher_next_signal(int signals);

/// accept4(2), close-on-exec and non-blocking.
int capollo_launcher_accept(int listener);

/// A pipe: `ends[0]` reads and does not block, `ends[1]` is for a child, blocks, and is open for reading too. Tells the
/// pipe's inode.
int capollo_launcher_pipe(int ends[2], uint64_t *inode);
