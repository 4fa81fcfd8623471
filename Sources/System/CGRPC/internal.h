#pragma once

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/slice_buffer.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <string.h>

#include "CGRPC.h"

struct cgrpc_queue {
    grpc_completion_queue *queue;
    grpc_channel *lame;
    grpc_call *wake;
};

struct cgrpc_metadata {
    size_t count;
    size_t capacity;
    grpc_metadata entries[];
};

struct cgrpc_received {
    grpc_metadata_array array;
};

struct cgrpc_call {
    grpc_call *call;
    // A server's: what was asked. A client's: what the server sent first.
    struct cgrpc_received head;
    struct cgrpc_received trailing;
    grpc_call_details details;
    grpc_byte_buffer *message;
    int cancelled;
    grpc_status_code code;
    grpc_slice text;
    // What is being sent; the core reads it until the operation ends.
    cgrpc_metadata *initial_out;
    cgrpc_metadata *trailing_out;
};

struct cgrpc_arguments {
    grpc_channel_args args;
    grpc_arg entries[40];
};

struct cgrpc_server {
    grpc_server *server;
    grpc_completion_queue *queue;
};

struct cgrpc_channel {
    grpc_channel *channel;
};

static inline grpc_slice cgrpc_slice(cgrpc_bytes bytes) {
    return grpc_slice_from_copied_buffer((const char *)bytes.start, bytes.count);
}

/// A message to send. It lies on the stack, since the core takes over what is in it when the operation begins.
static inline void cgrpc_message(grpc_byte_buffer *buffer, cgrpc_bytes bytes) {
    buffer->type = GRPC_BB_RAW;
    buffer->data.raw.compression = GRPC_COMPRESS_NONE;
    grpc_slice_buffer_init(&buffer->data.raw.slice_buffer);
    grpc_slice_buffer_add(&buffer->data.raw.slice_buffer, cgrpc_slice(bytes));
}

/// The operation has begun, or could not.
static inline void cgrpc_message_destroy(grpc_byte_buffer *buffer) {
    grpc_slice_buffer_destroy(&buffer->data.raw.slice_buffer);
}

static inline cgrpc_bytes cgrpc_view(const grpc_slice *slice) {
    cgrpc_bytes bytes = {GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice)};
    return bytes;
}

static inline bool cgrpc_start(cgrpc_call *call, const grpc_op *ops, size_t count, void *tag) {
    return grpc_call_start_batch(call->call, ops, count, tag, NULL) == GRPC_CALL_OK;
}
