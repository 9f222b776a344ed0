/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "io/file.h"
#include "pack/host_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char dir[64];
    struct arena arena;
    struct tree *tree;
    struct host_files files;
    struct op_ctx ctx;
    struct op_sink sink;
    size_t warnings, elves;
};

static void count_warning(void *self, struct str message UNUSED)
{
    ((struct place *)self)->warnings++;
}

static int count_elf(void *self, struct str path, struct str bytes, struct err *err UNUSED)
{
    assert_true(str_eq_z(path, "app/d/prog"));
    assert_true(str_eq(bytes, STR("\177ELFx")));
    ((struct place *)self)->elves++;
    return 0;
}

static void begin(struct place *place)
{
    *place = (struct place){.dir = "/tmp/barehull-test-include.XXXXXX", .arena = ARENA_INIT};
    assert_non_null(mkdtemp(place->dir));
    assert_int_equal(tree_new(&place->arena, &place->tree, NULL), 0);
    place->sink = (struct op_sink){.warning = count_warning, .self = place};
    place->ctx = (struct op_ctx){.arena = &place->arena, .sink = &place->sink};
    place->files = (struct host_files){
        .tree = place->tree, .arena = &place->arena, .mtime = 9, .elf_found = count_elf, .self = place};
}

static void end(struct place *place)
{
    assert_int_equal(file_remove_tree(AT_FDCWD, place->dir, NULL), 0);
    tree_free(place->tree);
    arena_done(&place->arena);
}

static const char *path_in(struct place *place, const char *name)
{
    return arena_printf(&place->arena, "%s/%s", place->dir, name);
}

static void make_file(struct place *place, const char *name, struct str bytes, mode_t mode)
{
    assert_int_equal(file_write_all(AT_FDCWD, path_in(place, name), 0644, bytes, NULL), 0);
    assert_int_equal(chmod(path_in(place, name), mode), 0);
}

static int add(struct place *place, const char *source, const char *destination, struct err *err)
{
    return host_files_add(&place->ctx, &place->files, str_z(path_in(place, source)), str_z(destination), err);
}

static void expect(const struct place *place, const char *path, enum tree_type type, uint32_t mode)
{
    const struct tree_node *node = tree_get(place->tree, str_z(path));
    if (!node || node->type != type || node->mode != mode || node->mtime != 9 || node->uid || node->gid)
        fail_msg("'%s' is not as it should be", path);
}

static void test_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *source, *destination;
    } cases[] = {
        {"a:/b", "a", "/b"}, {"a:b:/c", "a:b", "/c"}, {"/x:/y:/z", "/x:/y", "/z"}, {"a:/", "a", "/"}, {"a", NULL, NULL},
        {"a:", NULL, NULL},  {"a:b", NULL, NULL},     {":/b", NULL, NULL},         {"", NULL, NULL},  {":", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str source = STR_NONE, destination = STR_NONE;
        struct err err = ERR_INIT;
        int r = host_files_split(str_z(cases[i].text), &source, &destination, &err);
        assert_int_equal(r, cases[i].source ? 0 : -(int)ERR_USAGE);
        if (r == 0 && (!str_eq_z(source, cases[i].source) || !str_eq_z(destination, cases[i].destination)))
            fail_msg("'%s' gave '%.*s' and '%.*s'", cases[i].text, STR_ARG(source), STR_ARG(destination));
        if (r < 0)
            assert_true(err.hint[0] != '\0');
    }
}

/* A directory with what people have lying about. */
static void make_tree(struct place *place)
{
    assert_int_equal(mkdir(path_in(place, "d"), 0777), 0);
    assert_int_equal(mkdir(path_in(place, "d/e"), 0700), 0);
    make_file(place, "d/secret", STR("s"), 0600);
    make_file(place, "d/tool", STR("#!x"), 0711);
    make_file(place, "d/odd \n\xff", STR(""), 0644);
    make_file(place, "d/-x", STR("x"), 06755);
    make_file(place, "d/prog", STR("\177ELFx"), 0755);
    assert_int_equal(symlink(".", path_in(place, "d/loop")), 0);
    assert_int_equal(symlink("../../up", path_in(place, "d/e/away")), 0);
}

static void test_directory(void **state)
{
    (void)state;
    struct place place;
    struct err err = ERR_INIT;
    begin(&place);
    make_tree(&place);
    assert_int_equal(chmod(path_in(&place, "d"), 0777), 0);
    assert_int_equal(add(&place, "d", "/srv/../app//d/", &err), 0);
    expect(&place, "app/d", TREE_DIR, 0755);
    expect(&place, "app/d/e", TREE_DIR, 0755);
    expect(&place, "app/d/secret", TREE_FILE, 0644);
    expect(&place, "app/d/tool", TREE_FILE, 0755);
    expect(&place, "app/d/odd \n\xff", TREE_FILE, 0644);
    expect(&place, "app/d/-x", TREE_FILE, 0755);
    expect(&place, "app/d/prog", TREE_FILE, 0755);
    expect(&place, "app/d/loop", TREE_SYMLINK, 0777);
    expect(&place, "app/d/e/away", TREE_SYMLINK, 0777);
    assert_int_equal(place.files.count, 9);
    assert_int_equal(place.elves, 1);
    assert_int_equal(place.warnings, 5); /* writable for all: 1, setuid: 1, private: 3 */
    end(&place);
}

static void test_refuses(void **state)
{
    (void)state;
    struct place place;
    begin(&place);
    make_file(&place, "f", STR("f"), 0644);
    assert_int_equal(mkfifo(path_in(&place, "fifo"), 0644), 0);
    assert_int_equal(symlink("ring", path_in(&place, "ring")), 0);
    static const struct {
        const char *source, *destination;
        int code;
        const char *hint;
    } cases[] = {
        {"f", "/", ERR_USAGE, "give it a name"},    {"f", "/tmp", ERR_USAGE, "/tmp/NAME"},
        {"f", "/lib/", ERR_USAGE, "/lib/NAME"},     {"fifo", "/app/x", ERR_INVALID, "leave it out"},
        {"nothing", "/app/x", ERR_NOT_FOUND, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_int_equal(add(&place, cases[i].source, cases[i].destination, &err), -cases[i].code);
        if (cases[i].hint && !strstr(err.hint, cases[i].hint))
            fail_msg("'%s' is not in '%s'", cases[i].hint, err.hint);
    }
    assert_true(add(&place, "ring", "/app/x", NULL) < 0);
    assert_int_equal(tree_count(place.tree), 1);
    end(&place);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct place place;
    atomic_bool cancelled = true;
    begin(&place);
    make_tree(&place);
    place.ctx.cancelled = &cancelled;
    assert_int_equal(add(&place, "d", "/app/d", NULL), -(int)ERR_CANCELLED);
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
            make_tree(&place);
            place.files.elf_found = NULL;
            struct err err = ERR_INIT;
            struct str source = str_z(path_in(&place, "d"));
            fault_arm(kinds[k], n);
            int r = host_files_add(&place.ctx, &place.files, source, STR("/app/d"), &err);
            bool passed = fault_count(kinds[k]) < n;
            fault_disarm();
            end(&place);
            if (passed) {
                assert_int_equal(r, 0);
                break;
            }
            assert_true(r < 0 && err.message[0] != '\0');
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_split), cmocka_unit_test(test_directory),
                                       cmocka_unit_test(test_refuses), cmocka_unit_test(test_cancelled),
                                       cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
