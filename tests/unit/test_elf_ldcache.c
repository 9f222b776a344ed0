/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/num.h"
#include "elf/ldcache.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GENERATOR "ldconfig (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36"

/* In the order in which ldconfig meets them: directory by directory. */
static const struct elf_ldcache_entry entries[] = {
    {.name = STR_INIT("libfoo.so.1"), .path = STR_INIT("/usr/local/lib/libfoo.so.1"), .flags = 0x303},
    {.name = STR_INIT("libfoo.so.1"),
     .path = STR_INIT("/usr/local/lib/glibc-hwcaps/x86-64-v3/libfoo.so.1"),
     .hwcaps = STR_INIT("x86-64-v3"),
     .isa_level = 2,
     .flags = 0x303},
    {.name = STR_INIT("libc.so.6"), .path = STR_INIT("/lib/x86_64-linux-gnu/libc.so.6"), .flags = 0x303},
    {.name = STR_INIT("libfoo.so.10"), .path = STR_INIT("/lib/x86_64-linux-gnu/libfoo.so.10"), .flags = 0x303},
    {.name = STR_INIT("ld-linux-x86-64.so.2"),
     .path = STR_INIT("/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
     .flags = 0x303},
    {.name = STR_INIT("libfoo.so.1"), .path = STR_INIT("/opt/x/libfoo.so.1"), .flags = 0x303},
    {.name = STR_INIT("libc.so.6"), .path = STR_INIT("/opt/x/libc.so.6"), .flags = 0x003},
    {.name = STR_INIT("libnosoname.so"), .path = STR_INIT("/opt/x/libnosoname.so"), .flags = 0x303},
    {.name = STR_INIT("libbar.so.2"), .path = STR_INIT("/opt/x/libbar.so.2"), .flags = 0x303},
};
static const struct elf_ldcache whole = {entries, ARRAY_LEN(entries), STR_INIT(GENERATOR), false};

/* What ldconfig of glibc 2.36 wrote for these: 9 entries, sorted, tails of strings shared, one hwcaps directory. */
static const char expected_strings[] = "/opt/x/libnosoname.so\0"
                                       "/opt/x/libc.so.6\0"
                                       "/lib/x86_64-linux-gnu/libc.so.6\0"
                                       "x86-64-v3\0"
                                       "/opt/x/libbar.so.2\0"
                                       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\0"
                                       "/opt/x/libfoo.so.1\0"
                                       "/usr/local/lib/libfoo.so.1\0"
                                       "/usr/local/lib/glibc-hwcaps/x86-64-v3/libfoo.so.1\0"
                                       "/lib/x86_64-linux-gnu/libfoo.so.10";
static const uint32_t expected_entries[][6] = {
    {0x303, 0x10f, 0x108, 0, 0, 0}, {0x303, 0x20d, 0x1f7, 0, 0, 0}, {0x303, 0x1eb, 0x1c5, 0, 0, 0x40000002},
    {0x303, 0x1eb, 0x1aa, 0, 0, 0}, {0x303, 0x1eb, 0x197, 0, 0, 0}, {0x303, 0x145, 0x12f, 0, 0, 0},
    {0x003, 0x145, 0x11e, 0, 0, 0}, {0x303, 0x160, 0x159, 0, 0, 0}, {0x303, 0x182, 0x16c, 0, 0, 0},
};
static const uint32_t expected_extension[] = {0xeaa42174, 2, 0, 0, 0x248, 0x43, 1, 0, 0x244, 4, 0x14f};

static void write_cache(const struct elf_ldcache *cache, enum elf_machine machine, struct buf *out)
{
    struct err err = ERR_INIT;
    if (elf_ldcache_write(cache, machine, out, &err))
        fail_msg("%s", err.message);
}

static void test_writes_what_ldconfig_writes(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    write_cache(&whole, ELF_MACHINE_AMD64, &out);
    assert_int_equal(out.len, 0x248 + 0x43);
    assert_memory_equal(out.ptr,
                        "glibc-ld.so.cache1.1\x09\0\0\0\x12\x01\0\0\x02\0\0\0\x1c\x02\0\0\0\0\0\0\0\0\0\0\0\0\0", 48);
    for (size_t i = 0; i < ARRAY_LEN(expected_entries); i++)
        for (size_t field = 0; field < 6; field++)
            assert_int_equal(num_le32(out.ptr + 48 + 24 * i + 4 * field), expected_entries[i][field]);
    assert_int_equal(sizeof(expected_strings), 0x112);
    assert_memory_equal(out.ptr + 0x108, expected_strings, sizeof(expected_strings));
    assert_memory_equal(out.ptr + 0x21a, "\0\0", 2);
    for (size_t i = 0; i < ARRAY_LEN(expected_extension); i++)
        assert_int_equal(num_le32(out.ptr + 0x21c + 4 * i), expected_extension[i]);
    assert_memory_equal(out.ptr + 0x248, GENERATOR, 0x43);
}

static void check_round_trip(enum elf_machine machine)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT, again CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache;
    write_cache(&whole, machine, &out);
    assert_int_equal(elf_ldcache_read(buf_str(&out), &arena, &cache, &err), 0);
    assert_int_equal(cache.is_big_endian, elf_machine_info(machine)->is_big_endian);
    assert_int_equal(cache.count, ARRAY_LEN(entries));
    assert_true(str_eq(cache.generator, STR(GENERATOR)));
    assert_true(str_eq(cache.entries[2].hwcaps, STR("x86-64-v3")));
    assert_int_equal(cache.entries[2].isa_level, 2);
    write_cache(&cache, machine, &again);
    assert_true(str_eq(buf_str(&out), buf_str(&again)));
    size_t cursor = 0;
    const struct elf_ldcache_entry *entry = elf_ldcache_find(&cache, STR("libfoo.so.1"), 0x303, &cursor);
    assert_true(str_eq(entry->path, STR("/usr/local/lib/libfoo.so.1")));
    entry = elf_ldcache_find(&cache, STR("libfoo.so.1"), 0x303, &cursor);
    assert_true(str_eq(entry->path, STR("/opt/x/libfoo.so.1")));
    assert_null(elf_ldcache_find(&cache, STR("libfoo.so.1"), 0x303, &cursor));
    cursor = 0;
    assert_true(str_eq(elf_ldcache_find(&cache, STR("libc.so.6"), 0x003, &cursor)->path, STR("/opt/x/libc.so.6")));
}

