/* SPDX-License-Identifier: Apache-2.0 */
/* A server in a thread of this process, whose paths misbehave each in its own way. */
#include "net/curl.h"

#include "base/clock.h"
#include "base/fault.h"
#include "io/reader.h"
#include "io/writer.h"

#include <setjmp.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int socket;
    int port;
    atomic_int connections;
    atomic_int requests;
    atomic_int flaky; /* answers 503 to so many requests */
    pthread_mutex_t lock;
    char last[4096]; /* the last request's head; under the lock */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool last_has(const char *text)
{
    pthread_mutex_lock(&server.lock);
    bool has = strstr(server.last, text);
    pthread_mutex_unlock(&server.lock);
    return has;
}

static void say(int fd, const char *text)
{
    (void)!write(fd, text, strlen(text));
}

static void say_body(int fd, const char *head, const char *body)
{
    dprintf(fd, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body), body);
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* False when the connection shall be closed. */
static bool answer(int fd, const char *request)
{
    const char *path = strchr(request, ' ') + 1;
    if (starts(path, "/ok")) {
        say_body(fd, "200 OK\r\nETag: \"tag\"", "content");
    } else if (starts(path, "/big")) {
        dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 1 << 20);
        static char block[1 << 20];
        (void)!write(fd, block, sizeof(block));
    } else if (starts(path, "/etag")) {
        bool same = strstr(request, "If-None-Match: \"tag\"");
        say_body(fd, same ? "304 Not Modified\r\nETag: \"tag\"" : "200 OK\r\nETag: \"tag\"", same ? "" : "content");
    } else if (starts(path, "/404")) {
        say_body(fd, "404 Not Found", "no such thing");
    } else if (starts(path, "/401")) {
        say_body(fd, "401 Unauthorized", "");
    } else if (starts(path, "/503")) {
        say_body(fd, "503 Service Unavailable", "busy");
    } else if (starts(path, "/flaky")) {
        bool fails = atomic_fetch_sub(&server.flaky, 1) > 0;
        say_body(fd, fails ? "503 Service Unavailable" : "200 OK", fails ? "busy" : "content");
    } else if (starts(path, "/redirect-to-file")) {
        say_body(fd, "302 Found\r\nLocation: file:///etc/passwd", "");
    } else if (starts(path, "/redirect-loop")) {
        say_body(fd, "302 Found\r\nLocation: /redirect-loop", "");
    } else if (starts(path, "/redirect")) {
        say_body(fd, "302 Found\r\nETag: \"not this\"\r\nLocation: /ok", "moved, not wanted");
    } else if (starts(path, "/cut")) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        return false;
    } else if (starts(path, "/reset-head")) {
        return false;
    } else if (starts(path, "/upload")) {
        say(fd, "HTTP/1.1 201 Created\r\nLocation: /made/here\r\nContent-Length: 0\r\n\r\n");
        return false;
    } else if (starts(path, "/hang")) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun");
        sleep(30);
        return false;
    }
    return true;
}

static void *serve_one(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char request[4096];
    size_t len = 0;
    for (;;) {
        ssize_t got = read(fd, request + len, sizeof(request) - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        request[len] = '\0';
        if (!strstr(request, "\r\n\r\n"))
            continue;
        atomic_fetch_add(&server.requests, 1);
        pthread_mutex_lock(&server.lock);
        memcpy(server.last, request, len + 1);
        pthread_mutex_unlock(&server.lock);
        if (!answer(fd, request))
            break;
        len = 0;
    }
    close(fd);
    return NULL;
}

static void *serve(void *argument)
{
    (void)argument;
    for (;;) {
        int fd = accept(server.socket, NULL, NULL);
        if (fd < 0)
            return NULL;
        atomic_fetch_add(&server.connections, 1);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
    }
}

static int start_server(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    unsetenv("http_proxy");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    server.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server.socket, (struct sockaddr *)&address, len) != 0 || listen(server.socket, 64) != 0 ||
        getsockname(server.socket, (struct sockaddr *)&address, &len) != 0)
        return -1;
    server.port = ntohs(address.sin_port);
    pthread_t thread;
    return pthread_create(&thread, NULL, serve, NULL) == 0 ? pthread_detach(thread) : -1;
}

