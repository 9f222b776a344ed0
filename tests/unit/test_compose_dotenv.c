/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/dotenv.h"

#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* OUTER is set by whoever includes the project. */
static const struct compose_variable *look_up(const void *self, struct str name)
{
    (void)self;
    static const struct compose_variable outer = {STR_INIT("OUTER"), STR_INIT("given"), false, {1, {3, 5}}};
    return str_eq(name, outer.name) ? &outer : NULL;
}

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct compose_dotenv parse(struct str text)
{
    uint64_t budget = LIMIT_COMPOSE_EXPANDED_BYTES;
    struct compose_lookup lookup = {look_up, NULL, &budget};
    struct compose_dotenv dotenv = {0};
    assert_int_equal(compose_dotenv_parse(text, 4, &lookup, &arena, &dotenv, NULL), 0);
    return dotenv;
}

/* TEXT sets A to VALUE, which is written as WRITTEN, and is fine. */
static void assert_sets(const char *text, const char *value, const char *written)
{
    struct compose_dotenv dotenv = parse(str_z(text));
    if (dotenv.fault_count > 0)
        fail_msg("'%s': %s", text, dotenv.faults[0].message);
    assert_true(dotenv.variable_count > 0);
    const struct compose_variable *last = &dotenv.variables[dotenv.variable_count - 1];
    assert_true(str_eq_z(last->name, "A"));
    if (last->unknown || !str_eq_z(last->value, value))
        fail_msg("'%s' gives '%.*s', not '%s'", text, STR_ARG(last->value), value);
    assert_int_equal(last->origin.source, 4);
    struct str at = data_span_text(str_z(text), last->origin.span);
    if (!str_eq_z(at, written))
        fail_msg("'%s' has its value at '%.*s', not at '%s'", text, STR_ARG(at), written);
}

static void test_plain(void **state)
{
    (void)state;
    assert_sets("A=1", "1", "1");
    assert_sets("A=1\n", "1", "1");
    assert_sets("A=1\r\n", "1", "1");
    assert_sets("\xEF\xBB\xBF"
                "A=1\n",
                "1", "1");
    assert_sets("\n# A=0\n  \t A = x y \n", "x y", "x y");
    assert_sets("A: yaml\n", "yaml", "yaml");
    assert_sets("A=\n", "", "");
    assert_sets("A=", "", "");
    assert_sets("A= \n", "", "");
    assert_sets("A=a=b:c\n", "a=b:c", "a=b:c");
    assert_sets("A=a#b\n", "a#b", "a#b");
    assert_sets("A=a #b\n", "a", "a");
    assert_sets("A=a\t#b\n", "a\t#b", "a\t#b");
    assert_sets("A=a\"b\"\n", "a\"b\"", "a\"b\"");
    assert_sets("A=a\\nb\n", "a\\nb", "a\\nb");
    assert_sets("export A=1\n", "1", "1");
    assert_sets("export \t A=1\n", "1", "1");
    assert_sets("A=1\nA=2", "2", "2");
    assert_sets("B\nA=1", "1", "1");
    assert_sets("export B\nA=1", "1", "1");
    assert_sets("1B=0\nA=1", "1", "1");
    assert_sets("A=\xC3\xA9\n", "\xC3\xA9", "\xC3\xA9");
    assert_sets("\xC2\xA0"
                "A\xC2\xA0=\xC2\xA0x\n",
                "x", "x");
}

