#define _GNU_SOURCE
#include "CApolloSockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

int capollo_address_resolve(const char *host, uint16_t port, int passive, struct capollo_address *address) {
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
    struct addrinfo *found = NULL;
    int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0) return code;
    // An IPv4 address first: a name such as localhost has both, and its users write 127.0.0.1.
    struct addrinfo *best = found;
    for (struct addrinfo *each = found; each; each = each->ai_next)
        if (each->ai_family == AF_INET) {
            best = each;
            break;
        }
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, best->ai_addr, best->ai_addrlen);
    address->length = best->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

const char *capollo_address_error(int code) { return gai_strerror(code); }

int capollo_address_unix(const char *path, struct capollo_address *address) {
    struct sockaddr_un unix_address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof unix_address.sun_path) return errno = ENAMETOOLONG, -1;
    strcpy(unix_address.sun_path, path);
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, &unix_address, sizeof unix_address);
    address->length = sizeof unix_address;
    return 0;
}

int capollo_address_text(const struct capollo_address *address, char *host, size_t capacity) {
    host[0] = 0;
    if (address->storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&address->storage;
        inet_ntop(AF_INET, &in->sin_addr, host, (socklen_t)capacity);
        return ntohs(in->sin_port);
    }
    if (address->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)&address->storage;
        inet_ntop(AF_INET6, &in->sin6_addr, host, (socklen_t)capacity);
        return ntohs(in->sin6_port);
    }
    return -1;
}

int capollo_socket_create(const struct capollo_address *address) {
    int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && address->storage.ss_family != AF_UNIX) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return fd;
}

int capollo_socket_listen(int fd, const struct capollo_address *address, int reuse, int backlog) {
    int on = reuse != 0;
    if (address->storage.ss_family == AF_UNIX) {
        // Linux makes the file with the mode of the socket's own inode: there is no moment at which others may connect.
        if (fchmod(fd, 0600) != 0) return -1;
    } else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return -1;
    }
    if (bind(fd, (const void *)&address->storage, address->length) != 0) return -1;
    return listen(fd, backlog);
}

int capollo_socket_connect(int fd, const struct capollo_address *address) {
    return connect(fd, (const void *)&address->storage, address->length);
}

int capollo_socket_accept(int fd, struct capollo_address *peer) {
    peer->length = sizeof peer->storage;
    int connection = accept4(fd, (void *)&peer->storage, &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0 && peer->storage.ss_family != AF_UNIX) {
        int on = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return connection;
}

int capollo_socket_name(int fd, struct capollo_address *address) {
    address->length = sizeof address->storage;
    return getsockname(fd, (void *)&address->storage, &address->length);
}

int capollo_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

ssize_t capollo_socket_send(int fd, const void *first, size_t first_length, const void *second,
                            size_t second_length, const void *third, size_t third_length) {
    if (second_length == 0 && third_length == 0) return send(fd, first, first_length, MSG_NOSIGNAL);
    struct iovec pieces[3] = {
        {(void *)first, first_length}, {(void *)second, second_length}, {(void *)third, third_length}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 3};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

int capollo_socket_has_input(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
