#pragma once

/// From now on each `signo` writes its number, as one byte, to the non-blocking descriptor `fd`. The byte is dropped when the pipe
/// is full, which loses nothing: the reader then has that signal, or as many others as the pipe holds, still to read.
/// Returns 0, or -1 with errno: EBUSY when the signal is taken already, EINVAL when it cannot be caught.
int capollo_signal_forward(int signo, int fd);

/// Puts back what the signal did before.
void capollo_signal_restore(int signo);

/// A pipe whose ends never block and are closed on exec. 0, or -1 and errno.
int capollo_pipe(int ends[2]);
