/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "facts/read.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct source source;
static struct dockerfile file;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct build read_target(const char *text, const char *target)
{
    struct build build = {0};
    struct err err = ERR_INIT;
    source = (struct source){.name = STR("Dockerfile"), .bytes = str_z(text), .line = 1};
    assert_int_equal(dockerfile_read(source.bytes, &arena, &file, &err), 0);
    assert_int_equal(facts_of_dockerfile(&source, &file, str_z(target), &arena, &build, &err), 0);
    return build;
}

static struct build read_build(const char *text)
{
    return read_target(text, "");
}

static void assert_text(struct str view, const char *text)
{
    if (!str_eq_z(view, text))
        fail_msg("'%.*s' is not '%s'", STR_ARG(view), text);
}

static void assert_place(struct place place, const char *text)
{
    assert_ptr_equal(place.source, &source);
    assert_text(place_text(place), text);
}

static void assert_fact(const struct fact_text *fact, enum fact_state state, const char *value, const char *at)
{
    assert_int_equal(fact->fact.state, state);
    assert_text(fact->value, value);
    assert_place(fact->fact.at, at);
}

/* "curl|curl" of each word: its text and its bytes. */
static void assert_words(const struct command_word *words, size_t count, const char *shown)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < count; i++)
        buf_addf(&out, "%s%.*s|%.*s", i ? " " : "", STR_ARG(words[i].text), STR_ARG(place_text(words[i].at)));
    assert_string_equal(buf_z(&out), shown);
}

#define assert_command(command, shown) assert_words((command)->words, (command)->word_count, shown)

static void test_three_lines(void **state)
{
    (void)state;
    struct build build = read_build("FROM gcr.io/distroless/cc-debian12:nonroot\n"
                                    "HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1\n"
                                    "ENTRYPOINT [\"/app\",\"$PORT\"]\n");
    assert_int_equal(build.stage_count, 1);
    assert_ptr_equal(build.final_fact, &build.stages[0]);
    assert_text(build.final_fact->shown, "stage 1");
    assert_place(build.at, "gcr.io/distroless/cc-debian12:nonroot");
    assert_int_equal(build.shell, IMAGE_NO);
    assert_fact(&build.user, FACT_INHERITED, "65532", "gcr.io/distroless/cc-debian12:nonroot");
    assert_int_equal(build.entrypoint.form, COMMAND_EXEC);
    assert_place(build.entrypoint.fact.at, "[\"/app\",\"$PORT\"]");
    assert_command(&build.entrypoint, "/app|\"/app\" $PORT|\"$PORT\"");
    assert_int_equal(build.command.fact.state, FACT_ABSENT);
    assert_int_equal(build.health.action, PROBE_EXEC);
    assert_int_equal(build.health.period_s.value, 5);
    assert_int_equal(build.health.timeout_s.fact.state, FACT_DEFAULT);
    assert_int_equal(build.health.timeout_s.value, 30);
    assert_int_equal(build.health.command.form, COMMAND_SHELL);
    assert_text(build.health.command.shell, "/bin/sh");
    assert_command(&build.health.command,
                   "curl|curl -f|-f http://localhost:8080/healthz|http://localhost:8080/healthz");
    assert_int_equal(build.health.command.script.count, 2);
    assert_string_equal(build.health.command.script.commands[1].joined, "||");
}

