/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "facts/command.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct shell_script read_script(const char *text)
{
    struct shell_script script = {0};
    struct err err = ERR_INIT;
    assert_int_equal(shell_script_read(str_z(text), NULL, &arena, &script, &err), 0);
    return script;
}

/* "[&&] {A=1} <curl> <$X>$ |or" */
static const char *show(const struct shell_script *script)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < script->count; i++) {
        const struct shell_command *command = &script->commands[i];
        buf_addf(&out, "%s[%s]", i ? " " : "", command->joined);
        for (size_t k = 0; k < command->assignment_count; k++)
            buf_addf(&out, "{%.*s}", STR_ARG(command->assignments[k].text));
        for (size_t k = 0; k < command->word_count; k++)
            buf_addf(&out, "<%.*s>%s", STR_ARG(command->words[k].text), command->words[k].expanded ? "$" : "");
    }
    buf_addf(&out, "%s%s%s", script->operators ? " operators" : "", script->redirects ? " redirects" : "",
             script->expands ? " expands" : "");
    return arena_buf(&arena, &out).ptr;
}

static const struct {
    const char *text;
    const char *shown;
} cases[] = {
    {"", ""},
    {"  \t\n\n # nothing", ""},
    {"curl -f http://localhost/ || exit 1", "[]<curl><-f><http://localhost/> [||]<exit><1> operators"},
    {"a&&b;c|d&e\nf", "[]<a> [&&]<b> [;]<c> [|]<d> [&]<e> [;]<f> operators"},
    {"a &&\n\n b", "[]<a> [&&]<b> operators"},
    {"a |& b &", "[]<a> [|]<b> operators"},
    {"A=1 B+=\"x y\" cmd C=2", "[]{A=1}{B+=x y}<cmd><C=2>"},
    {"A=1; 1A=2", "[]{A=1} [;]<1A=2> operators"},
    {"'a b' \"c d\" e\\ f g\"h\"'i'", "[]<a b><c d><e f><ghi>"},
    {"\"a\\\"b\\$c\\d\" 'x\\y'", "[]<a\"b$c\\d><x\\y>"},
    {"a\\\nb c \\\n d", "[]<ab><c><d>"},
    {"echo $X ${Y:-'}'} \"$Z\" '$N' \\$M $ $%", "[]<echo><$X>$<${Y:-'}'}>$<$Z>$<$N><$M><$><$%> expands"},
    {"ls *.c ~/x a~ [a-z] x[1] [ -f y ]", "[]<ls><*.c>$<~/x>$<a~><[a-z]>$<x[1]>$<[><-f><y><]> expands"},
    {"echo $((1+(2*3))) $(a $((2)))", "[]<echo><$((1+(2*3)))>$<$(a $((2)))>$ [$(]<a><$((2))>$ operators expands"},
    {"a \"$(b \"c d\" | e)\" f", "[]<a><$(b \"c d\" | e)>$<f> [$(]<b><c d> [|]<e> operators expands"},
    {"x=`uname -m` y", "[]{x=`uname -m`}<y> [`]<uname><-m> operators expands"},
    {"a >/dev/null 2>&1 <in >>out 2> err b", "[]<a><b> redirects"},
    {"a &>out &>>more >|x <>y <<<word b", "[]<a><b> redirects"},
    {"a 22 2>x", "[]<a><22> redirects"},
    {"diff <(b c) >(d)", "[]<diff> [(]<b><c> [(]<d> operators redirects"},
    {"cat <<EOF >x; b\n $(no) 'no\nEOF\nc", "[]<cat> [;]<b> [;]<c> operators redirects"},
    {"cat <<-'E' <<F\n\tno\n\tE\nno\nF\nc", "[]<cat> [;]<c> operators redirects"},
    {"cat <<EOF\nnever ends", "[]<cat> redirects"},
    {"(a; (b)) && { c; }", "[(]<a> [(]<b> [&&]<c> operators"},
    {"if a; then b; elif c; then d; else e; fi", "[]<a> [;]<b> [;]<c> [;]<d> [;]<e> operators"},
    {"while ! a; do b; done; until c; do d; done", "[]<a> [;]<b> [;]<c> [;]<d> operators"},
    {"for f in $(ls) b c; do rm $f; done", "[$(]<ls> [;]<rm><$f>$ operators expands"},
    {"for f\ndo rm x; done", "[]<rm><x> operators"},
    {"case $X in a|'b)') c;; (*) d;& esac; e", "[;]<c> [;]<d> [;]<e> operators expands"},
    {"case x in\n  a) if b; then c; fi ;;\nesac", "[;]<b> [;]<c> operators"},
    {"f() { a; }; function g { b; }; function h() (c)", "[;]<a> [;]<b> [(]<c> operators"},
    {"[[ a && b || ( c < d ) ]] && e", "[]<[[><a><b><c><d><]]> [&&]<e> operators"},
    {"echo if then fi", "[]<echo><if><then><fi>"},
    {"echo a#b #c", "[]<echo><a#b>"},
    {"a ) b", "[]<a> [;]<b> operators"},
    {"'open", "[]<open>"},
    {"\"open $(a", "[]<open $(a>$ [$(]<a> operators expands"},
    {"${open", "[]<${open>$ expands"},
    {"echo $'it\\'s' $\"x\"", "[]<echo><it\\'s><x>"},
    {"a \\", "[]<a><\\>"},
};

static void test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct shell_script script = read_script(cases[i].text);
        const char *shown = show(&script);
        if (strcmp(shown, cases[i].shown) != 0)
            fail_msg("%s\n  gives  %s\n  wanted %s", cases[i].text, shown, cases[i].shown);
    }
}

