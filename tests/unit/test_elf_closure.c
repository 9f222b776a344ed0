/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "base/limits.h"
#include "elf/closure.h"
#include "elf_fixture.h"
#include "io/file.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LOADER "/lib64/ld-linux-x86-64.so.2"

/* A file system of a handful of files; those "elsewhere" come only by being asked for as missing. */
struct world_file {
    const char *path;
    const char *real; /* set: PATH leads there */
    struct elf_fixture fixture;
    const char *text; /* instead of the fixture */
    bool elsewhere;
};

struct world {
    const struct world_file *files;
    size_t count;
    struct buf *bytes;
    struct buf asked; /* names asked for elsewhere, each with a space */
    struct arena arena;
    struct elf_closure *closure;
};

static void give(struct world *world, size_t i, struct elf_candidate *ret)
{
    const struct world_file *file = &world->files[i];
    ret->bytes = buf_str(&world->bytes[i]);
    ret->tag = &world->bytes[i];
    ret->path = str_z(file->path);
    if (file->real)
        ret->real_path = str_z(file->real);
}

static int world_open(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct world *world = self;
    (void)err;
    for (size_t i = 0; i < world->count && !*ret_found; i++)
        if (!world->files[i].elsewhere && str_eq_z(path, world->files[i].path)) {
            give(world, i, ret);
            *ret_found = true;
        }
    return 0;
}

static int world_missing(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                         bool *ret_found, struct err *err)
{
    struct world *world = self;
    (void)err;
    assert_non_null(needed_by);
    buf_add_str(&world->asked, name);
    buf_add_char(&world->asked, ' ');
    for (size_t i = 0; i < world->count && !*ret_found; i++)
        if (world->files[i].elsewhere && str_ends(str_z(world->files[i].path), name)) {
            give(world, i, ret);
            *ret_found = true;
        }
    return 0;
}

static void world_init(struct world *world, const struct world_file *files, size_t count)
{
    *world = (struct world){.files = files, .count = count, .asked = BUF_INIT, .arena = ARENA_INIT};
    world->bytes = mem_calloc(count, sizeof(*world->bytes));
    for (size_t i = 0; i < count; i++) {
        const struct world_file *file = &files[i];
        if (file->text)
            buf_add_z(&world->bytes[i], file->text);
        else
            elf_fixture_build(&file->fixture, &world->bytes[i]);
    }
}

static void world_done(struct world *world)
{
    elf_closure_free(world->closure);
    arena_done(&world->arena);
    for (size_t i = 0; i < world->count; i++)
        buf_done(&world->bytes[i]);
    mem_free(world->bytes);
    buf_done(&world->asked);
}

static int start(struct world *world, struct err *err)
{
    struct elf_search search = {.machine = ELF_MACHINE_UNKNOWN};
    struct elf_provider provider = {.open = world_open, .missing = world_missing, .self = world};
    return elf_closure_new(&search, &provider, &world->arena, &world->closure, err);
}

static int add(struct world *world, const char *path, enum elf_object_kind kind, struct err *err)
{
    struct elf_candidate root = {.path = str_z(path)};
    return elf_closure_add(world->closure, &root, kind, NULL, err);
}

static void close_over(struct world *world, const struct world_file *files, size_t count, const char *program)
{
    struct err err = ERR_INIT;
    world_init(world, files, count);
    if (start(world, &err) || add(world, program, ELF_OBJECT_PROGRAM, &err))
        fail_msg("%s", err.message);
}

/* Paths in load order, and names that stayed unresolved behind a "!", joined with spaces. */
static void expect(struct world *world, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < elf_closure_count(world->closure); i++)
        buf_addf(&text, "%s%.*s", i ? " " : "", STR_ARG(elf_closure_at(world->closure, i)->as_requester.path));
    for (size_t i = 0; i < elf_closure_unresolved_count(world->closure); i++)
        buf_addf(&text, " !%.*s", STR_ARG(elf_closure_unresolved_at(world->closure, i)->name));
    assert_string_equal(buf_z(&text), expected);
}

#define LIBRARY(file_path, soname_, ...)                                                                               \
    {                                                                                                                  \
        .path = (file_path), .fixture = {.soname = (soname_), __VA_ARGS__ }                                            \
    }
#define LIBC                                                                                                           \
    LIBRARY("/lib/x86_64-linux-gnu/libc.so.6", "libc.so.6", .needed = {"ld-linux-x86-64.so.2"},                        \
            .definitions = {"libc.so.6", "GLIBC_2.2.5", "GLIBC_2.36"})
