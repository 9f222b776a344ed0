/* SPDX-License-Identifier: Apache-2.0 */
#include "server_fixture.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char megabyte[1 << 20];

void sleep_ms(unsigned ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

void toy_await(atomic_uint *value, unsigned least)
{
    for (unsigned i = 0; i < 2000 && atomic_load(value) < least; i++)
        sleep_ms(1);
    assert_true(atomic_load(value) >= least);
}

static struct str path_of(const struct server_exchange *exchange)
{
    return http_request_path(server_exchange_request(exchange));
}

static bool is(const struct server_exchange *exchange, const char *path)
{
    return str_eq_z(path_of(exchange), path);
}

static void toy_begin(void *self, struct server_exchange *exchange)
{
    struct toy *toy = self;
    if (is(exchange, "/early")) {
        server_answer(exchange, 401, STR("text/plain"), STR("who are you?\n"));
        return;
    }
    server_accept(exchange, is(exchange, "/small") ? 10 : UINT64_MAX);
    server_cancel_on_close(exchange, toy->cancel_on_close);
}

static void answer_text(struct server_exchange *exchange, const char *text)
{
    server_answer(exchange, 200, STR("text/plain"), str_z(text));
}

static void echo(struct server_exchange *exchange)
{
    struct str copy = arena_str(server_exchange_arena(exchange), server_exchange_body(exchange));
    if (copy.ptr)
        server_answer(exchange, 200, STR("text/plain"), copy);
    else
        server_answer(exchange, 503, STR_NONE, STR_NONE);
}

static void work(struct toy *toy, struct server_exchange *exchange)
{
    const struct http_request *request = server_exchange_request(exchange);
    const atomic_bool *cancelled = server_exchange_cancelled(exchange);
    atomic_fetch_add(&toy->working, 1);
    while (request->has_query && !atomic_load(&toy->released) && !atomic_load(cancelled))
        sleep_ms(1);
    if (atomic_load(cancelled))
        atomic_fetch_add(&toy->cancelled, 1);
    answer_text(exchange, "worked\n");
}

static void stream(struct toy *toy, struct server_exchange *exchange)
{
    struct err err;
    if (server_stream_open(exchange, 200, STR("text/event-stream"), &err) != 0) {
        server_answer(exchange, 503, STR("text/plain"), STR("no stream\n"));
        return;
    }
    server_stream_keepalive(exchange, STR(":\n\n"));
    atomic_fetch_add(&toy->working, 1);
    if (is(exchange, "/park")) {
        server_stream_write(exchange, STR("data: parked\n\n"), &err);
        server_stream_park(exchange, STR("data: bye\n\n"));
    } else if (is(exchange, "/flood")) {
        while (server_stream_write(exchange, str_of(megabyte, 100000), &err) == 0)
            continue;
        assert_int_equal(err.code, ERR_CANCELLED);
        atomic_fetch_add(&toy->cancelled, 1);
    } else if (is(exchange, "/many")) {
        int failed = server_stream_write(exchange, str_of(megabyte, sizeof(megabyte)), &err);
        server_stream_write(exchange, failed == -ERR_LIMIT ? STR("data: limit\n\n") : STR("data: no limit\n\n"), &err);
    } else {
        for (unsigned i = 0; i < 3; i++) {
            server_stream_write(exchange, STR("data: event\n\n"), &err);
            while (i == 1 && server_exchange_request(exchange)->has_query && !atomic_load(&toy->released) &&
                   !atomic_load(server_exchange_cancelled(exchange)))
                sleep_ms(1);
        }
    }
}

static bool toy_handle(void *self, struct server_exchange *exchange, bool on_worker)
{
    struct toy *toy = self;
    static const char *const slow[] = {"/work", "/echo-work", "/big-work", "/stream", "/flood"};
    for (size_t i = 0; i < ARRAY_LEN(slow); i++)
        if (is(exchange, slow[i]) && !on_worker)
            return false;
    if (is(exchange, "/work")) {
        work(toy, exchange);
    } else if (is(exchange, "/echo") || is(exchange, "/echo-work")) {
        echo(exchange);
    } else if (is(exchange, "/big") || is(exchange, "/big-work")) {
        server_answer(exchange, 200, STR_NONE, str_of(megabyte, sizeof(megabyte)));
    } else if (is(exchange, "/arena")) {
        char *bytes = arena_alloc(server_exchange_arena(exchange), 1 << 20);
        server_answer(exchange, bytes ? 200 : 503, STR_NONE, str_of(bytes, bytes ? 1 << 20 : 0));
    } else if (is(exchange, "/field")) {
        server_field(exchange, STR("X-Name"), STR("a\r\nSet-Cookie: b"));
        answer_text(exchange, "smuggled\n");
    } else if (is(exchange, "/stream") || is(exchange, "/flood") || is(exchange, "/park") || is(exchange, "/many")) {
        stream(toy, exchange);
    } else if (is(exchange, "/close")) {
        server_field(exchange, STR("X-Name"), STR("value"));
        server_close(exchange);
        server_answer(exchange, 204, STR_NONE, STR_NONE);
    } else if (is(exchange, "/peer")) {
        server_answer(exchange, 200, STR("text/plain"), server_exchange_peer(exchange));
    } else if (!is(exchange, "/none")) {
        answer_text(exchange, "hello\n");
    }
    return true;
}

static void toy_refuse(void *self, struct server_exchange *exchange, unsigned status, struct str reason)
{
    (void)self;
    server_answer(exchange, status, STR("text/plain"), reason);
}

static void toy_record(void *self, const struct server_record *record)
{
    struct toy *toy = self;
    const struct http_request *request = server_exchange_request(record->exchange);
    bool known = request->head_len > 0;
    pthread_mutex_lock(&toy->lock);
    buf_addf(&toy->done, "%.*s %.*s %u %s%s%.*s\n", STR_ARG(http_request_text(request, request->method_name)),
             STR_ARG(known ? http_request_path(request) : STR("-")), record->status,
             record->broken ? record->broken : "whole", record->fault ? " " : "",
             STR_ARG(record->fault ? http_fault_name(record->fault) : STR("")));
    pthread_mutex_unlock(&toy->lock);
}

void toy_init(struct toy *toy)
{
    *toy = (struct toy){.done = BUF_INIT};
    pthread_mutex_init(&toy->lock, NULL);
    toy->listeners[0] = (struct server_listener){.host = STR("127.0.0.1"), .tag = 7};
    toy->application = (struct server_application){toy_begin, toy_handle, toy_refuse, toy_record, toy};
    toy->options = (struct server_options){.listeners = toy->listeners,
                                           .listener_count = 1,
                                           .loops = 1,
                                           .workers = 2,
                                           .limits = http_limits_default,
                                           .header_timeout_ms = 5000,
                                           .body_timeout_ms = 5000,
                                           .idle_timeout_ms = 5000,
                                           .write_timeout_ms = 5000,
                                           .request_timeout_ms = 5000,
                                           .keepalive_ms = 5000,
                                           .connections = 100,
                                           .queue = 10,
                                           .streams = 10,
                                           .memory_bytes = 64 << 20,
                                           .retry_after_s = 3};
}

void toy_start(struct toy *toy)
{
    struct err err = ERR_INIT;
    if (server_start(&toy->options, &toy->application, &toy->server, &err) != 0)
        fail_msg("%s (%s)", err.message, err.hint);
}

bool toy_stop(struct toy *toy, unsigned ms)
{
    server_drain(toy->server, clock_monotonic_ns() + ms * 1000000ULL);
    bool clean = server_wait(toy->server);
    server_free(TAKE_PTR(toy->server));
    return clean;
}

void toy_done(struct toy *toy)
{
    server_free(TAKE_PTR(toy->server));
    buf_done(&toy->done);
    pthread_mutex_destroy(&toy->lock);
}

static unsigned count_done(struct toy *toy)
{
    unsigned count = 0;
    pthread_mutex_lock(&toy->lock);
    for (size_t i = 0; i < toy->done.len; i++)
        count += toy->done.ptr[i] == '\n';
    pthread_mutex_unlock(&toy->lock);
    return count;
}

void toy_expect_done(struct toy *toy, unsigned count, const char *text)
{
    for (unsigned i = 0; i < 2000 && count_done(toy) < count; i++)
        sleep_ms(1);
    pthread_mutex_lock(&toy->lock);
    assert_string_equal(buf_z(&toy->done), text);
    pthread_mutex_unlock(&toy->lock);
}

int peer_connect(const struct toy *toy)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server_port(toy->server, 0))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

