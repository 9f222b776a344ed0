/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "python/lexer.h"

#include <setjmp.h>

#include <cmocka.h>

/* Tokens as text: names, numbers, strings and operators as written, NL, > and < for indentation, "!L:C message". */
static void dump(struct str source, struct buf *out)
{
    struct python_lexer lexer;
    struct python_token token;
    buf_reset(out);
    assert_int_equal(python_lexer_init(&lexer, source, NULL), 0);
    for (;;) {
        switch (python_lexer_next(&lexer, &token)) {
        case PYTHON_ERROR:
            buf_addf(out, "!%u:%u %s", lexer.problem.place.line, lexer.problem.place.column, lexer.problem.message);
            assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_ERROR);
            return;
        case PYTHON_END:
            assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_END);
            return;
        case PYTHON_NEWLINE:
            buf_add_z(out, "NL ");
            break;
        case PYTHON_INDENT:
            buf_add_z(out, "> ");
            break;
        case PYTHON_DEDENT:
            buf_add_z(out, "< ");
            break;
        case PYTHON_NAME:
        case PYTHON_NUMBER:
        case PYTHON_STRING:
        case PYTHON_OP:
            buf_add_str(out, python_token_text(&lexer, &token));
            buf_add_char(out, ' ');
            break;
        }
    }
}

static void expect_bytes(struct str source, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    dump(source, &out);
    assert_string_equal(buf_z(&out), expected);
}

static void expect(const char *source, const char *expected)
{
    expect_bytes(str_z(source), expected);
}

static void test_lines(void **state)
{
    (void)state;
    expect("", "");
    expect("\n  # only a comment\n\t\n", "");
    expect("x = 1", "x = 1 NL ");
    expect("x\r\ny\rz\n", "x NL y NL z NL ");
    expect("a = (1,\n  # in between\n\n     2)\nb", "a = ( 1 , 2 ) NL b NL ");
    expect("a = 1 + \\\n  2\nb", "a = 1 + 2 NL b NL ");
    expect("a = 1 + \\\r\n  2", "a = 1 + 2 NL ");
    expect("\xEF\xBB\xBFx", "x NL ");
    expect("a; b;", "a ; b ; NL ");
    expect("x = 1 # c", "x = 1 NL ");
    expect("a->b:=c...d**=e//=f<>g!=h.i", "a -> b := c ... d **= e //= f <> g != h . i NL ");
}

static void test_indentation(void **state)
{
    (void)state;
    expect("if x:\n  y\n\n    # far\n  z\nw\n", "if x : NL > y NL z NL < w NL ");
    expect("if x:\n  if y:\n    z", "if x : NL > if y : NL > z NL < < ");
    expect("if x:\n\ty\n        z\n", "if x : NL > y NL !3:9 inconsistent use of tabs and spaces in indentation");
    expect("if x:\n        y\n\tz\n", "if x : NL > y NL !3:2 inconsistent use of tabs and spaces in indentation");
    expect("if x:\n \f  y\n  z\n", "if x : NL > y NL z NL < ");
    expect("if x:\n    y\n  z\n", "if x : NL > y NL !3:3 unindent does not match any outer indentation level");
    expect("x\n  y\n", "x NL !2:3 unexpected indent");
    expect(" x\n", "!1:2 unexpected indent");
    expect("if x:\ny\n", "if x : NL !2:1 expected an indented block");
    expect("if x:\n", "if x : NL !2:1 expected an indented block");
    expect("if x:\n  \\\n y\n", "if x : NL > y NL < ");
}

static void test_strings(void **state)
{
    (void)state;
    expect("'a' \"b\" r'\\\\' b'' rB'x' u'y' ur 'z'", "'a' \"b\" r'\\\\' b'' rB'x' u'y' ur 'z' NL ");
    /* A quote behind a backslash does not end a raw string either. */
    expect("r'\\'x'", "r'\\'x' NL ");
    expect("'a\\\nb' c", "'a\\\nb' c NL ");
    expect("'''a\n'b'\\'''\n'''; '' ''''''", "'''a\n'b'\\'''\n''' ; '' '''''' NL ");
    expect("x = 'abc\ny", "x = !1:5 unterminated string");
    expect("x = 'abc\\", "x = !1:5 unterminated string");
    expect("\nx = '''abc\n\n", "x = !2:5 unterminated triple-quoted string");
    expect("x = \"\"\"abc\"\"", "x = !1:5 unterminated triple-quoted string");
}

