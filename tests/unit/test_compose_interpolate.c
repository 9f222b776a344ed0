/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/interpolate.h"

#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* V is 'value', E is empty, D is '$V', X is set to what can't be known; N is not set. */
static const struct compose_variable *look_up(const void *self, struct str name)
{
    (void)self;
    static const struct compose_variable variables[] = {
        {STR_INIT("V"), STR_INIT("value"), false, {1, {10, 5}}},   {STR_INIT("E"), STR_INIT(""), false, {1, {20, 0}}},
        {STR_INIT("D"), STR_INIT("$V"), false, {1, {30, 2}}},      {STR_INIT("X"), STR_INIT("$N"), true, {1, {40, 2}}},
        {STR_INIT("_u1"), STR_INIT("under"), false, {2, {50, 5}}},
    };
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        if (str_eq(variables[i].name, name))
            return &variables[i];
    return NULL;
}

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct compose_interpolation interpolate(struct str text)
{
    uint64_t budget = LIMIT_COMPOSE_EXPANDED_BYTES;
    struct compose_lookup lookup = {look_up, NULL, &budget};
    struct compose_interpolation result = {0};
    assert_int_equal(compose_interpolate(text, &lookup, &arena, &result, NULL), 0);
    return result;
}

static void assert_gives(const char *text, const char *expected)
{
    struct compose_interpolation result = interpolate(str_z(text));
    if (result.unknown || !str_eq_z(result.text, expected))
        fail_msg("'%s' gives '%.*s' (%s), not '%s'", text, STR_ARG(result.text),
                 result.fault.message ? result.fault.message : "-", expected);
    assert_int_equal(result.changed, strcmp(text, expected) != 0);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"$V", "value"},
        {"${V}", "value"},
        {"a$V/b", "avalue/b"},
        {"$V$V", "valuevalue"},
        {"${V}${V}", "valuevalue"},
        {"$V-x", "value-x"},
        {"$_u1.", "under."},
        {"$E", ""},
        {"a${E}b", "ab"},
        {"$D", "$V"},
        {"$$", "$"},
        {"$$V", "$V"},
        {"$$$V", "$value"},
        {"$${V}", "${V}"},
        {"$$$$", "$$"},
        {"$", "$"},
        {"a$", "a$"},
        {"$ V", "$ V"},
        {"$1", "$1"},
        {"$(V)", "$(V)"},
        {"$-", "$-"},
        {"^[a-z]+$", "^[a-z]+$"},
        {"}{", "}{"},
        {"{$V}", "{value}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_gives(cases[i][0], cases[i][1]);
}

static void test_operators(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"${V:-d}", "value"},
        {"${E:-d}", "d"},
        {"${N:-d}", "d"},
        {"${V-d}", "value"},
        {"${E-d}", ""},
        {"${N-d}", "d"},
        {"${V:+r}", "r"},
        {"${E:+r}", ""},
        {"${N:+r}", ""},
        {"${V+r}", "r"},
        {"${E+r}", "r"},
        {"${N+r}", ""},
        {"${V:?e}", "value"},
        {"${V?e}", "value"},
        {"${E?e}", ""},
        {"${N:-}", ""},
        {"${N-}", ""},
        {"${N:-a b}", "a b"},
        {"${N:--1}", "-1"},
        {"${N:-:-}", ":-"},
        {"${N-a:-b}", "a:-b"},
        {"${N:-a?b+c}", "a?b+c"},
        {"${N:-http://h:80/p?q=1}", "http://h:80/p?q=1"},
        {"${X+r}", "r"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_gives(cases[i][0], cases[i][1]);
}

static void test_nesting(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"${N:-$V}", "value"},
        {"${N:-${V}}", "value"},
        {"${N:-${M:-x}}", "x"},
        {"${N:-${M:-${V}}}-z", "value-z"},
        {"${N:-a${V}b}c", "avaluebc"},
        {"${V:+${V}}", "value"},
        {"${N:-$$V}", "$V"},
        {"${V:-${}", "value"},
        {"${V:-$N}", "value"},
        {"${N:-x}}", "x}"},
        {"${N:-x} and ${N:-y}", "x and y"},
        {"${N:-{\"a\":1}}", "{\"a\":1}"},
        {"${N:-{}}", "{}"},
        {"${N:-{}", "{"},
        {"${N:-x}\n${V}", "x\nvalue"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_gives(cases[i][0], cases[i][1]);
}