static void test_quotes(void **state)
{
    (void)state;
    assert_sets("A='x $Y # z'\n", "x $Y # z", "'x $Y # z'");
    assert_sets("A='a\\'b\\n'\n", "a'b\\n", "'a\\'b\\n'");
    assert_sets("A='a\nb'\n", "a\nb", "'a\nb'");
    assert_sets("A=''\n", "", "''");
    assert_sets("A=\"x # z\" # note\n", "x # z", "\"x # z\"");
    assert_sets("A=\"a\\nb\\tc\\r\"\n", "a\nb\tc\r", "\"a\\nb\\tc\\r\"");
    assert_sets("A=\"a\\\"b\"\n", "a\"b", "\"a\\\"b\"");
    assert_sets("A=\"a\\\\nb\"\n", "a\\nb", "\"a\\\\nb\"");
    assert_sets("A=\"\\$B $$B\"\n", "$B $B", "\"\\$B $$B\"");
    assert_sets("A=\"\\0123\\0351\"\n", "S\xC3\xA9", "\"\\0123\\0351\"");
    assert_sets("A=\"\\q\\0z\"\n", "\\q\\0z", "\"\\q\\0z\"");
    assert_sets("A=\"a\nb\"\n", "a\nb", "\"a\nb\"");
    assert_sets("A=\"a\r\nb\"\r\n", "a\r\nb", "\"a\r\nb\"");
    assert_sets("B='x\ny'\nA=\"${B}\"", "x\ny", "\"${B}\"");
}

static void test_interpolation(void **state)
{
    (void)state;
    assert_sets("B=b\nA=$B/${B}", "b/b", "$B/${B}");
    assert_sets("B=b\nB=c\nA=$B", "c", "$B");
    assert_sets("A=${OUTER}", "given", "${OUTER}");
    assert_sets("OUTER=own\nA=${OUTER}", "given", "${OUTER}");
    assert_sets("A=${N:-d}", "d", "${N:-d}");
    assert_sets("A=p$$q", "p$q", "p$$q");
    assert_sets("A=1\nA=$A$A", "11", "$A$A");
    struct compose_dotenv dotenv = parse(STR("A=$N\nB=x$A\nC=${A:-d}"));
    assert_int_equal(dotenv.variable_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(dotenv.variables[i].unknown);
    assert_true(str_eq_z(dotenv.variables[1].value, "x$A"));
    assert_int_equal(dotenv.fault_count, 0);
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text, *at, *message;
        size_t variables;
    } cases[] = {
        {"A B=1\nC=2\n", "A B", "a variable's name can't hold a space", 1},
        {"A%=1\nC=2\n", "%", "a variable's name can't hold this character", 1},
        {"=1\nC=2\n", "=", "a variable's name is missing", 1},
        {"\"A\"=1\nC=2\n", "\"", "a variable's name can't hold this character", 1},
        {"C=2\nA=\"x\nB=1\n", "\"", "a quote is not closed", 2},
        {"A='x\\'\nC=2\n", "'", "a quote is not closed", 1},
        {"A=${1}\nC=2\n", "${1}", "no variable's name stands behind '${'", 2},
        {"A=\"\\n${1}\"\nC=2\n", "\"\\n${1}\"", "no variable's name stands behind '${'", 2},
        {"A=${N:?why}\nC=2\n", "${N:?why}", "'N' has to be set: why", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct compose_dotenv dotenv = parse(str_z(cases[i].text));
        assert_int_equal(dotenv.fault_count, 1);
        assert_string_equal(dotenv.faults[0].message, cases[i].message);
        struct str at = str_head(str_skip(str_z(cases[i].text), dotenv.faults[0].offset), dotenv.faults[0].len);
        if (!str_eq_z(at, cases[i].at))
            fail_msg("'%s' has its fault at '%.*s'", cases[i].text, STR_ARG(at));
        assert_int_equal(dotenv.variable_count, cases[i].variables);
    }
    static const char binary[] = "\x7f"
                                 "ELF\x01\0\0\n\0\0=\xff\n";
    assert_int_equal(parse(str_of(binary, sizeof(binary) - 1)).fault_count, 2);
    assert_int_equal(parse(STR("")).variable_count, 0);
}

static void test_memory_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena own = ARENA_INIT;
        uint64_t budget = 1000;
        struct compose_lookup lookup = {look_up, NULL, &budget};
        struct compose_dotenv dotenv;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = compose_dotenv_parse(STR("A=1\nB=\"x\\n$A\"\n%\nC='y'"), 0, &lookup, &own, &dotenv, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 4);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_plain, teardown),         cmocka_unit_test_teardown(test_quotes, teardown),
        cmocka_unit_test_teardown(test_interpolation, teardown), cmocka_unit_test_teardown(test_faults, teardown),
        cmocka_unit_test_teardown(test_memory_faults, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
