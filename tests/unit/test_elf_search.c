/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "elf/ldcache.h"
#include "elf/search.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct elf_search debian = {.machine = ELF_MACHINE_AMD64};

static struct elf_file with_rpath(const char *rpath)
{
    return (struct elf_file){.rpath = str_z(rpath), .has_rpath = true};
}

static struct elf_file with_runpath(const char *runpath)
{
    return (struct elf_file){.runpath = str_z(runpath), .has_runpath = true};
}

static struct elf_requester asks(const struct elf_file *file, const char *path, const struct elf_requester *loader)
{
    return (struct elf_requester){file, str_z(path), loader};
}

/* The candidates, joined with spaces, are EXPECTED. */
static void expect(const struct elf_search *search, const struct elf_requester *requester, const char *name,
                   const char *expected)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_paths paths;
    assert_int_equal(elf_search_candidates(search, requester, str_z(name), &arena, &paths, &err), 0);
    for (size_t i = 0; i < paths.len; i++)
        buf_addf(&text, "%s%.*s", i ? " " : "", STR_ARG(paths.ptr[i]));
    assert_string_equal(buf_z(&text), expected);
}

#define DEFAULTS "/lib/x86_64-linux-gnu/liba.so.1 /usr/lib/x86_64-linux-gnu/liba.so.1 /lib/liba.so.1 /usr/lib/liba.so.1"

static void test_defaults(void **state)
{
    (void)state;
    struct elf_file plain = {0};
    struct elf_requester program = asks(&plain, "/opt/app/bin/app", NULL);
    expect(&debian, &program, "liba.so.1", DEFAULTS);
    struct elf_search search = {.machine = ELF_MACHINE_ARM64};
    expect(&search, &program, "a", "/lib/aarch64-linux-gnu/a /usr/lib/aarch64-linux-gnu/a /lib/a /usr/lib/a");
    search.style = ELF_SEARCH_UPSTREAM;
    expect(&search, &program, "a", "/lib64/a /usr/lib64/a /lib/a /usr/lib/a");
    search.machine = ELF_MACHINE_I386;
    expect(&search, &program, "a", "/lib/a /usr/lib/a");
    search.style = ELF_SEARCH_MUSL;
    expect(&search, &program, "a", "/lib/a /usr/local/lib/a /usr/lib/a");
    search = (struct elf_search){.machine = ELF_MACHINE_UNKNOWN};
    expect(&search, &program, "a", "/lib/a /usr/lib/a");
}

static void test_rpath_is_inherited_runpath_is_not(void **state)
{
    (void)state;
    struct elf_file program_file = with_rpath("/p1:$ORIGIN/../lib");
    struct elf_file middle_file = with_rpath("/m");
    struct elf_file plain = {0};
    struct elf_requester program = asks(&program_file, "/opt/app/bin/app", NULL);
    struct elf_requester middle = asks(&middle_file, "/m/libm.so", &program);
    struct elf_requester leaf = asks(&plain, "/m/libleaf.so", &middle);
    expect(&debian, &program, "liba.so.1", "/p1/liba.so.1 /opt/app/bin/../lib/liba.so.1 " DEFAULTS);
    expect(&debian, &leaf, "liba.so.1", "/m/liba.so.1 /p1/liba.so.1 /opt/app/bin/../lib/liba.so.1 " DEFAULTS);

    struct elf_file runpath = with_runpath("/r:$ORIGIN");
    struct elf_requester modern = asks(&runpath, "/x/libmodern.so", &middle);
    expect(&debian, &modern, "liba.so.1", "/r/liba.so.1 /x/liba.so.1 " DEFAULTS);
    struct elf_requester below = asks(&plain, "/x/libbelow.so", &modern);
    expect(&debian, &below, "liba.so.1", "/m/liba.so.1 /p1/liba.so.1 /opt/app/bin/../lib/liba.so.1 " DEFAULTS);
}

static void test_runpath_disables_own_rpath(void **state)
{
    (void)state;
    struct elf_file both = {.rpath = STR("/old"), .has_rpath = true, .runpath = STR("/new"), .has_runpath = true};
    struct elf_file plain = {0};
    struct elf_requester program = asks(&both, "/bin/p", NULL);
    struct elf_requester library = asks(&plain, "/new/liba.so", &program);
    expect(&debian, &program, "liba.so.1", "/new/liba.so.1 " DEFAULTS);
    expect(&debian, &library, "liba.so.1", DEFAULTS);
    struct elf_file empty = {.runpath = STR(""), .has_runpath = true, .rpath = STR("/old"), .has_rpath = true};
    program = asks(&empty, "/bin/p", NULL);
    expect(&debian, &program, "liba.so.1", DEFAULTS);
}