/* --- one fetch ------------------------------------------------------------------------------------------------- */

static const struct op_ctx plain = {0};

struct got {
    int rc;
    struct transport_fetch fetch;
    char body[64];
};

static struct got get_with(const char *path, const char *const *headers, uint64_t limit, const struct op_ctx *ctx)
{
    struct got got = {0};
    struct err err = ERR_INIT;
    struct buf body CLEANUP_BUF = BUF_INIT;
    struct writer *sink CLEANUP_WRITER = NULL;
    struct transport *transport = NULL;
    struct curl_options options = {.first_wait_ms = 5, .attempts = 3, .connect_timeout_ms = 2000};
    char url[256];
    if (strstr(path, "://"))
        snprintf(url, sizeof(url), "%s", path);
    else
        snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server.port, path);
    assert_int_equal(curl_transport_new(&options, &transport, &err), 0);
    assert_int_equal(buf_writer_new(&body, &sink, &err), 0);
    got.fetch = (struct transport_fetch){
        .url = url, .headers = headers, .limit_bytes = limit, .sink = sink, .label = STR("thing")};
    got.rc = transport_run(transport, &got.fetch, 1, ctx, &err);
    if (got.rc != 0)
        got.fetch.err = err;
    assert_true(body.len < sizeof(got.body));
    memcpy(got.body, buf_z(&body), body.len);
    transport_free(transport);
    return got;
}

static struct got get(const char *path)
{
    return get_with(path, NULL, 60, &plain);
}

static void test_answers(void **state)
{
    (void)state;
    struct got got = get("/ok");
    assert_string_equal(got.fetch.err.message, "");
    assert_int_equal(got.fetch.http_status, 200);
    assert_string_equal(got.body, "content");
    assert_string_equal(got.fetch.etag, "\"tag\"");
    got = get("/redirect");
    assert_int_equal(got.fetch.err.code, ERR_NONE);
    assert_int_equal(got.fetch.http_status, 200);
    assert_string_equal(got.body, "content");
    assert_string_equal(got.fetch.etag, "\"tag\"");
    const char *const headers[] = {"If-None-Match: \"tag\"", "X-Own: yes", NULL};
    got = get_with("/etag", headers, 60, &plain);
    assert_int_equal(got.fetch.err.code, ERR_NONE);
    assert_int_equal(got.fetch.http_status, 304);
    assert_string_equal(got.body, "");
    assert_true(last_has("X-Own: yes\r\n"));
    assert_true(last_has("User-Agent: barehull\r\n"));
}

static void test_refusals(void **state)
{
    (void)state;
    char expected[200];
    struct got got = get("/404");
    assert_int_equal(got.fetch.err.code, ERR_NOT_FOUND);
    snprintf(expected, sizeof(expected), "can't fetch 'thing' from 'http://127.0.0.1:%d/404': the server answered 404",
             server.port);
    assert_string_equal(got.fetch.err.message, expected);
    assert_string_equal(got.body, "");
    assert_int_equal(get("/401").fetch.err.code, ERR_PERMISSION);
    assert_int_equal(get("/redirect-to-file").fetch.err.code, ERR_INVALID);
    assert_int_equal(get("/redirect-loop").fetch.err.code, ERR_NETWORK);
    assert_int_equal(get("ftp://127.0.0.1/x").fetch.err.code, ERR_INVALID);
    assert_int_equal(get("http://[broken/").fetch.err.code, ERR_INVALID);
    got = get_with("/ok", NULL, 6, &plain);
    assert_int_equal(got.fetch.err.code, ERR_LIMIT);
    assert_string_equal(got.fetch.err.message, "'thing' is larger than 6 bytes");
    assert_int_equal(get_with("/ok", NULL, 7, &plain).fetch.err.code, ERR_NONE);
}

