/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf_fixture.h"
#include "pack/symbol_versions.h"

#include <string.h>

struct world {
    struct arena arena;
    struct elf_closure *closure;
    struct str library; /* bytes of /app/libown.so, empty: none */
};

static int open_own(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err UNUSED)
{
    const struct world *world = self;
    *ret_found = world->library.len && str_eq(path, STR("/app/libown.so"));
    if (*ret_found)
        *ret = (struct elf_candidate){.path = path, .bytes = world->library};
    return 0;
}

static struct str built(struct world *world, const struct elf_fixture *fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    return arena_str(&world->arena, buf_str(&bytes));
}

static int begin(struct world *world, const struct elf_fixture *program, const struct elf_fixture *library)
{
    *world = (struct world){.arena = ARENA_INIT};
    if (library)
        world->library = built(world, library);
    struct elf_search search = {.machine = ELF_MACHINE_AMD64, .style = ELF_SEARCH_DEBIAN};
    struct elf_provider provider = {.open = open_own, .self = world};
    struct elf_candidate root = {.path = STR("/app/server"), .bytes = built(world, program)};
    int r = elf_closure_new(&search, &provider, &world->arena, &world->closure, NULL);
    return r == 0 ? elf_closure_add(world->closure, &root, ELF_OBJECT_PROGRAM, NULL, NULL) : r;
}

static void end(struct world *world)
{
    elf_closure_free(world->closure);
    arena_done(&world->arena);
}

static struct base_record debian(void)
{
    static struct str versions[] = {STR_INIT("GLIBC_2.2.5"), STR_INIT("GLIBC_2.4"), STR_INIT("GLIBC_2.36"),
                                    STR_INIT("GLIBC_PRIVATE")};
    static const struct base_library libraries[] = {
        {STR_INIT("libc.so.6"), STR_INIT("/lib/libc.so.6"), STR_INIT("libc6"), {versions, 4}},
        {STR_INIT("libplain.so"), STR_INIT("/lib/libplain.so"), STR_INIT("plain"), {NULL, 0}},
        {STR_INIT("libown.so"), STR_INIT("/lib/libown.so"), STR_INIT("own"), {versions, 1}},
    };
    return (struct base_record){.libraries = libraries, .library_count = ARRAY_LEN(libraries)};
}

#define PROGRAM .interpreter = "/lib64/ld-linux-x86-64.so.2"

static int check(const struct elf_fixture *program, const struct elf_fixture *library, struct err *err)
{
    struct world world;
    struct base_record record = debian();
    assert_int_equal(begin(&world, program, library), 0);
    int r = symbol_versions_check(world.closure, &record, STR("bookworm"), err);
    end(&world);
    return r;
}

static void test_accepts(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct elf_fixture program = {PROGRAM, .needed = {"libc.so.6", "libplain.so"},
                                  .needs = {{"libc.so.6", "GLIBC_2.36"},
                                            {"libplain.so", "ANY_1"},
                                            {"libelsewhere.so", "X_9"},
                                            {"libc.so.6", "GLIBC_2.99", true}}};
    assert_int_equal(check(&program, NULL, &err), 0);
}

static void test_refuses(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct elf_fixture program = {PROGRAM, .needed = {"libc.so.6"}, .needs = {{"libc.so.6", "GLIBC_2.38"}},
                                  .imports = {"__isoc23_strtol"}};
    assert_int_equal(check(&program, NULL, &err), -(int)ERR_SYMBOL_VERSION);
    assert_string_equal(err.message, "'/app/server' needs GLIBC_2.38 of 'libc.so.6' (for '__isoc23_strtol'), and the "
                                     "one of Debian bookworm goes only up to GLIBC_2.36");
    assert_non_null(strstr(err.hint, "--suite trixie"));
    program.needs[0].version = "OTHER_1";
    assert_int_equal(check(&program, NULL, &err), -(int)ERR_SYMBOL_VERSION);
    assert_non_null(strstr(err.message, "has no such version"));
}

/* A library of the application's own hides the archive's, whatever that one has. */
static void test_own(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct elf_fixture program = {PROGRAM, .runpath = "$ORIGIN", .needed = {"libown.so"},
                                  .needs = {{"libown.so", "OWN_2"}}};
    struct elf_fixture newer = {.soname = "libown.so", .definitions = {"libown.so", "OWN_1", "OWN_2"}};
    struct elf_fixture older = {.soname = "libown.so", .definitions = {"libown.so", "OWN_1"}};
    assert_int_equal(check(&program, &newer, &err), 0);
    assert_int_equal(check(&program, &older, &err), -(int)ERR_SYMBOL_VERSION);
    assert_string_equal(err.message,
                        "'/app/server' needs OWN_2 of 'libown.so', and '/app/libown.so' goes only up to OWN_1");
    assert_true(err.hint[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepts), cmocka_unit_test(test_refuses),
                                       cmocka_unit_test(test_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
