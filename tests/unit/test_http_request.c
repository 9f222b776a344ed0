/* SPDX-License-Identifier: Apache-2.0 */
/* The cases are in tests/data/http/requests.test; here is what they can't say. */
#include "base/fault.h"
#include "http/authority.h"
#include "http/chars.h"
#include "http_fixture.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>

#define HTTP_CASES TEST_DATA "/http/requests.test"

static struct str read_file(struct buf *buf, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof(block), file)) > 0;)
        buf_add(buf, block, n);
    fclose(file);
    return buf_str(buf);
}

static unsigned hex_digit(char c)
{
    return char_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(char_lower(c) - 'a' + 10);
}

static void add_unescaped(struct buf *out, struct str text);

/* "{COUNT:TEXT}" behind a backslash; returns its length. */
static size_t add_repeated(struct buf *out, struct str text)
{
    size_t colon = str_find_char(text, ':'), end = str_find_char(text, '}');
    assert_true(colon < end && end < text.len);
    unsigned long count = strtoul(text.ptr + 1, NULL, 10);
    for (unsigned long i = 0; i < count; i++)
        add_unescaped(out, str_of(text.ptr + colon + 1, end - colon - 1));
    return end + 1;
}

/* A backslash at the very end adds nothing. */
static void add_unescaped(struct buf *out, struct str text)
{
    static const char names[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\') {
            buf_add_char(out, text.ptr[i]);
            continue;
        }
        if (++i == text.len)
            return;
        const char *name = strchr(names, text.ptr[i]);
        if (text.ptr[i] == '{') {
            i += add_repeated(out, str_skip(text, i)) - 1;
        } else if (text.ptr[i] == 'x') {
            buf_add_char(out, (char)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2])));
            i += 2;
        } else {
            assert_non_null(name);
            buf_add_char(out, bytes[name - names]);
        }
    }
}

static void check_outcome(struct str title, struct str expected, struct str input, const struct http_limits *limits,
                          struct http_cuts cuts, size_t *consumed)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    size_t end = http_feed_all(input, limits, cuts, &out);
    if (!str_eq(buf_str(&out), expected) || (*consumed != SIZE_MAX && *consumed != end))
        fail_msg("%.*s (%zu at a time, first %zu): expected\n%.*sgot, with %zu of %zu bytes\n%s", STR_ARG(title),
                 cuts.step, cuts.first, STR_ARG(expected), end, input.len, buf_z(&out));
    *consumed = end;
}

/* Whole, byte by byte, and cut at every place. */
static void check_case(struct str title, struct str expected, struct str input)
{
    const struct http_limits *limits = str_ends(title, STR("(small)")) ? &http_small_limits : &http_limits_default;
    size_t consumed = SIZE_MAX;
    check_outcome(title, expected, input, limits, (struct http_cuts){0}, &consumed);
    check_outcome(title, expected, input, limits, (struct http_cuts){.step = 1}, &consumed);
    for (size_t first = 1; first < input.len; first++)
        check_outcome(title, expected, input, limits, (struct http_cuts){.first = first}, &consumed);
}

static void test_cases(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf file = BUF_INIT, input = BUF_INIT, expected = BUF_INIT;
    struct str rest = read_file(&file, HTTP_CASES), line, title = STR_NONE;
    unsigned count = 0;
    while (str_next(&rest, '\n', &line)) {
        bool begins = str_starts(line, STR("=== "));
        if ((begins || rest.ptr == NULL) && title.ptr) {
            check_case(title, buf_str(&expected), buf_str(&input));
            count++;
        }
        if (begins) {
            title = str_skip(line, 4);
            buf_reset(&input);
            buf_reset(&expected);
        } else if (str_starts(line, STR("--- "))) {
            if (!str_starts(line, STR("--- nginx "))) {
                buf_add_str(&expected, str_skip(line, 4));
                buf_add_char(&expected, '\n');
            }
        } else if (title.ptr && expected.len == 0 && rest.ptr) {
            add_unescaped(&input, line);
            if (!str_ends(line, STR("\\")))
                buf_add_z(&input, "\r\n");
        }
    }
    assert_true(count >= 265);
}