static void test_musl(void **state)
{
    (void)state;
    struct elf_search search = {.machine = ELF_MACHINE_AMD64, .style = ELF_SEARCH_MUSL};
    struct elf_file program_file = with_runpath("/app/lib");
    struct elf_file plain = {0};
    struct elf_requester program = asks(&program_file, "/app/p", NULL);
    struct elf_requester library = asks(&plain, "/app/lib/liba.so", &program);
    expect(&search, &library, "b", "/app/lib/b /lib/b /usr/local/lib/b /usr/lib/b");
}

static void test_names_with_a_slash(void **state)
{
    (void)state;
    struct elf_file runpath = with_runpath("/r");
    struct elf_requester program = asks(&runpath, "/opt/app/bin/app", NULL);
    struct elf_search search = {.machine = ELF_MACHINE_AMD64, .working_dir = STR("/srv//data/")};
    expect(&search, &program, "/usr//lib/./libx.so", "/usr/lib/libx.so");
    expect(&search, &program, "$ORIGIN/../lib/libx.so", "/opt/app/bin/../lib/libx.so");
    expect(&search, &program, "./libx.so", "/srv/data/libx.so");
    expect(&search, &program, "sub/libx.so", "/srv/data/sub/libx.so");
    expect(&debian, &program, "./libx.so", "/libx.so");
}

static void test_relative_and_empty_elements(void **state)
{
    (void)state;
    struct elf_file runpath = with_runpath(":lib:.");
    struct elf_requester program = asks(&runpath, "/bin/p", NULL);
    struct elf_search search = {.machine = ELF_MACHINE_AMD64, .working_dir = STR("/w")};
    expect(&search, &program, "liba.so.1", "/w/liba.so.1 /w/lib/liba.so.1 " DEFAULTS);
}

static void test_order_of_all_sources(void **state)
{
    (void)state;
    const struct elf_ldcache_entry entries[] = {
        {.name = STR("liba.so.1"), .path = STR("/foreign/liba.so.1"), .flags = 0x0003},
        {.name = STR("liba.so.1"), .path = STR("/better/liba.so.1"), .hwcaps = STR("x86-64-v3"), .flags = 0x0303},
        {.name = STR("liba.so.1"), .path = STR("/cached/liba.so.1"), .flags = 0x0303},
        {.name = STR("liba.so.1"), .path = STR("/cached-later/liba.so.1"), .flags = 0x0303},
        {.name = STR("libd.so.1"), .path = STR("/usr/lib/sub/libd.so.1"), .flags = 0x0303},
    };
    const struct elf_ldcache cache = {.entries = entries, .count = ARRAY_LEN(entries)};
    const struct str dirs[] = {STR("/usr/local/lib"), STR("/usr/lib/more")};
    const struct str library_path[] = {STR("/env"), STR("$ORIGIN/env")};
    struct elf_search search = {.machine = ELF_MACHINE_AMD64,
                                .cache = &cache,
                                .cached_dirs = dirs,
                                .cached_dir_count = 2,
                                .library_path = library_path,
                                .library_path_count = 2};
    struct elf_file program_file = with_rpath("/rpath");
    struct elf_requester program = asks(&program_file, "/bin/p", NULL);
    expect(&search, &program, "liba.so.1",
           "/rpath/liba.so.1 /env/liba.so.1 /bin/env/liba.so.1 /cached/liba.so.1 /usr/local/lib/liba.so.1 "
           "/usr/lib/more/liba.so.1 " DEFAULTS);
    struct elf_file strict = {.no_default_dirs = true};
    program = asks(&strict, "/bin/p", NULL);
    search.library_path_count = 0;
    expect(&search, &program, "liba.so.1", "/cached/liba.so.1 /usr/local/lib/liba.so.1");
    expect(&search, &program, "libd.so.1", "/usr/local/lib/libd.so.1");
}

