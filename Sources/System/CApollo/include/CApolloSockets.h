#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// A socket address of any family, with its length.
struct capollo_address {
    struct sockaddr_storage storage;
    socklen_t length;
};

/// Resolves `host` (a name or a number) and `port`. Returns 0 or a code of getaddrinfo(3).
int capollo_address_resolve(const char *host, uint16_t port, int passive, struct capollo_address *address);

/// The text of a code of getaddrinfo(3).
const char *capollo_address_error(int code);

/// The address of a unix socket. Returns 0, or -1 with ENAMETOOLONG.
int capollo_address_unix(const char *path, struct capollo_address *address);

/// The number of the host of an internet address, as text of at most `capacity` bytes with the final 0; the port, or -1
/// for a unix socket, whose text is empty.
int capollo_address_text(const struct capollo_address *address, char *host, size_t capacity);

/// A stream socket for `address` that never blocks, closed on exec; -1 and errno on failure.
int capollo_socket_create(const struct capollo_address *address);

/// Binds and listens. `reuse` is SO_REUSEADDR. A unix socket's file gets mode 0600. 0, or -1 and errno.
int capollo_socket_listen(int fd, const struct capollo_address *address, int reuse, int backlog);

/// connect(2) with errno EINPROGRESS when it goes on.
int capollo_socket_connect(int fd, const struct capollo_address *address);

/// The next connection, never blocking and closed on exec, without Nagle's delay; -1 and errno on failure.
int capollo_socket_accept(int fd, struct capollo_address *peer);

/// The address a socket is bound to. 0, or -1 and errno.
int capollo_socket_name(int fd, struct capollo_address *address);

/// The error that a connection attempt left behind, 0 for none.
int capollo_socket_error(int fd);

/// Two pieces in one call, without SIGPIPE. A length may be 0. Bytes taken, or -1 and errno.
ssize_t capollo_socket_send(int fd, const void *first, size_t first_length, const void *second,
                            size_t second_length, const void *third, size_t third_length);

/// Whether bytes wait to be read, without taking them; the end of the stream counts as no.
int capollo_socket_has_input(int fd);
