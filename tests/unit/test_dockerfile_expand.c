/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/expand.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static const struct data_span defined_at = {100, 7};

/* Variables of all states. */
static struct dockerfile_value look_up(void *self, struct str name)
{
    (void)self;
    static const struct {
        const char *name;
        const char *text; /* NULL: unknown */
        bool optional;
    } variables[] = {
        {"V", "value", false},
        {"E", "", false},
        {"P", "foo.bar.baz", false},
        {"S", "a*b*c", false},
        {"U", "\xC3\xA9t\xC3\xA9", false},
        {"X", NULL, false},
        {"O", NULL, true},
        {"D", "a/b/c", false},
        {"_x1", "under", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        if (str_eq_z(name, variables[i].name))
            return (struct dockerfile_value){.state =
                                                 variables[i].text ? DOCKERFILE_STATE_KNOWN : DOCKERFILE_STATE_UNKNOWN,
                                             .optional = variables[i].optional,
                                             .text = str_z(variables[i].text),
                                             .origins = &defined_at,
                                             .origin_count = 1};
    return (struct dockerfile_value){.state = DOCKERFILE_STATE_ABSENT};
}

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct dockerfile_expansion expand_with(struct str text, char escape, bool heredoc)
{
    struct dockerfile_budget budget = DOCKERFILE_BUDGET_INIT;
    struct dockerfile_scope scope = {look_up, NULL, escape, heredoc, &budget};
    struct dockerfile_word word = {text, {10, (uint32_t)text.len}};
    struct dockerfile_expansion expansion = {0};
    assert_int_equal(dockerfile_expand(&word, &scope, &arena, &expansion, NULL), 0);
    assert_int_equal(expansion.value.origins[0].offset, 10);
    return expansion;
}

static void assert_expands(const char *text, const char *expected)
{
    struct dockerfile_expansion expansion = expand_with(str_z(text), '\\', false);
    if (expansion.value.state != DOCKERFILE_STATE_KNOWN || !str_eq_z(expansion.value.text, expected))
        fail_msg("'%s' gives '%.*s' (%s), not '%s'", text, STR_ARG(expansion.value.text),
                 expansion.problem ? expansion.problem : "-", expected);
}

static void test_variables(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"$V", "value"},
        {"${V}", "value"},
        {"a$V/b", "avalue/b"},
        {"$V$V", "valuevalue"},
        {"$N", ""},
        {"a${N}b", "ab"},
        {"$_x1", "under"},
        {"$", "$"},
        {"a$ b", "a$ b"},
        {"$/x", "$/x"},
        {"\\$V", "$V"},
        {"\\${V}", "${V}"},
        {"'$V'", "$V"},
        {"\"$V\"", "value"},
        {"\"\\$V\"", "$V"},
        {"\"a\\b\\\\\\\"\"", "a\\b\\\""},
        {"a\\ b", "a b"},
        {"'a\\'", "a\\"},
        {"a\\", "a"},
        {"\"\"", ""},
        {"a'b'\"c\"", "abc"},
        {"$1x", "x"},
        {"\"'$V'\"", "'value'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_expands(cases[i][0], cases[i][1]);
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"${V:-d}", "value"},   {"${E:-d}", "d"},       {"${N:-d}", "d"},
        {"${V-d}", "value"},    {"${E-d}", ""},         {"${N-d}", "d"},
        {"${V:+r}", "r"},       {"${E:+r}", ""},        {"${N:+r}", ""},
        {"${V+r}", "r"},        {"${E+r}", "r"},        {"${N+r}", ""},
        {"${V:?e}", "value"},   {"${E?e}", ""},         {"${N:-${V}}", "value"},
        {"${N:-${M:-x}}", "x"}, {"${N:-'$V'}", "$V"},   {"${N:-\"a b\"}", "a b"},
        {"${N:-}", ""},         {"${N:-a\\}b}", "a}b"}, {"${V:+${P}}", "foo.bar.baz"},
        {"x${O:-d}y", "xdy"},   {"${O-d}", "d"},        {"${O:+r}", ""},
        {"${V:-$X}", "value"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_expands(cases[i][0], cases[i][1]);
}

static void test_patterns(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"${P#*.}", "bar.baz"},
        {"${P##*.}", "baz"},
        {"${P%.*}", "foo.bar"},
        {"${P%%.*}", "foo"},
        {"${P#foo}", ".bar.baz"},
        {"${P#bar}", "foo.bar.baz"},
        {"${P#f?o.}", "bar.baz"},
        {"${P%z}", "foo.bar.ba"},
        {"${P#}", "foo.bar.baz"},
        {"${P##*}", ""},
        {"${P#*}", "foo.bar.baz"},
        {"${P%%*}", ""},
        {"${S#a\\*}", "b*c"},
        {"${S##*\\*}", "c"},
        {"${P/bar/X}", "foo.X.baz"},
        {"${P/ba?/X}", "foo.X.baz"},
        {"${P//ba?/X}", "foo.X.X"},
        {"${P/./}", "foobar.baz"},
        {"${P//./-}", "foo-bar-baz"},
        {"${P/o*b/X}", "fXaz"},
        {"${D//\\//-}", "a-b-c"},
        {"${P/q/X}", "foo.bar.baz"},
        {"${U#?}", "t\xC3\xA9"},
        {"${U%?}", "\xC3\xA9t"},
        {"${U//\xC3\xA9/e}", "ete"},
        {"${P#${V}}", "foo.bar.baz"},
        {"${P/foo/$V}", "value.bar.baz"},
        {"${N#x}", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_expands(cases[i][0], cases[i][1]);
}

static void test_unknown(void **state)
{
    (void)state;
    static const char *const cases[] = {"$X",       "a${X}b",   "${X:-d}", "${X+r}",      "${X#a}", "$O",
                                        "${N:-$X}", "${V:+$X}", "${P#$X}", "${P/foo/$X}", "\"$X\"", "${X:?e}"};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dockerfile_expansion expansion = expand_with(str_z(cases[i]), '\\', false);
        assert_int_equal(expansion.value.state, DOCKERFILE_STATE_UNKNOWN);
        assert_true(str_eq_z(expansion.value.text, cases[i]));
        assert_null(expansion.problem);
    }
}

static void test_problems(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"${V", "a '}' is missing"},
        {"${", "a '}' is missing"},
        {"${V:", "a '}' is missing"},
        {"${V:-d", "a '}' is missing"},
        {"${}", "no variable's name stands behind '${'"},
        {"${{V}}", "no variable's name stands behind '${'"},
        {"${:-x}", "no variable's name stands behind '${'"},
        {"${V^^}", "a modifier behind the variable's name is unknown"},
        {"${V:=x}", "a modifier behind the variable's name is unknown"},
        {"${N:?gone}", "'N' has to be set: gone"},
        {"${E:?}", "'E' has to be set"},
        {"'a", "a single quote is not closed"},
        {"\"a", "a double quote is not closed"},
        {"\"a\\", "a double quote is not closed"},
        {"${P/x}", "a '/' is missing in '${'"},
        {"${P/x/y", "a '}' is missing"},
        {"${P#\\a}", "a '\\' in the pattern escapes nothing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dockerfile_expansion expansion = expand_with(str_z(cases[i][0]), '\\', false);
        assert_int_equal(expansion.value.state, DOCKERFILE_STATE_UNKNOWN);
        assert_non_null(expansion.problem);
        assert_string_equal(expansion.problem, cases[i][1]);
    }
}

