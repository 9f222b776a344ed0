/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases of tests/data/mcp: each a message and all that comes of it, exactly.
 *
 *     === what it shows
 *     http            the transport (else stdio); "http VERSION METHOD NAME" gives the three fields, "-" for none,
 *                     bytes as \xHH; "twice" behind them: one is there more than once
 *     param Region: x
 *     peer 2025-06-18 what was negotiated before (stdio)
 *     server pages    which of mcp_fixture.h
 *     > {...}         the message; \xHH, \{COUNT:TEXT}; @META: the _meta of a modern request, @META(...) with more
 *     | ...           what comes of it; UPDATE=1 in the environment writes these lines anew
 *
 * Every case runs a second time with each of its allocations failing in turn.
 */
#include "base/fault.h"
#include "data/json.h"
#include "mcp_fixture.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define META_TEXT                                                                                                      \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{}"

static struct mcp_server *whole, *pages, *bare;

struct param {
    struct str name, value;
};

struct a_case {
    struct str title;
    const struct mcp_server *server;
    bool http;
    struct mcp_headers headers;
    struct param params[4];
    size_t param_count;
    enum mcp_version peer;
    struct buf message;
};

/* --- reading cases ---------------------------------------------------------------------------------------------- */

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

/* \xHH, \{COUNT:TEXT}, @META and @META(...); any other backslash stays. */
static void add_unescaped(struct buf *out, struct str text)
{
    while (text.len > 0) {
        size_t taken = 1;
        if (str_starts(text, STR("\\{"))) {
            taken = 1 + add_repeated(out, str_skip(text, 1));
        } else if (str_starts(text, STR("\\x"))) {
            buf_add_char(out, (char)(hex_digit(text.ptr[2]) << 4 | hex_digit(text.ptr[3])));
            taken = 4;
        } else if (str_starts(text, STR("@META("))) {
            size_t end = str_find_char(text, ')');
            buf_addf(out, META_TEXT ",%.*s}", (int)(end - 6), text.ptr + 6);
            taken = end + 1;
        } else if (str_starts(text, STR("@META"))) {
            buf_add_z(out, META_TEXT "}");
            taken = 5;
        } else {
            buf_add_char(out, *text.ptr);
        }
        text = str_skip(text, taken);
    }
}

static struct str field(struct str *rest)
{
    static char kept[64][256]; /* decoded values; one case has few of them, and they are used at once */
    static size_t next;
    struct str word = STR_NONE;
    if (!str_next_word(rest, &word) || str_eq(word, STR("-")))
        return STR_NONE;
    CLEANUP_BUF struct buf text = BUF_INIT;
    add_unescaped(&text, word);
    char *at = kept[next++ % 64];
    assert_true(text.len < 256);
    memcpy(at, buf_z(&text), text.len + 1);
    return str_of(at, text.len);
}

static void read_directive(struct a_case *one, struct str line)
{
    struct str rest = line, word = STR_NONE;
    if (!str_next_word(&rest, &word))
        return;
    if (str_eq(word, STR("http"))) {
        one->http = true;
        one->headers.version = field(&rest);
        one->headers.method = field(&rest);
        one->headers.name = field(&rest);
        one->headers.twice = str_next_word(&rest, &word);
    } else if (str_eq(word, STR("param"))) {
        struct param *param = &one->params[one->param_count++];
        size_t colon = str_find_char(rest, ':');
        struct str value = str_skip(rest, colon + 1);
        param->name = str_trim(str_head(rest, colon));
        param->value = field(&value);
        if (!param->value.ptr)
            param->value = STR("");
    } else if (str_eq(word, STR("peer"))) {
        one->peer = mcp_version_of(str_trim(rest));
        assert_int_not_equal(one->peer, MCP_VERSION_NONE);
    } else if (str_eq(word, STR("server"))) {
        one->server = str_eq(str_trim(rest), STR("pages")) ? pages : bare;
    } else if (*word.ptr != '#') {
        fail_msg("%.*s: what is '%.*s'?", STR_ARG(one->title), STR_ARG(line));
    }
}

/* --- running them ----------------------------------------------------------------------------------------------- */