static void test_passwords_stay_private(void **state)
{
    (void)state;
    char url[100];
    snprintf(url, sizeof(url), "http://me:secret@127.0.0.1:%d/404", server.port);
    struct got got = get(url);
    assert_int_equal(got.fetch.err.code, ERR_NOT_FOUND);
    assert_null(strstr(got.fetch.err.message, "secret"));
    assert_null(strstr(got.fetch.err.message, "me:"));
}

static void test_retries(void **state)
{
    (void)state;
    atomic_store(&server.requests, 0);
    atomic_store(&server.flaky, 2);
    struct got got = get("/flaky");
    assert_int_equal(got.fetch.err.code, ERR_NONE);
    assert_string_equal(got.body, "content");
    assert_int_equal(atomic_load(&server.requests), 3);
    atomic_store(&server.requests, 0);
    got = get("/503");
    assert_int_equal(got.fetch.err.code, ERR_NETWORK);
    assert_non_null(strstr(got.fetch.err.message, "the server answered 503"));
    assert_int_equal(atomic_load(&server.requests), 3);
    atomic_store(&server.requests, 0);
    assert_int_equal(get("/404").fetch.err.code, ERR_NOT_FOUND); /* asked once */
    assert_int_equal(atomic_load(&server.requests), 1);
    assert_int_equal(get("/reset-head").fetch.err.code, ERR_NETWORK);
    atomic_store(&server.requests, 0);
    assert_int_equal(get("/cut").fetch.err.code, ERR_NETWORK); /* the sink has seen bytes */
    assert_int_equal(atomic_load(&server.requests), 1);
    got = get("http://127.0.0.1:1/refused");
    assert_int_equal(got.fetch.err.code, ERR_NETWORK);
    assert_int_equal(got.fetch.http_status, 0);
}

static void test_files(void **state)
{
    (void)state;
    char path[] = "/tmp/barehull-curl-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "local", 5), 5);
    close(fd);
    char url[64];
    snprintf(url, sizeof(url), "file://%s", path);
    struct got got = get(url);
    assert_string_equal(got.fetch.err.message, "");
    assert_int_equal(got.fetch.http_status, 0);
    assert_string_equal(got.body, "local");
    unlink(path);
    assert_int_equal(get(url).fetch.err.code, ERR_NOT_FOUND);
}

static void test_upload(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct reader *body CLEANUP_READER = NULL;
    struct transport *transport = NULL;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/upload", server.port);
    assert_int_equal(mem_reader_new(STR("sent"), &body, &err), 0);
    assert_int_equal(curl_transport_new(NULL, &transport, &err), 0);
    const char *const headers[] = {"Content-Length: 4", "Content-Type: text/plain", NULL};
    struct transport_fetch fetch = {.url = url, .method = "PUT", .headers = headers, .body = body};
    assert_int_equal(transport_run(transport, &fetch, 1, &plain, &err), 0);
    assert_string_equal(fetch.err.message, "");
    assert_int_equal(fetch.http_status, 201);
    assert_string_equal(fetch.location, "/made/here");
    assert_true(last_has("PUT /upload HTTP/1.1\r\n"));
    assert_true(last_has("Content-Length: 4\r\n"));
    transport_free(transport);
}

/* --- many ------------------------------------------------------------------------------------------------------ */

static void count_finished(struct transport_fetch *fetch)
{
    ++*(int *)fetch->owner;
}

struct seen {
    uint64_t done, total;
    int calls;
};

static void on_progress(void *self, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    struct seen *seen = self;
    assert_true(str_eq(phase, STR("downloading")));
    assert_int_equal(item.len, 0);
    seen->done = done;
    seen->total = total;
    seen->calls++;
}

