/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "log/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIME_LEN = 24 };

struct fixture {
    int read_fd;
    struct log log;
};

static struct fixture pipe_log(enum log_level level, enum log_format format)
{
    struct fixture fixture;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fixture.read_fd = ends[0];
    log_init(&fixture.log, ends[1], level, format);
    return fixture;
}

static void close_log(struct fixture *fixture)
{
    close(fixture->read_fd);
    close(fixture->log.fd);
}

/* What stands in the pipe, with the time replaced by T. */
static const char *lines(struct fixture *fixture)
{
    static char text[65536 + 1];
    static char shown[65536 + 1];
    size_t out = 0;
    assert_int_equal(fcntl(fixture->read_fd, F_SETFL, O_NONBLOCK), 0);
    ssize_t len = read(fixture->read_fd, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    for (char *at = text; *at; at++) {
        bool begins = at == text || at[-1] == '\n';
        if (begins && strncmp(at, "{\"time\":\"2", 10) == 0) {
            assert_int_equal(at[9 + TIME_LEN - 1], 'Z');
            memcpy(shown + out, "{\"time\":\"T", 10);
            out += 10;
            at += 9 + TIME_LEN - 1;
        } else if (begins && *at == '2') {
            assert_int_equal(at[TIME_LEN - 1], 'Z');
            shown[out++] = 'T';
            at += TIME_LEN - 1;
        } else {
            shown[out++] = *at;
        }
    }
    shown[out] = '\0';
    return shown;
}

static void fill(struct log *log, enum log_level level)
{
    struct log_event event;
    log_begin(&event, log, level, "listening");
    log_z(&event, "address", "127.0.0.1");
    log_u64(&event, "port", 8080);
    log_bool(&event, "tls", false);
    log_ms(&event, "took_ms", 12345678);
    log_str(&event, "agent", STR("a \"b\"\n{}"));
    log_str(&event, "none", STR_NONE);
    log_end(&event);
}

static void test_lines(void **state)
{
    (void)state;
    struct fixture json = pipe_log(LOG_INFO, LOG_JSON);
    fill(&json.log, LOG_INFO);
    fill(&json.log, LOG_DEBUG);
    assert_string_equal(lines(&json),
                        "{\"time\":\"T\",\"level\":\"info\",\"event\":\"listening\",\"address\":\"127.0.0.1\","
                        "\"port\":8080,\"tls\":false,\"took_ms\":12.345,\"agent\":\"a \\\"b\\\"\\n{}\","
                        "\"none\":\"\"}\n");
    close_log(&json);
    struct fixture text = pipe_log(LOG_WARNING, LOG_TEXT);
    fill(&text.log, LOG_INFO);
    fill(&text.log, LOG_ERROR);
    assert_string_equal(lines(&text), "T error listening address=127.0.0.1 port=8080 tls=false took_ms=12.345 "
                                      "agent=\"a \\\"b\\\"\\n{}\" none=\"\"\n");
    close_log(&text);
}

static void test_levels(void **state)
{
    (void)state;
    static const char *const names[] = {"debug", "info", "warning", "error", "off"};
    for (enum log_level level = LOG_DEBUG; level < LOG_LEVELS; level++)
        assert_string_equal(log_level_name(level), names[level]);
    struct fixture off = pipe_log(LOG_OFF, LOG_JSON);
    fill(&off.log, LOG_ERROR);
    assert_string_equal(lines(&off), "");
    assert_false(log_is_on(&off.log, LOG_ERROR));
    assert_false(log_is_on(NULL, LOG_ERROR));
    close_log(&off);
    fill(NULL, LOG_ERROR);
}

static void test_numbers(void **state)
{
    (void)state;
    struct fixture text = pipe_log(LOG_DEBUG, LOG_TEXT);
    struct log_event event;
    log_begin(&event, &text.log, LOG_DEBUG, "n");
    log_u64(&event, "zero", 0);
    log_u64(&event, "most", UINT64_MAX);
    log_ms(&event, "nothing", 0);
    log_ms(&event, "little", 999);
    log_ms(&event, "micro", 1000);
    log_ms(&event, "most_ms", UINT64_MAX);
    log_end(&event);
    assert_string_equal(lines(&text), "T debug n zero=0 most=18446744073709551615 nothing=0.000 little=0.000 "
                                      "micro=0.001 most_ms=18446744073709.551\n");
    close_log(&text);
}

static void assert_quoted(const char *text, size_t len, const char *expected)
{
    char out[256];
    bool cut = true;
    size_t written = log_quote(out, sizeof(out), str_of(text, len), &cut);
    assert_false(cut);
    assert_int_equal(written, strlen(expected));
    assert_memory_equal(out, expected, written);
}

#define QUOTED(text, expected) assert_quoted((text), sizeof(text) - 1, (expected))

static void test_escapes(void **state)
{
    (void)state;
    QUOTED("", "");
    QUOTED("plain /path?x=1", "plain /path?x=1");
    QUOTED("\"\\\n\r\t\b\f", "\\\"\\\\\\n\\r\\t\\b\\f");
    QUOTED("a\0b\x1b[31m\x7f", "a\\u0000b\\u001b[31m\\u007f");
    QUOTED("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    /* C1: CSI in one character; separators; right-to-left override and isolates. */
    QUOTED("\xc2\x9b"
           "31m\xc2\x85",
           "\\u009b31m\\u0085");
    QUOTED("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xd8\x9c", "\\u2028\\u2029\\u202e\\u2066\\u061c");
    /* No UTF-8: a lone byte, a cut character, an overlong form, a surrogate, beyond the last. */
    QUOTED("\xff", "\xef\xbf\xbd");
    QUOTED("x\xe2\x80", "x\xef\xbf\xbd\xef\xbf\xbd");
    QUOTED("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
    QUOTED("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    QUOTED("\xf5\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_quote_is_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t room;
        const char *expected;
    } cases[] = {
        {"abc", 2, "ab"},        {"abc", 0, ""},  {"ab\n", 3, "ab"},
        {"ab\xc3\xbc", 3, "ab"}, {"\x01", 5, ""}, {"a\xff", 3, "a"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[8] = "";
        bool cut = false;
        size_t written = log_quote(out, cases[i].room, str_z(cases[i].text), &cut);
        assert_true(cut);
        assert_int_equal(written, strlen(cases[i].expected));
        assert_memory_equal(out, cases[i].expected, written);
    }
}

static void test_bare(void **state)
{
    (void)state;
    assert_true(log_is_bare(STR("GET")) && log_is_bare(STR("[::1]:80")));
    assert_false(log_is_bare(STR("")) || log_is_bare(STR("a b")) || log_is_bare(STR("a=b")) || log_is_bare(STR("\"")) ||
                 log_is_bare(STR("\xc3\xbc")) || log_is_bare(STR("a\n")));
}

/* A text beyond its share leaves the others their room; a line beyond the limit loses whole values, and says so. */
static void test_cut(void **state)
{
    (void)state;
    static char longest[8000];
    memset(longest, 'x', sizeof(longest));
    struct fixture json = pipe_log(LOG_INFO, LOG_JSON);
    struct log_event event;
    log_begin(&event, &json.log, LOG_INFO, "e");
    log_str(&event, "path", str_of(longest, sizeof(longest)));
    log_u64(&event, "status", 200);
    log_end(&event);
    const char *text = lines(&json);
    assert_int_equal(strlen(text),
                     strlen("{'time':'T','level':'info','event':'e','path':'','status':200,'cut':true}\n") +
                         LOG_TEXT_BYTES);
    assert_string_equal(text + strlen(text) - 29, "xx\",\"status\":200,\"cut\":true}\n");
    log_begin(&event, &json.log, LOG_INFO, "e");
    for (size_t i = 0; i < 6; i++)
        log_str(&event, "path", str_of(longest, sizeof(longest)));
    log_u64(&event, "status", 200);
    size_t before = event.len;
    log_end(&event);
    assert_true(before < LOG_EVENT_BYTES);
    text = lines(&json);
    assert_true(strlen(text) <= LOG_EVENT_BYTES);
    assert_string_equal(text + strlen(text) - 17, "xxx\",\"cut\":true}\n");
    close_log(&json);
}

/* Every length of the last text: never beyond the limit, always one whole object. */
static void test_every_length(void **state)
{
    (void)state;
    static char longest[LOG_EVENT_BYTES];
    memset(longest, '\n', sizeof(longest));
    struct fixture json = pipe_log(LOG_INFO, LOG_JSON);
    for (size_t len = 300; len < 700; len++) {
        struct log_event event;
        log_begin(&event, &json.log, LOG_INFO, "e");
        for (size_t i = 0; i < 5; i++)
            log_str(&event, "text", str_of(longest, len));
        atomic_store(&json.log.lost, UINT64_MAX);
        log_end(&event);
        const char *text = lines(&json);
        size_t shown = strlen(text) + TIME_LEN - 1;
        assert_true(shown <= LOG_EVENT_BYTES);
        assert_string_equal(text + strlen(text) - 2, "}\n");
        assert_true(strstr(text, ",\"lost\":18446744073709551615"));
        assert_true(!strchr(text, '\n')[1]);
    }
    close_log(&json);
}

/* A full pipe costs lines, not time; the next line that fits says how many. */
static void fill_until_lost(struct fixture *fixture)
{
    for (int i = 0; i < 3000 && atomic_load(&fixture->log.lost) == 0; i++)
        fill(&fixture->log, LOG_INFO);
    assert_int_equal(atomic_load(&fixture->log.lost), 1);
    fill(&fixture->log, LOG_INFO);
    fill(&fixture->log, LOG_INFO);
    assert_int_equal(atomic_load(&fixture->log.lost), 3);
}

static void drain(int fd)
{
    char bytes[4096];
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    while (read(fd, bytes, sizeof(bytes)) > 0)
        continue;
}

static void assert_lost(struct fixture *fixture)
{
    struct log_event event;
    drain(fixture->read_fd);
    log_begin(&event, &fixture->log, LOG_INFO, "again");
    log_end(&event);
    log_begin(&event, &fixture->log, LOG_INFO, "well");
    log_end(&event);
    const char *text = lines(fixture);
    text += *text == '\n'; /* a socket may have taken the last line in part */
    assert_string_equal(text, "T info again lost=3\nT info well\n");
    assert_int_equal(atomic_load(&fixture->log.lost), 0);
}

static void test_full_pipe(void **state)
{
    (void)state;
    struct fixture text = pipe_log(LOG_INFO, LOG_TEXT);
    fill_until_lost(&text);
    assert_int_equal(fcntl(text.log.fd, F_GETFL) & O_NONBLOCK, 0);
    assert_lost(&text);
    close_log(&text);
}

static void test_full_socket(void **state)
{
    (void)state;
    int ends[2];
    struct fixture text;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    text.read_fd = ends[0];
    log_init(&text.log, ends[1], LOG_INFO, LOG_TEXT);
    fill_until_lost(&text);
    assert_int_equal(fcntl(text.log.fd, F_GETFL) & O_NONBLOCK, 0);
    assert_lost(&text);
    close_log(&text);
}

/* Nobody there: counted, no signal but where SIGPIPE is the caller's matter. */
static void test_closed(void **state)
{
    (void)state;
    struct log log;
    log_init(&log, -1, LOG_INFO, LOG_TEXT);
    fill(&log, LOG_INFO);
    assert_int_equal(atomic_load(&log.lost), 1);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    log_init(&log, ends[1], LOG_INFO, LOG_TEXT);
    close(ends[0]);
    fill(&log, LOG_INFO);
    assert_int_equal(atomic_load(&log.lost), 1);
    close(ends[1]);
}

static void test_file(void **state)
{
    (void)state;
    char name[] = "/tmp/barehull-log-XXXXXX";
    struct fixture text;
    text.read_fd = mkstemp(name);
    int fd = open(name, O_WRONLY | O_APPEND);
    assert_true(text.read_fd >= 0 && fd >= 0);
    unlink(name);
    log_init(&text.log, fd, LOG_INFO, LOG_TEXT);
    struct log_event event;
    log_begin(&event, &text.log, LOG_INFO, "one");
    log_end(&event);
    assert_string_equal(lines(&text), "T info one\n");
    close_log(&text);
}

enum { THREADS = 4, LINES = 400 };

static void *write_lines(void *log)
{
    static const char word[] = "0123456789abcdef0123456789abcdef0123456789abcdef";
    for (int i = 0; i < LINES; i++) {
        struct log_event event;
        log_begin(&event, log, LOG_INFO, "t");
        log_z(&event, "word", word);
        log_end(&event);
    }
    return NULL;
}

/* Lines of threads never mix: each is whole, and what is not there was counted. */
static void test_threads(void **state)
{
    (void)state;
    static char text[1 << 20];
    struct fixture fixture = pipe_log(LOG_INFO, LOG_TEXT);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &fixture.log), 0);
    size_t len = 0;
    assert_int_equal(fcntl(fixture.read_fd, F_SETFL, O_NONBLOCK), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (ssize_t got; (got = read(fixture.read_fd, text + len, sizeof(text) - len)) > 0;)
        len += (size_t)got;
    uint64_t told = 0, whole = 0;
    struct str rest = str_of(text, len), line;
    while (str_next_line(&rest, &line)) {
        unsigned long long lost = 0;
        static const char expected[] = " info t word=0123456789abcdef0123456789abcdef0123456789abcdef";
        size_t plain = TIME_LEN + sizeof(expected) - 1;
        assert_memory_equal(line.ptr + TIME_LEN, expected, sizeof(expected) - 1);
        if (line.len > plain)
            assert_int_equal(sscanf(line.ptr + plain, " lost=%llu", &lost), 1);
        told += lost;
        whole++;
    }
    assert_int_equal(whole + told + atomic_load(&fixture.log.lost), THREADS * LINES);
    close_log(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_quote_is_cut_between_characters),
        cmocka_unit_test(test_bare),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_full_pipe),
        cmocka_unit_test(test_full_socket),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
