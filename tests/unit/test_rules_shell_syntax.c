/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "rules/shell_syntax.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define WORDS 8

struct line_case {
    enum surface surface;
    const char *words[WORDS];
    size_t at; /* the only word with syntax; WORDS: none */
    enum shell_syntax syntax;
    const char *piece;
};

static const struct line_case cases[] = {
    {SURFACE_DOCKERFILE, {"/app", "$PORT"}, 1, SHELL_SYNTAX_VARIABLE, "$PORT"},
    {SURFACE_DOCKERFILE, {"/app", "--port=$PORT"}, 1, SHELL_SYNTAX_VARIABLE, "$PORT"},
    {SURFACE_DOCKERFILE, {"/app", "0.0.0.0:${PORT:-80}"}, 1, SHELL_SYNTAX_VARIABLE, "${PORT:-80}"},
    {SURFACE_DOCKERFILE, {"$HOME/app"}, 0, SHELL_SYNTAX_VARIABLE, "$HOME"},
    {SURFACE_DOCKERFILE, {"/app", "$port"}, 1, SHELL_SYNTAX_VARIABLE, "$port"},
    {SURFACE_DOCKERFILE, {"/app", "$@"}, 1, SHELL_SYNTAX_VARIABLE, "$@"},
    {SURFACE_DOCKERFILE, {"/app", "--host=$(hostname -i)"}, 1, SHELL_SYNTAX_SUBSTITUTION, "$(hostname -i)"},
    {SURFACE_DOCKERFILE, {"/app", "`hostname`"}, 1, SHELL_SYNTAX_SUBSTITUTION, "`hostname`"},
    {SURFACE_DOCKERFILE, {"a", "&&", "b"}, 1, SHELL_SYNTAX_OPERATOR, "&&"},
    {SURFACE_DOCKERFILE, {"a", "|", "b"}, 1, SHELL_SYNTAX_OPERATOR, "|"},
    {SURFACE_DOCKERFILE, {"a", "2>&1"}, 1, SHELL_SYNTAX_OPERATOR, "2>&1"},
    {SURFACE_DOCKERFILE, {"a", ">/dev/null"}, 1, SHELL_SYNTAX_OPERATOR, ">/dev/null"},
    {SURFACE_DOCKERFILE, {"a", "~/x"}, 1, SHELL_SYNTAX_HOME, "~/x"},
    {SURFACE_DOCKERFILE, {"java", "-jar", "/app/*.jar"}, 2, SHELL_SYNTAX_GLOB, "/app/*.jar"},
    {SURFACE_DOCKERFILE, {"A=1", "/app"}, 0, SHELL_SYNTAX_ASSIGNMENT, "A=1"},
    {SURFACE_DOCKERFILE, {"cd", "/app"}, 0, SHELL_SYNTAX_BUILTIN, "cd"},
    {SURFACE_DOCKERFILE, {"tini", "--", "/app", "$PORT"}, 3, SHELL_SYNTAX_VARIABLE, "$PORT"},
    {SURFACE_DOCKERFILE, {"/bin/sh", "/x.sh", "$PORT"}, 2, SHELL_SYNTAX_VARIABLE, "$PORT"},
    {SURFACE_DOCKERFILE, {"java", "$JAVA_OPTS", "-jar", "/a.jar"}, 1, SHELL_SYNTAX_VARIABLE, "$JAVA_OPTS"},
    {SURFACE_KUBERNETES, {"/app", "${PORT}"}, 1, SHELL_SYNTAX_VARIABLE, "${PORT}"},
    {SURFACE_COMPOSE, {"npm", "install", "&&", "npm"}, 2, SHELL_SYNTAX_OPERATOR, "&&"},
    /* no syntax of a shell, or not this shell's */
    {SURFACE_KUBERNETES, {"/app", "--port=$(PORT)"}, WORDS, 0, NULL},
    {SURFACE_KUBERNETES, {"/app", "$$(PORT)"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"sh", "-c", "echo $PORT && x"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"bash", "-eo", "pipefail", "-c", "a | b $X"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"busybox", "sh", "-c", "a | b"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"tini", "--", "sh", "-ec", "a $X"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--match=^a$|b$"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--re=(A|B)$FOO|x"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--path=$.items[*].id"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "http://x/?a=1&b=$c"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "%s$"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--cron", "*/5 * * * *"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--origins=*"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "--password=p$ssWORD"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "${{ x }}"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "${env:PORT}"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "${PORT"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "\\$PORT"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "$$PORT"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"awk", "{print $NF}"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"awk", "-F", "|", "{print $1}"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"cut", "-d", "|", "-f1"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"find", "/x", "-name", "/*.jar", "-exec", "rm", ";"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"java", "-cp", "/app/lib/*", "Main"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"java", "-Dx=${HOME}", "Main"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"node", "-e", "process.exit(`${X}`)"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"python3", "-c", "print('$X')"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"make", "X=$(Y)"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"env", "-S", "app ${X}"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"nginx", "-g", "daemon off;"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"su", "-c", "a && $B"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "/etc/conf.d/*.conf"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"/app", "x~/y"}, WORDS, 0, NULL},
    {SURFACE_DOCKERFILE, {"env", "A=1", "/app"}, WORDS, 0, NULL},
};

static struct fact_command command_of(const char *const *words, struct command_word *out)
{
    size_t count = 0;
    for (; count < WORDS && words[count]; count++)
        out[count] = (struct command_word){.text = str_z(words[count])};
    return (struct fact_command){
        .fact = {.state = FACT_KNOWN}, .form = COMMAND_EXEC, .words = out, .word_count = count};
}

static const struct fact_command absent = {.fact = {.state = FACT_ABSENT}};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct command_word words[WORDS];
        struct fact_command command = command_of(cases[i].words, words);
        struct shell_syntax_line line;
        assert_int_equal(shell_syntax_join(cases[i].surface, &command, &absent, &arena, &line, NULL), 0);
        assert_true(line.complete);
        for (size_t at = 0; at < line.count; at++) {
            struct str piece = STR_NONE;
            enum shell_syntax syntax = shell_syntax_of(&line, at, &piece);
            enum shell_syntax wanted = at == cases[i].at ? cases[i].syntax : SHELL_SYNTAX_NONE;
            if (syntax != wanted)
                fail_msg("case %zu, word %zu '%.*s': %d", i, at, STR_ARG(line.words[at].text), syntax);
            if (syntax != SHELL_SYNTAX_NONE && !str_eq_z(piece, cases[i].piece))
                fail_msg("case %zu: piece '%.*s'", i, STR_ARG(piece));
        }
    }
}