static void test_format_strings(void **state)
{
    (void)state;
    expect("f'{x}' y", "f'{x}' y NL ");
    expect("f'{{}}{a[\"b\"]!r:>{w}}' y", "f'{{}}{a[\"b\"]!r:>{w}}' y NL ");
    expect("f'{a['b']}' y", "f'{a['b']}' y NL ");
    expect("f'{f'{f'{1}'}'}' y", "f'{f'{f'{1}'}'}' y NL ");
    expect("rf'\\{x}\\N{y}' f'\\N{DIGIT ONE}' t'{x=}' y", "rf'\\{x}\\N{y}' f'\\N{DIGIT ONE}' t'{x=}' y NL ");
    expect("f'''{\nx # '\n}'''\ny", "f'''{\nx # '\n}''' NL y NL ");
    expect("f'{x:%H:%M}{(lambda: 1)()}{ {1: 2}[1] }' y", "f'{x:%H:%M}{(lambda: 1)()}{ {1: 2}[1] }' y NL ");
    expect("f'}'", "!1:3 f-string: single '}' is not allowed");
    expect("f'{}'", "!1:3 f-string: valid expression required before '}'");
    expect("f'{x'", "!1:5 unterminated string");
    expect("f'{x:'", "!1:6 f-string: expecting '}'");
    expect("f'{(x}'", "!1:6 closing bracket does not match opening '('");
    expect("f'{x:{y:{z:{w}}}}'", "!1:12 f-string: expressions nested too deeply");
}

static void test_numbers(void **state)
{
    (void)state;
    expect("0 00 0_0 1_000 0xFf 0o17 0b1_0 1.5 .5 5. 1e3 1E-3 1_0.0_1e+1_0 3j 0777j 09.5 1if 2else 3",
           "0 00 0_0 1_000 0xFf 0o17 0b1_0 1.5 .5 5. 1e3 1E-3 1_0.0_1e+1_0 3j 0777j 09.5 1 if 2 else 3 NL ");
    expect("1..real", "1. . real NL ");
    expect("0x", "!1:3 invalid hexadecimal literal");
    expect("0b12", "!1:4 invalid binary literal");
    expect("0o8", "!1:3 invalid octal literal");
    expect("1__0", "!1:3 invalid decimal literal");
    expect("1_", "!1:3 invalid decimal literal");
    expect("1abc", "!1:2 invalid decimal literal");
    expect("1e+", "!1:4 invalid decimal literal");
    expect("x = 0777", "x = !1:5 leading zeros in decimal integer literals are not permitted");
}

static void test_brackets(void **state)
{
    (void)state;
    expect("x = (1,\n", "x = ( 1 , !1:5 '(' was never closed");
    expect("\ny\nx = [{\n", "y NL x = [ { !3:6 '{' was never closed");
    expect("x)", "x !1:2 unmatched ')'");
    expect("(]", "( !1:2 closing bracket does not match opening '('");
    CLEANUP_BUF struct buf deep = BUF_INIT, out = BUF_INIT;
    buf_add_fill(&deep, '(', LIMIT_PYTHON_BRACKETS + 1);
    dump(buf_str(&deep), &out);
    assert_true(str_ends(buf_str(&out), STR("!1:201 too many nested parentheses")));
}

