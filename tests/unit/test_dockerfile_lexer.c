/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/lexer.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, sizeof(text) - 1);                                                                 \
        assert_memory_equal(view_.ptr, text, sizeof(text) - 1);                                                        \
    } while (0)

static struct arena arena;

static struct dockerfile_lines lex(struct str source)
{
    struct dockerfile_lines lines = {0};
    struct err err = ERR_INIT;
    assert_int_equal(dockerfile_lex(source, &arena, &lines, &err), 0);
    return lines;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str text_of(struct dockerfile_lines lines, struct data_span span)
{
    return data_span_text(lines.source, span);
}

static void test_lines_and_comments(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("# first\n\n  FROM a  \n\t# second\r\nRUN b"));
    assert_int_equal(lines.line_count, 2);
    assert_str(lines.lines[0].text, "FROM a");
    assert_int_equal(lines.lines[0].span.offset, 11);
    assert_int_equal(lines.lines[0].span.len, 6);
    assert_str(lines.lines[1].text, "RUN b");
    assert_str(text_of(lines, lines.lines[1].span), "RUN b");
    assert_int_equal(lines.comment_count, 2);
    assert_str(text_of(lines, lines.comments[0]), "# first");
    assert_str(text_of(lines, lines.comments[1]), "# second");
    assert_int_equal(lines.diagnostics.count, 0);
    assert_int_equal(lines.escape, '\\');
}

static void test_continuation(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("RUN a \\\r\n  # note \\\r\n  bc\\  \r\nd && e\r\nUSER x\\\\\nRUN y\n"));
    assert_int_equal(lines.line_count, 3);
    assert_str(lines.lines[0].text, "RUN a   bcd && e");
    assert_str(text_of(lines, lines.lines[0].span), "RUN a \\\r\n  # note \\\r\n  bc\\  \r\nd && e");
    assert_str(text_of(lines, dockerfile_line_span(&lines.lines[0], 8, 2)), "bc");
    assert_str(text_of(lines, dockerfile_line_span(&lines.lines[0], 8, 3)), "bc\\  \r\nd");
    assert_str(text_of(lines, dockerfile_line_span(&lines.lines[0], 10, 1)), "d");
    assert_str(text_of(lines, dockerfile_line_span(&lines.lines[0], 15, 1)), "e");
    assert_str(text_of(lines, lines.comments[0]), "# note \\");
    assert_str(lines.lines[1].text, "USER x\\\\");
    assert_str(lines.lines[2].text, "RUN y");
}

static void test_blank_line_in_continuation(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("RUN a \\\n\n \n  b\nRUN c\n"));
    assert_int_equal(lines.line_count, 2);
    assert_str(lines.lines[0].text, "RUN a   b");
    assert_int_equal(lines.diagnostics.count, 1);
    assert_int_equal(lines.diagnostics.items[0].span.offset, 8);
    assert_string_equal(lines.diagnostics.items[0].message, "a blank line stands inside a continued instruction");
}

static void test_continuation_alone(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("\\\nFROM a"));
    assert_int_equal(lines.line_count, 1);
    assert_str(text_of(lines, lines.lines[0].span), "FROM a");
    lines = lex(STR("  \\ \n"));
    assert_int_equal(lines.line_count, 0);
    assert_int_equal(lines.diagnostics.count, 1);
    assert_str(text_of(lines, lines.diagnostics.items[0].span), "\\");
    lines = lex(STR("  \\\n   \\\n \tUSER x \\\n"));
    assert_str(lines.lines[0].text, "USER x");
    assert_str(text_of(lines, lines.lines[0].span), "USER x");
}

static void test_directives(void **state)
{
    (void)state;
    struct dockerfile_lines lines =
        lex(STR("\xEF\xBB\xBF# Syntax = docker/dockerfile:1\n#escape=`\r\n# check=skip=all;error=true\nRUN a `\n b\n"));
    assert_int_equal(lines.directive_count, 3);
    assert_str(lines.directives[0].name.text, "Syntax");
    assert_str(text_of(lines, lines.directives[0].value.span), "docker/dockerfile:1");
    assert_str(lines.directives[2].value.text, "skip=all;error=true");
    assert_int_equal(lines.escape, '`');
    assert_int_equal(lines.comment_count, 0);
    assert_str(lines.lines[0].text, "RUN a  b");
}