static void test_stages(void **state)
{
    (void)state;
    struct build build = read_build("ARG TAG=12\nFROM debian:${TAG}-slim AS base\nUSER app\nEXPOSE 80\n"
                                    "FROM golang:1.23 AS build\nFROM $X\nFROM base AS Final\nENV A=1\n");
    assert_int_equal(build.stage_count, 4);
    assert_true(build.stages[0].ships && build.stages[3].ships);
    assert_false(build.stages[1].ships || build.stages[2].ships);
    assert_fact(&build.stages[0].image, FACT_KNOWN, "debian:12-slim", "debian:${TAG}-slim");
    assert_int_equal(build.stages[2].image.fact.state, FACT_UNKNOWN);
    assert_int_equal(build.stages[2].image_name.kind, IMAGE_OTHER);
    assert_text(build.stages[3].shown, "stage 'Final'");
    assert_fact(&build.stages[3].image, FACT_INHERITED, "debian:12-slim", "debian:${TAG}-slim");
    assert_place(build.stages[3].at, "base");
    assert_place(build.stages[3].image_at, "debian:${TAG}-slim");
    assert_int_equal(build.shell, IMAGE_YES);
    assert_fact(&build.user, FACT_INHERITED, "app", "app");
    assert_int_equal(build.ports.count, 1);
    assert_fact(&build.ports.items[0].text, FACT_INHERITED, "80", "80");
    assert_fact(&build.env.items[0].value, FACT_KNOWN, "1", "1");
    assert_fact(&build.args.items[0].value, FACT_KNOWN, "12", "12");
}

static void test_target(void **state)
{
    (void)state;
    const char *text = "FROM scratch AS a\nFROM debian AS b\nCMD x\n";
    struct build build = read_target(text, "A");
    assert_text(build.final_fact->shown, "stage 'a'");
    assert_true(build.stages[0].ships);
    assert_false(build.stages[1].ships);
    assert_int_equal(build.command.fact.state, FACT_ABSENT);
    build = read_target(text, "nobody");
    assert_null(build.final);
    assert_null(build.final_fact);
    assert_int_equal(build.stage_count, 2);
    build = read_target("", "");
    assert_null(build.final);
    assert_int_equal(build.stage_count, 0);
}

static void test_user(void **state)
{
    (void)state;
    struct build build = read_build("FROM debian:12\n");
    assert_fact(&build.user, FACT_DEFAULT, "root", "debian:12");
    build = read_build("FROM registry.example/x:1\n");
    assert_fact(&build.user, FACT_ABSENT, "", "registry.example/x:1");
    build = read_build("FROM debian:12\nARG U\nUSER $U\n");
    assert_fact(&build.user, FACT_UNKNOWN, "$U", "$U");
    build = read_build("FROM debian:12\nARG U=1000\nUSER $U:$U\n");
    assert_fact(&build.user, FACT_KNOWN, "1000:1000", "$U:$U");
    build = read_build("FROM $X\n");
    assert_fact(&build.user, FACT_ABSENT, "", "$X");
}

static void test_commands(void **state)
{
    (void)state;
    struct build build = read_build("FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-c\"]\nCMD run me\n"
                                    "FROM a\nENTRYPOINT ['x', 'y']\n");
    assert_int_equal(build.entrypoint.form, COMMAND_BROKEN_EXEC);
    assert_text(build.entrypoint.shell, "/bin/bash");
    assert_text(build.entrypoint.text, "['x', 'y']");
    assert_int_equal(build.command.fact.state, FACT_ABSENT);
    assert_true(build.final->cmd_dropped);
    build = read_build("FROM debian:12 AS a\nCMD [\"sh\", \"-c\", \"a && b\"]\nFROM a\n");
    assert_int_equal(build.command.fact.state, FACT_INHERITED);
    assert_true(build.command.shell_in_exec);
    assert_int_equal(build.command.script.count, 2);
    assert_words(build.command.script.commands[1].words, 1, "b|b");
    build = read_build("FROM debian:12\nCMD [\"sh\", \"-c\", \"a \\\"b\\\"\"]\n");
    assert_words(build.command.script.commands[0].words, 2, "a|\"a \\\"b\\\"\" b|\"a \\\"b\\\"\"");
    build = read_build("FROM debian:12\nCMD []\n");
    assert_int_equal(build.command.fact.state, FACT_KNOWN);
    assert_int_equal(build.command.word_count, 0);
    build = read_build("FROM windows\nSHELL [\"cmd\", \"/S\"]\nCMD dir && x\n");
    assert_text(build.command.text, "dir && x");
    assert_int_equal(build.command.script.count, 0);
    build = read_build("FROM a\nHEALTHCHECK NONE\n");
    assert_int_equal(build.health.action, PROBE_NONE);
    assert_int_equal(build.health.fact.state, FACT_KNOWN);
    assert_place(build.health.fact.at, "NONE");
    build = read_build("FROM a\nHEALTHCHECK --retries=x --timeout=1m30s --interval=$I\n");
    assert_int_equal(build.health.action, PROBE_UNKNOWN);
    build = read_build("FROM a\nHEALTHCHECK --retries=x --timeout=1m30s --interval=$I CMD [\"a\"]\n");
    assert_int_equal(build.health.failure_threshold.fact.state, FACT_INVALID);
    assert_int_equal(build.health.timeout_s.value, 90);
    assert_place(build.health.timeout_s.fact.at, "1m30s");
    assert_int_equal(build.health.period_s.fact.state, FACT_UNKNOWN);
}

