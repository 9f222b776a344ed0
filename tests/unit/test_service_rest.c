/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "exchange_fixture.h"
#include "service/rest.h"

#include <libdeflate.h>

static int setup(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture, fixture_tools);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_done(*state);
    return 0;
}

#define CHECK "POST /v1/check HTTP/1.1\r\n"
#define JSON  "Content-Type: application/json\r\n"

/* Appends the content of the answer; the status has to be STATUS. */
static void ask(struct fixture *fixture, const char *head, const char *body, unsigned status, struct buf *out)
{
    struct server_exchange *exchange = exchange_ask(fixture, head, body);
    if (exchange->status != status)
        fail_msg("%u, not %u: %s", exchange->status, status, buf_z(&exchange->content));
    buf_add_str(out, buf_str(&exchange->content));
    exchange_done(exchange);
}

static void assert_holds(struct fixture *fixture, const char *head, const char *body, unsigned status,
                         const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    ask(fixture, head, body, status, &out);
    if (!strstr(buf_z(&out), expected))
        fail_msg("no %s in: %s", expected, buf_z(&out));
}

static void test_check_json(void **state)
{
    assert_holds(*state, CHECK JSON, "{\"files\":[{\"name\":\"Dockerfile\",\"content\":\"FROM alpine\\n\"}]}", 200,
                 "\"file\":\"Dockerfile\",\"surface\":\"dockerfile\"");
    assert_holds(*state, "POST /v1/check?profile=pss-restricted HTTP/1.1\r\n" JSON,
                 "{\"files\":[{\"name\":\"Dockerfile\",\"content\":\"FROM alpine\\n\"}]}", 200,
                 "\"profile\":\"pss-restricted\"");
    assert_holds(*state, CHECK JSON, "{\"files\":[]}", 400, "\"detail\":\"'files' is empty\"");
    assert_holds(*state, CHECK JSON, "{}", 400, "\"detail\":\"'files' is missing\"");
    assert_holds(*state, CHECK JSON, "[]", 400, "\"detail\":\"the arguments are an array, not an object\"");
    assert_holds(*state, CHECK JSON, "{\"files\":[{\"name\":\"a\"}]}", 400, "'files[0].content' is missing");
    assert_holds(*state, CHECK JSON, "{\"fiels\":[]}", 400, "\"hint\":\"did you mean 'files'?\"");
    assert_holds(*state, CHECK JSON, "{\"files\":", 400, "\"code\":\"malformed-json\"");
    assert_holds(*state, CHECK JSON, "", 400, "\"code\":\"malformed-json\"");
    assert_holds(*state, "POST /v1/check?profile=x HTTP/1.1\r\n" JSON, "{\"files\":[],\"profile\":\"standard\"}", 400,
                 "\"code\":\"usage\"");
}

/* Its sender pays a byte or two for what costs us ninety. */
static void test_many_values(void **state)
{
    CLEANUP_BUF struct buf body = BUF_INIT;
    buf_add_z(&body, "{\"only\":[0");
    for (unsigned i = 0; i < LIMIT_REST_NODES; i++)
        buf_add_z(&body, ",0");
    buf_add_z(&body, "]}");
    assert_holds(*state, CHECK JSON, buf_z(&body), 413, "the document has too many values\"");
}

