#include "internal.h"

cgrpc_arguments *cgrpc_arguments_create(void) {
    cgrpc_arguments *arguments = calloc(1, sizeof *arguments);
    arguments->args.args = arguments->entries;
    return arguments;
}

static grpc_arg *add(cgrpc_arguments *arguments, const char *key) {
    if (arguments->args.num_args == sizeof arguments->entries / sizeof *arguments->entries) abort();
    grpc_arg *arg = &arguments->entries[arguments->args.num_args++];
    arg->key = strdup(key);
    return arg;
}

void cgrpc_arguments_set_number(cgrpc_arguments *arguments, const char *key, int value) {
    grpc_arg *arg = add(arguments, key);
    arg->type = GRPC_ARG_INTEGER;
    arg->value.integer = value;
}

void cgrpc_arguments_set_text(cgrpc_arguments *arguments, const char *key, const char *value) {
    grpc_arg *arg = add(arguments, key);
    arg->type = GRPC_ARG_STRING;
    arg->value.string = strdup(value);
}

void cgrpc_arguments_destroy(cgrpc_arguments *arguments) {
    for (size_t index = 0; index < arguments->args.num_args; index++) {
        free(arguments->entries[index].key);
        if (arguments->entries[index].type == GRPC_ARG_STRING) free(arguments->entries[index].value.string);
    }
    free(arguments);
}

cgrpc_server *cgrpc_server_create(cgrpc_arguments *arguments, cgrpc_queue *queue) {
    cgrpc_server *server = calloc(1, sizeof *server);
    server->server = grpc_server_create(&arguments->args, NULL);
    server->queue = queue->queue;
    grpc_server_register_completion_queue(server->server, queue->queue, NULL);
    return server;
}

int cgrpc_server_listen(cgrpc_server *server, const char *address) {
    grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
    int port = grpc_server_add_http2_port(server->server, address, credentials);
    grpc_server_credentials_release(credentials);
    return port;
}

struct fetcher {
    void *context;
    bool (*fetch)(void *context, char **certificates, char **key, char **authorities);
};

static grpc_ssl_certificate_config_reload_status reload(void *data, grpc_ssl_server_certificate_config **config) {
    struct fetcher *fetcher = data;
    char *certificates = NULL, *key = NULL, *authorities = NULL;
    if (!fetcher->fetch(fetcher->context, &certificates, &key, &authorities))
        return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    grpc_ssl_pem_key_cert_pair pair = {key, certificates};
    *config = grpc_ssl_server_certificate_config_create(authorities, &pair, 1);
    free(certificates);
    if (key) explicit_bzero(key, strlen(key));
    free(key);
    free(authorities);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

int cgrpc_server_listen_tls(
    cgrpc_server *server, const char *address, bool requires_client, void *context,
    bool (*fetch)(void *context, char **certificates, char **key, char **authorities)) {
    // Lives as long as the server's credentials, which is as long as the process: listeners are few.
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);
    fetcher->context = context;
    fetcher->fetch = fetch;
    grpc_ssl_server_credentials_options *options = grpc_ssl_server_credentials_create_options_using_config_fetcher(
        requires_client ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                        : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
        reload, fetcher);
    grpc_server_credentials *credentials = grpc_ssl_server_credentials_create_with_options(options);
    int port = grpc_server_add_http2_port(server->server, address, credentials);
    grpc_server_credentials_release(credentials);
    return port;
}

void cgrpc_server_start(cgrpc_server *server) { grpc_server_start(server->server); }

bool cgrpc_server_shutdown(cgrpc_server *server, void *tag) {
    grpc_server_shutdown_and_notify(server->server, server->queue, tag);
    return true;
}

void cgrpc_server_cancel_all(cgrpc_server *server) { grpc_server_cancel_all_calls(server->server); }

void cgrpc_server_destroy(cgrpc_server *server) {
    grpc_server_destroy(server->server);
    free(server);
}

