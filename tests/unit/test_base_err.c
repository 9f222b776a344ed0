/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "base/str.h"

#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void test_set(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(err_set(&err, ERR_INVALID, "'%s' is %d", "x", 7), -ERR_INVALID);
    assert_string_equal(err.message, "'x' is 7");
    assert_string_equal(err.hint, "");
    assert_int_equal(err_hint(&err, "do %s", "this"), -ERR_INVALID);
    assert_string_equal(err.hint, "do this");
    assert_int_equal(err_wrap(&err, "while %s", "reading"), -ERR_INVALID);
    assert_string_equal(err.message, "while reading: 'x' is 7");
    assert_string_equal(err.hint, "do this");
    assert_int_equal(err_set(&err, ERR_LIMIT, "new"), -ERR_LIMIT);
    assert_string_equal(err.hint, "");
    assert_int_equal(err_set(NULL, ERR_LIMIT, "nobody listens"), -ERR_LIMIT);
    assert_int_equal(err_errno(NULL, ENOENT, "nobody listens"), -ERR_NOT_FOUND);
    assert_int_equal(err_nomem(&err), -ERR_NOMEM);
    assert_string_equal(err.message, "out of memory");
}

static void test_errno(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum err_code code;
        const char *text;
    } cases[] = {
        {ENOENT, ERR_NOT_FOUND, "f: No such file or directory"},
        {ENOTDIR, ERR_NOT_FOUND, "f: Not a directory"},
        {EACCES, ERR_PERMISSION, "f: Permission denied"},
        {EROFS, ERR_PERMISSION, "f: Read-only file system"},
        {ENOSPC, ERR_NO_SPACE, "f: No space left on device"},
        {EDQUOT, ERR_NO_SPACE, "f: Disk quota exceeded"},
        {ENOMEM, ERR_NOMEM, "f: Cannot allocate memory"},
        {EEXIST, ERR_EXISTS, "f: File exists"},
        {EINTR, ERR_CANCELLED, "f: Interrupted system call"},
        {EIO, ERR_IO, "f: Input/output error"},
        {99999, ERR_IO, "f: Unknown error 99999"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_int_equal(err_errno(&err, cases[i].errnum, "%s", "f"), -(int)cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(err.message, cases[i].text);
    }
}

/* Every length around the limit, with characters of 1 to 4 bytes: never half a character, never over the end. */
static void test_long_text(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
        for (size_t pad = 0; pad < 4; pad++) {
            char text[8192];
            memset(text, 'p', pad);
            size_t len = pad;
            size_t size = strlen(characters[c]);
            while (len + size <= 5000) {
                memcpy(text + len, characters[c], size);
                len += size;
            }
            text[len] = '\0';
            struct err err = ERR_INIT;
            (void)err_set(&err, ERR_IO, "%s", text);
            size_t room = ERR_MESSAGE_MAX - 1;
            size_t fits = pad + (room - pad) / size * size;
            assert_int_equal(strlen(err.message), fits);
            assert_int_equal(str_utf8_valid(str_z(err.message)), fits);
            (void)err_hint(&err, "%s", text);
            assert_int_equal(str_utf8_valid(str_z(err.hint)), strlen(err.hint));
            assert_true(strlen(err.hint) > ERR_HINT_MAX - 5);
            (void)err_wrap(&err, "context");
            assert_memory_equal(err.message, "context: ", 9);
            assert_int_equal(str_utf8_valid(str_z(err.message)), strlen(err.message));
            assert_true(strlen(err.message) > ERR_MESSAGE_MAX - 5);
            (void)err_errno(&err, EACCES, "%s", text);
            assert_true(str_ends(str_z(err.message), STR(": Permission denied")));
            assert_int_equal(str_utf8_valid(str_z(err.message)), strlen(err.message));
            assert_true(strlen(err.message) > ERR_MESSAGE_MAX - 5);
        }
    }
}

static void test_table(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_NONE), "none");
    assert_int_equal(err_exit_status(ERR_NONE), 0);
    assert_int_equal(err_http_status(ERR_NONE), 200);
    assert_string_equal(err_name(ERR_LIBRARY_MISSING), "library-missing");
    assert_int_equal(err_exit_status(ERR_USAGE), 2);
    assert_int_equal(err_exit_status(ERR_IO), 3);
    assert_int_equal(err_exit_status(ERR_SIGNATURE), 4);
    assert_int_equal(err_rpc_code(ERR_INVALID), -32602);
    assert_string_equal(err_name((enum err_code)12345), "internal");
    for (int code = 1; strcmp(err_name((enum err_code)code), "internal") != 0 || code == ERR_INTERNAL; code++) {
        int status = err_exit_status((enum err_code)code);
        assert_true(status >= 2 && status <= 4);
        for (int other = 1; other < code; other++)
            assert_string_not_equal(err_name((enum err_code)code), err_name((enum err_code)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
