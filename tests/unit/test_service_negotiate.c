/* SPDX-License-Identifier: Apache-2.0 */
#include "service/negotiate.h"

#include "base/limits.h"
#include "service/percent.h"
#include "service/query.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct head {
    char text[2048];
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
};

static const struct http_request *read_head(struct head *head, const char *target, const char *fields)
{
    snprintf(head->text, sizeof(head->text), "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n", target, fields);
    http_head_reader_init(&head->reader, &http_limits_default, head->fields);
    assert_int_equal(http_head_read(&head->reader, str_z(head->text)), HTTP_DONE);
    return &head->reader.request;
}

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        unsigned json, text, sarif;
    } cases[] = {
        {"", 1000, 1000, 1000},
        {"Accept:\r\n", 1000, 1000, 1000},
        {"Accept: */*\r\n", 1000, 1000, 1000},
        {"Accept: application/json\r\n", 1000, 0, 0},
        {"Accept: APPLICATION/JSON\r\n", 1000, 0, 0},
        {"Accept: application/json;q=0.5, text/plain;q=0.25\r\n", 500, 250, 0},
        {"Accept: application/*;q=0.8,*/*;q=0.1\r\n", 800, 100, 800},
        {"Accept: */*;q=0.9, application/json;q=0\r\n", 0, 900, 900},
        {"Accept: application/sarif+json\r\nAccept: text/plain\r\n", 0, 1000, 1000},
        {"Accept: application/json; charset=utf-8\r\n", 1000, 0, 0},
        {"Accept: application/json;profile=\"a,b;q=0\"; q=0.3\r\n", 300, 0, 0},
        {"Accept: application/json;q=1.001\r\n", 1000, 1000, 1000}, /* no weight: passed over */
        {"Accept: application/json;q=1.0000, text/plain\r\n", 0, 1000, 0},
        {"Accept: text/html, image/gif, *; q=.2, */*; q=.2\r\n", 200, 200, 200}, /* Java's */
        {"Accept: ,,;,\r\n", 1000, 1000, 1000},
        {"Accept: application/js\r\n", 0, 0, 0},
        {"Accept: application/json/x\r\n", 0, 0, 0},
        {"Accept: application/json;q=\r\n", 1000, 1000, 1000},
        {"Accept: \"\\\r\n", 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        const struct http_request *request = read_head(&head, "/", cases[i].fields);
        print_message("%s", cases[i].fields);
        assert_int_equal(negotiate_type(request, STR("application/json")), cases[i].json);
        assert_int_equal(negotiate_type(request, STR("text/plain")), cases[i].text);
        assert_int_equal(negotiate_type(request, STR("application/sarif+json")), cases[i].sarif);
    }
}

static void test_best(void **state)
{
    (void)state;
    const struct str offers[] = {STR("application/json"), STR("text/plain"), STR("text/html")};
    struct head head;
    assert_int_equal(negotiate_best(read_head(&head, "/", ""), offers, 3), 0);
    assert_int_equal(negotiate_best(read_head(&head, "/", "Accept: text/plain, application/json\r\n"), offers, 3), 0);
    assert_int_equal(negotiate_best(read_head(&head, "/", "Accept: text/html, */*;q=0.8\r\n"), offers, 3), 2);
    assert_int_equal(negotiate_best(read_head(&head, "/", "Accept: text/*\r\n"), offers, 3), 1);
    assert_int_equal(negotiate_best(read_head(&head, "/", "Accept: image/png\r\n"), offers, 3), 3);
}

