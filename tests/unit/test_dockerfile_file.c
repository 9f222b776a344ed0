/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/file.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, sizeof(text) - 1);                                                                 \
        assert_memory_equal(view_.ptr, text, sizeof(text) - 1);                                                        \
    } while (0)

#define assert_value(value_, state_, text_)                                                                            \
    do {                                                                                                               \
        assert_int_equal((value_).state, DOCKERFILE_STATE_##state_);                                                   \
        assert_str((value_).text, text_);                                                                              \
    } while (0)

static struct arena arena;

static struct dockerfile read_file(const char *text)
{
    struct dockerfile file = {0};
    struct err err = ERR_INIT;
    assert_int_equal(dockerfile_read(str_z(text), &arena, &file, &err), 0);
    return file;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str origin(const struct dockerfile *file, struct dockerfile_value value, uint32_t i)
{
    assert_true(i < value.origin_count);
    return data_span_text(file->lines.source, value.origins[i]);
}

static struct str complaint(const struct dockerfile *file, uint32_t i)
{
    assert_true(i < file->diagnostics.count);
    return data_span_text(file->lines.source, file->diagnostics.items[i].span);
}

static void test_three_lines(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM gcr.io/distroless/cc-debian12:nonroot\n"
                                       "HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1\n"
                                       "ENTRYPOINT [\"/app\",\"$PORT\"]\n");
    assert_int_equal(file.diagnostics.count, 0);
    const struct dockerfile_stage *stage = dockerfile_final_stage(&file, STR_NONE);
    assert_int_equal(stage->base, DOCKERFILE_BASE_IMAGE);
    assert_value(stage->image, KNOWN, "gcr.io/distroless/cc-debian12:nonroot");
    assert_false(stage->healthcheck.instruction->command->exec);
    assert_true(stage->entrypoint.instruction->command->exec);
    assert_str(data_span_text(file.lines.source, stage->entrypoint.instruction->command->words.items[1].span),
               "\"$PORT\"");
    assert_int_equal(stage->user.state, DOCKERFILE_STATE_ABSENT);
    assert_int_equal(stage->cmd.state, DOCKERFILE_STATE_ABSENT);
}

static void test_arg_scopes(void **state)
{
    (void)state;
    struct dockerfile file = read_file("ARG V=12\nARG T=$V-slim U\nFROM debian:${T} AS a\nUSER $V\n"
                                       "FROM a\nARG V\nUSER x$V\nARG V=13\nWORKDIR /$V\n"
                                       "FROM b:$U\nFROM c:${U:-1}\n");
    assert_int_equal(file.stage_count, 4);
    assert_value(file.stages[0].image, KNOWN, "debian:12-slim");
    assert_str(origin(&file, file.stages[0].image, 0), "debian:${T}");
    assert_str(origin(&file, file.stages[0].image, 1), "$V-slim");
    assert_str(origin(&file, file.stages[0].image, 2), "12");
    /* not declared again: the base image may set it */
    assert_value(file.stages[0].user, UNKNOWN, "$V");
    assert_value(file.stages[1].user, KNOWN, "x12");
    assert_value(file.stages[1].workdir, KNOWN, "/13");
    assert_value(file.stages[2].image, UNKNOWN, "b:$U");
    assert_int_equal(file.stages[2].base, DOCKERFILE_BASE_UNKNOWN);
    assert_value(file.stages[3].image, KNOWN, "c:1");
    assert_int_equal(file.global_args.count, 3);
}

static void test_env_beats_arg(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM scratch AS a\nENV X=env\nARG X=arg Y=1\nUSER $X\nENV A=1 B=$A C=$Y\n"
                                       "FROM a\nUSER $X$Y\nENV X=new\n");
    assert_value(file.stages[0].user, KNOWN, "env");
    assert_str(origin(&file, file.stages[0].user, 1), "env");
    assert_value(dockerfile_stage_env(&file.stages[0], STR("B")), KNOWN, "");
    assert_value(dockerfile_stage_env(&file.stages[0], STR("C")), KNOWN, "1");
    assert_value(file.stages[1].user, KNOWN, "env1");
    assert_value(dockerfile_stage_env(&file.stages[1], STR("X")), KNOWN, "new");
    assert_value(dockerfile_stage_env(&file.stages[1], STR("C")), INHERITED, "1");
    assert_int_equal(dockerfile_stage_env(&file.stages[1], STR("Z")).state, DOCKERFILE_STATE_ABSENT);
}

