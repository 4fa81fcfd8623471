#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

// What Swift cannot import of OpenSSL: macros with arguments; and a BIO over memory that the caller lends for one call.

/// Bytes from the peer that SSL may read, and room for bytes to the peer.
struct capollo_tls_bytes {
    const unsigned char *input;
    size_t input_length;
    unsigned char *output;
    size_t output_capacity;
    size_t output_length;
};

static inline int capollo_tls_bio_read(BIO *bio, char *into, int count) {
    struct capollo_tls_bytes *bytes = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (bytes->input_length == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n = (size_t)count < bytes->input_length ? (size_t)count : bytes->input_length;
    memcpy(into, bytes->input, n);
    bytes->input += n;
    bytes->input_length -= n;
    return (int)n;
}

static inline int capollo_tls_bio_write(BIO *bio, const char *from, int count) {
    struct capollo_tls_bytes *bytes = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t room = bytes->output_capacity - bytes->output_length;
    if (room == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    size_t n = (size_t)count < room ? (size_t)count : room;
    memcpy(bytes->output + bytes->output_length, from, n);
    bytes->output_length += n;
    return (int)n;
}

static inline long capollo_tls_bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

/// The kind of BIO that reads and writes a `capollo_tls_bytes`; NULL when memory is short.
static inline BIO_METHOD *capollo_tls_bio_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lent memory");
    if (!method) return NULL;
    BIO_meth_set_read(method, capollo_tls_bio_read);
    BIO_meth_set_write(method, capollo_tls_bio_write);
    BIO_meth_set_ctrl(method, capollo_tls_bio_control);
    return method;
}

/// Gives `ssl` a BIO over `bytes`, which must stay where it is. 1, or 0 when memory is short.
static inline int capollo_tls_attach(SSL *ssl, const BIO_METHOD *method, struct capollo_tls_bytes *bytes) {
    BIO *bio = BIO_new(method);
    if (!bio) return 0;
    BIO_set_data(bio, bytes);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return 1;
}

static inline void capollo_tls_configure(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

/// Says yes to any certificate of a client: it is judged by who reads it.
static inline int capollo_tls_any_certificate(X509_STORE_CTX *chain, void *argument) {
    (void)chain, (void)argument;
    return 1;
}

/// Asks clients for a certificate, takes those that have none, and judges none.
static inline void capollo_tls_accept_any_client(SSL_CTX *context) {
    static const unsigned char name[] = "apollo";
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, capollo_tls_any_certificate, NULL);
    // Without it OpenSSL refuses to take up sessions where it asks for certificates.
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
}

/// The peer's certificate in DER, which the caller frees with `capollo_tls_free`; NULL where it has shown none.
static inline unsigned char *capollo_tls_peer_certificate(const SSL *ssl, int *count) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    unsigned char *der = NULL;
    *count = certificate ? i2d_X509(certificate, &der) : 0;
    return *count > 0 ? der : NULL;
}

static inline void capollo_tls_free(void *memory) { OPENSSL_free(memory); }

static inline int capollo_tls_set_minimum(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline int capollo_tls_set_maximum(SSL_CTX *context, int version) {
    return SSL_CTX_set_max_proto_version(context, version);
}

static inline int capollo_tls_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int capollo_tls_set_host(SSL *ssl, const char *host) {
    // A number is matched against the certificate's addresses and is not sent as a name (RFC 6066, section 3).
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1) return 1;
    return SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1;
}

/// Answers the request for a key's password with none: OpenSSL would ask on the terminal.
static inline int capollo_tls_no_password(char *buffer, int size, int writing, void *argument) {
    (void)buffer, (void)size, (void)writing, (void)argument;
    return -1;
}

static inline EVP_PKEY *capollo_tls_read_key(BIO *bio) {
    return PEM_read_bio_PrivateKey(bio, NULL, capollo_tls_no_password, NULL);
}

static inline X509 *capollo_tls_read_certificate(BIO *bio) {
    return PEM_read_bio_X509(bio, NULL, capollo_tls_no_password, NULL);
}

static inline int capollo_tls_is_end_of_pem(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}
