#pragma once

/// The size of the terminal behind a descriptor, in characters. ioctl is variadic, which Swift cannot call.
/// Returns 0, or -1 with errno where the descriptor is no terminal.
int capollo_terminal_size(int descriptor, unsigned short *columns, unsigned short *rows);

/// Sets the size of a (pseudo) terminal; whoever runs on it gets SIGWINCH. Returns 0, or -1 with errno.
int capollo_set_terminal_size(int descriptor, unsigned short columns, unsigned short rows);

/// Opens a new pseudo terminal of this size (pty(7)). Returns the descriptor of its master side, closed on exec, and
/// writes the path of the other side to `path` of `length` bytes; -1 with errno on failure.
int capollo_open_terminal(unsigned short columns, unsigned short rows, char *path, unsigned long length);

/// POSIX_SPAWN_SETSID, a GNU extension that Swift does not see.
short capollo_spawn_in_new_session(void);

/// Opens the other side of a pseudo terminal, closed on exec, without becoming controlled by it; -1 with errno.
int capollo_open_terminal_end(const char *path);