#define LD_SO LIBRARY(LOADER, "ld-linux-x86-64.so.2")

static void test_breadth_first(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        LIBC,
        {"/opt/app/bin/app", .fixture = {.interpreter = LOADER,
                                         .runpath = "$ORIGIN/../lib",
                                         .needed = {"liba.so", "libb.so", "libc.so.6"}}},
        LIBRARY("/opt/app/lib/liba.so", "liba.so", .needed = {"libdeep.so.1", "libc.so.6"}, .runpath = "$ORIGIN"),
        LIBRARY("/opt/app/lib/libb.so", "libb.so", .needed = {"libdeep.so.1"}),
        LIBRARY("/opt/app/lib/libdeep.so.1", "libdeep.so.1", .needed = {"liba.so"}),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/opt/app/bin/app");
    expect(&world, "/opt/app/bin/app " LOADER " /opt/app/lib/liba.so /opt/app/lib/libb.so "
                   "/lib/x86_64-linux-gnu/libc.so.6 /opt/app/lib/libdeep.so.1");
    const struct elf_object *app = elf_closure_at(world.closure, 0);
    const struct elf_object *liba = elf_closure_at(world.closure, 2);
    const struct elf_object *libb = elf_closure_at(world.closure, 3);
    const struct elf_object *deep = elf_closure_at(world.closure, 5);
    assert_int_equal(app->kind, ELF_OBJECT_PROGRAM);
    assert_int_equal(elf_closure_at(world.closure, 1)->kind, ELF_OBJECT_INTERPRETER);
    assert_int_equal(app->edge_count, 3);
    assert_ptr_equal(app->edges[1].to, libb);
    assert_ptr_equal(libb->edges[0].to, deep);
    assert_ptr_equal(deep->edges[0].to, liba);
    assert_ptr_equal(deep->needed_by, liba);
    assert_ptr_equal(liba->tag, &world.bytes[3]);
    assert_ptr_equal(elf_closure_find(world.closure, STR("ld-linux-x86-64.so.2")), elf_closure_at(world.closure, 1));
    assert_ptr_equal(elf_closure_find(world.closure, STR("/opt/app/lib/libb.so")), libb);
    assert_null(elf_closure_find(world.closure, STR("libz.so.1")));
    assert_int_equal(world.asked.len, 0);
    world_done(&world);
}

static void test_rpath_reaches_down(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/app/p", .fixture = {.interpreter = LOADER, .rpath = "/app/lib", .needed = {"liba.so"}}},
        LIBRARY("/app/lib/liba.so", "liba.so", .needed = {"libb.so"}),
        LIBRARY("/app/lib/libb.so", "libb.so", .needed = {"libc.so"}, .runpath = "/none"),
        LIBRARY("/app/lib/libc.so", "libc.so"),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/app/p");
    expect(&world, "/app/p " LOADER " /app/lib/liba.so /app/lib/libb.so !libc.so");
    const struct elf_unresolved *unresolved = elf_closure_unresolved_at(world.closure, 0);
    assert_int_equal(unresolved->reason, ELF_UNRESOLVED_ABSENT);
    struct buf chain CLEANUP_BUF = BUF_INIT;
    elf_closure_chain(&chain, unresolved->name, unresolved->needed_by);
    assert_string_equal(buf_z(&chain), "libc.so, needed by libb.so, needed by liba.so, needed by /app/p");
    assert_string_equal(buf_z(&world.asked), "libc.so ");
    world_done(&world);
}

static void test_same_file_or_soname_is_loaded_once(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/p",
         .fixture = {.interpreter = LOADER, .needed = {"libx.so", "liby.so.1", "libz.so.2", "/lib/../lib/libx.so"}}},
        {"/lib/libx.so", "/lib/libx.so.1.0", {.soname = "liby.so.1"}},
        {"/lib/libz.so.2", "/lib/libx.so.1.0", {.soname = "liby.so.1"}},
        LIBRARY("/lib/liby.so.1", "liby.so.1"),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p " LOADER " /lib/libx.so");
    const struct elf_object *p = elf_closure_at(world.closure, 0);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(p->edges[i].to, elf_closure_at(world.closure, 2));
    assert_true(str_eq(p->edges[0].to->real_path, STR("/lib/libx.so.1.0")));
    world_done(&world);
}

