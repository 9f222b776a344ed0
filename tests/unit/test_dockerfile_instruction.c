/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "dockerfile/instruction.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, sizeof(text) - 1);                                                                 \
        assert_memory_equal(view_.ptr, text, sizeof(text) - 1);                                                        \
    } while (0)

/* Both the text and the bytes that its span names. */
#define assert_word(word, text_, raw)                                                                                  \
    do {                                                                                                               \
        assert_str((word).text, text_);                                                                                \
        assert_str(data_span_text(source, (word).span), raw);                                                          \
    } while (0)

static struct arena arena;
static struct str source;
static struct dockerfile_diagnostics diagnostics;

/* The first instruction of TEXT. */
static struct dockerfile_instruction read_one(struct str text)
{
    struct dockerfile_lines lines;
    struct dockerfile_instruction instruction = {0};
    uint32_t budget = LIMIT_DOCKERFILE_WORDS;
    source = text;
    diagnostics = (struct dockerfile_diagnostics){0};
    assert_int_equal(dockerfile_lex(text, &arena, &lines, NULL), 0);
    assert_int_equal(
        dockerfile_instruction_read(&lines.lines[0], lines.escape, &arena, &budget, &diagnostics, &instruction, NULL),
        0);
    assert_int_equal(instruction.broken, diagnostics.count > 0);
    return instruction;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_from(void **state)
{
    (void)state;
    struct dockerfile_instruction from = read_one(STR("from --platform=$BUILDPLATFORM golang:1 \\\n As Build"));
    assert_int_equal(from.kind, DOCKERFILE_FROM);
    assert_word(from.name, "from", "from");
    assert_word(from.image, "golang:1", "golang:1");
    assert_word(from.stage_name, "Build", "Build");
    assert_int_equal(from.flag_count, 1);
    assert_word(from.flags[0].word, "--platform=$BUILDPLATFORM", "--platform=$BUILDPLATFORM");
    assert_word(dockerfile_flag(&from, "platform")->value, "$BUILDPLATFORM", "$BUILDPLATFORM");
    assert_null(dockerfile_flag(&from, "from"));
}

static void test_word_across_continuation(void **state)
{
    (void)state;
    struct dockerfile_instruction user = read_one(STR("USER ro\\\n# no\not  "));
    assert_word(user.args.items[0], "root", "ro\\\n# no\not");
    assert_int_equal(user.args.count, 1);
}

static void test_run(void **state)
{
    (void)state;
    struct dockerfile_instruction run =
        read_one(STR("RUN --mount=type=bind,from=build,dst=/x,ro --mount=type=cache --network=none echo \"a b\" $C"));
    assert_int_equal(run.flag_count, 3);
    assert_int_equal(run.flags[0].fields.count, 4);
    assert_word(dockerfile_mount_field(&run.flags[0], "from")->value, "build", "build");
    assert_word(dockerfile_mount_field(&run.flags[0], "target")->value, "/x", "/x");
    assert_false(dockerfile_mount_field(&run.flags[0], "readonly")->has_value);
    assert_null(dockerfile_mount_field(&run.flags[1], "target"));
    assert_word(run.command->text, "echo \"a b\" $C", "echo \"a b\" $C");
    assert_int_equal(run.command->words.count, 3);
    assert_word(run.command->words.items[1], "\"a b\"", "\"a b\"");
    assert_false(run.command->exec);
    run = read_one(STR("RUN <<EOF bash\nls\nEOF\n"));
    assert_int_equal(run.heredoc_count, 1);
    assert_word(run.command->words.items[1], "bash", "bash");
}

static void test_exec_form(void **state)
{
    (void)state;
    struct dockerfile_instruction cmd = read_one(STR("CMD [ \"/app\",\\\n  \"a\\tb\" ]"));
    assert_true(cmd.command->exec);
    assert_true(cmd.json);
    assert_int_equal(cmd.command->words.count, 2);
    assert_word(cmd.command->words.items[0], "/app", "\"/app\"");
    assert_word(cmd.command->words.items[1], "a\tb", "\"a\\tb\"");
    cmd = read_one(STR("ENTRYPOINT []"));
    assert_true(cmd.command->exec);
    assert_int_equal(cmd.command->words.count, 0);
    cmd = read_one(STR("CMD"));
    assert_false(cmd.command->exec);
    assert_int_equal(cmd.command->text.text.len, 0);
}

static void test_looks_like_exec(void **state)
{
    (void)state;
    static const char *const arrays[] = {"CMD ['/app']",
                                         "CMD [/app]",
                                         "CMD [\"a\" \"b\"]",
                                         "CMD [\"a\",]",
                                         "CMD [ 'a', 'b' ]",
                                         "CMD [\"a\"] && b",
                                         "RUN [\xE2\x80\x9Cz\xE2\x80\x9D]"};
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++) {
        struct dockerfile_instruction cmd = read_one(str_z(arrays[i]));
        assert_false(cmd.command->exec);
        assert_true(cmd.command->looks_like_exec);
    }
    static const char *const shell[] = {"RUN [ -f /x ] && y", "RUN [[ a = b ]]", "RUN [ \"$a\" = 'b' ]", "CMD a [1]"};
    for (size_t i = 0; i < ARRAY_LEN(shell); i++)
        assert_false(read_one(str_z(shell[i])).command->looks_like_exec);
    struct dockerfile_instruction cmd = read_one(STR("CMD [\"a\", 1]"));
    assert_true(cmd.broken);
    assert_string_equal(diagnostics.items[0].message, "the JSON array holds something else than strings");
    assert_str(data_span_text(source, diagnostics.items[0].span), "[\"a\", 1]");
}