static void test_reads_what_it_wrote(void **state)
{
    (void)state;
    check_round_trip(ELF_MACHINE_AMD64);
    check_round_trip(ELF_MACHINE_S390X);
}

static void test_empty(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache = {0};
    write_cache(&cache, ELF_MACHINE_ARM64, &out);
    assert_int_equal(out.len, 48 + 24);
    cache.count = 5;
    assert_int_equal(elf_ldcache_read(buf_str(&out), &arena, &cache, &err), 0);
    assert_int_equal(cache.count, 0);
}

/* ldconfig -c compat puts the old format before the new one. */
static void test_behind_the_old_format(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache;
    char old[16 + 2 * 12] = "ld.so-1.7.0";
    old[12] = 2;
    buf_add(&out, old, sizeof(old));
    write_cache(&whole, ELF_MACHINE_AMD64, &out);
    assert_int_equal(elf_ldcache_read(buf_str(&out), &arena, &cache, &err), 0);
    assert_int_equal(cache.count, ARRAY_LEN(entries));
    assert_true(str_eq(cache.entries[0].path, STR("/opt/x/libnosoname.so")));
    assert_int_equal(elf_ldcache_read(str_of(old, sizeof(old)), &arena, &cache, &err), -ERR_INVALID);
}

static void expect_refusal(struct str bytes, const char *part)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache = {.count = 77};
    assert_int_equal(elf_ldcache_read(bytes, &arena, &cache, &err), -ERR_INVALID);
    assert_int_equal(cache.count, 77);
    if (!strstr(err.message, part))
        fail_msg("'%s' is not in '%s'", part, err.message);
}

static void test_damage(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    write_cache(&whole, ELF_MACHINE_AMD64, &out);
    expect_refusal(STR_NONE, "not a loader's cache");
    expect_refusal(STR("glibc-ld.so.cache1.0"), "not a loader's cache");
    expect_refusal(str_head(buf_str(&out), 47), "truncated");
    expect_refusal(str_head(buf_str(&out), 48 + 24 * 8), "truncated");
    expect_refusal(str_head(buf_str(&out), 48 + 24 * 9), "lies outside");
    num_put_le32(out.ptr + 48 + 8, 0xffffffff);
    expect_refusal(buf_str(&out), "string of entry 0 lies outside");
    num_put_le32(out.ptr + 48 + 8, (uint32_t)out.len - 1); /* no NUL from here on */
    expect_refusal(buf_str(&out), "string of entry 0 lies outside");
}