static void test_runs(void **state)
{
    (void)state;
    struct build build = read_build("FROM debian:12 AS a\n"
                                    "RUN apt-get up\\\n  # note\ndate && \"c\\\nurl\" -k\r\n"
                                    "RUN [\"sh\", \"-c\", \"x\"]\n"
                                    "ONBUILD RUN later\n"
                                    "FROM scratch\nFROM a\n"
                                    "SHELL [\"/bin/dash\"]\nRUN <<EOF\n  set -e; curl 'x'\nEOF\n"
                                    "RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n"
                                    "RUN bash -e <<EOF\nwget y\nEOF\n"
                                    "RUN cat <<EOF >z\nwget y\nEOF\n");
    assert_int_equal(build.run_count, 7);
    const struct fact_command *command = &build.runs[0].command;
    assert_command(command, "apt-get|apt-get update|up\\\n  # note\ndate");
    assert_words(command->script.commands[1].words, 2, "curl|\"c\\\nurl\" -k|-k");
    assert_true(build.runs[0].ships);
    assert_int_equal(build.runs[0].position, 1);
    assert_true(build.runs[1].command.shell_in_exec);
    assert_command(&build.runs[2].command, "later|later");
    assert_int_equal(build.runs[2].position, build.final->first);
    assert_ptr_equal(build.runs[2].stage, build.final);
    command = &build.runs[3].command;
    assert_text(command->shell, "/bin/dash");
    assert_int_equal(command->script.count, 2);
    assert_words(command->script.commands[1].words, 2, "curl|curl x|'x'");
    assert_place(command->fact.at, "<<EOF");
    command = &build.runs[4].command;
    assert_text(command->shell, "python3");
    assert_command(command, "/usr/bin/env|/usr/bin/env python3|python3");
    assert_int_equal(build.runs[5].command.script.count, 2);
    assert_words(build.runs[5].command.script.commands[1].words, 2, "wget|wget y|y");
    assert_int_equal(build.runs[6].command.script.count, 1);
}