static void test_predefined(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM --platform=$BUILDPLATFORM a-$TARGETARCH AS a\nFROM scratch\n"
                                       "USER $TARGETARCH\nLABEL p=$http_proxy\nARG TARGETARCH\nWORKDIR /$TARGETARCH\n"
                                       "ENV P=$PATH\n");
    assert_value(file.stages[0].platform, UNKNOWN, "$BUILDPLATFORM");
    assert_value(file.stages[0].image, UNKNOWN, "a-$TARGETARCH");
    assert_value(file.stages[1].user, KNOWN, "");
    assert_value(file.stages[1].workdir, UNKNOWN, "/$TARGETARCH");
    assert_value(dockerfile_stage_label(&file.stages[1], STR("p")), UNKNOWN, "$http_proxy");
    assert_value(dockerfile_stage_env(&file.stages[1], STR("P")), UNKNOWN, "$PATH");
}

static void test_stage_names(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM debian AS Build\nFROM BUILD AS debian\nFROM debian\nFROM 0\n"
                                       "FROM x AS build\nFROM build\n");
    assert_int_equal(file.stages[0].base, DOCKERFILE_BASE_IMAGE);
    assert_ptr_equal(file.stages[1].parent, &file.stages[0]);
    assert_ptr_equal(file.stages[2].parent, &file.stages[1]);
    assert_ptr_equal(file.stages[2].root, &file.stages[0]);
    assert_int_equal(file.stages[3].base, DOCKERFILE_BASE_IMAGE);
    assert_ptr_equal(file.stages[5].parent, &file.stages[4]);
    assert_int_equal(file.diagnostics.count, 1);
    assert_str(complaint(&file, 0), "build");
    assert_ptr_equal(dockerfile_stage_named(&file, STR("0"), 3), &file.stages[0]);
    assert_ptr_equal(dockerfile_stage_named(&file, STR("bUILD"), 3), &file.stages[0]);
    assert_null(dockerfile_stage_named(&file, STR("3"), 3));
    assert_null(dockerfile_stage_named(&file, STR("debian"), 1));
    assert_ptr_equal(dockerfile_final_stage(&file, STR_NONE), &file.stages[5]);
    assert_ptr_equal(dockerfile_final_stage(&file, STR("DEBIAN")), &file.stages[1]);
    assert_ptr_equal(dockerfile_final_stage(&file, STR("2")), &file.stages[2]);
    assert_null(dockerfile_final_stage(&file, STR("none")));
}

static void test_circles(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM b AS a\nFROM a AS b\nFROM c AS c\n");
    assert_int_equal(file.stages[0].base, DOCKERFILE_BASE_IMAGE);
    assert_ptr_equal(file.stages[1].parent, &file.stages[0]);
    assert_int_equal(file.stages[2].base, DOCKERFILE_BASE_IMAGE);
}