static void test_directives_only_at_the_top(void **state)
{
    (void)state;
    static const char *const sources[] = {"# note\n# escape=`\nRUN a", "\n# escape=`\nRUN a", "# other=1\n# escape=`\n",
                                          "FROM a\n# escape=`\n"};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        struct dockerfile_lines lines = lex(str_z(sources[i]));
        assert_int_equal(lines.directive_count, 0);
        assert_int_equal(lines.escape, '\\');
        assert_int_equal(lines.diagnostics.count, 0);
    }
    struct dockerfile_lines lines = lex(STR("# escape=x\n# escape=`\n"));
    assert_int_equal(lines.diagnostics.count, 2);
    assert_str(text_of(lines, lines.diagnostics.items[0].span), "x");
    assert_string_equal(lines.diagnostics.items[1].message, "a parser directive is given twice");
    assert_int_equal(lines.escape, '\\');
}

static void test_heredocs(void **state)
{
    (void)state;
    struct dockerfile_lines lines =
        lex(STR("RUN <<A 3<<-'B' cat\n# body\nA\n\tx \\\n\tB\nCOPY <<\"C D\" /x\nC D\nUSER u\n"));
    assert_int_equal(lines.line_count, 3);
    const struct dockerfile_heredoc *first = &lines.lines[0].heredocs[0];
    const struct dockerfile_heredoc *second = &lines.lines[0].heredocs[1];
    assert_int_equal(lines.lines[0].heredoc_count, 2);
    assert_str(first->name, "A");
    assert_str(text_of(lines, first->word.span), "<<A");
    assert_str(text_of(lines, first->body), "# body\n");
    assert_str(text_of(lines, first->terminator), "A");
    assert_false(first->quoted);
    assert_false(first->strip_tabs);
    assert_str(second->name, "B");
    assert_str(text_of(lines, second->word.span), "3<<-'B'");
    assert_str(text_of(lines, second->body), "\tx \\\n");
    assert_true(second->quoted);
    assert_true(second->strip_tabs);
    assert_str(lines.lines[1].heredocs[0].name, "C D");
    assert_int_equal(lines.lines[1].heredocs[0].body.len, 0);
    assert_str(lines.lines[2].text, "USER u");
    assert_int_equal(lines.comment_count, 0);
}

static void test_heredocs_elsewhere(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("ONBUILD RUN <<E\nx\nE\nonbuild add <<\\F /\r\ny\r\nF\r\nUSER <<G\nG\n"));
    assert_int_equal(lines.line_count, 4);
    assert_str(text_of(lines, lines.lines[0].heredocs[0].body), "x\n");
    assert_str(lines.lines[1].heredocs[0].name, "F");
    assert_true(lines.lines[1].heredocs[0].quoted);
    assert_str(text_of(lines, lines.lines[1].heredocs[0].body), "y\r\n");
    assert_int_equal(lines.lines[2].heredoc_count, 0);
    static const char *const none[] = {"RUN echo \"<<A\"\n",  "RUN cat<<A\n",    "RUN << A\n", "RUN cat <<<A\n",
                                       "RUN echo it's <<A\n", "RUN [\"<<A\"]\n", "RUN <<''\n", "RUN 1 << 2\n"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(lex(str_z(none[i])).lines[0].heredoc_count, 0);
}

static void test_unterminated_heredoc(void **state)
{
    (void)state;
    struct dockerfile_lines lines = lex(STR("RUN <<EOF\nFROM x\n EOF"));
    assert_int_equal(lines.line_count, 1);
    assert_int_equal(lines.diagnostics.count, 1);
    assert_str(text_of(lines, lines.diagnostics.items[0].span), "<<EOF");
    assert_string_equal(lines.diagnostics.items[0].message, "the heredoc has no end");
    assert_string_equal(lines.diagnostics.items[0].hint, "end it with a line that holds only 'EOF'");
    assert_str(text_of(lines, lines.lines[0].heredocs[0].body), "FROM x\n EOF");
    assert_int_equal(lines.lines[0].heredocs[0].terminator.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_lines_and_comments, teardown),
        cmocka_unit_test_teardown(test_continuation, teardown),
        cmocka_unit_test_teardown(test_blank_line_in_continuation, teardown),
        cmocka_unit_test_teardown(test_continuation_alone, teardown),
        cmocka_unit_test_teardown(test_directives, teardown),
        cmocka_unit_test_teardown(test_directives_only_at_the_top, teardown),
        cmocka_unit_test_teardown(test_heredocs, teardown),
        cmocka_unit_test_teardown(test_heredocs_elsewhere, teardown),
        cmocka_unit_test_teardown(test_unterminated_heredoc, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