static bool find_param(void *self, struct str name, struct str *ret_value)
{
    const struct a_case *one = self;
    for (size_t i = 0; i < one->param_count; i++) {
        if (str_eq_fold(one->params[i].name, name)) {
            *ret_value = one->params[i].value;
            return true;
        }
    }
    return false;
}

static void notify(void *self, struct str message)
{
    buf_addf(self, "| ~ %.*s\n", STR_ARG(message));
}

static void add_message(struct buf *out, const struct mcp_message *message)
{
    static const char *const kinds[] = {"request", "notification", "batch", "refused"};
    buf_addf(out, "| %s %.*s%s", kinds[message->kind], STR_ARG(mcp_version_text(message->version)),
             message->quick ? "" : " slow");
    if (message->id.len > 0)
        buf_addf(out, " id=%.*s", STR_ARG(message->id));
    if (message->cancels.len > 0)
        buf_addf(out, " cancels=%.*s", STR_ARG(message->cancels));
    buf_add_char(out, '\n');
}

static void add_event(struct buf *out)
{
    const struct mcp_event *event = &mcp_fixture_event;
    if (event->method.ptr) {
        buf_addf(out, "| event %.*s", STR_ARG(event->method));
        if (event->tool.len > 0)
            buf_addf(out, " tool=%.*s", STR_ARG(event->tool));
        if (event->error.len > 0)
            buf_addf(out, " error=%.*s", STR_ARG(event->error));
        buf_add_char(out, '\n');
    }
}

static void add_answer(struct buf *out, const struct mcp_answer *answer, struct str text)
{
    static const char *const kinds[] = {"none", "whole", "open"};
    buf_addf(out, "| %u %s\n", answer->http_status, kinds[answer->kind]);
    if (text.len > 0) {
        buf_add_z(out, "| ");
        buf_add_str(out, text);
        buf_add_char(out, '\n');
    }
    if (answer->last.len > 0)
        buf_addf(out, "| last %.*s\n", STR_ARG(answer->last));
}

/* Each line that leaves is one JSON value. */
static void check_json(struct str title, struct str text)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    struct err err = ERR_INIT;
    if (text.len > 0 && (json_parse(text, &arena, &root, &err) != 0 || str_has_char(text, '\n')))
        fail_msg("%.*s: %.*s is no line of JSON: %s", STR_ARG(title), STR_ARG(text), err.message);
}

/* All that comes of ONE. ERR_NOMEM when memory was short. */
static int run_case(struct a_case *one, struct buf *out, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf text = BUF_INIT;
    CLEANUP_BUF struct buf notifications = BUF_INIT;
    struct mcp_peer peer = {one->http ? MCP_HTTP : MCP_STDIO, one->peer};
    struct mcp_message message;
    struct mcp_answer answer;
    one->headers.param = find_param;
    one->headers.self = one;
    mcp_fixture_event = (struct mcp_event){0};
    int r =
        mcp_read(one->server, &peer, one->http ? &one->headers : NULL, buf_str(&one->message), &arena, &message, err);
    if (r != 0)
        return r;
    const struct mcp_exchange exchange = {.arena = &arena, .notify = notify, .notify_self = &notifications};
    r = mcp_answer(one->server, &peer, &message, &exchange, &text, &answer, err);
    if (r != 0)
        return r;
    uint64_t passed = fault_count(FAULT_ALLOC);
    fault_disarm(); /* the test's own memory is never short */
    check_json(one->title, buf_str(&text));
    check_json(one->title, answer.last);
    add_message(out, &message);
    buf_add_str(out, buf_str(&notifications));
    add_event(out);
    add_answer(out, &answer, buf_str(&text));
    if (peer.version != one->peer)
        buf_addf(out, "| peer %.*s\n", STR_ARG(mcp_version_text(peer.version)));
    return passed > 1000000 ? -1 : 0;
}

/* Whether OUT, got while memory was short, may be: the server tells of it, or lost nothing but a notification. */
static bool is_fair(struct str got, struct str expected)
{
    return str_eq(got, expected) || str_find(got, STR("-32603")) < got.len ||
           str_find(expected, STR("| ~")) < expected.len;
}

