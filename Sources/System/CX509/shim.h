#pragma once
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

// What Swift cannot import of OpenSSL's X.509: macros, stacks, and structures that are made of them. Each returns 1 or a
// pointer, and 0 or NULL where it failed; the reason is in OpenSSL's queue of errors.

/// Answers the request for a key's password with none: OpenSSL would ask on the terminal.
static inline int capollo_x509_no_password(char *buffer, int size, int writing, void *argument) {
    (void)buffer, (void)size, (void)writing, (void)argument;
    return -1;
}

static inline EVP_PKEY *capollo_x509_generate_key(void) { return EVP_EC_gen("P-256"); }

static inline EVP_PKEY *capollo_x509_read_key(BIO *bio) {
    return PEM_read_bio_PrivateKey(bio, NULL, capollo_x509_no_password, NULL);
}

static inline X509 *capollo_x509_read_certificate(BIO *bio) {
    return PEM_read_bio_X509(bio, NULL, capollo_x509_no_password, NULL);
}

static inline X509_REQ *capollo_x509_read_request(BIO *bio) {
    return PEM_read_bio_X509_REQ(bio, NULL, capollo_x509_no_password, NULL);
}

static inline int capollo_x509_is_end_of_pem(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static inline long capollo_x509_bio_bytes(BIO *bio, const unsigned char **bytes) {
    char *start = NULL;
    long count = BIO_get_mem_data(bio, &start);
    *bytes = (const unsigned char *)start;
    return count;
}

/// Seconds since 1970, or INT64_MIN.
static inline int64_t capollo_x509_seconds(const ASN1_TIME *time) {
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return INT64_MIN;
    return (int64_t)timegm(&parts);
}

static inline int capollo_x509_set_times(X509 *certificate, int64_t from, int64_t to) {
    return ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)to);
}

static inline int capollo_x509_set_serial(X509 *certificate, const unsigned char *bytes, int count) {
    BIGNUM *number = BN_bin2bn(bytes, count, NULL);
    if (!number) return 0;
    int done = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

/// The serial's bytes; their number, or 0.
static inline int capollo_x509_serial(X509 *certificate, unsigned char *into, int room) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    if (!number) return 0;
    int count = BN_num_bytes(number);
    int result = count <= room ? BN_bn2bin(number, into) : 0;
    BN_free(number);
    return result;
}

static inline int capollo_x509_name_add(X509_NAME *name, int nid, const unsigned char *text, int count) {
    return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, text, count, -1, 0);
}

// Extensions

static inline int capollo_x509_add_constraints(X509 *certificate, int is_authority) {
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    if (!constraints) return 0;
    int done = 1;
    constraints->ca = is_authority ? 0xFF : 0;
    done = done && X509_add1_ext_i2d(certificate, NID_basic_constraints, constraints, 1, X509V3_ADD_DEFAULT) == 1;
    BASIC_CONSTRAINTS_free(constraints);
    return done;
}

/// Key usage by the numbers of RFC 5280, section 4.2.1.3: 0 signs data, 5 certificates, 6 revocation lists.
static inline int capollo_x509_add_usage(X509 *certificate, const int *bits, int count) {
    ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
    if (!usage) return 0;
    int done = 1;
    for (int i = 0; i < count; i++) done = done && ASN1_BIT_STRING_set_bit(usage, bits[i], 1);
    done = done && X509_add1_ext_i2d(certificate, NID_key_usage, usage, 1, X509V3_ADD_DEFAULT) == 1;
    ASN1_BIT_STRING_free(usage);
    return done;
}

static inline int capollo_x509_add_purposes(X509 *certificate, int is_server, int is_client) {
    EXTENDED_KEY_USAGE *purposes = sk_ASN1_OBJECT_new_null();
    if (!purposes) return 0;
    int done = 1;
    if (is_server) done = done && sk_ASN1_OBJECT_push(purposes, OBJ_nid2obj(NID_server_auth)) > 0;
    if (is_client) done = done && sk_ASN1_OBJECT_push(purposes, OBJ_nid2obj(NID_client_auth)) > 0;
    done = done && X509_add1_ext_i2d(certificate, NID_ext_key_usage, purposes, 0, X509V3_ADD_DEFAULT) == 1;
    // The objects are OpenSSL's own, which are never freed.
    sk_ASN1_OBJECT_free(purposes);
    return done;
}

