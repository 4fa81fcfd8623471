#pragma once

#include <stdint.h>

/// Begins to count the jobs that the calling thread hands to Swift's global executor.
///
/// A simulation runs on one thread and its tasks on executors of its own: each such job is one that left it.
void capollo_count_global_jobs_begin(void);

/// Ends the count on the calling thread.
void capollo_count_global_jobs_end(void);

/// The count so far.
uint64_t capollo_global_jobs(void);