static void test_hwcaps_come_first(void **state)
{
    (void)state;
    const struct str hwcaps[] = {STR("glibc-hwcaps/x86-64-v3"), STR("glibc-hwcaps/x86-64-v2")};
    struct elf_search search = {
        .machine = ELF_MACHINE_I386, .style = ELF_SEARCH_UPSTREAM, .hwcaps = hwcaps, .hwcap_count = 2};
    struct elf_file plain = {0};
    struct elf_requester program = asks(&plain, "/bin/p", NULL);
    expect(&search, &program, "a",
           "/lib/glibc-hwcaps/x86-64-v3/a /lib/glibc-hwcaps/x86-64-v2/a /lib/a "
           "/usr/lib/glibc-hwcaps/x86-64-v3/a /usr/lib/glibc-hwcaps/x86-64-v2/a /usr/lib/a");
}

static void test_duplicates_go(void **state)
{
    (void)state;
    struct elf_file runpath = with_runpath("/lib:/lib/:/usr/lib/x86_64-linux-gnu:/lib/.");
    struct elf_requester program = asks(&runpath, "/bin/p", NULL);
    expect(&debian, &program, "a", "/lib/a /usr/lib/x86_64-linux-gnu/a /lib/x86_64-linux-gnu/a /usr/lib/a");
}

static void expands(const struct elf_search *search, const char *text, const char *expected)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    elf_search_expand(search, STR("/o"), str_z(text), &out);
    assert_string_equal(buf_z(&out), expected);
}

static void test_expansion(void **state)
{
    (void)state;
    expands(&debian, "$ORIGIN/../lib", "/o/../lib");
    expands(&debian, "${ORIGIN}/x", "/o/x");
    expands(&debian, "${ORIGIN}x", "/ox");
    expands(&debian, "a$ORIGIN", "a/o");
    expands(&debian, "/$LIB/y", "/lib/x86_64-linux-gnu/y");
    expands(&debian, "/$PLATFORM/${LIB}", "/x86_64/lib/x86_64-linux-gnu");
    expands(&debian, "$ORIGINAL/x", "$ORIGINAL/x");
    expands(&debian, "$ORIGIN_1", "$ORIGIN_1");
    expands(&debian, "${ORIGIN", "${ORIGIN");
    expands(&debian, "${ORIGIN1}", "${ORIGIN1}");
    expands(&debian, "$", "$");
    expands(&debian, "$$ORIGIN", "$/o");
    expands(&debian, "${}", "${}");
    expands(&debian, "", "");
    struct elf_search search = {.machine = ELF_MACHINE_AMD64, .style = ELF_SEARCH_UPSTREAM, .platform = STR("haswell")};
    expands(&search, "/$LIB/$PLATFORM", "/lib64/haswell");
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct elf_paths paths = {NULL, 7};
    struct buf many CLEANUP_BUF = BUF_INIT;
    for (unsigned i = 0; i <= LIMIT_ELF_CANDIDATES; i++)
        buf_addf(&many, "/d%u:", i);
    struct elf_file runpath = with_runpath(buf_z(&many));
    struct elf_requester program = asks(&runpath, "/bin/p", NULL);
    assert_int_equal(elf_search_candidates(&debian, &program, STR("a"), &arena, &paths, &err), -ERR_LIMIT);
    assert_int_equal(paths.len, 7);
    char name[LIMIT_ELF_NAME_BYTES];
    memset(name, 'x', sizeof(name));
    struct elf_file plain = {0};
    program = asks(&plain, "/bin/p", NULL);
    assert_int_equal(elf_search_candidates(&debian, &program, str_of(name, sizeof(name)), &arena, &paths, &err), 0);
    assert_int_equal(paths.len, 0);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    struct elf_file program_file = with_rpath("/p1:$ORIGIN/../lib");
    struct elf_requester program = asks(&program_file, "/opt/app/bin/app", NULL);
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct elf_paths paths = {0};
        fault_arm(FAULT_ALLOC, n);
        int r = elf_search_candidates(&debian, &program, STR("liba.so.1"), &arena, &paths, &err);
        fault_disarm();
        if (!r) {
            assert_true(n > 3);
            assert_int_equal(paths.len, 6);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_rpath_is_inherited_runpath_is_not),
        cmocka_unit_test(test_runpath_disables_own_rpath),
        cmocka_unit_test(test_musl),
        cmocka_unit_test(test_names_with_a_slash),
        cmocka_unit_test(test_relative_and_empty_elements),
        cmocka_unit_test(test_order_of_all_sources),
        cmocka_unit_test(test_hwcaps_come_first),
        cmocka_unit_test(test_duplicates_go),
        cmocka_unit_test(test_expansion),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
