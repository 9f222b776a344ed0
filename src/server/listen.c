/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets that connections come from. */
#include "base/alloc.h"
#include "server/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX STR("unix:")

static struct sockaddr_in *in4(struct server_address *address)
{
    return (struct sockaddr_in *)&address->address;
}

static struct sockaddr_in6 *in6(struct server_address *address)
{
    return (struct sockaddr_in6 *)&address->address;
}

static void set_port(struct server_address *address, uint16_t port)
{
    if (address->address.ss_family == AF_INET)
        in4(address)->sin_port = htons(port);
    else if (address->address.ss_family == AF_INET6)
        in6(address)->sin6_port = htons(port);
}

/* For messages. */
static void describe(const struct server *server, const struct server_address *address, char *text, size_t size)
{
    const struct server_listener *listener = &server->options.listeners[address->listener];
    struct buf out = BUF_INIT;
    if (address->address.ss_family == AF_UNIX) {
        buf_addf(&out, "%.*s", STR_ARG(listener->host));
    } else {
        char host[INET6_ADDRSTRLEN] = "";
        bool six = address->address.ss_family == AF_INET6;
        const void *from = six ? (const void *)&((const struct sockaddr_in6 *)&address->address)->sin6_addr
                               : (const void *)&((const struct sockaddr_in *)&address->address)->sin_addr;
        (void)inet_ntop(address->address.ss_family, from, host, sizeof(host));
        buf_addf(&out, six ? "[%s]:%u" : "%s:%u", host, listener->port);
    }
    struct str told = str_head(buf_str(&out), size - 1);
    if (told.len > 0)
        memcpy(text, told.ptr, told.len);
    text[told.len] = '\0';
    buf_done(&out);
}

static int parse_unix(struct server_address *address, struct str path, struct err *err)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&address->address;
    if (path.len == 0 || path.ptr[0] != '/' || path.len >= sizeof(un->sun_path) || str_has_char(path, '\0')) {
        err_set(err, ERR_INVALID, "invalid socket path 'unix:%.*s'", STR_ARG(path));
        return err_hint(err, "an absolute path of at most %zu bytes", sizeof(un->sun_path) - 1);
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path.ptr, path.len);
    address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
    return 0;
}

static bool parse_ip(struct server_address *address, struct str host)
{
    char text[INET6_ADDRSTRLEN];
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = str_of(host.ptr + 1, host.len - 2);
    if (host.len == 0 || host.len >= sizeof(text))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, &in4(address)->sin_addr) == 1) {
        address->address.ss_family = AF_INET;
        address->length = sizeof(struct sockaddr_in);
        return true;
    }
    if (inet_pton(AF_INET6, text, &in6(address)->sin6_addr) == 1) {
        address->address.ss_family = AF_INET6;
        address->length = sizeof(struct sockaddr_in6);
        return true;
    }
    return false;
}

/* What listener INDEX means; appended to the server's addresses. */
static int add_addresses(struct server *server, size_t index, struct err *err)
{
    struct str host = server->options.listeners[index].host;
    struct server_address *first = &server->addresses[server->address_count];
    *first = (struct server_address){.listener = index};
    server->address_count++;
    if (str_starts(host, UNIX_PREFIX))
        return parse_unix(first, str_skip(host, UNIX_PREFIX.len), err);
    if (str_eq_fold(host, STR("localhost"))) {
        struct server_address *second = &server->addresses[server->address_count++];
        *second = (struct server_address){.listener = index, .optional = true};
        (void)parse_ip(second, STR("::1"));
        host = STR("127.0.0.1");
    }
    if (parse_ip(first, host))
        return 0;
    err_set(err, ERR_INVALID, "invalid address to listen at '%.*s'", STR_ARG(host));
    return err_hint(err, "an IPv4 or IPv6 address, 'localhost' or 'unix:/path'");
}

