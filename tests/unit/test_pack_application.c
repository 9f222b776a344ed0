/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "elf_fixture.h"
#include "io/file.h"
#include "pack/application.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADER "/lib64/ld-linux-x86-64.so.2"

struct place {
    char dir[64];
    struct arena arena;
    struct op_ctx ctx;
    struct build_options options;
    struct str includes[4];
    struct application app;
    struct err err;
};

static void begin(struct place *place)
{
    *place = (struct place){.dir = "/tmp/barehull-test-app.XXXXXX", .arena = ARENA_INIT, .err = ERR_INIT};
    assert_non_null(mkdtemp(place->dir));
    place->ctx = (struct op_ctx){.arena = &place->arena};
    place->options.includes.ptr = place->includes;
}

static void end(struct place *place)
{
    application_done(&place->app);
    assert_int_equal(file_remove_tree(AT_FDCWD, place->dir, NULL), 0);
    arena_done(&place->arena);
}

static struct str path_in(struct place *place, const char *name)
{
    return str_z(arena_printf(&place->arena, "%s/%s", place->dir, name));
}

static void make(struct place *place, const char *name, const struct elf_fixture *fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    struct str path = path_in(place, name);
    struct str dir = str_head(path, str_rfind_char(path, '/'));
    assert_int_equal(file_make_dirs(AT_FDCWD, arena_z(&place->arena, dir), 0755, NULL), 0);
    assert_int_equal(file_write_all(AT_FDCWD, path.ptr, 0755, buf_str(&bytes), NULL), 0);
}

static void include(struct place *place, const char *source, const char *destination)
{
    char *text = arena_printf(&place->arena, "%.*s:%s", STR_ARG(path_in(place, source)), destination);
    place->includes[place->options.includes.len++] = str_z(text);
}

static int read_app(struct place *place, const char *name)
{
    place->options.app = path_in(place, name);
    return application_read(&place->ctx, &place->options, &place->app, &place->err);
}

static void expect_externals(const struct place *place, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < place->app.external_count; i++)
        buf_addf(&text, "%.*s ", STR_ARG(place->app.externals[i].name));
    assert_string_equal(buf_z(&text), expected);
}

/* Private libraries come along from where $ORIGIN leads; RPATH is inherited, the rest is the archive's. */
static void test_private_libraries(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make(&place, "top/bin/x/server",
         &(struct elf_fixture){
             .interpreter = LOADER, .rpath = "$ORIGIN/../../lib", .needed = {"libone.so", "libc.so.6"}});
    make(&place, "top/lib/libone.so",
         &(struct elf_fixture){.soname = "libone.so", .needed = {"libtwo.so"}, .imports = {"iconv_open"}});
    make(&place, "top/lib/libtwo.so", &(struct elf_fixture){.soname = "libtwo.so", .needed = {"libz.so.1"}});
    assert_int_equal(read_app(&place, "top/bin/x/server"), 0);
    assert_true(str_eq_z(place.app.image_path, "/app/bin/x/server"));
    assert_non_null(tree_get(place.app.tree, STR("app/bin/x/server")));
    assert_non_null(tree_get(place.app.tree, STR("app/lib/libone.so")));
    assert_non_null(tree_get(place.app.tree, STR("app/lib/libtwo.so")));
    assert_null(tree_get(place.app.tree, STR("etc/ld.so.cache")));
    expect_externals(&place, LOADER " libc.so.6 libz.so.1 ");
    assert_true(place.app.needs_conversion);
    end(&place);
}

static void test_foreign_library(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make(&place, "server", &(struct elf_fixture){.interpreter = LOADER, .runpath = "$ORIGIN", .needed = {"libone.so"}});
    make(&place, "libone.so", &(struct elf_fixture){.soname = "libone.so", .machine = 183});
    assert_int_equal(read_app(&place, "server"), -(int)ERR_LIBRARY_MISSING);
    assert_non_null(strstr(place.err.message, "'/app/libone.so' is there but can't be loaded (for another machine)"));
    assert_true(place.err.hint[0] != '\0');
    end(&place);
}

