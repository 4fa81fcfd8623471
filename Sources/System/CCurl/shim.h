#pragma once

// libcurl's setters and getters are variadic, which Swift cannot call: one inline function per type of argument.

#include <curl/curl.h>

typedef size_t (*apollo_curl_transfer_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*apollo_curl_seek_callback)(void *context, curl_off_t offset, int origin);
typedef int (*apollo_curl_request_callback)(
    void *context, char *peer_address, char *own_address, int peer_port, int own_port);

static inline CURLcode apollo_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apollo_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apollo_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apollo_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode apollo_curl_set_transfer_callback(
    CURL *easy, CURLoption option, apollo_curl_transfer_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode apollo_curl_set_seek_callback(CURL *easy, apollo_curl_seek_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}

static inline CURLcode apollo_curl_set_request_callback(CURL *easy, apollo_curl_request_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline long apollo_curl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline void *apollo_curl_get_context(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode apollo_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The result of a finished transfer; the union member that `CURLMSG_DONE` selects.
static inline CURLcode apollo_curl_message_result(const CURLMsg *message) { return message->data.result; }