void peer_send(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* what came back tells */
        bytes = str_skip(bytes, (size_t)sent);
    }
}

/* In the heads that OUT holds from FROM on. */
static void mask_dates(struct buf *out, size_t from)
{
    for (;;) {
        struct str rest = str_skip(buf_str(out), from);
        size_t at = str_find(rest, STR("\r\nDate: "));
        if (at + 8 + 29 > rest.len)
            return;
        char *date = out->ptr + from + at + 8;
        assert_memory_equal(date + 25, " GMT\r\n", 6);
        date[0] = '-';
        memmove(date + 1, date + 29, out->len - (size_t)(date + 29 - out->ptr));
        buf_truncate(out, out->len - 28);
        from = (size_t)(date - out->ptr);
    }
}

void peer_read(int fd, unsigned ms, struct buf *out)
{
    size_t from = out->len;
    char block[65536];
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, (int)ms) == 0) {
            buf_add_z(out, "<silence>");
            break;
        }
        ssize_t got = recv(fd, block, sizeof(block), 0);
        if (got < 0)
            buf_add_z(out, "<reset>");
        if (got <= 0)
            break;
        buf_add(out, block, (size_t)got);
    }
    mask_dates(out, from);
}

void peer_read_bytes(int fd, size_t bytes, struct buf *out)
{
    char block[65536];
    while (bytes > 0) {
        ssize_t got = recv(fd, block, bytes < sizeof(block) ? bytes : sizeof(block), 0);
        assert_true(got > 0);
        buf_add(out, block, (size_t)got);
        bytes -= (size_t)got;
    }
}

void peer_expect_end(int fd, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    peer_read(fd, 3000, &out);
    close(fd);
    assert_string_equal(buf_z(&out), expected);
}

/* Waits long for what is expected, and briefly for more. */
void peer_expect(int fd, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    size_t dates = 0, len = strlen(expected);
    for (struct str rest = str_z(expected); str_find(rest, STR(DATE)) < rest.len; dates++)
        rest = str_skip(rest, str_find(rest, STR(DATE)) + 1);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char block[4096];
    for (size_t left = len + 28 * dates; left > 0;) {
        if (poll(&wait, 1, 3000) <= 0)
            break;
        ssize_t got = recv(fd, block, left < sizeof(block) ? left : sizeof(block), 0);
        if (got <= 0)
            break;
        buf_add(&out, block, (size_t)got);
        left -= (size_t)got;
    }
    mask_dates(&out, 0);
    assert_string_equal(buf_z(&out), expected);
}
