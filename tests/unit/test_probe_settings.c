/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 8

static char *const no_variables[] = {NULL};

/* TEXT's words, after the program's name. */
static struct settings read_words(const char *text, char *const *variables)
{
    static char copy[256];
    char *words[WORDS_MAX] = {"healthcheck"};
    struct settings settings;
    size_t count = 1;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word && count < WORDS_MAX - 1; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    settings_read(words, variables, &settings);
    return settings;
}

static void test_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *words, *path;
        enum question question;
    } cases[] = {
        {"", "/readyz", QUESTION_READY},
        {"ready", "/readyz", QUESTION_READY},
        {"live", "/livez", QUESTION_LIVE},
        {"startup", "/readyz", QUESTION_STARTUP},
        {"live /x", "/x", QUESTION_LIVE},
        {"/x", "/x", QUESTION_READY},
        {"http://127.0.0.1", "/", QUESTION_READY},
        {"http://127.0.0.1 live", "/livez", QUESTION_LIVE},
        {"unix:/run/x ready", "/readyz", QUESTION_READY},
        {"unix:/run/x", "/", QUESTION_READY},
        {"-- live", "/livez", QUESTION_LIVE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings settings = read_words(cases[i].words, no_variables);
        if (settings.action != SETTINGS_ASK || settings.question != cases[i].question ||
            !text_eq(settings.target.path, text_of(cases[i].path)))
            fail_msg("'%s' gave %d, %d, '%.*s'", cases[i].words, settings.action, settings.question,
                     (int)settings.target.path.len, settings.target.path.at);
        assert_int_equal(settings.timeout_ms, PROBE_TIMEOUT_DEFAULT_MS);
        assert_false(settings.detailed);
    }
}

static void test_variables(void **state)
{
    (void)state;
    static char *const variables[] = {"HOSTNAME=x", "PORTS=1", "HOST", "PORT=81", "HOST=::", "HOST=no", NULL};
    struct settings settings = read_words("live", variables);
    assert_int_equal(settings.action, SETTINGS_ASK);
    assert_true(text_eq(target_place(&settings.target), TEXT("http://[::1]:81")));
    settings = read_words("http://127.0.0.1:5/", variables);
    assert_true(text_eq(target_place(&settings.target), TEXT("http://127.0.0.1:5")));
    static char *const wrong[] = {"HOST=db", NULL};
    assert_int_equal(read_words("", wrong).action, SETTINGS_WRONG);
    assert_int_equal(read_words("/x", wrong).action, SETTINGS_WRONG);
    assert_int_equal(read_words("http://127.0.0.1/", wrong).action, SETTINGS_ASK);
}

static void test_options(void **state)
{
    (void)state;
    assert_int_equal(read_words("--help --bad", no_variables).action, SETTINGS_HELP);
    assert_int_equal(read_words("live --version", no_variables).action, SETTINGS_VERSION);
    assert_true(read_words("--detailed-exit-code", no_variables).detailed);
    struct settings settings = read_words("--timeout 1.5 live", no_variables);
    assert_int_equal(settings.timeout_ms, 1500);
    assert_int_equal(settings.question, QUESTION_LIVE);
    assert_int_equal(read_words("live --timeout=800ms", no_variables).timeout_ms, 800);
    static const struct {
        const char *words, *cause, *subject;
    } bad[] = {
        {"--timeout", "--timeout takes", ""},
        {"--timeout=", "--timeout takes", ""},
        {"--timeout 0", "--timeout takes", "0"},
        {"--timeouts=1", "unknown option", "--timeouts=1"},
        {"-h", "unknown option", "-h"},
        {"-", "unknown option", "-"},
        {"live ready", "a second question", "ready"},
        {"/a /b", "a second URL", "/b"},
        {"-- --help", "neither 'http", "--help"},
        {"check", "neither 'http", "check"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        settings = read_words(bad[i].words, no_variables);
        if (settings.action != SETTINGS_WRONG ||
            strncmp(settings.fault.cause, bad[i].cause, strlen(bad[i].cause)) != 0 ||
            !text_eq(settings.fault.subject, text_of(bad[i].subject)))
            fail_msg("'%s' gave %d, '%s'", bad[i].words, settings.action, settings.fault.cause);
    }
    char *nothing[] = {NULL};
    settings_read(nothing, nothing, &settings);
    assert_int_equal(settings.action, SETTINGS_ASK);
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms; /* 0: refused */
    } cases[] = {
        {"1", 1000},     {"1s", 1000},
        {"0.5", 500},    {"0.05s", 50},
        {"1.234", 1234}, {"1ms", 1},
        {"300", 300000}, {"300000ms", 300000},
        {"300.001", 0},  {"300001ms", 0},
        {"0", 0},        {"0.000", 0},
        {"0ms", 0},      {"1.2345", 0},
        {"1.", 0},       {".5", 0},
        {"s", 0},        {"ms", 0},
        {"1m", 0},       {"-1", 0},
        {"1e3", 0},      {"1 s", 0},
        {"1.5ms", 0},    {"", 0},
        {"1ss", 0},      {"18446744073709551616", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t ms = 4711;
        bool good = settings_duration(text_of(cases[i].text), &ms);
        if (good != (cases[i].ms > 0) || ms != (good ? cases[i].ms : 4711))
            fail_msg("'%s' gave %d, %llu", cases[i].text, good, (unsigned long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