static void test_escape_and_heredoc(void **state)
{
    (void)state;
    assert_true(str_eq_z(expand_with(STR("`$V\\$V"), '`', false).value.text, "$V\\value"));
    assert_true(
        str_eq_z(expand_with(STR("'$V' \"$V\" \\$V \\n\n"), '\\', true).value.text, "'value' \"value\" \\$V \\n\n"));
}

static void test_uses_and_origins(void **state)
{
    (void)state;
    struct dockerfile_expansion expansion = expand_with(STR("a$V${N:-$X}"), '\\', false);
    assert_int_equal(expansion.use_count, 3);
    assert_true(str_eq_z(expansion.uses[0].name, "V"));
    assert_int_equal(expansion.uses[0].span.offset, 11);
    assert_int_equal(expansion.uses[0].span.len, 2);
    assert_true(str_eq_z(expansion.uses[1].name, "X"));
    assert_int_equal(expansion.uses[1].state, DOCKERFILE_STATE_UNKNOWN);
    assert_true(str_eq_z(expansion.uses[2].name, "N"));
    assert_int_equal(expansion.uses[2].state, DOCKERFILE_STATE_ABSENT);
    assert_int_equal(expansion.uses[2].span.offset, 13);
    assert_int_equal(expansion.uses[2].span.len, 8);
    assert_int_equal(expansion.value.origin_count, 2);
    assert_int_equal(expansion.value.origins[1].offset, 100);
}

static void test_bounds(void **state)
{
    (void)state;
    static char deep[400];
    size_t len = 0;
    for (unsigned i = 0; i < 60; i++) {
        memcpy(deep + len, "${N:-", 5);
        len += 5;
    }
    memset(deep + len, '}', 60);
    assert_string_equal(expand_with(str_of(deep, len + 60), '\\', false).problem, "variables are nested too deeply");

    struct dockerfile_budget budget = {3, 100};
    struct dockerfile_scope scope = {look_up, NULL, '\\', false, &budget};
    struct dockerfile_word word = {STR("$V"), {0, 2}};
    struct dockerfile_expansion expansion;
    assert_int_equal(dockerfile_expand(&word, &scope, &arena, &expansion, NULL), 0);
    assert_string_equal(expansion.problem, "the file's variables expand to too many bytes");
    budget = (struct dockerfile_budget){100, 3};
    word = (struct dockerfile_word){STR("${P##*b*c}"), {0, 10}};
    assert_int_equal(dockerfile_expand(&word, &scope, &arena, &expansion, NULL), 0);
    assert_string_equal(expansion.problem, "the file's patterns take too long to match");
}

static void test_kinds(void **state)
{
    (void)state;
    assert_true(dockerfile_kind_expands(DOCKERFILE_USER));
    assert_true(dockerfile_kind_expands(DOCKERFILE_FROM));
    assert_false(dockerfile_kind_expands(DOCKERFILE_CMD));
    assert_false(dockerfile_kind_expands(DOCKERFILE_ENTRYPOINT));
    assert_false(dockerfile_kind_expands(DOCKERFILE_HEALTHCHECK));
    assert_false(dockerfile_kind_expands(DOCKERFILE_RUN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_variables, teardown),
        cmocka_unit_test_teardown(test_defaults, teardown),
        cmocka_unit_test_teardown(test_patterns, teardown),
        cmocka_unit_test_teardown(test_unknown, teardown),
        cmocka_unit_test_teardown(test_problems, teardown),
        cmocka_unit_test_teardown(test_escape_and_heredoc, teardown),
        cmocka_unit_test_teardown(test_uses_and_origins, teardown),
        cmocka_unit_test_teardown(test_bounds, teardown),
        cmocka_unit_test_teardown(test_kinds, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