/* --- places ------------------------------------------------------------------------------------------------- */

static struct place place_plain(const void *self, size_t offset, size_t len)
{
    return (struct place){self, {(uint32_t)offset, (uint32_t)len}};
}

static void test_places(void **state)
{
    (void)state;
    struct source source = {.bytes = STR("A=\"1 2\" cu'r'l $(x \"y\")z")};
    struct shell_map map = {place_plain, &source};
    struct shell_script script;
    assert_int_equal(shell_script_read(source.bytes, &map, &arena, &script, NULL), 0);
    assert_int_equal(script.count, 2);
    assert_true(str_eq_z(place_text(script.commands[0].assignments[0].at), "A=\"1 2\""));
    assert_true(str_eq_z(place_text(script.commands[0].words[0].at), "cu'r'l"));
    assert_true(str_eq_z(place_text(script.commands[0].words[1].at), "$(x \"y\")z"));
    assert_true(str_eq_z(place_text(script.commands[1].words[1].at), "\"y\""));
    assert_int_equal(script.commands[1].words[1].at.span.offset, 19);
}

static struct command_word *words_of(const char *const *texts, size_t count)
{
    struct command_word *words = ARENA_ARRAY(&arena, count, struct command_word);
    for (size_t i = 0; i < count; i++)
        words[i].text = str_z(texts[i]);
    return words;
}

static void test_program(void **state)
{
    (void)state;
    static const struct {
        const char *words[8];
        size_t count, program;
    } programs[] = {
        {{"/usr/bin/curl", "-f"}, 2, 0},
        {{"env", "-i", "-u", "X", "A=1", "B=2", "curl"}, 7, 6},
        {{"sudo", "-u", "app", "--", "time", "-p", "make"}, 7, 6},
        {{"timeout", "-k", "5", "10s", "wget"}, 5, 4},
        {{"/sbin/tini", "--", "/app"}, 3, 2},
        {{"gosu", "app", "exec", "-a", "x", "y"}, 6, 5},
        {{"env"}, 1, 1},
        {{"timeout", "5"}, 2, 2},
        {{"nice", "-n"}, 2, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        assert_int_equal(command_program_of(words_of(programs[i].words, programs[i].count), programs[i].count),
                         programs[i].program);
    assert_true(str_eq_z(command_base_name(STR("/usr/bin/curl")), "curl"));
    assert_true(str_eq_z(command_base_name(STR("/")), ""));
    assert_true(command_is_shell(STR("/bin/bash")));
    assert_false(command_is_shell(STR("/bin/bashful")));
}

static void test_shell_in_exec(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        size_t count;
        bool shell;
        const char *shown;
    } commands[] = {
        {{"sh", "-c", "a && b"}, 3, true, "[]<a> [&&]<b> operators"},
        {{"/bin/bash", "-euo", "pipefail", "-c", "a"}, 5, true, "[]<a>"},
        {{"/usr/bin/env", "bash", "-lc", "a b", "x"}, 5, true, "[]<a><b>"},
        {{"busybox", "sh", "-c", "a"}, 4, true, "[]<a>"},
        {{"busybox", "wget", "-c", "a"}, 4, false, ""},
        {{"sh", "-c"}, 2, false, ""},
        {{"sh", "/run.sh", "-c", "a"}, 4, false, ""},
        {{"curl", "-c", "a"}, 3, false, ""},
        {{"sh", "--rcfile", "-c"}, 3, false, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct fact_command command = {.form = COMMAND_EXEC};
        const struct command_word *words = words_of(commands[i].words, commands[i].count);
        assert_int_equal(command_set_words(&command, words, commands[i].count, &arena, NULL), 0);
        assert_int_equal(command.shell_in_exec, commands[i].shell);
        assert_string_equal(show(&command.script), commands[i].shown);
        assert_true(str_eq_z(command_program(&command), commands[i].words[0]));
    }
}

/* --- limits, memory ----------------------------------------------------------------------------------------- */

static void test_limits(void **state)
{
    (void)state;
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < LIMIT_SHELL_WORDS + 10; i++)
        buf_add_z(&text, "a;");
    struct shell_script script = read_script(buf_z(&text));
    assert_int_equal(script.count, LIMIT_SHELL_WORDS);
    static const char *const openings[] = {"$(", "\"$(", "(",     "`",    "\"${x:-", "$((", "case x in a) ",
                                           "<(", "if ",  "f(){ ", "<<a ", "'",       "[[ ", "\\"};
    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        buf_reset(&text);
        while (text.len < 200000)
            buf_add_z(&text, openings[i]);
        read_script(buf_z(&text));
    }
}

static void test_faults(void **state)
{
    (void)state;
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        struct arena own = ARENA_INIT;
        struct err err = ERR_INIT;
        struct shell_script script = {.count = 77};
        fault_arm(FAULT_ALLOC, n);
        int r = shell_script_read(STR("A=\"1\" a 'b'c \"$(d 'e' | f \"g\")\"; case x in y) z;; esac"), NULL, &own,
                                  &script, &err);
        failed = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(r, failed ? -ERR_NOMEM : 0);
        assert_int_equal(script.count, failed ? 77 : 4);
        arena_done(&own);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_split, teardown),   cmocka_unit_test_teardown(test_places, teardown),
        cmocka_unit_test_teardown(test_program, teardown), cmocka_unit_test_teardown(test_shell_in_exec, teardown),
        cmocka_unit_test_teardown(test_limits, teardown),  cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