bool cgrpc_server_request(cgrpc_server *server, cgrpc_call *call, void *tag) {
    return grpc_server_request_call(
               server->server, &call->call, &call->details, &call->head.array, server->queue, server->queue, tag)
        == GRPC_CALL_OK;
}

void *cgrpc_server_register(cgrpc_server *server, const char *path) {
    return grpc_server_register_method(server->server, path, NULL, GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER, 0);
}

bool cgrpc_server_request_of(cgrpc_server *server, void *method, cgrpc_call *call, void *tag) {
    return grpc_server_request_registered_call(
               server->server, method, &call->call, &call->details.deadline, &call->head.array, &call->message,
               server->queue, server->queue, tag)
        == GRPC_CALL_OK;
}

cgrpc_bytes cgrpc_call_method(const cgrpc_call *call) { return cgrpc_view(&call->details.method); }

int64_t cgrpc_call_remaining(const cgrpc_call *call) {
    gpr_timespec deadline = call->details.deadline;
    if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return -1;
    gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
    // More than a century is for ever.
    if (left.tv_sec > 3155760000) return -1;
    int64_t nanoseconds = left.tv_sec * 1000000000 + left.tv_nsec;
    return nanoseconds < 0 ? 0 : nanoseconds;
}

const cgrpc_received *cgrpc_call_request_metadata(const cgrpc_call *call) { return &call->head; }

static grpc_op watch(cgrpc_call *call) {
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &call->cancelled;
    return op;
}

bool cgrpc_call_watch(cgrpc_call *call, void *tag) {
    grpc_op op = watch(call);
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_was_cancelled(const cgrpc_call *call) { return call->cancelled != 0; }

static grpc_op head(cgrpc_call *call, cgrpc_metadata *metadata) {
    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    call->initial_out = metadata;
    op.data.send_initial_metadata.count = metadata ? metadata->count : 0;
    op.data.send_initial_metadata.metadata = metadata ? metadata->entries : NULL;
    return op;
}

bool cgrpc_call_send_head(cgrpc_call *call, cgrpc_metadata *metadata, void *tag) {
    grpc_op op = head(call, metadata);
    return cgrpc_start(call, &op, 1, tag);
}

bool cgrpc_call_reply(cgrpc_call *call, bool first, cgrpc_metadata *metadata, cgrpc_bytes message, void *tag) {
    grpc_op ops[2];
    size_t count = 0;
    if (first) ops[count++] = head(call, metadata);
    grpc_byte_buffer buffer;
    cgrpc_message(&buffer, message);
    grpc_op send = {.op = GRPC_OP_SEND_MESSAGE};
    send.data.send_message.send_message = &buffer;
    ops[count++] = send;
    bool started = cgrpc_start(call, ops, count, tag);
    cgrpc_message_destroy(&buffer);
    return started;
}

bool cgrpc_call_finish(cgrpc_call *call, const cgrpc_end *end, void *tag) {
    grpc_op ops[4];
    size_t count = 0;
    grpc_byte_buffer buffer;
    if (end->first) ops[count++] = head(call, end->initial);
    if (end->has_message) {
        grpc_op send = {.op = GRPC_OP_SEND_MESSAGE};
        cgrpc_message(&buffer, end->message);
        send.data.send_message.send_message = &buffer;
        ops[count++] = send;
    }
    grpc_op status = {.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    call->trailing_out = end->trailing;
    call->text = cgrpc_slice(end->text);
    status.data.send_status_from_server.status = (grpc_status_code)end->code;
    status.data.send_status_from_server.status_details = end->text.count ? &call->text : NULL;
    status.data.send_status_from_server.trailing_metadata_count = end->trailing ? end->trailing->count : 0;
    status.data.send_status_from_server.trailing_metadata = end->trailing ? end->trailing->entries : NULL;
    ops[count++] = status;
    if (end->watches) ops[count++] = watch(call);
    bool started = cgrpc_start(call, ops, count, tag);
    if (end->has_message) cgrpc_message_destroy(&buffer);
    return started;
}
