#include "CApolloSimulation.h"

#include <stdatomic.h>
#include <stdbool.h>

// Swift's runtime calls this hook, if it is set, for every job on its way to the global executor (swift-6.3,
// include/swift/Runtime/Concurrency.h). Weak, so that a program without the runtime links all the same.
typedef __attribute__((swiftcall)) void (*enqueue_original)(void *job);
typedef __attribute__((swiftcall)) void (*enqueue_hook)(void *job, enqueue_original original);
extern __attribute__((weak)) _Atomic(enqueue_hook) swift_task_enqueueGlobal_hook;

static _Thread_local bool is_counting;
static _Thread_local uint64_t jobs;

static __attribute__((swiftcall)) void count_job(void *job, enqueue_original original) {
    if (is_counting) jobs++;
    original(job);
}

void capollo_count_global_jobs_begin(void) {
    if (&swift_task_enqueueGlobal_hook) {
        atomic_store(&swift_task_enqueueGlobal_hook, count_job);
    }
    jobs = 0;
    is_counting = true;
}

void capollo_count_global_jobs_end(void) { is_counting = false; }

uint64_t capollo_global_jobs(void) { return jobs; }