static void test_join(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct command_word a[WORDS], b[WORDS];
    static const char *const first[WORDS] = {"/bin/sh"}, *const second[WORDS] = {"-c", "echo $X"};
    struct fact_command entrypoint = command_of(first, a), command = command_of(second, b);
    struct shell_syntax_line line;
    assert_int_equal(shell_syntax_join(SURFACE_KUBERNETES, &entrypoint, &command, &arena, &line, NULL), 0);
    assert_int_equal(line.count, 3);
    assert_int_equal(line.program, 0);
    assert_int_equal(line.text, 2);
    assert_int_equal(shell_syntax_join(SURFACE_KUBERNETES, &absent, &command, &arena, &line, NULL), 0);
    assert_int_equal(line.count, 2);
    assert_false(line.complete);
    entrypoint.form = COMMAND_SHELL; /* drops what follows */
    assert_int_equal(shell_syntax_join(SURFACE_DOCKERFILE, &entrypoint, &command, &arena, &line, NULL), 0);
    assert_int_equal(line.count, 0);
    assert_int_equal(shell_syntax_join(SURFACE_DOCKERFILE, &absent, &absent, &arena, &line, NULL), 0);
    assert_int_equal(line.count, 0);
    assert_int_equal(line.text, 0);
    fault_arm(FAULT_ALLOC, 1);
    struct arena empty CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(shell_syntax_join(SURFACE_DOCKERFILE, &absent, &absent, &empty, &line, &err), -ERR_NOMEM);
    fault_disarm();
}

static void test_references(void **state)
{
    (void)state;
    struct str piece, name;
    size_t at = 0;
    const struct str text = STR("$(A) $$(B) $$$(C) $(D $E $(F)");
    assert_true(shell_syntax_next_reference(text, &at, &piece, &name));
    assert_true(str_eq_z(name, "A"));
    assert_true(str_eq_z(piece, "$(A)"));
    assert_true(shell_syntax_next_reference(text, &at, &piece, &name));
    assert_true(str_eq_z(name, "C"));
    assert_true(shell_syntax_next_reference(text, &at, &piece, &name));
    assert_true(str_eq_z(name, "D $E $(F"));
    assert_false(shell_syntax_next_reference(text, &at, &piece, &name));
    at = 0;
    assert_false(shell_syntax_next_reference(STR("$( $( $("), &at, &piece, &name));
    at = 0;
    assert_false(shell_syntax_next_reference(STR(""), &at, &piece, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
