/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and health checks of Compose services, and the bytes that their words are written with. */
#include "compose_facts_fixture.h"

/* "text|as written" of each word, a '?' behind what is unknown. */
static void assert_words(const struct command_word *words, size_t count, const char *wanted)
{
    struct buf shown CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < count; i++)
        buf_addf(&shown, "%s%.*s|%.*s%s", i ? " " : "", STR_ARG(words[i].text), STR_ARG(place_text(words[i].at)),
                 words[i].unknown ? "?" : "");
    assert_string_equal(buf_z(&shown), wanted);
}

static void test_forms(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a: {entrypoint: [\"/app\", '--x', 5], command: serve --port \"80 80\" 'a b' a\\ b}\n"
                       "  b: {entrypoint: '', command: []}\n"
                       "  c: {entrypoint: , command: }\n"
                       "  d: {command: run && stop}\n"
                       "  e: {command: \"say 'open\"}\n"
                       "  f: {command: echo $(x)}\n"
                       "  g: {command: \"serve --port ${PORT} --x ${Y:-1 2}\"}\n"
                       "  h: {command: [\"${CMD}\", a]}\n"
                       "  i: {command: {a: b}}\n"
                       "  j: {command: sh -c \"a; b\"}\n"
                       "  k: {command: echo (x)}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_fact(w->entrypoint.fact, FACT_KNOWN, "[\"/app\", '--x', 5]");
    assert_int_equal(w->entrypoint.form, COMMAND_EXEC);
    assert_words(w->entrypoint.words, w->entrypoint.word_count, "/app|\"/app\" --x|'--x' 5|5");
    assert_int_equal(w->command.form, COMMAND_SPLIT);
    assert_words(w->command.words, w->command.word_count,
                 "serve|serve --port|--port 80 80|\"80 80\" a b|'a b' a b|a\\ b");
    w = facts_fixture_workload(&f, 1);
    assert_int_equal(w->entrypoint.fact.state, FACT_KNOWN);
    assert_int_equal(w->entrypoint.word_count, 0);
    assert_int_equal(w->command.fact.state, FACT_KNOWN);
    assert_int_equal(w->command.word_count, 0);
    w = facts_fixture_workload(&f, 2);
    assert_fact(w->entrypoint.fact, FACT_ABSENT, "entrypoint");
    assert_int_equal(w->command.fact.state, FACT_ABSENT);
    w = facts_fixture_workload(&f, 3);
    assert_words(w->command.words, w->command.word_count, "run|run");
    assert_text(w->command.text, "run && stop");
    assert_int_equal(facts_fixture_workload(&f, 4)->command.fact.state, FACT_INVALID);
    w = facts_fixture_workload(&f, 5);
    assert_words(w->command.words, w->command.word_count, "echo|echo $(x)|$(x)");
    w = facts_fixture_workload(&f, 6);
    assert_int_equal(w->command.fact.state, FACT_KNOWN);
    assert_words(w->command.words, w->command.word_count,
                 "serve|serve --port|--port ${PORT}|${PORT}? --x|--x ${Y:-1 2}|${Y:-1 2}?");
    w = facts_fixture_workload(&f, 7);
    assert_int_equal(w->command.fact.state, FACT_UNKNOWN);
    assert_words(w->command.words, w->command.word_count, "${CMD}|\"${CMD}\"? a|a");
    assert_int_equal(facts_fixture_workload(&f, 8)->command.fact.state, FACT_INVALID);
    w = facts_fixture_workload(&f, 9);
    assert_true(w->command.shell_in_exec);
    assert_int_equal(w->command.script.count, 2);
    assert_words(w->command.script.commands[1].words, 1, "b|b");
    assert_int_equal(facts_fixture_workload(&f, 10)->command.fact.state, FACT_INVALID);
}

static void test_scripts(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    entrypoint:\n"
                       "      - bash\n"
                       "      - -ec\n"
                       "      - |\n"
                       "        first  one\n"
                       "\n"
                       "        second \"$$HOME\" ${NOT}\n"
                       "  b:\n"
                       "    command: [sh, -c, \"curl $$URL \\\"q\\\" end\"]\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_true(w->entrypoint.shell_in_exec);
    assert_int_equal(w->entrypoint.script.count, 2);
    assert_words(w->entrypoint.script.commands[0].words, 2, "first|first one|one");
    const struct shell_command *second = &w->entrypoint.script.commands[1];
    assert_int_equal(second->word_count, 3);
    assert_text(place_text(second->words[0].at), "second");
    assert_text(place_text(second->words[2].at), "${NOT}");
    assert_false(second->words[1].unknown);
    assert_true(second->words[2].unknown);
    w = facts_fixture_workload(&f, 1);
    assert_int_equal(w->command.script.count, 1);
    assert_words(w->command.script.commands[0].words, 4, "curl|curl $URL|$$URL q|\\\"q\\\" end|end");
}

static void test_health(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a: {healthcheck: {test: 'curl -f x || exit 1', interval: 1m30s, timeout: 500ms, retries: 3,\n"
                       "      start_period: 1d}}\n"
                       "  b: {healthcheck: {test: [CMD, /probe, '-x']}}\n"
                       "  c: {healthcheck: {test: [CMD-SHELL, \"a | b\"]}}\n"
                       "  d: {healthcheck: {test: [NONE]}}\n"
                       "  e: {healthcheck: {disable: true, test: x}}\n"
                       "  f: {healthcheck: {interval: 5s}}\n"
                       "  g: {healthcheck: {test: [curl, x]}}\n"
                       "  h: {}\n"
                       "  i: {healthcheck: {test: \"curl http://x:${PORT}/\"}}\n"
                       "  j: {healthcheck: {disable: \"${OFF}\"}}\n"
                       "  k: {healthcheck: {test: \"${TEST}\"}}\n"
                       "  l: {healthcheck: {test: [], interval: x}}\n",
                       NULL);
    const struct probe_fact *p = &facts_fixture_workload(&f, 0)->health;
    assert_fact(p->fact, FACT_KNOWN, "'curl -f x || exit 1'");
    assert_int_equal(p->action, PROBE_EXEC);
    assert_int_equal(p->command.form, COMMAND_SHELL);
    assert_int_equal(p->command.script.count, 2);
    assert_words(p->command.words, p->command.word_count, "curl|curl -f|-f x|x");
    assert_int_equal(p->period_s.value, 90);
    assert_int_equal(p->timeout_s.value, 1);
    assert_int_equal(p->failure_threshold.value, 3);
    assert_int_equal(p->initial_delay_s.value, 86400);
    p = &facts_fixture_workload(&f, 1)->health;
    assert_int_equal(p->command.form, COMMAND_EXEC);
    assert_words(p->command.words, p->command.word_count, "/probe|/probe -x|'-x'");
    p = &facts_fixture_workload(&f, 2)->health;
    assert_int_equal(p->command.form, COMMAND_SHELL);
    assert_words(p->command.script.commands[1].words, 1, "b|b");
    p = &facts_fixture_workload(&f, 3)->health;
    assert_fact(p->fact, FACT_KNOWN, "[NONE]");
    assert_int_equal(p->action, PROBE_NONE);
    p = &facts_fixture_workload(&f, 4)->health;
    assert_fact(p->fact, FACT_KNOWN, "true");
    assert_int_equal(p->action, PROBE_NONE);
    p = &facts_fixture_workload(&f, 5)->health;
    assert_fact(p->fact, FACT_ABSENT, "healthcheck");
    p = &facts_fixture_workload(&f, 6)->health;
    assert_int_equal(p->fact.state, FACT_INVALID);
    assert_int_equal(p->action, PROBE_UNKNOWN);
    p = &facts_fixture_workload(&f, 7)->health;
    assert_fact(p->fact, FACT_ABSENT, "h");
    assert_string_equal(p->fact.path, "healthcheck.test");
    p = &facts_fixture_workload(&f, 8)->health;
    assert_int_equal(p->fact.state, FACT_KNOWN);
    assert_text(command_program(&p->command), "curl");
    assert_true(p->command.words[1].unknown);
    p = &facts_fixture_workload(&f, 9)->health;
    assert_fact(p->fact, FACT_UNKNOWN, "\"${OFF}\"");
    assert_int_equal(p->action, PROBE_UNKNOWN);
    p = &facts_fixture_workload(&f, 10)->health;
    assert_int_equal(p->command.fact.state, FACT_UNKNOWN);
    p = &facts_fixture_workload(&f, 11)->health;
    assert_int_equal(p->fact.state, FACT_ABSENT);
    assert_int_equal(p->period_s.fact.state, FACT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