static void test_inheritance(void **state)
{
    (void)state;
    struct dockerfile file =
        read_file("FROM scratch AS a\nUSER 10:10\nWORKDIR srv\nWORKDIR ../app/./x\nCMD [\"c\"]\nENTRYPOINT [\"e\"]\n"
                  "HEALTHCHECK CMD x\nSHELL [\"/s\"]\nSTOPSIGNAL SIGINT\nEXPOSE 80 $N 81\nVOLUME /v\nLABEL l=1\n"
                  "FROM a AS b\nWORKDIR y\nENTRYPOINT [\"f\"]\nFROM a AS c\nHEALTHCHECK NONE\nFROM b\nCMD z\n");
    const struct dockerfile_stage *a = &file.stages[0];
    const struct dockerfile_stage *b = &file.stages[1];
    assert_int_equal(file.diagnostics.count, 0);
    assert_value(a->workdir, KNOWN, "/app/x");
    assert_str(origin(&file, a->workdir, 0), "../app/./x");
    assert_str(origin(&file, a->workdir, 1), "srv");
    assert_int_equal(a->cmd.state, DOCKERFILE_STATE_KNOWN);
    assert_value(b->user, INHERITED, "10:10");
    assert_str(origin(&file, b->user, 0), "10:10");
    assert_value(b->workdir, KNOWN, "/app/x/y");
    assert_int_equal(b->entrypoint.state, DOCKERFILE_STATE_KNOWN);
    assert_int_equal(b->cmd.state, DOCKERFILE_STATE_ABSENT);
    assert_true(b->cmd_dropped);
    assert_int_equal(b->healthcheck.state, DOCKERFILE_STATE_INHERITED);
    assert_ptr_equal(b->healthcheck.instruction, a->healthcheck.instruction);
    assert_int_equal(b->shell.state, DOCKERFILE_STATE_INHERITED);
    assert_value(b->stopsignal, INHERITED, "SIGINT");
    assert_value(dockerfile_stage_label(b, STR("l")), INHERITED, "1");
    assert_int_equal(a->ports.count, 2);
    assert_value(a->ports.items[1].key, KNOWN, "81");
    assert_value(a->volumes.items[0].key, KNOWN, "/v");
    assert_int_equal(file.stages[2].cmd.state, DOCKERFILE_STATE_INHERITED);
    assert_true(file.stages[2].healthcheck.instruction->health_none);
    assert_int_equal(file.stages[3].entrypoint.state, DOCKERFILE_STATE_INHERITED);
    assert_int_equal(file.stages[3].cmd.state, DOCKERFILE_STATE_KNOWN);
    assert_false(file.stages[3].cmd_dropped);
}

static void test_relative_workdir_of_an_image(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM x\nWORKDIR a\nFROM y\nWORKDIR /b/\nWORKDIR c\n");
    assert_value(file.stages[0].workdir, UNKNOWN, "a");
    assert_value(file.stages[1].workdir, KNOWN, "/b/c");
}

static void test_triggers(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM scratch AS a\nONBUILD USER 7\nONBUILD ENV A=1\nFROM a AS b\nENV B=$A\n"
                                       "FROM b\n");
    assert_int_equal(file.stages[0].user.state, DOCKERFILE_STATE_ABSENT);
    assert_int_equal(file.stages[0].trigger_count, 2);
    assert_value(file.stages[1].user, KNOWN, "7");
    assert_value(dockerfile_stage_env(&file.stages[1], STR("B")), KNOWN, "1");
    assert_int_equal(file.stages[1].env.items[0].position, 3);
    assert_value(file.stages[2].user, INHERITED, "7");
}

static void test_broken_hides_nothing(void **state)
{
    (void)state;
    struct dockerfile file = read_file("RUN early\nFROM\nUSER \"x\nCOPPY a b\nENV A\nUSER 5\nFROM y AS 9\nUSER ${Z\n");
    assert_int_equal(file.stage_count, 2);
    assert_int_equal(file.stages[0].base, DOCKERFILE_BASE_UNKNOWN);
    assert_value(file.stages[0].user, KNOWN, "5");
    assert_value(file.stages[1].image, KNOWN, "y");
    assert_value(file.stages[1].user, UNKNOWN, "${Z");
    static const char *const places[] = {"RUN", "FROM", "\"x", "COPPY", "A", "9", "${Z"};
    assert_int_equal(file.diagnostics.count, ARRAY_LEN(places));
    for (uint32_t i = 0; i < ARRAY_LEN(places); i++)
        assert_true(str_eq_z(complaint(&file, i), places[i]));
}

