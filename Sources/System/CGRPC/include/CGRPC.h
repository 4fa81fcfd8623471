// What Swift needs of gRPC's C core: its operations are unions and its slices macros, which Swift cannot write down.
//
// A tag is a pointer that comes back from the completion queue; null is the queue's own wake-up. Functions that start operations return
// whether they could: if not, the tag never comes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: The library, queues

void cgrpc_init(void (*log)(const char *message));

typedef struct cgrpc_queue cgrpc_queue;
enum cgrpc_event { cgrpc_event_stopped, cgrpc_event_done, cgrpc_event_none };
cgrpc_queue *cgrpc_queue_create(void);
void cgrpc_queue_destroy(cgrpc_queue *queue);
void cgrpc_queue_shutdown(cgrpc_queue *queue);
/// Waits for the next operation that ends, or only looks.
enum cgrpc_event cgrpc_queue_next(cgrpc_queue *queue, bool wait, void *_Nullable *_Nonnull tag, bool *succeeded);
/// Makes the queue return a null tag.
void cgrpc_queue_wake(cgrpc_queue *queue);
/// The queue whose thread calls; null on any other.
void *_Nullable cgrpc_current(void);
void cgrpc_set_current(void *_Nullable value);

// MARK: Metadata

typedef struct {
    const uint8_t *_Nullable start;
    size_t count;
} cgrpc_bytes;

/// Metadata to send; null for none.
typedef struct cgrpc_metadata cgrpc_metadata;
cgrpc_metadata *cgrpc_metadata_create(size_t capacity);
void cgrpc_metadata_add(cgrpc_metadata *metadata, cgrpc_bytes name, cgrpc_bytes value);
void cgrpc_metadata_destroy(cgrpc_metadata *_Nullable metadata);

/// Metadata that was received.
typedef struct cgrpc_received cgrpc_received;
size_t cgrpc_received_count(const cgrpc_received *received);
cgrpc_bytes cgrpc_received_name(const cgrpc_received *received, size_t index);
cgrpc_bytes cgrpc_received_value(const cgrpc_received *received, size_t index);

// MARK: Calls, of both ends

typedef struct cgrpc_call cgrpc_call;
void cgrpc_call_destroy(cgrpc_call *call);
/// Makes it ready for another call, once all operations have ended; not for one that came without its method being asked for.
void cgrpc_call_reset(cgrpc_call *call);
void cgrpc_call_cancel(cgrpc_call *call);
void cgrpc_call_cancel_with(cgrpc_call *call, int code, const char *message);
bool cgrpc_call_receive(cgrpc_call *call, void *tag);
/// Whether the last receive brought a message, and its size.
bool cgrpc_call_has_message(cgrpc_call *call, size_t *size);
/// Copies the message, of the size that was told, and lets go of it.
void cgrpc_call_take_message(cgrpc_call *call, uint8_t *_Nullable target);
char *_Nullable cgrpc_call_peer(cgrpc_call *call);
void cgrpc_text_free(char *_Nullable text);
/// Calls `each` with the properties of the peer's certificate; nothing without TLS.
void cgrpc_call_identity(
    cgrpc_call *call, void *context,
    void (*each)(void *context, const char *name, const char *value, size_t count));

// MARK: Servers

typedef struct cgrpc_server cgrpc_server;
typedef struct cgrpc_arguments cgrpc_arguments;
cgrpc_arguments *cgrpc_arguments_create(void);
void cgrpc_arguments_set_number(cgrpc_arguments *arguments, const char *key, int value);
void cgrpc_arguments_set_text(cgrpc_arguments *arguments, const char *key, const char *value);
void cgrpc_arguments_destroy(cgrpc_arguments *arguments);

cgrpc_server *cgrpc_server_create(cgrpc_arguments *arguments, cgrpc_queue *queue);
/// The port that is listened on, 1 for unix sockets; 0 when it could not be.
int cgrpc_server_listen(cgrpc_server *server, const char *address);
typedef struct {
    const char *certificates;
    const char *key;
    const char *_Nullable authorities;
} cgrpc_identity;
/// As above with TLS. `fetch` is asked at each connection for what to show: it fills in new texts, which are freed here, and returns
/// true, or returns false when nothing changed.
int cgrpc_server_listen_tls(
    cgrpc_server *server, const char *address, bool requires_client, void *context,
    bool (*fetch)(void *context, char *_Nullable *_Nonnull certificates, char *_Nullable *_Nonnull key,
                  char *_Nullable *_Nonnull authorities));