static void test_healthcheck(void **state)
{
    (void)state;
    struct dockerfile_instruction check =
        read_one(STR("HEALTHCHECK --interval=5s --retries=3 CMD curl -f http://localhost || exit 1"));
    assert_true(check.health_cmd);
    assert_word(check.command->text, "curl -f http://localhost || exit 1", "curl -f http://localhost || exit 1");
    assert_word(dockerfile_flag(&check, "interval")->value, "5s", "5s");
    check = read_one(STR("HEALTHCHECK cmd [\"/probe\"]"));
    assert_true(check.command->exec);
    assert_word(check.command->words.items[0], "/probe", "\"/probe\"");
    check = read_one(STR("HEALTHCHECK none"));
    assert_true(check.health_none);
    assert_null(check.command);
    check = read_one(STR("HEALTHCHECK curl x"));
    assert_string_equal(diagnostics.items[0].message, "HEALTHCHECK is followed by neither CMD nor NONE");
    assert_str(data_span_text(source, diagnostics.items[0].span), "curl");
    assert_true(read_one(STR("HEALTHCHECK CMD")).broken);
    assert_true(read_one(STR("HEALTHCHECK NONE x")).broken);
}

static void test_pairs(void **state)
{
    (void)state;
    struct dockerfile_instruction env = read_one(STR("ENV a=1 b=\"x y\" c=x\\ y \\\n d= e='='"));
    assert_int_equal(env.pairs.count, 5);
    assert_word(env.pairs.items[0].key, "a", "a");
    assert_word(env.pairs.items[1].value, "\"x y\"", "\"x y\"");
    assert_word(env.pairs.items[2].value, "x\\ y", "x\\ y");
    assert_int_equal(env.pairs.items[3].value.text.len, 0);
    assert_true(env.pairs.items[3].has_value);
    assert_word(env.pairs.items[4].value, "'='", "'='");
    env = read_one(STR("ENV PATH  /a b=c "));
    assert_int_equal(env.pairs.count, 1);
    assert_word(env.pairs.items[0].key, "PATH", "PATH");
    assert_word(env.pairs.items[0].value, "/a b=c", "/a b=c");
    struct dockerfile_instruction arg = read_one(STR("ARG A B=2"));
    assert_false(arg.pairs.items[0].has_value);
    assert_word(arg.pairs.items[1].value, "2", "2");
    assert_true(read_one(STR("ENV A")).broken);
    assert_true(read_one(STR("LABEL a=\"x")).broken);
    env = read_one(STR("ENV a=1 b c=3"));
    assert_true(env.broken);
}