static void sweep_case(struct a_case *one, struct str expected)
{
    for (uint64_t n = 1; n < 5000; n++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        buf_reserve(&out, 1024);
        fault_arm(FAULT_ALLOC, n);
        int r = run_case(one, &out, &err);
        bool reached = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (r != 0 ? r != -ERR_NOMEM || out.len > 0 : !is_fair(buf_str(&out), expected))
            fail_msg("%.*s: without allocation %d: %d\n%s", STR_ARG(one->title), (int)n, r, buf_z(&out));
        if (r == 0 && !reached && str_eq(buf_str(&out), expected))
            return;
    }
    fail_msg("%.*s: never ends", STR_ARG(one->title));
}

/* --- files ------------------------------------------------------------------------------------------------------ */

static void begin_case(struct a_case *one, struct str title)
{
    buf_done(&one->message);
    *one = (struct a_case){.title = title, .server = whole};
}

static void end_case(struct a_case *one, struct str expected, bool update, struct buf *fresh)
{
    CLEANUP_BUF struct buf got = BUF_INIT;
    struct err err = ERR_INIT;
    if (!one->title.ptr)
        return;
    assert_int_equal(run_case(one, &got, &err), 0);
    if (!update && !str_eq(buf_str(&got), expected))
        fail_msg("%.*s: expected\n%.*sgot\n%s", STR_ARG(one->title), STR_ARG(expected), buf_z(&got));
    buf_add_str(fresh, buf_str(&got));
    sweep_case(one, buf_str(&got));
}

static void read_file(const char *path, struct buf *buf)
{
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof(block), file)) > 0;)
        buf_add(buf, block, n);
    (void)fclose(file);
}

static void run_file(const char *name)
{
    CLEANUP_BUF struct buf file = BUF_INIT, fresh = BUF_INIT, expected = BUF_INIT;
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/mcp/%s", TEST_DATA, name);
    const char *asked = getenv("UPDATE");
    bool update = asked && strcmp(asked, "1") == 0;
    read_file(path, &file);
    struct str rest = buf_str(&file), line;
    struct a_case one = {.message = BUF_INIT};
    size_t blank = 0; /* empty lines go behind what comes of the case before them */
    while (str_next(&rest, '\n', &line)) {
        bool begins = str_starts(line, STR("=== "));
        if (begins || !rest.ptr) {
            end_case(&one, buf_str(&expected), update, &fresh);
            buf_reset(&expected);
            buf_add_fill(&fresh, '\n', rest.ptr ? blank : 0);
        }
        blank = line.len == 0 ? blank + 1 : 0;
        if (begins)
            begin_case(&one, str_skip(line, 4));
        else if (str_starts(line, STR("> ")))
            add_unescaped(&one.message, str_skip(line, 2));
        else if (str_starts(line, STR("| ")))
            buf_addf(&expected, "%.*s\n", STR_ARG(line));
        else if (one.title.ptr)
            read_directive(&one, line);
        if (line.len > 0 && !str_starts(line, STR("| ")))
            buf_addf(&fresh, "%.*s\n", STR_ARG(line));
    }
    buf_done(&one.message);
    if (!update)
        return;
    FILE *out = fopen(path, "wbe");
    assert_non_null(out);
    assert_int_equal(fwrite(buf_z(&fresh), 1, fresh.len, out), fresh.len);
    (void)fclose(out);
}

#define FILES(X) X(jsonrpc) X(modern) X(headers) X(legacy) X(tools) X(offers) X(examples)
#define TEST(name)                                                                                                     \
    static void test_##name(void **state)                                                                              \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        run_file(#name ".test");                                                                                       \
    }
FILES(TEST)

static int begin_all(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    return mcp_server_new(&mcp_fixture_whole, &whole, &err) || mcp_server_new(&mcp_fixture_pages, &pages, &err) ||
           mcp_server_new(&mcp_fixture_bare, &bare, &err);
}

static int end_all(void **state)
{
    (void)state;
    mcp_server_free(whole);
    mcp_server_free(pages);
    mcp_server_free(bare);
    return 0;
}

int main(void)
{
#define ENTRY(name) cmocka_unit_test(test_##name),
    const struct CMUnitTest tests[] = {FILES(ENTRY)};
    return cmocka_run_group_tests(tests, begin_all, end_all);
}