/* A library in a directory that only a cache leads to, a plugin that nobody needs, the program among its files. */
static void test_includes(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make(&place, "dist/server", &(struct elf_fixture){.interpreter = LOADER, .needed = {"libone.so"}});
    make(&place, "dist/plugin.so", &(struct elf_fixture){.soname = "plugin.so", .needed = {"libssl.so.3"}});
    make(&place, "own/libone.so", &(struct elf_fixture){.soname = "libone.so"});
    include(&place, "dist", "/app");
    include(&place, "own", "/opt/own");
    assert_int_equal(read_app(&place, "dist/server"), 0);
    expect_externals(&place, LOADER " libssl.so.3 ");
    const struct tree_node *cache = tree_get(place.app.tree, STR("etc/ld.so.cache"));
    assert_non_null(cache);
    assert_true(str_find(cache->content, STR("/opt/own/libone.so")) < cache->content.len);
    end(&place);
}

static void test_taken_place(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make(&place, "server", &(struct elf_fixture){.interpreter = LOADER});
    make(&place, "other", &(struct elf_fixture){.interpreter = LOADER, .needed = {"libz.so.1"}});
    include(&place, "other", "/app/server");
    assert_int_equal(read_app(&place, "server"), -(int)ERR_USAGE);
    assert_string_equal(place.err.message,
                        "'/app/server' is the program's own place, and --include puts something else there");
    place.options.includes.len = 0;
    include(&place, "other", "/app/server/below");
    assert_int_equal(read_app(&place, "server"), -(int)ERR_USAGE);
    end(&place);
}

static void test_names(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make(&place, "a b\n", &(struct elf_fixture){.interpreter = LOADER});
    make(&place, "bad\xff", &(struct elf_fixture){.interpreter = LOADER});
    assert_int_equal(symlink("a b\n", path_in(&place, "link").ptr), 0);
    assert_int_equal(read_app(&place, "bad\xff"), -(int)ERR_USAGE);
    assert_non_null(strstr(place.err.message, "is not valid UTF-8"));
    assert_non_null(strstr(place.err.hint, "rename the program"));
    assert_int_equal(read_app(&place, "link"), 0); /* the name that was given, not the file's */
    assert_true(str_eq_z(place.app.image_path, "/app/link"));
    application_done(&place.app);
    assert_int_equal(read_app(&place, "a b\n"), 0);
    assert_true(str_eq_z(place.app.image_path, "/app/a b\n"));
    end(&place);
}

static void test_faults(void **state)
{
    (void)state;
    static const enum fault_kind kinds[] = {FAULT_ALLOC, FAULT_IO};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (uint64_t n = 1;; n++) {
            struct place place;
            begin(&place);
            make(&place, "server",
                 &(struct elf_fixture){.interpreter = LOADER, .runpath = "$ORIGIN", .needed = {"libone.so"}});
            make(&place, "libone.so", &(struct elf_fixture){.soname = "libone.so", .needed = {"libtwo.so"}});
            make(&place, "own/libtwo.so", &(struct elf_fixture){.soname = "libtwo.so"});
            include(&place, "own", "/usr/local/lib");
            place.options.app = path_in(&place, "server");
            fault_arm(kinds[k], n);
            int r = application_read(&place.ctx, &place.options, &place.app, &place.err);
            bool passed = fault_count(kinds[k]) < n;
            fault_disarm();
            bool said = place.err.message[0] != '\0';
            end(&place);
            if (passed) {
                assert_int_equal(r, 0);
                break;
            }
            assert_true(r < 0 && said);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_private_libraries),
                                       cmocka_unit_test(test_foreign_library),
                                       cmocka_unit_test(test_includes),
                                       cmocka_unit_test(test_taken_place),
                                       cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