static void test_foreign_candidates_are_passed_over(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/p", .fixture = {.interpreter = LOADER, .runpath = "/32:/arm:/good", .needed = {"liba.so", "libb.so"}}},
        {"/32/liba.so", .fixture = {.is_32 = true, .soname = "liba.so"}},
        {"/arm/liba.so", .fixture = {.machine = EM_AARCH64, .soname = "liba.so"}},
        {"/arm/libb.so", .fixture = {.machine = EM_AARCH64, .soname = "libb.so"}},
        LIBRARY("/good/liba.so", "liba.so"),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p " LOADER " /good/liba.so !libb.so");
    const struct elf_unresolved *unresolved = elf_closure_unresolved_at(world.closure, 0);
    assert_int_equal(unresolved->reason, ELF_UNRESOLVED_FOREIGN);
    assert_true(str_eq(unresolved->path, STR("/arm/libb.so")));
    world_done(&world);
}

static void test_broken_candidates_end_the_search(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/p", .fixture = {.interpreter = LOADER, .runpath = "/dev:/good", .needed = {"liba.so", "libo.so"}}},
        {.path = "/dev/liba.so", .text = "INPUT(-la)\n"},
        LIBRARY("/good/liba.so", "liba.so"),
        {"/good/libo.so", .fixture = {.type = ET_REL}},
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p " LOADER " !liba.so !libo.so");
    const struct elf_unresolved *unresolved = elf_closure_unresolved_at(world.closure, 0);
    assert_int_equal(unresolved->reason, ELF_UNRESOLVED_BROKEN);
    assert_true(str_eq(unresolved->path, STR("/dev/liba.so")));
    assert_true(str_starts(unresolved->detail, STR("not an ELF file")));
    unresolved = elf_closure_unresolved_at(world.closure, 1);
    assert_true(str_eq(unresolved->detail, STR("it is neither a shared library nor a program")));
    assert_int_equal(world.asked.len, 0);
    world_done(&world);
}

static void test_supplied_from_elsewhere(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        {.path = "/usr" LOADER, .fixture = {.soname = "ld-linux-x86-64.so.2"}, .elsewhere = true},
        {"/p", .fixture = {.interpreter = LOADER, .needed = {"libssl.so.3", "libodd.so.1", "libnone.so.1"}}},
        {.path = "/usr/lib/x86_64-linux-gnu/libssl.so.3",
         .fixture = {.soname = "libssl.so.3", .needed = {"libcrypto.so.3"}},
         .elsewhere = true},
        {.path = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
         .fixture = {.soname = "libcrypto.so.3"},
         .elsewhere = true},
        {.path = "/usr/lib/odd/libodd.so.1", .fixture = {.soname = "libodd.so.1"}, .elsewhere = true},
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p /usr" LOADER " /usr/lib/x86_64-linux-gnu/libssl.so.3 /usr/lib/odd/libodd.so.1 "
                   "/usr/lib/x86_64-linux-gnu/libcrypto.so.3 !libnone.so.1");
    assert_string_equal(buf_z(&world.asked), LOADER " libssl.so.3 libodd.so.1 libnone.so.1 libcrypto.so.3 ");
    assert_false(elf_closure_at(world.closure, 0)->supplied);
    assert_true(elf_closure_at(world.closure, 1)->supplied);
    assert_false(elf_closure_at(world.closure, 1)->outside_search); /* merged /usr */
    assert_false(elf_closure_at(world.closure, 2)->outside_search);
    assert_true(elf_closure_at(world.closure, 3)->outside_search);
    world_done(&world);
}

static void test_plugins_join_the_program(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/app/p", .fixture = {.interpreter = LOADER, .rpath = "/app/lib", .needed = {"liba.so"}}},
        LIBRARY("/app/lib/liba.so", "liba.so"),
        LIBRARY("/app/plugins/one.so", "one.so", .needed = {"liba.so", "libb.so"}),
        LIBRARY("/app/lib/libb.so", "libb.so"),
        {"/arm.so", .fixture = {.machine = EM_AARCH64}},
    };
    struct world world;
    struct err err = ERR_INIT;
    close_over(&world, files, ARRAY_LEN(files), "/app/p");
    const struct elf_object *plugin = NULL;
    struct elf_candidate root = {.path = STR("/app/plugins/one.so")};
    assert_int_equal(elf_closure_add(world.closure, &root, ELF_OBJECT_PLUGIN, &plugin, &err), 0);
    expect(&world, "/app/p " LOADER " /app/lib/liba.so /app/plugins/one.so /app/lib/libb.so");
    assert_int_equal(plugin->kind, ELF_OBJECT_PLUGIN);
    assert_null(plugin->needed_by);
    assert_int_equal(elf_closure_add(world.closure, &root, ELF_OBJECT_PLUGIN, &plugin, &err), 0);
    assert_int_equal(elf_closure_count(world.closure), 5);
    assert_int_equal(add(&world, "/nowhere.so", ELF_OBJECT_PLUGIN, &err), -ERR_NOT_FOUND);
    assert_int_equal(add(&world, "/arm.so", ELF_OBJECT_PLUGIN, &err), -ERR_ARCHITECTURE);
    assert_string_equal(err.message, "'/arm.so' is for arm64, not for amd64");
    world_done(&world);
}