/// The key's own identifier, and that of the authority's key (RFC 5280, sections 4.2.1.1 and 4.2.1.2).
static inline int capollo_x509_add_key_identifiers(X509 *certificate, X509 *authority) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int count = 0;
    ASN1_OCTET_STRING *own = ASN1_OCTET_STRING_new();
    AUTHORITY_KEYID *issuer = AUTHORITY_KEYID_new();
    int done = own && issuer && X509_pubkey_digest(certificate, EVP_sha1(), digest, &count) == 1 &&
               ASN1_OCTET_STRING_set(own, digest, (int)count) == 1 &&
               X509_add1_ext_i2d(certificate, NID_subject_key_identifier, own, 0, X509V3_ADD_DEFAULT) == 1;
    if (done) {
        done = X509_pubkey_digest(authority, EVP_sha1(), digest, &count) == 1 &&
               (issuer->keyid = ASN1_OCTET_STRING_new()) != NULL &&
               ASN1_OCTET_STRING_set(issuer->keyid, digest, (int)count) == 1 &&
               X509_add1_ext_i2d(certificate, NID_authority_key_identifier, issuer, 0, X509V3_ADD_DEFAULT) == 1;
    }
    ASN1_OCTET_STRING_free(own);
    AUTHORITY_KEYID_free(issuer);
    return done;
}

// Alternative names: GEN_DNS, GEN_URI, GEN_IPADD

static inline int capollo_x509_names_add(GENERAL_NAMES *names, int kind, const unsigned char *bytes, int count) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = kind == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (!name || !text || !ASN1_STRING_set(text, bytes, count)) {
        GENERAL_NAME_free(name);
        ASN1_STRING_free(text);
        return 0;
    }
    GENERAL_NAME_set0_value(name, kind, text);
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
    GENERAL_NAME_free(name);
    return 0;
}

static inline int capollo_x509_add_names(X509 *certificate, GENERAL_NAMES *names) {
    return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
}

static inline int capollo_x509_request_add_names(X509_REQ *request, GENERAL_NAMES *names) {
    X509_EXTENSION *extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, names);
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
    int done = extension && list && sk_X509_EXTENSION_push(list, extension) > 0;
    if (!done) X509_EXTENSION_free(extension);
    done = done && X509_REQ_add_extensions(request, list) == 1;
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    return done;
}

/// NULL where there are none.
static inline GENERAL_NAMES *capollo_x509_names(const X509 *certificate) {
    return X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline GENERAL_NAMES *capollo_x509_request_names(X509_REQ *request) {
    STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(request);
    if (!list) return NULL;
    GENERAL_NAMES *names = X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    return names;
}

static inline int capollo_x509_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

/// The kind of the name at `index` and its bytes; -1 for a kind that has none.
static inline int capollo_x509_names_get(
    const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *count) {
    int kind = -1;
    ASN1_STRING *text = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, index), &kind);
    if (!text || (kind != GEN_DNS && kind != GEN_URI && kind != GEN_IPADD)) return -1;
    *bytes = ASN1_STRING_get0_data(text);
    *count = ASN1_STRING_length(text);
    return kind;
}

static inline void capollo_x509_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

// Chains

/// Verifies `certificate` at the time given. X509_V_OK, or why not, with the certificate at fault.
static inline int capollo_x509_verify(
    X509 *certificate, X509 *const *anchors, int anchor_count, X509 *const *between, int between_count,
    int is_server, int64_t now, X509 **fault) {
    int result = X509_V_ERR_OUT_OF_MEM;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    int ready = store && context && untrusted;
    for (int i = 0; ready && i < anchor_count; i++) ready = X509_STORE_add_cert(store, anchors[i]) == 1;
    for (int i = 0; ready && i < between_count; i++) ready = sk_X509_push(untrusted, between[i]) > 0;
    if (ready && X509_STORE_CTX_init(context, store, certificate, untrusted) == 1) {
        X509_STORE_CTX_set_time(context, 0, (time_t)now);
        X509_STORE_CTX_set_purpose(context, is_server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
        if (X509_verify_cert(context) == 1) {
            result = X509_V_OK;
        } else {
            result = X509_STORE_CTX_get_error(context);
            X509 *current = X509_STORE_CTX_get_current_cert(context);
            if (current && fault && X509_up_ref(current)) *fault = current;
        }
    }
    sk_X509_free(untrusted);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return result;
}

/// Whether the key is one that we sign for: an elliptic curve of 256 bits or more, Ed25519, RSA of 2048 or more.
static inline int capollo_x509_is_strong(EVP_PKEY *key) {
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC: return EVP_PKEY_get_bits(key) >= 256;
    case EVP_PKEY_RSA: return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
    case EVP_PKEY_ED25519: return 1;
    default: return 0;
    }
}