/* The limits as they are, at their edges; cut at some places. */
static void check_size(const char *expected, const struct buf *input)
{
    size_t consumed = SIZE_MAX;
    check_outcome(STR("size"), str_z(expected), buf_str(input), &http_limits_default, (struct http_cuts){0}, &consumed);
    for (size_t step = 1; step < 9000; step = step * 2 + 1)
        check_outcome(STR("size"), str_z(expected), buf_str(input), &http_limits_default,
                      (struct http_cuts){.step = step < 40 && input->len > 20000 ? 40 : step}, &consumed);
}

static void test_default_limits(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        CLEANUP_BUF struct buf line = BUF_INIT, field = BUF_INIT, head = BUF_INIT, count = BUF_INIT;
        buf_add_z(&line, "GET /");
        buf_add_fill(&line, 'a', LIMIT_HTTP_LINE_BYTES - 16 + over);
        buf_add_z(&line, " HTTP/1.1\r\nHost: a\r\n\r\n");
        check_size(over ? "414 target-long\n" : "GET (8177) host=a 1.1\n", &line);

        buf_add_z(&field, "GET / HTTP/1.1\r\nHost: a\r\nX:");
        buf_add_fill(&field, 'a', LIMIT_HTTP_FIELD_BYTES - 4 + over);
        buf_add_z(&field, "\r\n\r\n");
        check_size(over ? "431 field-long\n" : "GET / host=a 1.1 {X: (8188)}\n", &field);

        buf_add_z(&head, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 0; i < 4; i++) {
            buf_add_z(&head, "X:");
            buf_add_fill(&head, 'a', LIMIT_HTTP_FIELD_BYTES - 4 - (i == 0 ? 27 - over : 0));
            buf_add_z(&head, "\r\n");
        }
        buf_add_z(&head, "\r\n");
        check_size(over ? "431 head-long\n" : "GET / host=a 1.1 {X: (8161)} {X: (8188)} {X: (8188)} {X: (8188)}\n",
                   &head);

        buf_add_z(&count, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (size_t i = 0; i < LIMIT_HTTP_FIELDS - 1 + over; i++)
            buf_add_z(&count, "Connection: x\r\n");
        buf_add_z(&count, "\r\n");
        check_size(over ? "431 fields-many\n" : "GET / host=a 1.1\n", &count);
    }
}

static void test_lookup(void **state)
{
    (void)state;
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    struct str text =
        STR("POST http://[::1]:9/a%20b?c=d HTTP/1.1\r\nHost: x\r\nAccept: a\r\nACCEPT: b\r\nX-Accept: c\r\n\r\nrest");
    http_head_reader_init(&reader, &http_limits_default, fields);
    assert_true(http_head_is_idle(&reader));
    assert_int_equal(http_head_read(&reader, text), HTTP_DONE);
    assert_false(http_head_is_idle(&reader));
    const struct http_request *request = &reader.request;
    assert_int_equal(request->head_len, text.len - 4);
    assert_int_equal(request->method, HTTP_METHOD_POST);
    assert_int_equal(request->form, HTTP_TARGET_ABSOLUTE);
    assert_true(str_eq(http_request_text(request, request->target), STR("http://[::1]:9/a%20b?c=d")));
    assert_true(str_eq(http_request_text(request, request->authority), STR("[::1]:9")));
    assert_true(str_eq(http_request_text(request, request->host), STR("::1")));
    assert_true(request->host_is_ipv6);
    assert_int_equal(request->port, 9);
    assert_true(str_eq(http_request_path(request), STR("/a%20b")));
    assert_true(str_eq(http_request_text(request, request->query), STR("c=d")));
    assert_int_equal(request->field_count, 4);

    struct str value = STR("untouched");
    uint32_t index = 0;
    assert_true(http_request_next(request, STR("accept"), &index, &value));
    assert_true(str_eq(value, STR("a")));
    assert_true(http_request_next(request, STR("accept"), &index, &value));
    assert_true(str_eq(value, STR("b")));
    assert_false(http_request_next(request, STR("accept"), &index, &value));
    assert_true(str_eq(value, STR("b")));
    assert_int_equal(index, 4);
    assert_true(http_request_field(request, STR("x-accept"), &value));
    assert_true(str_eq(value, STR("c")));
    assert_false(http_request_field(request, STR("accep"), &value));
    assert_int_equal(http_request_count(request, STR("Accept")), 2);
    assert_int_equal(http_request_count(request, STR("Cookie")), 0);
}