static void test_version_mismatch(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        LIBC,
        {"/p", .fixture = {.interpreter = LOADER,
                           .needed = {"libc.so.6", "libold.so.1"},
                           .needs = {{"libc.so.6", "GLIBC_2.2.5", false},
                                     {"libc.so.6", "GLIBC_2.38", false},
                                     {"libc.so.6", "GLIBC_2.39", true},
                                     {"libold.so.1", "OLD_2", false},
                                     {"libabsent.so.1", "ABSENT_1", false}},
                           .imports = {"malloc", "strlcpy", "maybe", "old"}}},
        LIBRARY("/lib/libold.so.1", "libold.so.1"),
    };
    struct world world;
    struct err err = ERR_INIT;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    const struct elf_mismatch *mismatches = NULL;
    size_t count = 0;
    assert_int_equal(elf_closure_mismatches(world.closure, &mismatches, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_true(str_eq(mismatches[0].need->version, STR("GLIBC_2.38")));
    assert_true(str_eq(mismatches[0].symbol, STR("strlcpy")));
    assert_int_equal(mismatches[0].symbol_count, 1);
    assert_true(str_eq(mismatches[0].best, STR("GLIBC_2.36")));
    assert_true(str_eq(mismatches[0].provider->name, STR("libc.so.6")));
    assert_ptr_equal(mismatches[0].user, elf_closure_at(world.closure, 0));
    assert_true(elf_closure_imports(world.closure, STR("strlcpy")));
    assert_false(elf_closure_imports(world.closure, STR("iconv_open")));
    world_done(&world);
}

static void test_musl(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LIBRARY("/lib/ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1"),
        {"/p", .fixture = {.interpreter = "/lib/ld-musl-x86_64.so.1",
                           .needed = {"libz.so.1", "libc.musl-x86_64.so.1", "libpthread.so.0"}}},
        LIBRARY("/usr/local/lib/libz.so.1", "libz.so.1", .needed = {"libc.so"}),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p /lib/ld-musl-x86_64.so.1 /usr/local/lib/libz.so.1");
    world_done(&world);
}

static void test_auxiliary_is_optional(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        {"/p", .fixture = {.interpreter = LOADER, .needed = {"liba.so"}}},
        LIBRARY("/lib/liba.so", "liba.so", .auxiliary = "libfast.so"),
    };
    struct world world;
    close_over(&world, files, ARRAY_LEN(files), "/p");
    expect(&world, "/p " LOADER " /lib/liba.so !libfast.so");
    assert_true(elf_closure_unresolved_at(world.closure, 0)->optional);
    world_done(&world);
}

static void test_static_program(void **state)
{
    (void)state;
    static const struct world_file files[] = {{"/p", .fixture = {.type = ET_EXEC, .no_dynamic = true}}};
    struct world world;
    close_over(&world, files, 1, "/p");
    expect(&world, "/p");
    world_done(&world);
}

static void expect_refusal(const struct world_file *file, enum err_code code, const char *message)
{
    struct world world;
    struct err err = ERR_INIT;
    world_init(&world, file, 1);
    assert_int_equal(start(&world, &err), 0);
    assert_int_equal(add(&world, "/p", ELF_OBJECT_PROGRAM, &err), -(int)code);
    assert_string_equal(err.message, message);
    world_done(&world);
}

static void test_roots_that_are_refused(void **state)
{
    (void)state;
    expect_refusal(&(struct world_file){.path = "/p", .text = "#!/bin/sh\n"}, ERR_ELF,
                   "'/p': not an ELF file: it doesn't begin with the bytes 7f 45 4c 46");
    expect_refusal(&(struct world_file){"/p", .fixture = {.type = ET_CORE}}, ERR_ELF,
                   "'/p' is not a program or a shared library: it is an ELF core file");
    expect_refusal(&(struct world_file){"/q", .fixture = {.type = ET_CORE}}, ERR_NOT_FOUND, "'/p' is not there");
}