static void test_expand_at(void **state)
{
    (void)state;
    struct dockerfile file =
        read_file("ARG G=g\nFROM scratch\nENV A=1\nCOPY $A$G /x\nENV A=2\nCOPY $A /x\nFROM i:$G\nCOPY $A /\n");
    static const struct {
        uint32_t instruction;
        enum dockerfile_state state;
        const char *text;
    } cases[] = {
        {3, DOCKERFILE_STATE_KNOWN, "1"}, {5, DOCKERFILE_STATE_KNOWN, "2"}, {7, DOCKERFILE_STATE_UNKNOWN, "$A"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct dockerfile_instruction *copy = &file.instructions[cases[i].instruction];
        struct dockerfile_expansion expansion;
        assert_int_equal(copy->kind, DOCKERFILE_COPY);
        assert_int_equal(
            dockerfile_expand_at(&file, cases[i].instruction, &copy->args.items[0], &arena, &expansion, NULL), 0);
        assert_int_equal(expansion.value.state, cases[i].state);
        assert_true(str_eq_z(expansion.value.text, cases[i].text));
    }
    struct dockerfile_expansion expansion;
    assert_int_equal(dockerfile_expand_at(&file, 6, &file.instructions[6].image, &arena, &expansion, NULL), 0);
    assert_value(expansion.value, KNOWN, "i:g");
}

static void test_expand_body_at(void **state)
{
    (void)state;
    struct dockerfile file = read_file("FROM scratch\nENV A=1\nCOPY <<E <<'F' /x\n'$A' \\$A\nE\n$A\nF\nENV A=2\n");
    struct dockerfile_expansion expansion;
    const struct dockerfile_heredoc *heredocs = file.instructions[2].heredocs;
    assert_int_equal(dockerfile_expand_body_at(&file, 2, &heredocs[0], &arena, &expansion, NULL), 0);
    assert_value(expansion.value, KNOWN, "'1' \\$A\n");
    assert_int_equal(expansion.use_count, 1);
    assert_str(data_span_text(file.lines.source, expansion.uses[0].span), "$A");
    assert_int_equal(dockerfile_expand_body_at(&file, 2, &heredocs[1], &arena, &expansion, NULL), 0);
    assert_value(expansion.value, KNOWN, "$A\n");
    assert_str(origin(&file, expansion.value, 0), "$A\n");
}

static void test_without_stages(void **state)
{
    (void)state;
    struct dockerfile file = read_file("");
    assert_int_equal(file.diagnostics.count, 1);
    assert_string_equal(file.diagnostics.items[0].message, "the file holds no instruction");
    assert_null(dockerfile_final_stage(&file, STR_NONE));
    file = read_file("ARG A=1\n");
    assert_string_equal(file.diagnostics.items[0].message, "the file holds no FROM");
    file = read_file("ARG A=\nFROM $A\n");
    assert_string_equal(file.diagnostics.items[0].message, "the base image's name is empty");
    assert_str(complaint(&file, 0), "$A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_three_lines, teardown),
        cmocka_unit_test_teardown(test_arg_scopes, teardown),
        cmocka_unit_test_teardown(test_env_beats_arg, teardown),
        cmocka_unit_test_teardown(test_predefined, teardown),
        cmocka_unit_test_teardown(test_stage_names, teardown),
        cmocka_unit_test_teardown(test_circles, teardown),
        cmocka_unit_test_teardown(test_inheritance, teardown),
        cmocka_unit_test_teardown(test_relative_workdir_of_an_image, teardown),
        cmocka_unit_test_teardown(test_triggers, teardown),
        cmocka_unit_test_teardown(test_broken_hides_nothing, teardown),
        cmocka_unit_test_teardown(test_expand_at, teardown),
        cmocka_unit_test_teardown(test_expand_body_at, teardown),
        cmocka_unit_test_teardown(test_without_stages, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