static void test_authority(void **state)
{
    (void)state;
    struct http_authority found = {.port = 7};
    assert_false(http_authority_parse(STR_NONE, &found));
    assert_false(http_authority_parse(STR("a:1:2"), &found));
    assert_false(http_authority_parse(STR("[::1\0]"), &found));
    assert_int_equal(found.port, 7);
    assert_true(http_authority_parse(STR("LocalHost:65535"), &found));
    assert_true(str_eq(found.host, STR("LocalHost")));
    assert_int_equal(found.port, 65535);
    assert_false(found.ipv6);
    assert_true(http_authority_parse(STR("[::]:"), &found));
    assert_true(str_eq(found.host, STR("::")));
    assert_int_equal(found.port, 0);
    assert_true(found.ipv6);
}

/* Every byte at every place of values of every length around the words that are looked at at once. */
static void test_text(void **state)
{
    (void)state;
    char text[40];
    memset(text, 'x', sizeof(text));
    for (size_t len = 1; len < sizeof(text); len++) {
        for (size_t at = 0; at < len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                text[at] = (char)byte;
                bool good = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
                if ((http_text_fault(str_of(text, len)) == HTTP_FAULT_NONE) != good)
                    fail_msg("byte %u at %zu of %zu", byte, at, len);
            }
            text[at] = 'x';
        }
    }
    assert_int_equal(http_text_fault(STR("123456789\t\0")), HTTP_FAULT_NUL);
    assert_int_equal(http_text_fault(STR("\r23456789\0")), HTTP_FAULT_BARE_CR);
    assert_int_equal(http_text_fault(STR("12345678\n")), HTTP_FAULT_BARE_LF);
    assert_int_equal(http_text_fault(STR_NONE), HTTP_FAULT_NONE);
    const char *token = "!#$%&'*+-.^_`|~", *label = "-_", *path = "-._~!$&'()*+,;=:@/";
    const char *query = "-._~!$&'()*+,;=:@/?[]{}|^`\\";
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool alnum = char_is_alnum(c), set = byte > 0;
        assert_int_equal(http_char_is(c, HTTP_TOKEN), alnum || (set && strchr(token, c)));
        assert_int_equal(http_char_is(c, HTTP_LABEL), alnum || (set && strchr(label, c)));
        assert_int_equal(http_char_is(c, HTTP_PATH), alnum || (set && strchr(path, c)));
        assert_int_equal(http_char_is(c, HTTP_QUERY), alnum || (set && strchr(query, c)));
    }
}

static void test_faults(void **state)
{
    (void)state;
    assert_int_equal(http_fault_status(HTTP_FAULT_NONE), 0);
    assert_true(str_eq(http_fault_name(HTTP_FAULT_NONE), STR("none")));
    for (enum http_fault fault = HTTP_FAULT_NOT_HTTP; fault <= HTTP_FAULT_TRAILER_LONG; fault++) {
        unsigned status = http_fault_status(fault);
        assert_true((status >= 400 && status <= 431) || status == 501 || status == 505);
        for (enum http_fault other = HTTP_FAULT_NONE; other < fault; other++)
            assert_false(str_eq(http_fault_name(fault), http_fault_name(other)));
        assert_true(http_fault_reason(fault).len > 0);
    }
}

/* A reader takes memory from nobody: no allocation can fail it. */
static void test_no_allocations(void **state)
{
    (void)state;
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    struct http_body body;
    struct str piece,
        text = STR("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: v\r\n\r\n");
    fault_arm(FAULT_ALLOC, 0);
    http_head_reader_init(&reader, &http_limits_default, fields);
    assert_int_equal(http_head_read(&reader, text), HTTP_DONE);
    struct str rest = str_skip(text, reader.request.head_len);
    http_body_init(&body, &reader.request, &http_limits_default);
    assert_int_equal(http_body_read(&body, &rest, &piece), HTTP_DATA);
    assert_true(str_eq(piece, STR("x")));
    assert_int_equal(http_body_read(&body, &rest, &piece), HTTP_DONE);
    assert_int_equal(http_body_read(&body, &rest, &piece), HTTP_DONE);
    assert_int_equal(rest.len, 0);
    assert_int_equal(fault_count(FAULT_ALLOC), 0);
    fault_disarm();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),          cmocka_unit_test(test_default_limits), cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_authority),      cmocka_unit_test(test_text),           cmocka_unit_test(test_faults),
        cmocka_unit_test(test_no_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
