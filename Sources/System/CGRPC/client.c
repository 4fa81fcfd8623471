#include "internal.h"

cgrpc_channel *cgrpc_channel_create(
    const char *target, cgrpc_arguments *arguments, bool tls, const cgrpc_identity *identity, const char *authorities) {
    grpc_channel_credentials *credentials;
    if (tls) {
        grpc_ssl_pem_key_cert_pair pair = {identity ? identity->key : NULL, identity ? identity->certificates : NULL};
        credentials = grpc_ssl_credentials_create_ex(authorities, identity ? &pair : NULL, NULL, NULL);
    } else {
        credentials = grpc_insecure_credentials_create();
    }
    cgrpc_channel *channel = calloc(1, sizeof *channel);
    channel->channel = grpc_channel_create(target, credentials, &arguments->args);
    grpc_channel_credentials_release(credentials);
    return channel;
}

void cgrpc_channel_destroy(cgrpc_channel *channel) {
    grpc_channel_destroy(channel->channel);
    free(channel);
}

cgrpc_call *cgrpc_channel_call(cgrpc_channel *channel, cgrpc_queue *queue, cgrpc_bytes method, int64_t timeout) {
    gpr_timespec deadline = timeout < 0 ? gpr_inf_future(GPR_CLOCK_MONOTONIC)
                                        : gpr_time_add(
                                              gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(timeout, GPR_TIMESPAN));
    grpc_slice path = cgrpc_slice(method);
    cgrpc_call *call = cgrpc_call_create();
    call->call = grpc_channel_create_call(
        channel->channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue->queue, path, NULL, deadline, NULL);
    grpc_slice_unref(path);
    if (call->call) return call;
    cgrpc_call_destroy(call);
    return NULL;
}

static grpc_op open(cgrpc_call *call, cgrpc_metadata *metadata, bool wait) {
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    call->initial_out = metadata;
    op.data.send_initial_metadata.count = metadata ? metadata->count : 0;
    op.data.send_initial_metadata.metadata = metadata ? metadata->entries : NULL;
    if (wait)
        op.flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY | GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET;
    return op;
}

static grpc_op status(cgrpc_call *call) {
    grpc_op op = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    op.data.recv_status_on_client.trailing_metadata = &call->trailing.array;
    op.data.recv_status_on_client.status = &call->code;
    op.data.recv_status_on_client.status_details = &call->text;
    return op;
}

static grpc_op head(cgrpc_call *call) {
    grpc_op op = {.op = GRPC_OP_RECV_INITIAL_METADATA};
    op.data.recv_initial_metadata.recv_initial_metadata = &call->head.array;
    return op;
}

bool cgrpc_call_unary(cgrpc_call *call, cgrpc_metadata *metadata, bool wait, cgrpc_bytes message, void *tag) {
    grpc_byte_buffer buffer;
    cgrpc_message(&buffer, message);
    grpc_op send = {.op = GRPC_OP_SEND_MESSAGE}, close = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    grpc_op receive = {.op = GRPC_OP_RECV_MESSAGE};
    send.data.send_message.send_message = &buffer;
    receive.data.recv_message.recv_message = &call->message;
    grpc_op ops[] = {open(call, metadata, wait), send, close, head(call), receive, status(call)};
    bool started = cgrpc_start(call, ops, sizeof ops / sizeof *ops, tag);
    cgrpc_message_destroy(&buffer);
    return started;
}

bool cgrpc_call_open(cgrpc_call *call, cgrpc_metadata *metadata, bool wait, void *tag) {
    grpc_op op = open(call, metadata, wait);
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_head(cgrpc_call *call, void *tag) {
    grpc_op op = head(call);
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_send(cgrpc_call *call, cgrpc_bytes message, void *tag) {
    grpc_byte_buffer buffer;
    cgrpc_message(&buffer, message);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = &buffer;
    bool started = cgrpc_start(call, &op, 1, tag);
    cgrpc_message_destroy(&buffer);
    return started;
}

bool cgrpc_call_close(cgrpc_call *call, void *tag) {
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_status(cgrpc_call *call, void *tag) {
    grpc_op op = status(call);
    return cgrpc_start(call, &op, 1, tag);
}

int cgrpc_call_code(const cgrpc_call *call) { return call->code; }
cgrpc_bytes cgrpc_call_text(const cgrpc_call *call) { return cgrpc_view(&call->text); }
const cgrpc_received *cgrpc_call_head_metadata(const cgrpc_call *call) { return &call->head; }
const cgrpc_received *cgrpc_call_trailing_metadata(const cgrpc_call *call) { return &call->trailing; }
