/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/release.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MD5 "cccccccccccccccccccccccccccccccc"

static const char sample[] = "Origin: Debian\n"
                             "Label: Debian-Security\n"
                             "Suite: oldstable-security\n"
                             "Version: 12\n"
                             "Codename: bookworm-security\n"
                             "Date: Sat, 10 Jun 2023 08:53:33 UTC\n"
                             "Valid-Until: Sat, 17 Jun 2023 08:53:33 UTC\n"
                             "Acquire-By-Hash: yes\n"
                             "No-Support-for-Architecture-all: Packages\n"
                             "Architectures: all amd64 arm64\n"
                             "Components: updates/main updates/contrib\n"
                             "Description: x\n"
                             "MD5Sum:\n " MD5 " 7 main/weak\n"
                             "SHA256:\n"
                             " " A64 "     1484 main/binary-amd64/Packages.xz\n"
                             " " B64 "        0 main/Contents-amd64\n"
                             "SHA512:\n"
                             " " B64 A64 " 1484 main/binary-amd64/Packages.xz\n";

static int parse(const char *text, struct arena *arena, struct release *release, struct err *err)
{
    return release_parse(str_z(text), arena, release, err);
}

static void test_fields(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct release release;
    struct err err = ERR_INIT;
    assert_int_equal(parse(sample, &arena, &release, &err), 0);
    assert_true(str_eq_z(release.origin, "Debian"));
    assert_true(str_eq_z(release.label, "Debian-Security"));
    assert_true(str_eq_z(release.suite, "oldstable-security"));
    assert_true(str_eq_z(release.codename, "bookworm-security"));
    assert_true(str_eq_z(release.version, "12"));
    assert_true(str_eq_z(release.date, "Sat, 10 Jun 2023 08:53:33 UTC"));
    assert_int_equal(release.date_s, 1686387213);
    assert_int_equal(release.valid_until_s, 1686992013);
    assert_true(release.acquire_by_hash);
    assert_true(release.no_support_for_all);
    assert_false(release.not_automatic);
    assert_true(release_has_architecture(&release, STR("arm64")));
    assert_false(release_has_architecture(&release, STR("arm")));
    assert_true(release_has_component(&release, STR("main")));
    assert_true(release_has_component(&release, STR("updates/contrib")));
    assert_false(release_has_component(&release, STR("updates")));
}

static void test_files(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct release release;
    struct err err = ERR_INIT;
    assert_int_equal(parse(sample, &arena, &release, &err), 0);
    assert_int_equal(release.file_count, 2);
    const struct release_file *file = release_find(&release, STR("main/binary-amd64/Packages.xz"));
    assert_non_null(file);
    assert_int_equal(file->size_bytes, 1484);
    assert_int_equal(file->digest.algorithm, DIGEST_SHA512);
    assert_int_equal(file->digest.bytes[0], 0xbb);
    assert_int_equal(file->digest.bytes[63], 0xaa);
    file = release_find(&release, STR("main/Contents-amd64"));
    assert_non_null(file);
    assert_int_equal(file->size_bytes, 0);
    assert_int_equal(file->digest.algorithm, DIGEST_SHA256);
    assert_int_equal(file->digest.bytes[31], 0xbb);
    assert_null(release_find(&release, STR("main/weak")));
    assert_null(release_find(&release, STR("")));
    assert_null(release_find(&release, STR("zzz")));
}

static void test_absent_fields(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct release release;
    struct err err = ERR_INIT;
    assert_int_equal(parse("NotAutomatic: yes\nSHA256:\n " A64 " 1 a\n", &arena, &release, &err), 0);
    assert_int_equal(release.origin.len, 0);
    assert_true(release.date_s == INT64_MIN);
    assert_true(release.valid_until_s == INT64_MIN);
    assert_true(release.not_automatic);
    assert_false(release.no_support_for_all);
}

static void refuses_as(enum err_code code, const char *text, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct release release = {.file_count = 77};
    struct err err = ERR_INIT;
    assert_int_equal(parse(text, &arena, &release, &err), -(int)code);
    assert_string_equal(err.message, message);
    assert_int_equal(release.file_count, 77);
}

static void refuses(const char *text, const char *message)
{
    refuses_as(ERR_INVALID, text, message);
}

static void test_refused(void **state)
{
    (void)state;
    refuses("", "'Release' is empty");
    refuses_as(ERR_DIGEST, "Origin: x\n", "Release has neither a SHA256 nor a SHA512 list");
    refuses_as(ERR_DIGEST, "MD5Sum:\n " MD5 " 7 a\nSHA1:\n x 1 a\n", "Release has neither a SHA256 nor a SHA512 list");
    refuses("SHA256:\n " A64 " 1 a\n\nOrigin: evil\n", "'Release' line 4: more than one paragraph");
    refuses("SHA256:\n " MD5 " 1 a\n", "can't understand '" MD5 " 1 a' in the sha256 list of Release");
    refuses("SHA256:\n " A64 " x a\n", "can't understand '" A64 " x a' in the sha256 list of Release");
    refuses("SHA256:\n " A64 " 1\n", "can't understand '" A64 " 1' in the sha256 list of Release");
    refuses("SHA256:\n " A64 " 1 a\n " B64 " 1 a\n", "Release contradicts itself about 'a'");
    refuses("SHA256:\n " A64 " 1 a\nSHA512:\n " A64 A64 " 2 a\n", "Release contradicts itself about 'a'");
    refuses("Date: yesterday\nSHA256:\n " A64 " 1 a\n", "bad date 'yesterday' in field 'Date' of Release");
    refuses("Valid-Until: Sat, 31 Feb 2023 00:00:00 UTC\nSHA256:\n " A64 " 1 a\n",
            "bad date 'Sat, 31 Feb 2023 00:00:00 UTC' in field 'Valid-Until' of Release");
}

static void dates(const char *text, int64_t expected)
{
    int64_t seconds = -1;
    assert_int_equal(release_parse_date(str_z(text), &seconds), expected >= 0);
    assert_int_equal(seconds, expected >= 0 ? expected : -1);
}

static void test_dates(void **state)
{
    (void)state;
    dates("Thu, 01 Jan 1970 00:00:00 UTC", 0);
    dates("Thu, 1 Jan 1970 0:00:01 GMT", 1);
    dates("Thu, 29 Feb 2024 23:59:60 +0000", 1709251200);
    dates("Tue, 29 Feb 2000 12:00:00 Z", 951825600);
    dates("Fri, 31 Dec 9999 23:59:59 UTC", 253402300799);
    dates("Thu, 29 Feb 2100 00:00:00 UTC", -1);
    dates("Thu, 29 Feb 2023 00:00:00 UTC", -1);
    dates("Thu, 00 Jan 1970 00:00:00 UTC", -1);
    dates("Thu, 01 Jan 1969 00:00:00 UTC", -1);
    dates("Thu, 01 Foo 1970 00:00:00 UTC", -1);
    dates("Thu, 01 Jan 1970 24:00:00 UTC", -1);
    dates("Thu, 01 Jan 1970 00:00 UTC", -1);
    dates("Thu, 01 Jan 1970 00:00:00", -1);
    dates("Thu, 01 Jan 1970 00:00:00 CET", -1);
    dates("Thu, 01 Jan 1970 00:00:00 UTC x", -1);
    dates("2023-06-10", -1);
    dates("", -1);
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct release release = {.file_count = 77};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = parse(sample, &arena, &release, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit)
            break;
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(release.file_count, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),  cmocka_unit_test(test_files), cmocka_unit_test(test_absent_fields),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_dates), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