static void test_copies(void **state)
{
    (void)state;
    struct build build = read_build("FROM golang AS build\nCOPY . .\nFROM scratch\nARG V=1 U\n"
                                    "COPY --from=build --chown=1:$V --chmod=755 /a-$V \\\n  /b /to/\n"
                                    "COPY --from=busybox:1.36 [\"/bin/w get\", \"/bin/\"]\n"
                                    "ADD --checksum=sha256:aa https://x.example/$V/t.tgz git@x:y $U /t\n"
                                    "COPY <<A <<\"B\" /etc/\nx\nA\ny\nB\n"
                                    "COPY --from=0 / /\nCOPY broken\n");
    assert_int_equal(build.copy_count, 7);
    const struct copy_fact *copy = &build.copies[0];
    assert_false(copy->ships);
    assert_true(copy->sources[0].whole);
    copy = &build.copies[1];
    assert_true(copy->ships);
    assert_int_equal(copy->source_count, 2);
    assert_fact(&copy->sources[0].path, FACT_KNOWN, "/a-1", "/a-$V");
    assert_fact(&copy->destination, FACT_KNOWN, "/to/", "/to/");
    assert_fact(&copy->from, FACT_KNOWN, "build", "build");
    assert_place(copy->from.fact.key, "--from=build");
    assert_ptr_equal(copy->from_stage, build.stages[0].stage);
    assert_fact(&copy->chown, FACT_KNOWN, "1:1", "1:$V");
    assert_fact(&copy->chmod, FACT_KNOWN, "755", "755");
    assert_fact(&copy->checksum, FACT_ABSENT, "", "COPY");
    copy = &build.copies[2];
    assert_null(copy->from_stage);
    assert_int_equal(copy->from_image.kind, IMAGE_BUSYBOX);
    assert_fact(&copy->sources[0].path, FACT_KNOWN, "/bin/w get", "\"/bin/w get\"");
    copy = &build.copies[3];
    assert_true(copy->add && copy->sources[0].remote && copy->sources[1].remote && !copy->sources[2].remote);
    assert_fact(&copy->sources[0].path, FACT_KNOWN, "https://x.example/1/t.tgz", "https://x.example/$V/t.tgz");
    assert_fact(&copy->sources[2].path, FACT_UNKNOWN, "$U", "$U");
    assert_fact(&copy->checksum, FACT_KNOWN, "sha256:aa", "sha256:aa");
    copy = &build.copies[4];
    assert_int_equal(copy->source_count, 2);
    assert_true(copy->sources[0].heredoc && copy->sources[1].heredoc);
    assert_true(build.copies[5].sources[0].whole);
    assert_int_equal(build.copies[6].source_count, 0);
}

static void test_shell(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum image_answer shell;
        const char *at;
    } cases[] = {
        {"FROM scratch\n", IMAGE_NO, "scratch"},
        {"FROM alpine\n", IMAGE_YES, "alpine"},
        {"FROM x/y\n", IMAGE_MAYBE, "x/y"},
        {"FROM $X\n", IMAGE_MAYBE, "$X"},
        {"FROM scratch\nCOPY --from=busybox /bin/sh /bin/sh\n", IMAGE_YES, "/bin/sh"},
        {"FROM scratch\nCOPY --from=busybox /bin/busybox /sh\n", IMAGE_YES, "/bin/busybox"},
        {"FROM scratch\nCOPY --from=x /tool /bin/bash\n", IMAGE_YES, "/tool"},
        {"FROM alpine AS t\nFROM scratch\nCOPY --from=t /bin /bin\n", IMAGE_YES, "/bin"},
        {"FROM alpine AS t\nFROM scratch\nCOPY --from=t / /\n", IMAGE_YES, "/"},
        {"FROM x/y AS t\nFROM scratch\nCOPY --from=t / /\n", IMAGE_MAYBE, "/"},
        {"FROM scratch AS t\nFROM scratch\nCOPY --from=t / /\n", IMAGE_NO, "scratch"},
        {"FROM scratch\nADD rootfs.tar.xz /\n", IMAGE_MAYBE, "rootfs.tar.xz"},
        {"FROM scratch\nCOPY rootfs.tar.xz /\n", IMAGE_NO, "scratch"},
        {"FROM scratch\nCOPY dist/ /\n", IMAGE_MAYBE, "dist/"},
        {"FROM scratch\nCOPY app /\n", IMAGE_NO, "scratch"},
        {"FROM scratch\nCOPY bash /app/bash-completion/\n", IMAGE_NO, "scratch"},
        {"FROM scratch\nCOPY bash /bin/\n", IMAGE_YES, "bash"},
        {"FROM scratch\nCOPY conf /etc/bash\n", IMAGE_NO, "scratch"},
        {"FROM x AS t\nFROM scratch\nCOPY --from=t /src/bash /x/\n", IMAGE_MAYBE, "/src/bash"},
        {"FROM scratch AS a\nCOPY --from=busybox /bin/sh /bin/\nFROM scratch\n", IMAGE_NO, "scratch"},
        {"FROM scratch AS a\nCOPY --from=busybox /bin/sh /bin/\nFROM a\n", IMAGE_YES, "/bin/sh"},
        {"FROM gcr.io/distroless/base:debug\n", IMAGE_YES, "gcr.io/distroless/base:debug"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct build build = read_build(cases[i].text);
        if (build.shell != cases[i].shell)
            fail_msg("%s: %d", cases[i].text, build.shell);
        assert_place(build.shell_at, cases[i].at);
    }
}