static int fail_bind(const struct server *server, const struct server_address *address, int errnum, struct err *err)
{
    char text[160];
    bool is_unix = address->address.ss_family == AF_UNIX;
    describe(server, address, text, sizeof(text));
    if (errnum == EADDRINUSE) {
        err_set(err, ERR_EXISTS, "can't listen at '%s': the address is in use", text);
        return err_hint(err, "stop the other server, or choose another %s", is_unix ? "path" : "port");
    }
    if (errnum == ENOTSOCK) {
        err_set(err, ERR_EXISTS, "can't listen at '%s': something else than a socket is there", text);
        return err_hint(err, "name a path that is free");
    }
    if (is_unix && (errnum == ENOENT || errnum == ENOTDIR)) {
        err_set(err, ERR_NOT_FOUND, "can't listen at '%s': there is no such directory", text);
        return err_hint(err, "make the directory first");
    }
    if (errnum == EACCES || errnum == EPERM) {
        err_errno(err, errnum, "can't listen at '%s'", text);
        return err_hint(err, is_unix ? "the directory must be writable for this user" : "choose a port above 1023");
    }
    err_errno(err, errnum, "can't listen at '%s'", text);
    if (errnum == EADDRNOTAVAIL || errnum == EAFNOSUPPORT)
        return err_hint(err, "choose an address of this machine, or 0.0.0.0 for all");
    return err_hint(err, "choose another address");
}

/* A bound socket; -1 and errno. */
static int bind_socket(const struct server_address *address, bool reuse_port, unsigned write_timeout_ms)
{
    int family = address->address.ss_family, on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool failed = false;
    if (family != AF_UNIX) {
        static const struct in6_addr any = IN6ADDR_ANY_INIT;
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->address;
        int only = family == AF_INET6 && memcmp(&six->sin6_addr, &any, sizeof(any)) != 0;
        failed |= setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0;
        failed |= setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0; /* connections inherit it */
        /* What the peer does not acknowledge is given up by the kernel as well. */
        unsigned patience_ms = write_timeout_ms;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof(patience_ms));
        if (reuse_port)
            failed |= setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0;
        if (family == AF_INET6) /* "::" is for both */
            failed |= setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0;
    }
    failed = failed || bind(fd, (const struct sockaddr *)&address->address, address->length) < 0;
    if (!failed)
        return fd;
    int errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

static int listen_socket(const struct server_address *address, bool reuse_port, unsigned write_timeout_ms)
{
    int fd = bind_socket(address, reuse_port, write_timeout_ms);
    if (fd < 0 || listen(fd, SOMAXCONN) == 0)
        return fd;
    int errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&address)->sin_port);
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port) : 0;
}

/*
 * One socket for each loop. SO_REUSEPORT would let a second server of the same user bind as well, and take half of the
 * connections; so the address is first bound without it, which fails when anybody has it.
 */
static int open_tcp(struct server *server, size_t at, struct err *err)
{
    struct server_address *address = &server->addresses[at];
    uint16_t *port = &server->ports[address->listener];
    set_port(address, *port);
    int probe = bind_socket(address, false, 0);
    if (probe >= 0) {
        *port = bound_port(probe);
        set_port(address, *port);
        close(probe);
    }
    for (unsigned i = 0; probe >= 0 && i < server->loop_count; i++) {
        int fd = listen_socket(address, true, server->options.write_timeout_ms);
        server->loops[i].listeners[at] = (struct loop_listener){.fd = fd, .door = (uint8_t)at};
        if (fd < 0)
            return fail_bind(server, address, errno, err);
    }
    if (probe >= 0 || (address->optional && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)))
        return 0;
    return fail_bind(server, address, errno, err);
}

/* Removes the file of a server that is gone; errno EADDRINUSE when one answers there, ENOTSOCK when it is no socket. */
static bool remove_stale(const struct server_address *address)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)&address->address;
    struct stat status;
    if (lstat(un->sun_path, &status) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(status.st_mode)) {
        errno = ENOTSOCK;
        return false;
    }
    bool stale = false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        stale = connect(fd, (const struct sockaddr *)un, address->length) < 0 && errno == ECONNREFUSED;
        close(fd);
    }
    if (stale)
        return unlink(un->sun_path) == 0 || errno == ENOENT;
    errno = EADDRINUSE;
    return false;
}