static void test_copy(void **state)
{
    (void)state;
    struct dockerfile_instruction copy =
        read_one(STR("COPY --from=build --chown=1:1 --link --exclude=*.o --exclude=*.a --parents a b /c/"));
    assert_int_equal(copy.flag_count, 6);
    assert_int_equal(copy.args.count, 3);
    assert_word(copy.args.items[2], "/c/", "/c/");
    assert_false(dockerfile_flag(&copy, "link")->has_value);
    copy = read_one(STR("ADD --checksum=sha256:0 --keep-git-dir=true [\"a b\", \"/c\"]"));
    assert_true(copy.json);
    assert_word(copy.args.items[0], "a b", "\"a b\"");
    copy = read_one(STR("COPY [a] b /c"));
    assert_false(copy.json);
    assert_word(copy.args.items[0], "[a]", "[a]");
    copy = read_one(STR("COPY only"));
    assert_string_equal(diagnostics.items[0].message, "COPY needs at least one source and a destination");
    copy = read_one(STR("COPY --form=x --from=a --from=b --chown a b"));
    assert_int_equal(diagnostics.count, 3);
    assert_string_equal(diagnostics.items[0].message, "COPY has no flag '--form'");
    assert_str(data_span_text(source, diagnostics.items[0].span), "--form=x");
    assert_string_equal(diagnostics.items[1].message, "the flag '--from' is given twice");
    assert_string_equal(diagnostics.items[2].message, "the flag '--chown' has no value");
    assert_int_equal(copy.args.count, 2);
}

static void test_others(void **state)
{
    (void)state;
    struct dockerfile_instruction one = read_one(STR("WORKDIR /a b"));
    assert_word(one.args.items[0], "/a b", "/a b");
    one = read_one(STR("EXPOSE 80 443/tcp"));
    assert_word(one.args.items[1], "443/tcp", "443/tcp");
    one = read_one(STR("VOLUME [\"/a\"]"));
    assert_word(one.args.items[0], "/a", "\"/a\"");
    one = read_one(STR("SHELL [\"/bin/bash\", \"-c\"]"));
    assert_int_equal(one.command->words.count, 2);
    assert_true(read_one(STR("SHELL /bin/sh -c")).broken);
    one = read_one(STR("ONBUILD copy --from=x a \\\n /b"));
    assert_int_equal(one.kind, DOCKERFILE_ONBUILD);
    assert_int_equal(one.trigger->kind, DOCKERFILE_COPY);
    assert_word(one.trigger->args.items[1], "/b", "/b");
    assert_str(data_span_text(source, one.trigger->span), "copy --from=x a \\\n /b");
    assert_true(read_one(STR("ONBUILD FROM x")).broken);
    assert_true(read_one(STR("ONBUILD ONBUILD RUN x")).broken);
    assert_true(read_one(STR("USER")).broken);
    one = read_one(STR("ENTRYPONT [\"x\"]"));
    assert_int_equal(one.kind, DOCKERFILE_UNKNOWN);
    assert_string_equal(diagnostics.items[0].message, "unknown instruction 'ENTRYPONT'");
    assert_string_equal(diagnostics.items[0].hint, "did you mean 'ENTRYPOINT'?");
    assert_str(data_span_text(source, diagnostics.items[0].span), "ENTRYPONT");
    one = read_one(STR("\x1b[1m\x7f x"));
    assert_string_equal(diagnostics.items[0].message, "unknown instruction '?[1m?'");
    assert_true(read_one(STR("FROM a b")).broken);
    assert_true(read_one(STR("FROM a AS 1x")).broken);
    assert_true(read_one(STR("COPY a <<E\nE\n")).broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_from, teardown),
        cmocka_unit_test_teardown(test_word_across_continuation, teardown),
        cmocka_unit_test_teardown(test_run, teardown),
        cmocka_unit_test_teardown(test_exec_form, teardown),
        cmocka_unit_test_teardown(test_looks_like_exec, teardown),
        cmocka_unit_test_teardown(test_healthcheck, teardown),
        cmocka_unit_test_teardown(test_pairs, teardown),
        cmocka_unit_test_teardown(test_copy, teardown),
        cmocka_unit_test_teardown(test_others, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