static void test_lists(void **state)
{
    (void)state;
    struct build build = read_build("ARG G=1 H\nFROM debian:12 AS a\nARG G\nARG I=2\nENV A=1 B=$NO\nLABEL x=1\n"
                                    "FROM a\nENV A=2\nLABEL \"y z\"='w'\nVOLUME [\"/d\"]\nEXPOSE 1 2/udp\n");
    assert_int_equal(build.env.count, 3);
    assert_fact(&build.env.items[0].value, FACT_INHERITED, "1", "1");
    assert_fact(&build.env.items[1].value, FACT_UNKNOWN, "$NO", "$NO");
    assert_fact(&build.env.items[2].text, FACT_KNOWN, "A", "A");
    assert_int_equal(build.labels.count, 2);
    assert_fact(&build.labels.items[1].text, FACT_KNOWN, "y z", "\"y z\"");
    assert_fact(&build.labels.items[1].value, FACT_KNOWN, "w", "'w'");
    assert_fact(&build.volumes.items[0].text, FACT_KNOWN, "/d", "\"/d\"");
    assert_int_equal(build.ports.count, 2);
    assert_int_equal(build.ports.items[0].value.fact.state, FACT_ABSENT);
    assert_int_equal(build.args.count, 2);
    assert_fact(&build.args.items[0].text, FACT_KNOWN, "G", "G");
    assert_fact(&build.args.items[1].value, FACT_KNOWN, "2", "2");
}

static void test_faults(void **state)
{
    (void)state;
    struct build whole =
        read_build("ARG V=1\nFROM alpine:$V AS a\nSHELL [\"/bin/ash\"]\nRUN a \"b\" | c\nRUN <<E\nd 'e'\nE\n"
                   "FROM a\nCOPY --from=busybox --chown=1 /x-$V <<E /y\n1\nE\nENV A=1\n"
                   "CMD [\"sh\", \"-c\", \"f \\\"g\\\"\"]\nHEALTHCHECK --retries=2 CMD h\n");
    assert_int_equal(whole.run_count, 2);
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        struct arena own = ARENA_INIT;
        struct err err = ERR_INIT;
        struct build build = {.run_count = 77};
        fault_arm(FAULT_ALLOC, n);
        int r = facts_of_dockerfile(&source, &file, STR(""), &own, &build, &err);
        failed = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(r, failed ? -ERR_NOMEM : 0);
        assert_int_equal(build.run_count, failed ? 77 : 2);
        arena_done(&own);
        assert_true(n < 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_three_lines, teardown), cmocka_unit_test_teardown(test_stages, teardown),
        cmocka_unit_test_teardown(test_target, teardown),      cmocka_unit_test_teardown(test_user, teardown),
        cmocka_unit_test_teardown(test_commands, teardown),    cmocka_unit_test_teardown(test_runs, teardown),
        cmocka_unit_test_teardown(test_copies, teardown),      cmocka_unit_test_teardown(test_shell, teardown),
        cmocka_unit_test_teardown(test_lists, teardown),       cmocka_unit_test_teardown(test_faults, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
