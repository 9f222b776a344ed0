/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/target.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct text got, const char *wanted, const char *of)
{
    if (!text_eq(got, text_of(wanted)))
        fail_msg("'%s' gave '%.*s' instead of '%s'", of, (int)got.len, got.at, wanted);
}

static void test_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *place, *host, *path;
        unsigned count;
    } good[] = {
        {"http://127.0.0.1", "http://127.0.0.1:80", "127.0.0.1:80", "", 1},
        {"http://10.1.2.3:8080/readyz", "http://10.1.2.3:8080", "10.1.2.3:8080", "/readyz", 1},
        {"http://[::1]:65535/", "http://[::1]:65535", "[::1]:65535", "/", 1},
        {"http://[fd00::7]", "http://[fd00::7]:80", "[fd00::7]:80", "", 1},
        {"http://0.0.0.0:1/x?y=z&q", "http://127.0.0.1:1", "127.0.0.1:1", "/x?y=z&q", 1},
        {"http://[::]:1/x", "http://[::1]:1", "[::1]:1", "/x", 1},
        {"http://LocalHost:81/x", "http://LocalHost:81", "LocalHost:81", "/x", 2},
        {"unix:/run/a.sock", "unix:/run/a.sock", "localhost", "", 1},
        {"unix:/run/a.sock:/health", "unix:/run/a.sock", "localhost", "/health", 1},
        {"unix:@a", "unix:@a", "localhost", "", 1},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct target target = {0};
        struct target_fault bad = target_from_url(text_of(good[i].url), &target);
        if (bad.cause)
            fail_msg("'%s': %s", good[i].url, bad.cause);
        expect(target_place(&target), good[i].place, good[i].url);
        expect(target_host(&target), good[i].host, good[i].url);
        expect(target.path, good[i].path, good[i].url);
        assert_int_equal(target.count, good[i].count);
    }
}

static void test_bad_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *cause, *subject;
    } bad[] = {
        {"", "neither 'http://…'", ""},
        {"127.0.0.1:80", "neither 'http://…'", "127.0.0.1:80"},
        {"HTTP://127.0.0.1", "neither 'http://…'", "HTTP://127.0.0.1"},
        {"https://127.0.0.1/", "TLS is not spoken", "https://127.0.0.1/"},
        {"http://", "neither an IP", ""},
        {"http:///x", "neither an IP", ""},
        {"http://:80", "neither an IP", ""},
        {"http://db.example/", "neither an IP", "db.example"},
        {"http://::1/", "a port is", ":1"},
        {"http://[127.0.0.1]/", "neither an IP", "[127.0.0.1]"},
        {"http://[localhost]/", "neither an IP", "[localhost]"},
        {"http://[::1", "neither an IP", "[::1"},
        {"http://[::1]x:80", "neither an IP", "[::1]x"},
        {"http://[fe80::1%25lo]/", "neither an IP", "[fe80::1%25lo]"},
        {"http://127.0.0.1:/", "a port is", ""},
        {"http://127.0.0.1:0/", "a port is", "0"},
        {"http://127.0.0.1:65536/", "a port is", "65536"},
        {"http://127.0.0.1:80:81/", "a port is", "80:81"},
        {"http://me:word@127.0.0.1/", "a user", "@127.0.0.1"},
        {"http://127.0.0.1/a b", "a space", "/a b"},
        {"http://127.0.0.1/a\r\nX: y", "a space", "/a\r\nX: y"},
        {"http://127.0.0.1/\xc3\xa9", "a space", "/\xc3\xa9"},
        {"http://127.0.0.1/#top", "a space", "/#top"},
        {"unix:", "no path", ""},
        {"unix:run/a", "no path", "run/a"},
        {"unix:/a:b", "a path begins", "b"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct target target = {0};
        struct target_fault fault = target_from_url(text_of(bad[i].url), &target);
        if (!fault.cause || strncmp(fault.cause, bad[i].cause, strlen(bad[i].cause)) != 0)
            fail_msg("'%s' gave '%s'", bad[i].url, fault.cause ? fault.cause : "no fault");
        expect(fault.subject, bad[i].subject, bad[i].url);
    }
    static char huge[PROBE_URL_BYTES + 2];
    memset(huge, 'a', sizeof huge - 1);
    memcpy(huge, "http://127.0.0.1/", 17);
    struct target target = {0};
    assert_non_null(target_from_url(text_of(huge), &target).cause);
    huge[PROBE_URL_BYTES] = '\0';
    assert_null(target_from_url(text_of(huge), &target).cause);
}

static void test_server(void **state)
{
    (void)state;
    static const struct {
        const char *host, *port, *place; /* place NULL: refused */
    } cases[] = {
        {"", "", "http://127.0.0.1:8080"},
        {"0.0.0.0", "9000", "http://127.0.0.1:9000"},
        {"::", "9000", "http://[::1]:9000"},
        {"[::]", "9000", "http://[::1]:9000"},
        {"::1", "", "http://[::1]:8080"},
        {"localhost", "1", "http://localhost:1"},
        {"10.0.0.1", "1", "http://10.0.0.1:1"},
        {"unix:/run/x", "junk", "unix:/run/x"},
        {"db.example", "1", NULL},
        {"*", "1", NULL},
        {"", "0", NULL},
        {"", "http", NULL},
        {"", " 80", NULL},
        {"unix:x", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct target target = {0};
        struct target_fault bad = target_from_server(text_of(cases[i].host), text_of(cases[i].port), &target);
        if (!bad.cause != (cases[i].place != NULL))
            fail_msg("HOST=%s PORT=%s: %s", cases[i].host, cases[i].port, bad.cause ? bad.cause : "no fault");
        if (cases[i].place)
            expect(target_place(&target), cases[i].place, cases[i].host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_bad_urls),
        cmocka_unit_test(test_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
