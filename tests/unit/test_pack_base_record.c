/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "pack/base_record.h"

#define TEXT                                                                                                           \
    "{\"layer_key\":\"abc.gzip.0\","                                                                                   \
    "\"packages\":[{\"name\":\"libc6\",\"version\":\"2.36-9\",\"architecture\":\"amd64\",\"whole\":false,"             \
    "\"files\":3,\"unpacked_bytes\":2000}],"                                                                           \
    "\"libraries\":[{\"soname\":\"libc.so.6\",\"path\":\"/usr/lib/libc.so.6\",\"package\":\"libc6\","                  \
    "\"versions\":[\"GLIBC_2.2.5\",\"GLIBC_2.36\"]}],"                                                                 \
    "\"dropped\":[{\"what\":\"manuals\",\"reason\":\"nobody reads\",\"unpacked_bytes\":7}],"                           \
    "\"modules\":[\"flask\",\"yaml\"],\"distributions\":[\"flask\",\"pyyaml\"],"                                       \
    "\"paths\":[\"/usr/bin/x\"]}"

static struct base_record sample(void)
{
    static struct str versions[] = {STR_INIT("GLIBC_2.2.5"), STR_INIT("GLIBC_2.36")};
    static const struct build_package packages[] = {
        {STR_INIT("libc6"), STR_INIT("2.36-9"), STR_INIT("amd64"), false, 3, 2000}};
    static const struct base_library libraries[] = {
        {STR_INIT("libc.so.6"), STR_INIT("/usr/lib/libc.so.6"), STR_INIT("libc6"), {versions, 2}}};
    static const struct build_dropped dropped[] = {{STR_INIT("manuals"), STR_INIT("nobody reads"), 7}};
    static struct str modules[] = {STR_INIT("flask"), STR_INIT("yaml")};
    static struct str distributions[] = {STR_INIT("flask"), STR_INIT("pyyaml")};
    static struct str paths[] = {STR_INIT("/usr/bin/x")};
    return (struct base_record){.layer_key = STR("abc.gzip.0"),
                                .packages = packages,
                                .package_count = 1,
                                .libraries = libraries,
                                .library_count = 1,
                                .dropped = dropped,
                                .dropped_count = 1,
                                .modules = {modules, 2},
                                .distributions = {distributions, 2},
                                .paths = {paths, 1}};
}

static void test_writes(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct base_record record = sample();
    assert_int_equal(base_record_write(&out, &record, NULL), 0);
    assert_string_equal(buf_z(&out), TEXT);
}

static void test_reads(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct base_record record;
    assert_int_equal(base_record_read(&arena, STR(TEXT), &record, NULL), 0);
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(base_record_write(&out, &record, NULL), 0);
    assert_string_equal(buf_z(&out), TEXT);
    const struct base_library *library = base_record_library(&record, STR("libc.so.6"));
    assert_non_null(library);
    assert_true(str_eq_z(library->versions.items[1], "GLIBC_2.36"));
    assert_null(base_record_library(&record, STR("libm.so.6")));
}

/* A record that was cut anywhere, or says something else, is refused and leaves the output alone. */
static void test_damage(void **state)
{
    (void)state;
    struct str whole = STR(TEXT);
    for (size_t len = 0; len < whole.len; len++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct base_record record = {.package_count = 77};
        struct err err = ERR_INIT;
        assert_int_equal(base_record_read(&arena, str_head(whole, len), &record, &err), -(int)ERR_INVALID);
        assert_int_equal(record.package_count, 77);
    }
    static const char *const wrong[] = {"[]", "null", "{}", "{\"layer_key\":1,\"packages\":[],\"libraries\":[]}"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct base_record record;
        assert_int_equal(base_record_read(&arena, str_z(wrong[i]), &record, NULL), -(int)ERR_INVALID);
    }
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct base_record record = {.package_count = 77};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = base_record_read(&arena, STR(TEXT), &record, &err);
        fault_disarm();
        if (r == 0)
            break;
        assert_int_equal(err.code, ERR_NOMEM);
        assert_int_equal(record.package_count, 77);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