static int failing_open(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    (void)self;
    (void)ret;
    (void)ret_found;
    return err_set(err, ERR_CANCELLED, "cancelled at '%.*s'", STR_ARG(path));
}

static void test_provider_fails(void **state)
{
    (void)state;
    static const struct world_file files[] = {{"/p", .fixture = {.interpreter = LOADER, .needed = {"liba.so"}}}};
    struct world world;
    struct err err = ERR_INIT;
    world_init(&world, files, 1);
    struct elf_search search = {0};
    struct elf_provider provider = {.open = failing_open};
    assert_int_equal(elf_closure_new(&search, &provider, &world.arena, &world.closure, &err), 0);
    struct elf_candidate root = {.path = STR("/p"), .bytes = buf_str(&world.bytes[0])};
    assert_int_equal(elf_closure_add(world.closure, &root, ELF_OBJECT_PROGRAM, NULL, &err), -ERR_CANCELLED);
    assert_string_equal(err.message, "cancelled at '" LOADER "'");
    world_done(&world);
}

/* The provider of this machine's own files. */
static int host_open(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    char *name = arena_z(self, path);
    assert_non_null(name);
    if (access(name, R_OK) != 0)
        return 0;
    *ret_found = true;
    return file_map(AT_FDCWD, name, LIMIT_ELF_BYTES, &ret->bytes, err);
}

static void test_this_machine(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct elf_search search = {0};
    struct elf_provider provider = {.open = host_open, .self = &arena};
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    assert_int_equal(elf_closure_new(&search, &provider, &arena, &closure, &err), 0);
    struct elf_candidate root = {.path = STR("/bin/true")};
    assert_int_equal(elf_closure_add(closure, &root, ELF_OBJECT_PROGRAM, NULL, &err), 0);
    assert_int_equal(elf_closure_count(closure), 3);
    assert_int_equal(elf_closure_unresolved_count(closure), 0);
    const struct elf_object *libc = elf_closure_find(closure, STR("libc.so.6"));
    assert_non_null(libc);
    assert_true(str_eq(libc->file->soname, STR("libc.so.6")));
    const struct elf_mismatch *mismatches;
    size_t count = 7;
    assert_int_equal(elf_closure_mismatches(closure, &mismatches, &count, &err), 0);
    assert_int_equal(count, 0);
    for (size_t i = 0; i < elf_closure_count(closure); i++)
        file_unmap(elf_closure_at(closure, i)->file->bytes);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    static const struct world_file files[] = {
        LD_SO,
        LIBC,
        {"/p", .fixture = {.interpreter = LOADER,
                           .runpath = "$ORIGIN/../x",
                           .needed = {"libc.so.6", "libnone.so", "liba.so"},
                           .needs = {{"libc.so.6", "GLIBC_2.38", false}}}},
        {.path = "/lib/liba.so", .text = "no library"},
    };
    for (uint64_t n = 1;; n++) {
        struct world world;
        struct err err = ERR_INIT;
        world_init(&world, files, ARRAY_LEN(files));
        const struct elf_mismatch *mismatches;
        size_t count = 0;
        (void)buf_reserve(&world.asked, 1000); /* the provider itself is not under test */
        fault_arm(FAULT_ALLOC, n);
        int r = start(&world, &err);
        if (!r)
            r = add(&world, "/p", ELF_OBJECT_PROGRAM, &err);
        if (!r)
            r = elf_closure_mismatches(world.closure, &mismatches, &count, &err);
        fault_disarm();
        if (!r) {
            expect(&world, "/p " LOADER " /lib/x86_64-linux-gnu/libc.so.6 !libnone.so !liba.so");
            assert_int_equal(count, 1);
            world_done(&world);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        world_done(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breadth_first),
        cmocka_unit_test(test_rpath_reaches_down),
        cmocka_unit_test(test_same_file_or_soname_is_loaded_once),
        cmocka_unit_test(test_foreign_candidates_are_passed_over),
        cmocka_unit_test(test_broken_candidates_end_the_search),
        cmocka_unit_test(test_supplied_from_elsewhere),
        cmocka_unit_test(test_plugins_join_the_program),
        cmocka_unit_test(test_version_mismatch),
        cmocka_unit_test(test_musl),
        cmocka_unit_test(test_auxiliary_is_optional),
        cmocka_unit_test(test_static_program),
        cmocka_unit_test(test_roots_that_are_refused),
        cmocka_unit_test(test_provider_fails),
        cmocka_unit_test(test_this_machine),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