static void test_unknown(void **state)
{
    (void)state;
    static const char *const cases[] = {"$N",      "${N}",   "a${N}b",   "$X",       "${X:-d}", "${X-d}",
                                        "${X:+r}", "${X?e}", "${N:-$M}", "${V:+$N}", "$V$N"};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct compose_interpolation result = interpolate(str_z(cases[i]));
        assert_true(result.unknown);
        assert_false(result.changed);
        assert_true(str_eq_z(result.text, cases[i]));
        assert_null(result.fault.message);
    }
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text, *at, *message, *hint;
    } cases[] = {
        {"a${V", "${V", "a '}' is missing", "write '$$' for a '$' that is meant as one"},
        {"a${V b", "${", "what stands behind the variable's name is no operator",
         "the operators are :- - :+ + :? and ?"},
        {"a${", "${", "no variable's name stands behind '${'", "write '$$' for a '$' that is meant as one"},
        {"a${}b", "${}", "no variable's name stands behind '${'", "write '$$' for a '$' that is meant as one"},
        {"${1}", "${1}", "no variable's name stands behind '${'", NULL},
        {"${ V }", "${ V }", "no variable's name stands behind '${'", NULL},
        {"${{V}}", "${{V}", "no variable's name stands behind '${'", NULL},
        {"x ${V/a/b} y", "${V/a/b}", "what stands behind the variable's name is no operator", NULL},
        {"${V:x}", "${V:x}", "what stands behind the variable's name is no operator", NULL},
        {"${V:}", "${V:}", "what stands behind the variable's name is no operator", NULL},
        {"${V!}", "${V!}", "what stands behind the variable's name is no operator", NULL},
        {"${V.w}", "${V.w}", "what stands behind the variable's name is no operator", NULL},
        {"$V ${N:-x", "${N:-", "a '}' is missing", "the closing '}' has to stand on the same line"},
        {"${N:-a\n}", "${N:-", "a '}' is missing", "the closing '}' has to stand on the same line"},
        {"${N:-${1}}", "${1}", "no variable's name stands behind '${'", NULL},
        {"a${N:?gone}b", "${N:?gone}", "'N' has to be set: gone", "set 'N' in the project's '.env'"},
        {"${E:?}", "${E:?}", "'E' has to be set", "set 'E' in the project's '.env'"},
        {"${N?say $V}", "${N?say $V}", "'N' has to be set: say value", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct compose_interpolation result = interpolate(str_z(cases[i].text));
        assert_non_null(result.fault.message);
        assert_string_equal(result.fault.message, cases[i].message);
        if (cases[i].hint)
            assert_string_equal(result.fault.hint, cases[i].hint);
        assert_int_equal(result.fault.required, strstr(cases[i].message, "has to be set") != NULL);
        struct str at = str_head(str_skip(str_z(cases[i].text), result.fault.offset), result.fault.len);
        if (!str_eq_z(at, cases[i].at))
            fail_msg("'%s' has its fault at '%.*s'", cases[i].text, STR_ARG(at));
        assert_true(result.unknown);
        assert_true(str_eq_z(result.text, cases[i].text));
    }
}

static void test_origins(void **state)
{
    (void)state;
    struct compose_interpolation result = interpolate(STR("${N:-$_u1}$V$V${E:+x}"));
    assert_int_equal(result.origin_count, 3);
    assert_int_equal(result.origins[0].source, 2);
    assert_int_equal(result.origins[0].span.offset, 50);
    assert_int_equal(result.origins[1].span.offset, 10);
    assert_int_equal(result.origins[2].span.offset, 20);
    assert_int_equal(interpolate(STR("$N")).origin_count, 0);
}

static void test_bounds(void **state)
{
    (void)state;
    static char deep[400];
    size_t len = 0;
    for (unsigned i = 0; i < 60; i++, len += 5)
        memcpy(deep + len, "${N:-", 5);
    memset(deep + len, '}', 60);
    assert_string_equal(interpolate(str_of(deep, len + 60)).fault.message, "variables are nested too deeply");

    uint64_t budget = 7;
    struct compose_lookup lookup = {look_up, NULL, &budget};
    struct compose_interpolation result;
    assert_int_equal(compose_interpolate(STR("$V $V"), &lookup, &arena, &result, NULL), 0);
    assert_string_equal(result.fault.message, "the project's variables bring too many bytes");
    assert_int_equal(result.fault.offset, 3);

    enum { SIZE = LIMIT_COMPOSE_VALUE_BYTES };
    char *text = arena_alloc(&arena, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "${"[i % 2];
    assert_string_equal(interpolate(str_of(text, SIZE)).fault.message, "no variable's name stands behind '${'");
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "${V:-"[i % 5];
    assert_string_equal(interpolate(str_of(text, SIZE)).fault.message, "a '}' is missing");
    text[SIZE - 1] = '}';
    assert_true(str_eq_z(interpolate(str_of(text, SIZE)).text, "value"));
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "${E:-{"[i % 6];
    text[SIZE - 1] = '}';
    assert_string_equal(interpolate(str_of(text, SIZE)).fault.message, "a '}' is missing");
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "$V  "[i % 4];
    assert_string_equal(interpolate(str_of(text, SIZE)).fault.message, "the value is too long with its variables");
}

static void test_memory_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena own = ARENA_INIT;
        uint64_t budget = 100;
        struct compose_lookup lookup = {look_up, NULL, &budget};
        struct compose_interpolation result;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = compose_interpolate(STR("${N:-$V}$E${M:?why}"), &lookup, &own, &result, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 2);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_values, teardown),  cmocka_unit_test_teardown(test_operators, teardown),
        cmocka_unit_test_teardown(test_nesting, teardown), cmocka_unit_test_teardown(test_unknown, teardown),
        cmocka_unit_test_teardown(test_faults, teardown),  cmocka_unit_test_teardown(test_origins, teardown),
        cmocka_unit_test_teardown(test_bounds, teardown),  cmocka_unit_test_teardown(test_memory_faults, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