static int open_unix(struct server *server, size_t at, struct err *err)
{
    struct server_address *address = &server->addresses[at];
    struct sockaddr_un *un = (struct sockaddr_un *)&address->address;
    struct stat status;
    int fd = remove_stale(address) ? listen_socket(address, false, 0) : -1;
    if (fd < 0)
        return fail_bind(server, address, errno, err);
    for (unsigned i = 0; i < server->loop_count; i++)
        server->loops[i].listeners[at] = (struct loop_listener){.fd = fd, .door = (uint8_t)at, .shared = true};
    if (lstat(un->sun_path, &status) == 0) {
        address->unix_inode = status.st_ino;
        address->unix_device = status.st_dev;
    }
    return 0;
}

static int watch_listeners(struct server *server, struct server_loop *loop, struct err *err)
{
    for (size_t i = 0; i < server->address_count; i++) {
        const struct loop_listener *listener = &loop->listeners[i];
        struct epoll_event event = {.events = EPOLLIN | (listener->shared ? EPOLLEXCLUSIVE : 0U),
                                    .data.u64 = (uint64_t)i << 1 | 1};
        if (listener->fd >= 0 && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, listener->fd, &event) < 0)
            return err_errno(err, errno, "can't watch a listening socket");
    }
    return 0;
}

static int open_all(struct server *server, struct err *err)
{
    for (size_t i = 0; i < server->address_count; i++) {
        bool is_unix = server->addresses[i].address.ss_family == AF_UNIX;
        int failed = is_unix ? open_unix(server, i, err) : open_tcp(server, i, err);
        if (failed)
            return failed;
    }
    return 0;
}

int listeners_open(struct server *server, struct err *err)
{
    size_t count = server->options.listener_count;
    server->addresses = mem_calloc(count * 2, sizeof(*server->addresses));
    server->ports = mem_calloc(count, sizeof(*server->ports));
    if (!server->addresses || !server->ports)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        server->ports[i] = server->options.listeners[i].port;
        int failed = add_addresses(server, i, err);
        if (failed)
            return failed;
    }
    for (unsigned i = 0; i < server->loop_count; i++) {
        struct server_loop *loop = &server->loops[i];
        loop->listeners = mem_calloc(server->address_count, sizeof(*loop->listeners));
        if (!loop->listeners)
            return err_nomem(err);
        for (size_t j = 0; j < server->address_count; j++)
            loop->listeners[j].fd = -1;
    }
    atomic_store(&server->shared_open, server->loop_count);
    int failed = open_all(server, err);
    for (unsigned i = 0; !failed && i < server->loop_count; i++)
        failed = watch_listeners(server, &server->loops[i], err);
    return failed;
}

/* Only the file that we made: another server may have replaced it. */
static void remove_file(const struct server_address *address)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)&address->address;
    struct stat status;
    if (lstat(un->sun_path, &status) == 0 && status.st_ino == address->unix_inode &&
        status.st_dev == address->unix_device)
        (void)unlink(un->sun_path);
}

void listeners_close(struct server *server, struct server_loop *loop)
{
    if (!loop->listeners)
        return;
    bool shares = false;
    for (size_t i = 0; i < server->address_count; i++) {
        const struct loop_listener *listener = &loop->listeners[i];
        if (listener->fd < 0 || !listener->shared)
            continue;
        (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, listener->fd, NULL);
        shares = true;
    }
    bool last = shares && atomic_fetch_sub(&server->shared_open, 1) == 1; /* nobody else touches them any more */
    for (size_t i = 0; i < server->address_count; i++) {
        struct loop_listener *listener = &loop->listeners[i];
        if (listener->fd < 0)
            continue;
        if (listener->shared && last)
            remove_file(&server->addresses[i]);
        if (!listener->shared || last)
            close(listener->fd);
        listener->fd = -1;
    }
}
