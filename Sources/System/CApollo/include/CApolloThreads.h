#pragma once

/// Names the calling thread for debuggers and /proc; the kernel keeps 15 bytes.
void capollo_set_thread_name(const char *name);