static void test_gzip(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        bool gzip;
    } cases[] = {
        {"", false},
        {"Accept-Encoding:\r\n", false},
        {"Accept-Encoding: gzip\r\n", true},
        {"Accept-Encoding: br, GZIP\r\n", true},
        {"Accept-Encoding: x-gzip\r\n", true},
        {"Accept-Encoding: deflate, br\r\n", false},
        {"Accept-Encoding: *\r\n", true},
        {"Accept-Encoding: *, gzip;q=0\r\n", false},
        {"Accept-Encoding: gzip;q=0\r\n", false},
        {"Accept-Encoding: gzip;q=0.000\r\n", false},
        {"Accept-Encoding: gzip;q=0.5, identity\r\n", false},
        {"Accept-Encoding: gzip;q=0.5, identity;q=0.5\r\n", true},
        {"Accept-Encoding: br\r\nAccept-Encoding: gzip;q=0.1\r\n", true},
        {"Accept-Encoding: gzipped\r\n", false},
        {"Accept-Encoding: gzip;q=two\r\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        print_message("%s", cases[i].fields);
        assert_int_equal(negotiate_gzip(read_head(&head, "/", cases[i].fields)), cases[i].gzip);
    }
}

static void test_essence(void **state)
{
    (void)state;
    assert_true(str_eq(negotiate_essence(STR("text/plain")), STR("text/plain")));
    assert_true(str_eq(negotiate_essence(STR(" text/plain ; charset=x")), STR("text/plain")));
    static const char *const wrong[] = {"", ";", "text", "text/", "/plain", "text/plain/x", "te xt/plain", "a/b c"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(negotiate_essence(str_z(wrong[i])).len, 0);
}

static void test_etag(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        bool known;
    } cases[] = {
        {"", false},
        {"If-None-Match: \"a\"\r\n", true},
        {"If-None-Match: W/\"a\"\r\n", true},
        {"If-None-Match: \"b\", \"a\"\r\n", true},
        {"If-None-Match: \"b\"\r\nIf-None-Match: \"a\"\r\n", true},
        {"If-None-Match: *\r\n", true},
        {"If-None-Match: a\r\n", false},
        {"If-None-Match: \"a\r\n", false},
        {"If-None-Match: \"b,\\\"a\\\"\"\r\n", false},
        {"If-None-Match: \"A\"\r\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        print_message("%s", cases[i].fields);
        assert_int_equal(negotiate_etag(read_head(&head, "/", cases[i].fields), STR("If-None-Match"), STR("\"a\"")),
                         cases[i].known);
    }
}

static void test_percent(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected; /* NULL: refused */
        bool form;
    } cases[] = {
        {"", "", false},      {"plain", "plain", false},     {"a%2Fb", "a/b", false},       {"a+b", "a+b", false},
        {"a+b", "a b", true}, {"%C3%A9", "\xc3\xa9", false}, {"%c3%a9", "\xc3\xa9", false}, {"%", NULL, false},
        {"%4", NULL, false},  {"a%zz", NULL, false},         {"%4g", NULL, false},          {"%00", NULL, false},
        {"%1B", NULL, false}, {"%7f", NULL, false},          {"%0A%09", "\n\t", false},     {"%ff", NULL, false},
        {"%C3", NULL, false}, {"%25%32%35", "%25", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        bool fine = percent_decode(str_z(cases[i].text), cases[i].form, &out);
        print_message("%s\n", cases[i].text);
        assert_int_equal(fine, cases[i].expected != NULL);
        if (fine)
            assert_string_equal(buf_z(&out), cases[i].expected);
    }
}

static void test_query(void **state)
{
    (void)state;
    struct head head;
    struct str rest = query_of(read_head(&head, "/?a=1&&b&=c&d=%20=+&", "")), name, value;
    static const char *const expected[][2] = {{"a", "1"}, {"b", ""}, {"", "c"}, {"d", "%20=+"}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        assert_true(query_next(&rest, &name, &value));
        assert_true(str_eq_z(name, expected[i][0]) && str_eq_z(value, expected[i][1]));
    }
    assert_false(query_next(&rest, &name, &value));
    rest = query_of(read_head(&head, "/", ""));
    assert_false(query_next(&rest, &name, &value));
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_true(query_get(read_head(&head, "/?b=x&format=a%2bb&format=c", ""), STR("format"), &out));
    assert_string_equal(buf_z(&out), "a+b");
    assert_false(query_get(read_head(&head, "/?formats=a", ""), STR("format"), &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),   cmocka_unit_test(test_best), cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_essence), cmocka_unit_test(test_etag), cmocka_unit_test(test_percent),
        cmocka_unit_test(test_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
