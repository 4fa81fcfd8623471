#include "internal.h"

cgrpc_metadata *cgrpc_metadata_create(size_t capacity) {
    cgrpc_metadata *metadata = calloc(1, sizeof *metadata + capacity * sizeof(grpc_metadata));
    metadata->capacity = capacity;
    return metadata;
}

void cgrpc_metadata_add(cgrpc_metadata *metadata, cgrpc_bytes name, cgrpc_bytes value) {
    if (metadata->count == metadata->capacity) return;
    grpc_metadata *entry = &metadata->entries[metadata->count++];
    entry->key = cgrpc_slice(name);
    entry->value = cgrpc_slice(value);
}

void cgrpc_metadata_destroy(cgrpc_metadata *metadata) {
    if (!metadata) return;
    for (size_t index = 0; index < metadata->count; index++) {
        grpc_slice_unref(metadata->entries[index].key);
        grpc_slice_unref(metadata->entries[index].value);
    }
    free(metadata);
}

size_t cgrpc_received_count(const cgrpc_received *received) { return received->array.count; }
cgrpc_bytes cgrpc_received_name(const cgrpc_received *received, size_t index) {
    return cgrpc_view(&received->array.metadata[index].key);
}
cgrpc_bytes cgrpc_received_value(const cgrpc_received *received, size_t index) {
    return cgrpc_view(&received->array.metadata[index].value);
}

cgrpc_call *cgrpc_call_create(void) {
    cgrpc_call *call = calloc(1, sizeof *call);
    grpc_metadata_array_init(&call->head.array);
    grpc_metadata_array_init(&call->trailing.array);
    grpc_call_details_init(&call->details);
    call->text = grpc_empty_slice();
    return call;
}

/// Lets go of what belongs to one call, and keeps what the next can use.
static void release(cgrpc_call *call) {
    if (call->message) grpc_byte_buffer_destroy(call->message);
    if (call->call) grpc_call_unref(call->call);
    grpc_slice_unref(call->text);
    cgrpc_metadata_destroy(call->initial_out);
    cgrpc_metadata_destroy(call->trailing_out);
}

void cgrpc_call_reset(cgrpc_call *call) {
    release(call);
    call->message = NULL;
    call->call = NULL;
    call->text = grpc_empty_slice();
    call->initial_out = call->trailing_out = NULL;
    call->cancelled = 0;
    call->code = GRPC_STATUS_OK;
    // The entries were the core's; the room for them is ours.
    call->head.array.count = call->trailing.array.count = 0;
}

void cgrpc_call_destroy(cgrpc_call *call) {
    release(call);
    grpc_metadata_array_destroy(&call->head.array);
    grpc_metadata_array_destroy(&call->trailing.array);
    grpc_call_details_destroy(&call->details);
    free(call);
}

void cgrpc_call_cancel(cgrpc_call *call) { grpc_call_cancel(call->call, NULL); }
void cgrpc_call_cancel_with(cgrpc_call *call, int code, const char *message) {
    grpc_call_cancel_with_status(call->call, (grpc_status_code)code, message, NULL);
}

bool cgrpc_call_receive(cgrpc_call *call, void *tag) {
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &call->message;
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_has_message(cgrpc_call *call, size_t *size) {
    if (!call->message) return false;
    *size = grpc_byte_buffer_length(call->message);
    return true;
}

void cgrpc_call_take_message(cgrpc_call *call, uint8_t *target) {
    grpc_byte_buffer *buffer = call->message;
    if (buffer->type == GRPC_BB_RAW && buffer->data.raw.compression == GRPC_COMPRESS_NONE) {
        grpc_slice_buffer *slices = &buffer->data.raw.slice_buffer;
        for (size_t index = 0; target && index < slices->count; index++) {
            size_t count = GRPC_SLICE_LENGTH(slices->slices[index]);
            memcpy(target, GRPC_SLICE_START_PTR(slices->slices[index]), count);
            target += count;
        }
    }
    grpc_byte_buffer_destroy(buffer);
    call->message = NULL;
}

char *cgrpc_call_peer(cgrpc_call *call) { return grpc_call_get_peer(call->call); }
void cgrpc_text_free(char *text) { gpr_free(text); }

void cgrpc_call_identity(
    cgrpc_call *call, void *context, void (*each)(void *context, const char *name, const char *value, size_t count)) {
    grpc_auth_context *peer = grpc_call_auth_context(call->call);
    if (!peer) return;
    if (grpc_auth_context_peer_is_authenticated(peer)) {
        grpc_auth_property_iterator iterator = grpc_auth_context_property_iterator(peer);
        const grpc_auth_property *property;
        while ((property = grpc_auth_property_iterator_next(&iterator)))
            each(context, property->name, property->value, property->value_length);
    }
    grpc_auth_context_release(peer);
}