static void test_ugly(void **state)
{
    (void)state;
    expect("x \\ y", "x !1:4 unexpected character after line continuation character");
    expect("x \\", "x !1:3 unexpected end of file behind a line continuation character");
    expect("x \\\n", "x !2:1 unexpected end of file behind a line continuation character");
    expect("x = $", "x = !1:5 invalid character");
    expect("x ! y", "x !1:3 invalid character");
    expect("a\v", "a !1:2 invalid character");
    expect("\xC3\xA9t\xC3\xA9 = 1", "\xC3\xA9t\xC3\xA9 = 1 NL ");
    expect("a\xC2\xA0 = 1", "!1:2 invalid character in an identifier");
    expect("x = \xE2\x80\x9C", "x = !1:5 invalid character in an identifier");
    expect_bytes(STR("x\n\0y"), "!2:1 source code cannot contain null bytes");
    expect("x\n = '\xE9'", "!2:5 byte is no UTF-8, and no other encoding is declared");
    expect("# coding: utf-8\nx = '\xE9'", "!2:6 byte is no UTF-8, which is declared");
    expect("# coding: latin-1\nx = '\xE9'", "x = '\xE9' NL ");
    expect("# coding: ascii\nx = '\xC3\xA9'", "!2:6 byte is not in the declared encoding");
    expect("\xEF\xBB\xBF# coding: latin-1\n", "!1:1 another encoding is declared than the byte order mark's");
    struct python_lexer lexer;
    struct err err = ERR_INIT;
    assert_int_equal(python_lexer_init(&lexer, str_of("x", LIMIT_PYTHON_SOURCE_BYTES + 1), &err), -ERR_LIMIT);
    assert_string_equal(err.message, "Python source is larger than 16777216 bytes");
}

static void test_nesting(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf deep = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < LIMIT_PYTHON_INDENTS; i++) {
        buf_add_fill(&deep, ' ', (size_t)i);
        buf_add_z(&deep, "if 1:\n");
    }
    buf_add_fill(&deep, ' ', LIMIT_PYTHON_INDENTS);
    buf_add_z(&deep, "pass\n");
    dump(buf_str(&deep), &out);
    assert_true(str_ends(buf_str(&out), STR("!101:101 too many levels of indentation")));
    buf_reset(&deep);
    for (int i = 0; i < 400; i++)
        buf_add_z(&deep, "f'{");
    dump(buf_str(&deep), &out);
    assert_string_equal(buf_z(&out), "!1:455 too many nested f-strings");
}

static void test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *source, *declared;
        enum python_encoding encoding;
    } cases[] = {
        {"", "", PYTHON_ENCODING_UTF8},
        {"#!/usr/bin/python\n# -*- coding: UTF_8 -*-\n", "UTF_8", PYTHON_ENCODING_UTF8},
        {"# vim: set fileencoding=iso-8859-15 :\n", "iso-8859-15", PYTHON_ENCODING_SINGLE},
        {"x = 1\n# coding: latin-1\n", "", PYTHON_ENCODING_UTF8},
        {"\n# coding: cp1252\n", "cp1252", PYTHON_ENCODING_SINGLE},
        {"\n\n# coding: cp1252\n", "", PYTHON_ENCODING_UTF8},
        {"# coding coding:shift_jis", "shift_jis", PYTHON_ENCODING_OTHER},
        {"# encoding : latin-1", "", PYTHON_ENCODING_UTF8},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct python_source about = python_source_about(str_z(cases[i].source));
        assert_int_equal(about.encoding, cases[i].encoding);
        assert_true(str_eq_z(about.declared, cases[i].declared));
        assert_false(about.byte_order_mark);
    }
}

static void test_tokens(void **state)
{
    (void)state;
    struct python_lexer lexer;
    struct python_token token;
    assert_int_equal(python_lexer_init(&lexer, STR("\nx = Rb'''a\nb''' + ''"), NULL), 0);
    assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_NAME);
    assert_int_equal(token.at, 1);
    assert_int_equal(token.line, 2);
    assert_int_equal(token.column, 1);
    assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_OP);
    assert_int_equal(token.op, '=');
    assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_STRING);
    assert_int_equal(token.string, PYTHON_STRING_RAW | PYTHON_STRING_BYTES | PYTHON_STRING_TRIPLE);
    assert_int_equal(token.prefix_len, 2);
    assert_true(str_eq_z(python_token_content(&lexer, &token), "a\nb"));
    assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_OP);
    assert_int_equal(token.line, 3);
    assert_int_equal(token.column, 6);
    assert_int_equal(python_lexer_next(&lexer, &token), PYTHON_STRING);
    assert_int_equal(python_token_content(&lexer, &token).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_indentation), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_format_strings), cmocka_unit_test(test_numbers),     cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_ugly),           cmocka_unit_test(test_nesting),     cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
