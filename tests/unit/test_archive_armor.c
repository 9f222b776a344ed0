/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/armor.h"

#include "base/fault.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END   "-----END PGP PUBLIC KEY BLOCK-----\n"
#define SIGS  TEST_DATA "/archive/signature/"

static void load(const char *path, struct buf *out)
{
    struct err err = ERR_INIT;
    assert_int_equal(file_read_all(AT_FDCWD, path, 1 << 20, out, &err), 0);
}

static void decodes(const char *text, const char *expected, size_t len)
{
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(armor_decode_keys(str_z(text), "k", &out, &err), 0);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.ptr, expected, len);
}

static void refuses(const char *text, const char *message)
{
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    buf_add_z(&out, "before");
    assert_int_equal(armor_decode_keys(str_z(text), "k", &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, message);
    assert_string_equal(buf_z(&out), "before");
}

static void test_real_keys(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf armoured CLEANUP_BUF = BUF_INIT;
    struct buf binary CLEANUP_BUF = BUF_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    load(SIGS "alpha.asc", &armoured);
    load(SIGS "alpha.gpg", &binary);
    assert_true(armor_is_key(buf_str(&armoured)));
    assert_false(armor_is_key(buf_str(&binary)));
    assert_int_equal(armor_decode_keys(buf_str(&armoured), "alpha.asc", &out, &err), 0);
    assert_int_equal(out.len, binary.len);
    assert_memory_equal(out.ptr, binary.ptr, out.len);
    buf_reset(&armoured);
    buf_reset(&binary);
    buf_reset(&out);
    load(SIGS "both.asc", &armoured);
    load(SIGS "two.gpg", &binary);
    assert_int_equal(armor_decode_keys(buf_str(&armoured), "both.asc", &out, &err), 0);
    assert_int_equal(out.len, binary.len);
    assert_memory_equal(out.ptr, binary.ptr, out.len);
}

static void test_shapes(void **state)
{
    (void)state;
    /* The three lengths of the last group; CRC-24 of "abc" is BA1C7B, of nothing B704CE. */
    decodes(BEGIN "\nYWJj\n=uhx7\n" END, "abc", 3);
    decodes(BEGIN "\nYWI=\n" END, "ab", 2);
    decodes(BEGIN "\nYQ==\n" END, "a", 1);
    decodes("noise\n" BEGIN "Version: x\nComment: y\n\nYWJj\n" END "noise\n", "abc", 3);
    decodes(BEGIN "YWJj\n" END, "abc", 3);                                          /* no empty line */
    decodes(" " BEGIN " .\n YW\n Jj\n =uhx7\n " END, "abc", 3);                     /* inline in deb822 */
    decodes("-----BEGIN PGP PUBLIC KEY BLOCK----- \r\n\r\nYWJj\r\n" END, "abc", 3); /* DOS ends */
    decodes(BEGIN "\nYWJj\n" END BEGIN "\nYQ==\n" END, "abca", 4);
    decodes(BEGIN "\n+/+/\n" END, "\xfb\xff\xbf", 3);
}

static void test_refused(void **state)
{
    (void)state;
    refuses("", "'k' holds no armoured key");
    refuses("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nYWJj\n", "'k' holds no armoured key");
    refuses(BEGIN, "armoured key in 'k' has no end");
    refuses(BEGIN "\nYWJj\n", "armoured key in 'k' has no end");
    refuses(BEGIN "\n" END, "armoured key in 'k' is cut short");
    refuses(BEGIN "\nYWJ\n" END, "armoured key in 'k' is cut short");
    refuses(BEGIN "\nYW*j\n" END, "armoured key in 'k' has a line that is not base64");
    refuses(BEGIN "\nYW=j\n" END, "armoured key in 'k' has a line that is not base64");
    refuses(BEGIN "\nY===\n" END, "armoured key in 'k' has a line that is not base64");
    refuses(BEGIN "\nYR==\n" END, "armoured key in 'k' has a line that is not base64"); /* left-over bits */
    refuses(BEGIN "\nYQ==\nYQ==\n" END, "armoured key in 'k' has a line that is not base64");
    refuses(BEGIN "\nYWJj\n=uhx8\n" END, "checksum of the armoured key in 'k' does not fit");
    refuses(BEGIN "\nYWJj\n=uhx7\nYWJj\n" END, "armoured key in 'k' is cut short");
    refuses(BEGIN "\nYWJj\n=uhx7\n" END BEGIN "\nYWJj\n", "armoured key in 'k' has no end");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        struct buf out CLEANUP_BUF = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = armor_decode_keys(STR(BEGIN "\nYWJj\n=uhx7\n" END), "k", &out, &err);
        uint64_t passed = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (passed < n) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_keys),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