void cgrpc_server_start(cgrpc_server *server);
bool cgrpc_server_shutdown(cgrpc_server *server, void *tag);
void cgrpc_server_cancel_all(cgrpc_server *server);
void cgrpc_server_destroy(cgrpc_server *server);

cgrpc_call *cgrpc_call_create(void);
/// Asks for a call, which is filled in when the tag comes.
bool cgrpc_server_request(cgrpc_server *server, cgrpc_call *call, void *tag);
/// A method that can be asked for by itself, before the server starts; null where it cannot be.
void *_Nullable cgrpc_server_register(cgrpc_server *server, const char *path);
/// Asks for a call of that method, with its first message: one operation less for who answers it.
bool cgrpc_server_request_of(cgrpc_server *server, void *method, cgrpc_call *call, void *tag);
cgrpc_bytes cgrpc_call_method(const cgrpc_call *call);
/// How long the client still waits, in nanoseconds; less than 0 for ever.
int64_t cgrpc_call_remaining(const cgrpc_call *call);
const cgrpc_received *cgrpc_call_request_metadata(const cgrpc_call *call);
/// The tag comes when the call is over; `cgrpc_call_was_cancelled` is true where the client did not get its status.
bool cgrpc_call_watch(cgrpc_call *call, void *tag);
bool cgrpc_call_was_cancelled(const cgrpc_call *call);
bool cgrpc_call_send_head(cgrpc_call *call, cgrpc_metadata *_Nullable metadata, void *tag);
/// Sends a message, the initial metadata before the first.
bool cgrpc_call_reply(
    cgrpc_call *call, bool first, cgrpc_metadata *_Nullable metadata, cgrpc_bytes message, void *tag);
typedef struct {
    bool first;
    bool has_message;
    bool watches;
    int code;
    cgrpc_metadata *_Nullable initial;
    cgrpc_metadata *_Nullable trailing;
    cgrpc_bytes message;
    cgrpc_bytes text;
} cgrpc_end;
/// Sends what is left and the status.
bool cgrpc_call_finish(cgrpc_call *call, const cgrpc_end *end, void *tag);

// MARK: Clients

typedef struct cgrpc_channel cgrpc_channel;
cgrpc_channel *cgrpc_channel_create(
    const char *target, cgrpc_arguments *arguments, bool tls, const cgrpc_identity *_Nullable identity,
    const char *_Nullable authorities);
void cgrpc_channel_destroy(cgrpc_channel *channel);
/// `timeout` in nanoseconds; less than 0 for none.
cgrpc_call *_Nullable cgrpc_channel_call(
    cgrpc_channel *channel, cgrpc_queue *queue, cgrpc_bytes method, int64_t timeout);
/// The whole of a unary call.
bool cgrpc_call_unary(
    cgrpc_call *call, cgrpc_metadata *_Nullable metadata, bool wait, cgrpc_bytes message, void *tag);
/// The beginning of a stream: the tag comes with the server's metadata.
bool cgrpc_call_open(cgrpc_call *call, cgrpc_metadata *_Nullable metadata, bool wait, void *tag);
bool cgrpc_call_head(cgrpc_call *call, void *tag);
bool cgrpc_call_send(cgrpc_call *call, cgrpc_bytes message, void *tag);
bool cgrpc_call_close(cgrpc_call *call, void *tag);
bool cgrpc_call_status(cgrpc_call *call, void *tag);
int cgrpc_call_code(const cgrpc_call *call);
cgrpc_bytes cgrpc_call_text(const cgrpc_call *call);
const cgrpc_received *cgrpc_call_head_metadata(const cgrpc_call *call);
const cgrpc_received *cgrpc_call_trailing_metadata(const cgrpc_call *call);

#pragma clang assume_nonnull end
