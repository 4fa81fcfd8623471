#include "internal.h"

static void (*report)(const char *message);

static void forward(gpr_log_func_args *args) {
    if (args->severity >= GPR_LOG_SEVERITY_ERROR && report) report(args->message);
}

void cgrpc_init(void (*log)(const char *message)) {
    report = log;
    gpr_set_log_function(forward);
    grpc_init();
}

cgrpc_queue *cgrpc_queue_create(void) {
    cgrpc_queue *queue = calloc(1, sizeof *queue);
    queue->queue = grpc_completion_queue_create_for_next(NULL);
    // An empty batch on a call that goes nowhere ends at once, and so wakes who waits for the queue.
    queue->lame = grpc_lame_client_channel_create("wake", GRPC_STATUS_UNAVAILABLE, "wakes a queue");
    queue->wake = grpc_channel_create_call(
        queue->lame, NULL, GRPC_PROPAGATE_DEFAULTS, queue->queue, grpc_slice_from_static_string("/wake"), NULL,
        gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    return queue;
}

void cgrpc_queue_destroy(cgrpc_queue *queue) {
    grpc_completion_queue_destroy(queue->queue);
    free(queue);
}

void cgrpc_queue_shutdown(cgrpc_queue *queue) {
    grpc_call_unref(queue->wake);
    grpc_channel_destroy(queue->lame);
    grpc_completion_queue_shutdown(queue->queue);
}

enum cgrpc_event cgrpc_queue_next(cgrpc_queue *queue, bool wait, void **tag, bool *succeeded) {
    gpr_timespec until = wait ? gpr_inf_future(GPR_CLOCK_MONOTONIC) : gpr_time_0(GPR_CLOCK_MONOTONIC);
    grpc_event event = grpc_completion_queue_next(queue->queue, until, NULL);
    if (event.type == GRPC_QUEUE_TIMEOUT) return cgrpc_event_none;
    if (event.type == GRPC_QUEUE_SHUTDOWN) return cgrpc_event_stopped;
    *tag = event.tag;
    *succeeded = event.success != 0;
    return cgrpc_event_done;
}

void cgrpc_queue_wake(cgrpc_queue *queue) { grpc_call_start_batch(queue->wake, NULL, 0, NULL, NULL); }

static _Thread_local void *current;
void *cgrpc_current(void) { return current; }
void cgrpc_set_current(void *value) { current = value; }