static void test_order_of_names(void **state)
{
    (void)state;
    assert_true(elf_ldcache_name_cmp(STR("libfoo.so.9"), STR("libfoo.so.10"), true) < 0);
    assert_true(elf_ldcache_name_cmp(STR("libfoo.so.10"), STR("libfoo.so.9"), true) > 0);
    assert_true(elf_ldcache_name_cmp(STR("liba"), STR("libb"), true) < 0);
    assert_true(elf_ldcache_name_cmp(STR("lib1"), STR("liba"), true) > 0);
    assert_true(elf_ldcache_name_cmp(STR("liba"), STR("lib1"), true) < 0);
    assert_true(elf_ldcache_name_cmp(STR("lib"), STR("lib1"), true) < 0);
    assert_true(elf_ldcache_name_cmp(STR("liba"), STR("lib"), true) > 0);
    assert_int_equal(elf_ldcache_name_cmp(STR("lib01"), STR("lib1"), true), 0);
    assert_int_equal(elf_ldcache_name_cmp(STR(""), STR(""), true), 0);
    assert_true(elf_ldcache_name_cmp(STR("lib\xc3"), STR("liba"), true) < 0);
    assert_true(elf_ldcache_name_cmp(STR("lib\xc3"), STR("liba"), false) > 0);
    assert_true(elf_ldcache_name_cmp(STR("l9999999999999999999999"), STR("l1"), true) != 0);
}

static void test_file_names(void **state)
{
    (void)state;
    const char *taken[] = {"libc.so.6", "libfoo.so", "libfoo-1.2.so", "ld-linux-x86-64.so.2", "ld64.so.2"};
    const char *left[] = {
        "foo.so", "libfoo.a", "lib", "libfoo.so.dpkg-new", "libfoo.so.1.dpkg-tmp", "libfoo.so.#prelink#.x", "ld", ""};
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        assert_true(elf_ldcache_takes(str_z(taken[i])));
    for (size_t i = 0; i < ARRAY_LEN(left); i++)
        assert_false(elf_ldcache_takes(str_z(left[i])));
}

static void test_flags(void **state)
{
    (void)state;
    struct elf_file file = {.machine = ELF_MACHINE_AMD64};
    assert_int_equal(elf_ldcache_flags(&file), 0x303);
    file.machine = ELF_MACHINE_ARMHF;
    assert_int_equal(elf_ldcache_flags(&file), 0x903);
    file.machine = ELF_MACHINE_I386;
    assert_int_equal(elf_ldcache_flags(&file), 1);
    file.libc = ELF_LIBC_GLIBC;
    assert_int_equal(elf_ldcache_flags(&file), 3);
    const struct elf_ldcache_entry plain = {.name = STR("a"), .path = STR("/a"), .flags = 1};
    const struct elf_ldcache cache = {.entries = &plain, .count = 1};
    size_t cursor = 0;
    assert_ptr_equal(elf_ldcache_find(&cache, STR("a"), 3, &cursor), &plain);
    cursor = 0;
    assert_null(elf_ldcache_find(&cache, STR("a"), 0x303, &cursor));
}

static void test_nul_is_refused(void **state)
{
    (void)state;
    const struct elf_ldcache_entry bad = {.name = STR("lib\0x"), .path = STR("/lib")};
    struct elf_ldcache cache = {.entries = &bad, .count = 1};
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_z(&out, "before");
    assert_int_equal(elf_ldcache_write(&cache, ELF_MACHINE_AMD64, &out, &err), -ERR_INVALID);
    assert_string_equal(buf_z(&out), "before");
}

static void test_failing_allocations(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct err err = ERR_INIT;
        struct elf_ldcache cache = {0};
        fault_arm(FAULT_ALLOC, n);
        int r = elf_ldcache_write(&whole, ELF_MACHINE_AMD64, &out, &err);
        if (!r)
            r = elf_ldcache_read(buf_str(&out), &arena, &cache, &err);
        fault_disarm();
        if (!r) {
            assert_true(n > 10);
            assert_int_equal(cache.count, ARRAY_LEN(entries));
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(cache.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_what_ldconfig_writes),
        cmocka_unit_test(test_reads_what_it_wrote),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_behind_the_old_format),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_order_of_names),
        cmocka_unit_test(test_file_names),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_nul_is_refused),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