static void test_parallel(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    struct err err = ERR_INIT;
    struct transport *transport = NULL;
    struct transport_fetch fetches[COUNT] = {0};
    char urls[COUNT][64];
    int finished = 0;
    struct seen seen = {0};
    struct op_sink sink = {.progress = on_progress, .self = &seen};
    struct op_ctx ctx = {.sink = &sink};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1:%d/%s", server.port, i == 7 ? "404" : "big");
        fetches[i] = (struct transport_fetch){.url = urls[i],
                                              .limit_bytes = 1 << 20,
                                              .expect_bytes = 1 << 20,
                                              .finished = count_finished,
                                              .owner = &finished};
    }
    assert_int_equal(curl_transport_new(NULL, &transport, &err), 0);
    atomic_store(&server.connections, 0);
    assert_int_equal(transport_run(transport, fetches, COUNT, &ctx, &err), 0);
    assert_int_equal(finished, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(fetches[i].err.code, i == 7 ? ERR_NOT_FOUND : ERR_NONE);
    assert_true(atomic_load(&server.connections) <= 8);
    assert_true(seen.calls >= 1);
    assert_int_equal(seen.done, (COUNT - 1) << 20);
    assert_int_equal(seen.total, (COUNT - 1) << 20);
    /* The connections are kept for the next run. */
    atomic_store(&server.connections, 0);
    assert_int_equal(transport_run(transport, fetches, 1, &plain, &err), 0);
    assert_int_equal(atomic_load(&server.connections), 0);
    assert_int_equal(transport_run(transport, NULL, 0, &plain, &err), 0);
    transport_free(transport);
}

static void *cancel_later(void *flag)
{
    usleep(100000);
    atomic_store((atomic_bool *)flag, true);
    return NULL;
}

static void test_cancel(void **state)
{
    (void)state;
    atomic_bool cancelled = false;
    struct op_ctx ctx = {.cancelled = &cancelled};
    pthread_t thread;
    uint64_t start = clock_monotonic_ns();
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &cancelled), 0);
    struct got got = get_with("/hang", NULL, 60, &ctx);
    pthread_join(thread, NULL);
    assert_int_equal(got.rc, -ERR_CANCELLED);
    assert_true(clock_monotonic_ns() - start < 250000000ULL);
    struct op_ctx late = {.deadline_ns = clock_monotonic_ns() + 50000000};
    assert_int_equal(get_with("/hang", NULL, 60, &late).rc, -ERR_DEADLINE);
}

static void test_failing_sink(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct transport *transport = NULL;
    struct writer *sink CLEANUP_WRITER = NULL;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/big", server.port);
    assert_int_equal(fd_writer_new(-1, "full", &sink, &err), 0);
    assert_int_equal(curl_transport_new(NULL, &transport, &err), 0);
    struct transport_fetch fetch = {.url = url, .limit_bytes = 1 << 20, .sink = sink};
    assert_int_equal(transport_run(transport, &fetch, 1, &plain, &err), 0);
    assert_int_equal(fetch.err.code, ERR_IO);
    transport_free(transport);
}

static void test_faults(void **state)
{
    (void)state;
    struct curl_options options = {.user_agent = "a", .proxy = "b", .ca_file = "c", .netrc_file = "d"};
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        struct transport *transport = NULL;
        fault_arm(FAULT_ALLOC, n);
        int rc = curl_transport_new(&options, &transport, &err);
        uint64_t passed = fault_count(FAULT_ALLOC);
        fault_disarm();
        transport_free(transport);
        if (passed < n) {
            assert_int_equal(rc, 0);
            assert_int_equal(n, 6);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_null(transport);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_files),        cmocka_unit_test(test_passwords_stay_private),
        cmocka_unit_test(test_retries),      cmocka_unit_test(test_upload),
        cmocka_unit_test(test_parallel),     cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_failing_sink), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, start_server, NULL);
}