static void test_check_raw(void **state)
{
    static const struct {
        const char *head, *expected;
    } cases[] = {
        {CHECK "Content-Type: text/x-dockerfile\r\n", "\"file\":\"Dockerfile\",\"surface\":\"dockerfile\""},
        {CHECK "Content-Type: TEXT/X-Dockerfile; charset=utf-8\r\n", "\"file\":\"Dockerfile\""},
        {"POST /v1/check?name=a%2Fb.Dockerfile HTTP/1.1\r\nContent-Type: text/plain\r\n",
         "\"file\":\"a/b.Dockerfile\",\"surface\":\"dockerfile\""},
        {"POST /v1/check?name=x&as=dockerfile HTTP/1.1\r\nContent-Type: text/plain\r\n",
         "\"file\":\"x\",\"surface\":\"dockerfile\""},
        {"POST /v1/check?only=exec-form&only=non-root-user HTTP/1.1\r\nContent-Type: text/x-dockerfile\r\n",
         "\"verdict\":"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_holds(*state, cases[i].head, "FROM alpine\nCMD run\n", 200, cases[i].expected);
    assert_holds(*state, CHECK "Content-Type: application/yaml\r\n",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n", 200,
                 "\"file\":\"input.yaml\",\"surface\":\"kubernetes\"");
    assert_holds(*state, CHECK "Content-Type: application/vnd.kubernetes+json\r\n",
                 "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},"
                 "\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"b\"}]}}",
                 200, "\"file\":\"input.json\",\"surface\":\"kubernetes\"");
}

static void test_raw_refusals(void **state)
{
#define RAW(query) "POST /v1/check" query " HTTP/1.1\r\nContent-Type: text/x-dockerfile\r\n"
    static const struct {
        const char *head, *expected;
    } cases[] = {
        {RAW("?nme=a"), "\"detail\":\"unknown parameter 'nme'\",\"instance\":\"r\",\"code\":\"usage\","
                        "\"hint\":\"did you mean 'name'?\""},
        {RAW("?profil=a"), "did you mean 'profile'?"},
        {RAW("?content=a"), "unknown parameter 'content'"},
        {RAW("?files=a"), "unknown parameter 'files'"},
        {RAW("?name=a&name=b"), "'name' is given more than once"},
        {RAW("?profile=standard&profile=standard"), "'profile' is given more than once"},
        {RAW("?profile=standart"), "did you mean 'standard'?"},
        {RAW("?name=%01"), "the query is not well made"},
        {RAW("?name=%ff"), "the query is not well made"},
        {RAW("?fail_on_unknown=maybe"), "'fail_on_unknown': 'maybe' is neither true nor false"},
        {RAW("?name="), "'files[0].name'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_holds(*state, cases[i].head, "FROM a\n", 400, cases[i].expected);
}

static void test_types(void **state)
{
    static const char *const heads[] = {
        CHECK,
        CHECK "Content-Type: application/x-www-form-urlencoded\r\n",
        CHECK "Content-Type: json\r\n",
        CHECK JSON JSON,
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        assert_holds(*state, heads[i], "{}", 415, "\"code\":\"unsupported-media-type\"");
    assert_holds(*state, CHECK JSON "Content-Encoding: gzip\r\n", "{}", 415, "\"code\":\"unsupported-coding\"");
    assert_holds(*state, CHECK JSON "Content-Encoding: identity\r\n", "{}", 400, "'files' is missing");
    assert_answer(*state, CHECK, "x",
                  "415\nAccept-Post: application/json, text/x-dockerfile, application/yaml, application/x-yaml, "
                  "text/yaml, text/x-yaml, application/vnd.kubernetes+json, text/plain\n"
                  "Content-Type: application/problem+json\n\n{\"type\":\"/problems/unsupported-media-type\",\"title\":"
                  "\"content of this type is not taken\",\"status\":415,\"detail\":\"the Content-Type field is "
                  "missing\",\"instance\":\"r\",\"code\":\"unsupported-media-type\",\"hint\":\"send 'Content-Type: "
                  "application/json', or the type of one file: see Accept-Post\"}\n");
    assert_holds(*state, CHECK JSON "Accept: image/png\r\n", "{}", 406,
                 "\"hint\":\"offered are: application/json, text/plain, application/sarif+json, application/xml, "
                 "text/plain, text/plain\"");
}

static void test_forms(void **state)
{
    static const struct {
        const char *query, *accept, *type, *begins;
    } cases[] = {
        {"", "*/*", "application/json", "{\"verdict\":"},
        {"", "application/sarif+json", "application/sarif+json", "{"},
        {"", "application/xml, application/json;q=0.5", "application/xml", "<?xml"},
        {"", "text/plain", "text/plain; charset=utf-8", "Dockerfile:"},
        {"?format=sarif", "*/*", "application/sarif+json", "{"},
        {"?format=json", "image/png", "application/json", "{\"verdict\":"},
        {"?format=github", "*/*", "text/plain; charset=utf-8", "::"},
        {"?format=compact", "text/html", "text/plain; charset=utf-8", "Dockerfile:"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char head[256], type[64];
        snprintf(head, sizeof(head), "POST /v1/check%s HTTP/1.1\r\nContent-Type: text/x-dockerfile\r\nAccept: %s\r\n",
                 cases[i].query, cases[i].accept);
        snprintf(type, sizeof(type), "Content-Type: %s\n", cases[i].type);
        struct server_exchange *exchange = exchange_ask(*state, head, "FROM alpine\nCMD run\n");
        assert_int_equal(exchange->status, 200);
        assert_non_null(strstr(buf_z(&exchange->fields_text), type));
        if (!str_starts(buf_str(&exchange->content), str_z(cases[i].begins)))
            fail_msg("%s: %s", head, buf_z(&exchange->content));
        assert_int_equal(exchange->workers, 1);
        assert_false(exchange->cancels); /* a caller that closes its sending side still reads */
        exchange_done(exchange);
    }
    assert_holds(
        *state, "POST /v1/check?format=sarfi HTTP/1.1\r\n" JSON, "{}", 400,
        "\"detail\":\"there is no format 'sarfi'\",\"instance\":\"r\",\"code\":\"usage\",\"hint\":\"known are: "
        "json, text, sarif, junit, github, compact\"");
}

static void test_rules(void **state)
{
    assert_holds(*state, "GET /v1/rules HTTP/1.1\r\n", NULL, 200, "{\"rules\":[{\"id\":\"");
    assert_holds(*state, "GET /v1/rules?surface=compose HTTP/1.1\r\n", NULL, 200, "{\"rules\":[{\"id\":\"");
    assert_holds(*state, "GET /v1/rules?surface=compos HTTP/1.1\r\n", NULL, 400, "did you mean 'compose'?");
    assert_holds(*state, "GET /v1/rules?x=1 HTTP/1.1\r\n", NULL, 400, "unknown parameter 'x'");
    assert_holds(*state, "GET /v1/rules/exec-form?x=1 HTTP/1.1\r\n", NULL, 400, "unknown parameter 'x'");
    assert_holds(*state, "GET /v1/rules/exec-form?rule=non-root-user HTTP/1.1\r\n", NULL, 400,
                 "'rule' is given more than once");
    assert_holds(*state, "GET /v1/rules/exec-form HTTP/1.1\r\n", NULL, 200, "{\"rules\":[{\"id\":\"exec-form\",");
    assert_holds(*state, "GET /v1/rules/exec-form?format=markdown HTTP/1.1\r\n", NULL, 200, "# ");
    assert_holds(*state, "GET /v1/rules/exec-form HTTP/1.1\r\nAccept: text/markdown\r\n", NULL, 200, "# ");
    assert_holds(*state, "GET /v1/rules/exec-form HTTP/1.1\r\nAccept: image/png\r\n", NULL, 406, "text/markdown");
    assert_holds(*state, "GET /v1/rules?format=config-schema HTTP/1.1\r\n", NULL, 200, "\"$schema\"");
}

/* The value of field NAME in the answer to HEAD, which lives in OUT. */
static const char *field_of(struct fixture *fixture, const char *head, const char *name, unsigned status,
                            struct buf *content, char out[128])
{
    struct server_exchange *exchange = exchange_ask(fixture, head, NULL);
    assert_int_equal(exchange->status, status);
    assert_int_equal(exchange->workers, 0);
    const char *at = strstr(buf_z(&exchange->fields_text), name);
    out[0] = '\0';
    if (at)
        snprintf(out, 128, "%.*s", (int)strcspn(at + strlen(name), "\n"), at + strlen(name));
    buf_add_str(content, buf_str(&exchange->content));
    exchange_done(exchange);
    return out;
}

static void test_tags(void **state)
{
    static const char *const targets[] = {"/v1/rules", "/v1/rules/exec-form", "/v1/rules?surface=compose",
                                          "/openapi.json", "/v1/rules/exec-form?format=text"};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        CLEANUP_BUF struct buf plain = BUF_INIT, again = BUF_INIT, packed = BUF_INIT, none = BUF_INIT;
        char tag[128], gzip_tag[128], value[128], head[512];
        snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n", targets[i]);
        field_of(*state, head, "ETag: ", 200, &plain, tag);
        assert_int_equal(strlen(tag), 18);
        assert_string_equal(field_of(*state, head, "ETag: ", 200, &again, value), tag);
        assert_true(str_eq(buf_str(&plain), buf_str(&again)));
        assert_string_equal(field_of(*state, head, "Cache-Control: ", 200, &again, value), "public, max-age=300");
        snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nAccept-Encoding: gzip\r\n", targets[i]);
        field_of(*state, head, "ETag: ", 200, &packed, gzip_tag);
        assert_memory_equal(gzip_tag, tag, 17);
        assert_string_equal(gzip_tag + 17, "-gzip\"");
        assert_string_equal(field_of(*state, head, "Content-Encoding: ", 200, &none, value), "gzip");
        buf_reset(&none);
        char *unpacked = malloc(plain.len);
        struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
        assert_int_equal(libdeflate_gzip_decompress(decompressor, packed.ptr, packed.len, unpacked, plain.len, NULL),
                         0);
        assert_memory_equal(unpacked, plain.ptr, plain.len);
        libdeflate_free_decompressor(decompressor);
        free(unpacked);
        snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nIf-None-Match: \"x\", W/%s\r\n", targets[i], tag);
        assert_string_equal(field_of(*state, head, "ETag: ", 304, &none, value), tag);
        assert_string_equal(field_of(*state, head, "Content-Type: ", 304, &none, value), "");
        snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nIf-None-Match: %s\r\n", targets[i], gzip_tag);
        field_of(*state, head, "ETag: ", 304, &none, value);
        assert_int_equal(none.len, 0);
    }
}

static void test_root(void **state)
{
    assert_holds(*state, "GET / HTTP/1.1\r\n", NULL, 200,
                 "{\"name\":\"barehull\",\"version\":\"1.2.3\",\"summary\":\"" SERVICE_SUMMARY
                 "\",\"routes\":[{\"path\":\"/\",\"methods\":[\"GET\",\"HEAD\",\"OPTIONS\"],\"summary\":\"what this "
                 "service is, and where its parts are\"},{\"path\":\"/mcp\",");
    assert_holds(*state, "GET / HTTP/1.1\r\nAccept: text/plain\r\n", NULL, 200,
                 "barehull 1.2.3 " SERVICE_SUMMARY "\n\nGET  /   ");
    struct server_exchange *exchange =
        exchange_ask(*state, "GET / HTTP/1.1\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", NULL);
    assert_non_null(strstr(buf_z(&exchange->fields_text), "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(buf_z(&exchange->content), "<li><a href=\"/v1/rules\">/v1/rules</a>: "));
    assert_non_null(strstr(buf_z(&exchange->content), "<li><code>GET /v1/rules/{id}</code>: "));
    exchange_done(exchange);
    assert_holds(*state, "GET / HTTP/1.1\r\nAccept: image/png\r\n", NULL, 406, "text/html");
}

static const struct mcp_tool no_tools[] = {{.name = NULL}};

/* Effects decide, not the table: what is not pure is not there. */
static void test_effects(void **state)
{
    (void)state;
    struct operation reads = check_texts_operation;
    reads.effects = OP_READS_FILES;
    const struct mcp_tool tools[] = {{.name = "check", .title = "Check", .operation = &reads}, {.name = NULL}};
    const struct mcp_tool *const tables[] = {no_tools, tools};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        struct fixture fixture;
        fixture_init(&fixture, tables[i]);
        assert_holds(&fixture, CHECK JSON, "{}", 404, "\"code\":\"not-found\"");
        assert_holds(&fixture, "GET /v1/rules HTTP/1.1\r\n", NULL, 404, "not-found");
        CLEANUP_BUF struct buf out = BUF_INIT;
        ask(&fixture, "GET /openapi.json HTTP/1.1\r\n", NULL, 200, &out);
        assert_null(strstr(buf_z(&out), "/v1/"));
        fixture_done(&fixture);
    }
}

static void test_memory(void **state)
{
    (void)state;
    static const char *const heads[] = {CHECK JSON, CHECK "Content-Type: text/x-dockerfile\r\nAccept: text/plain\r\n"};
    static const char *const bodies[] = {"{\"files\":[{\"name\":\"Dockerfile\",\"content\":\"FROM a\\n\"}]}",
                                         "FROM a\n"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        for (uint64_t n = 1;; n++) {
            struct fixture fixture;
            fixture_init(&fixture, fixture_tools);
            CLEANUP_BUF struct buf text = BUF_INIT;
            buf_addf(&text, "%sHost: localhost\r\nContent-Length: %zu\r\n\r\n", heads[i], strlen(bodies[i]));
            struct server_exchange *exchange = exchange_new(buf_z(&text), str_z(bodies[i]));
            buf_reserve(&exchange->content, 1 << 16);
            buf_reserve(&exchange->fields_text, 1 << 12);
            fault_arm(FAULT_ALLOC, n);
            exchange_run(&fixture, exchange);
            bool failed = fault_count(FAULT_ALLOC) >= n;
            fault_disarm();
            if (!failed || exchange->status < 500)
                assert_int_equal(exchange->status, 200);
            else
                assert_int_equal(exchange->status, 503);
            exchange_done(exchange);
            fixture_done(&fixture);
            if (!failed)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_json), cmocka_unit_test(test_check_raw),   cmocka_unit_test(test_raw_refusals),
        cmocka_unit_test(test_types),      cmocka_unit_test(test_forms),       cmocka_unit_test(test_rules),
        cmocka_unit_test(test_tags),       cmocka_unit_test(test_root),        cmocka_unit_test(test_effects),
        cmocka_unit_test(test_memory),     cmocka_unit_test(test_many_values),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
