/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: what can be listened at, and what is said when it can't. */
#include "base/fault.h"
#include "server_fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[64], path[80], host[96];

static int setup(void **state)
{
    static struct toy toy;
    toy_init(&toy);
    *state = &toy;
    snprintf(directory, sizeof(directory), "/tmp/test_server_listen.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", directory);
    snprintf(host, sizeof(host), "unix:%s", path);
    return 0;
}

static int teardown(void **state)
{
    toy_done(*state);
    unlink(path);
    return rmdir(directory);
}

static int connect_unix(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static int connect_six(uint16_t port)
{
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

#define ASK          "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n"
#define PEER(length) "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: " length "\r\n\r\n"

static void unix_socket(void **state)
{
    struct toy *toy = *state;
    toy->listeners[1] = (struct server_listener){.host = str_z(host)};
    toy->options.listener_count = 2;
    toy->options.loops = 3;
    toy_start(toy);
    for (unsigned i = 0; i < 20; i++) {
        int fd = connect_unix(), tcp = peer_connect(toy);
        PEER_SEND(fd, ASK);
        PEER_SEND(tcp, ASK);
        peer_expect(fd, PEER("4") "unix");
        peer_expect(tcp, PEER("9") "127.0.0.1");
        close(fd);
        close(tcp);
    }
    assert_true(toy_stop(toy, 1000));
    assert_int_equal(access(path, F_OK), -1);
}

static void expect_failure(struct toy *toy, enum err_code code, const char *message, const char *hint)
{
    struct err err = ERR_INIT;
    struct server *server = NULL;
    assert_int_equal(server_start(&toy->options, &toy->application, &server, &err), -(int)code);
    assert_null(server);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void stale_socket(void **state)
{
    struct toy *toy = *state;
    toy->listeners[0].host = str_z(host);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    char message[200];
    snprintf(message, sizeof(message), "can't listen at '%s': the address is in use", host);
    expect_failure(toy, ERR_EXISTS, message, "stop the other server, or choose another path");
    close(fd); /* nobody answers there any more */
    toy_start(toy);
    fd = connect_unix();
    PEER_SEND(fd, GET);
    peer_expect(fd, HELLO);
    close(fd);
    toy_stop(toy, 1000);
    FILE *file = fopen(path, "w");
    fclose(file);
    snprintf(message, sizeof(message), "can't listen at '%s': something else than a socket is there", host);
    expect_failure(toy, ERR_EXISTS, message, "name a path that is free");
    assert_int_equal(access(path, F_OK), 0);
}

static void localhost(void **state)
{
    struct toy *toy = *state;
    toy->listeners[0].host = STR("localhost");
    toy_start(toy);
    int four = peer_connect(toy), six = connect_six(server_port(toy->server, 0));
    PEER_SEND(four, ASK);
    peer_expect(four, PEER("9") "127.0.0.1");
    close(four);
    if (six < 0)
        return; /* a machine without IPv6 */
    PEER_SEND(six, ASK);
    peer_expect(six, PEER("3") "::1");
    close(six);
}

static void any_address(void **state)
{
    struct toy *toy = *state;
    toy->listeners[0].host = STR("[::]");
    struct err err = ERR_INIT;
    if (server_start(&toy->options, &toy->application, &toy->server, &err) != 0)
        return; /* a machine without IPv6 */
    int four = peer_connect(toy);
    PEER_SEND(four, ASK);
    peer_expect(four, PEER("9") "127.0.0.1");
    close(four);
}

static void in_use(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    toy->listeners[0].port = server_port(toy->server, 0);
    char message[200];
    snprintf(message, sizeof(message), "can't listen at '127.0.0.1:%u': the address is in use", toy->listeners[0].port);
    expect_failure(toy, ERR_EXISTS, message, "stop the other server, or choose another port");
    int fd = peer_connect(toy);
    PEER_SEND(fd, GET);
    peer_expect(fd, HELLO);
    close(fd);
    /* All or none: the first one is free again. */
    toy->listeners[1] = toy->listeners[0];
    toy->listeners[0] = (struct server_listener){.host = str_z(host)};
    toy->options.listener_count = 2;
    expect_failure(toy, ERR_EXISTS, message, "stop the other server, or choose another port");
    assert_int_equal(access(path, F_OK), -1);
}

static void invalid(void **state)
{
    struct toy *toy = *state;
    toy->listeners[0].host = STR("example.com");
    expect_failure(toy, ERR_INVALID, "invalid address to listen at 'example.com'",
                   "an IPv4 or IPv6 address, 'localhost' or 'unix:/path'");
    toy->listeners[0].host = STR("unix:relative");
    expect_failure(toy, ERR_INVALID, "invalid socket path 'unix:relative'", "an absolute path of at most 107 bytes");
    toy->listeners[0] = (struct server_listener){.host = STR("192.0.2.1"), .port = 80};
    expect_failure(toy, ERR_IO, "can't listen at '192.0.2.1:80': Cannot assign requested address",
                   "choose an address of this machine, or 0.0.0.0 for all");
    toy->listeners[0] = (struct server_listener){.host = STR("unix:/proc/none/socket")};
    expect_failure(toy, ERR_NOT_FOUND, "can't listen at 'unix:/proc/none/socket': there is no such directory",
                   "make the directory first");
}

static void short_of_memory(void **state)
{
    struct toy *toy = *state;
    toy->listeners[1] = (struct server_listener){.host = str_z(host)};
    toy->options.listener_count = 2;
    for (uint64_t n = 1; !toy->server; n++) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int failed = server_start(&toy->options, &toy->application, &toy->server, &err);
        fault_disarm();
        assert_true(failed == 0 || failed == -ERR_NOMEM);
        assert_true(n < 100);
    }
    assert_true(toy_stop(toy, 1000));
}

/* Out of descriptors: idle connections give way; then newcomers are told; and it goes on when there are some again. */
static void out_of_descriptors(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int busy = peer_connect(toy), idle = peer_connect(toy), news[3];
    PEER_SEND(idle, GET);
    peer_expect(idle, HELLO);
    PEER_SEND(busy, GET "GET /");
    peer_expect(busy, HELLO);
    for (size_t i = 0; i < 3; i++)
        news[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)news[2] + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server_port(toy->server, 0))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(news[0], (struct sockaddr *)&address, sizeof(address)), 0);
    PEER_SEND(news[0], "GET /");
    peer_expect_end(idle, "");
    int gap = dup(busy); /* takes what the idle one of this side gave back */
    sleep_ms(10);
    assert_int_equal(connect(news[1], (struct sockaddr *)&address, sizeof(address)), 0);
    CLEANUP_BUF struct buf came = BUF_INIT;
    peer_read(news[1], 2000, &came);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    if (!str_eq_z(buf_str(&came), "<reset>"))
        assert_string_equal(buf_z(&came), "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
                                          "Content-Length: 0\r\nRetry-After: 1\r\n\r\n");
    assert_int_equal(connect(news[2], (struct sockaddr *)&address, sizeof(address)), 0);
    PEER_SEND(news[2], GET);
    peer_expect(news[2], HELLO);
    for (size_t i = 0; i < 3; i++)
        close(news[i]);
    close(gap);
    close(busy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unix_socket, setup, teardown),
        cmocka_unit_test_setup_teardown(stale_socket, setup, teardown),
        cmocka_unit_test_setup_teardown(localhost, setup, teardown),
        cmocka_unit_test_setup_teardown(any_address, setup, teardown),
        cmocka_unit_test_setup_teardown(in_use, setup, teardown),
        cmocka_unit_test_setup_teardown(invalid, setup, teardown),
        cmocka_unit_test_setup_teardown(short_of_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(out_of_descriptors, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
