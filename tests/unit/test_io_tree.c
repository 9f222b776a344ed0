/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "io/tree.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena arena;
    struct tree *tree;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f || tree_new(&f->arena, &f->tree, &f->err))
        return -1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    tree_free(f->tree);
    arena_done(&f->arena);
    free(f);
    return 0;
}

static void put_file(struct fixture *f, const char *path, const char *content)
{
    assert_int_equal(tree_put_file(f->tree, str_z(path), 0644, str_z(content), &f->err), 0);
}

static void put_link(struct fixture *f, const char *path, const char *target)
{
    assert_int_equal(tree_put_link(f->tree, str_z(path), str_z(target), &f->err), 0);
}

static int try_hard(struct fixture *f, const char *path, const char *target)
{
    struct tree_node node = {.path = str_z(path), .type = TREE_HARDLINK, .target = str_z(target)};
    return tree_put(f->tree, &node, &f->err);
}

static void put_hard(struct fixture *f, const char *path, const char *target)
{
    assert_int_equal(try_hard(f, path, target), 0);
}

/* One line per node: type, path, and what it holds or leads to. */
static void assert_tree(struct fixture *f, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < tree_count(f->tree); i++) {
        const struct tree_node *node = tree_at(f->tree, i);
        struct str more = node->type == TREE_FILE ? node->content : node->target;
        buf_addf(&text, "%c %.*s%s%.*s\n", "-dlh!?"[node->type], STR_ARG(node->path), more.len ? " " : "",
                 STR_ARG(more));
    }
    assert_string_equal(buf_z(&text), expected);
}

static void assert_message(struct fixture *f, int rc, enum err_code code, const char *message)
{
    assert_int_equal(rc, -(int)code);
    assert_string_equal(f->err.message, message);
}

static void assert_leads(struct fixture *f, const char *path, const char *to)
{
    const struct tree_node *node = tree_lookup(f->tree, str_z(path));
    if (!to) {
        assert_null(node);
        return;
    }
    assert_non_null(node);
    if (!str_eq_z(node->path, to))
        fail_msg("'%s' leads to '%.*s', not '%s'", path, STR_ARG(node->path), to);
}

static void test_new_has_root(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(tree_count(f->tree), 1);
    assert_tree(f, "d \n");
    assert_int_equal(tree_get(f->tree, STR(""))->mode, 0755);
    assert_int_equal(tree_put_dir(f->tree, STR(""), 0711, &f->err), 0);
    assert_int_equal(tree_get(f->tree, STR(""))->mode, 0711);
    tree_remove(f->tree, STR(""));
    assert_int_equal(tree_count(f->tree), 1);
}

static void test_order_is_by_bytes(void **state)
{
    struct fixture *f = *state;
    put_file(f, "a/z", "1");
    put_file(f, "a-b", "2");
    put_file(f, "a/b/c", "3");
    put_file(f, "\xc3\xa4", "4");
    put_file(f, "B", "5");
    assert_tree(f, "d \n- B 5\nd a\n- a-b 2\nd a/b\n- a/b/c 3\n- a/z 1\n- \xc3\xa4 4\n");
    put_file(f, "a0", "6"); /* after having been sorted */
    assert_tree(f, "d \n- B 5\nd a\n- a-b 2\nd a/b\n- a/b/c 3\n- a/z 1\n- a0 6\n- \xc3\xa4 4\n");
    const struct tree_node *made = tree_get(f->tree, STR("a/b"));
    assert_int_equal(made->mode, 0755);
    assert_int_equal(made->uid, 0);
}

static void test_copies(void **state)
{
    struct fixture *f = *state;
    char path[] = "usr/x", host[] = "/host/x", owner[] = "libx", target[] = "t";
    struct tree_node node = {.path = str_z(path),
                             .type = TREE_FILE,
                             .mode = 0104755,
                             .uid = 7,
                             .gid = 8,
                             .mtime = -9,
                             .host_path = str_z(host),
                             .size_bytes = 123,
                             .owner = str_z(owner)};
    assert_int_equal(tree_put(f->tree, &node, &f->err), 0);
    struct tree_node link = {
        .path = STR("usr/l"), .type = TREE_SYMLINK, .mode = 0777, .target = str_z(target), .owner = str_z(owner)};
    assert_int_equal(tree_put(f->tree, &link, &f->err), 0);
    path[0] = host[0] = owner[0] = target[0] = '#';
    const struct tree_node *got = tree_get(f->tree, STR("usr/x"));
    assert_string_equal(got->path.ptr, "usr/x");
    assert_string_equal(got->host_path.ptr, "/host/x");
    assert_string_equal(got->owner.ptr, "libx");
    assert_int_equal(got->mode, 04755);
    assert_int_equal(got->uid, 7);
    assert_int_equal(got->gid, 8);
    assert_int_equal(got->mtime, -9);
    assert_int_equal(got->size_bytes, 123);
    assert_string_equal(tree_get(f->tree, STR("usr/l"))->target.ptr, "t");
    assert_ptr_equal(tree_get(f->tree, STR("usr/l"))->owner.ptr, got->owner.ptr);
    put_file(f, "usr/x", "four");
    assert_int_equal(tree_get(f->tree, STR("usr/x"))->size_bytes, 4);
    assert_int_equal(tree_get(f->tree, STR("usr/x"))->host_path.len, 0);
    assert_int_equal(tree_get(f->tree, STR("usr/x"))->mtime, 0);
}

static void test_replacing(void **state)
{
    struct fixture *f = *state;
    put_file(f, "d/e/f", "1");
    put_file(f, "d/g", "2");
    put_file(f, "d-", "3");
    assert_int_equal(tree_put_dir(f->tree, STR("d"), 0700, &f->err), 0);
    assert_int_equal(tree_get(f->tree, STR("d"))->mode, 0700);
    assert_tree(f, "d \nd d\n- d- 3\nd d/e\n- d/e/f 1\n- d/g 2\n");
    put_link(f, "d", "elsewhere");
    assert_tree(f, "d \nl d elsewhere\n- d- 3\n");
    assert_null(tree_get(f->tree, STR("d/e/f")));
    assert_int_equal(tree_put_dir(f->tree, STR("d"), 0755, &f->err), 0);
    put_file(f, "d/e", "again");
    assert_tree(f, "d \nd d\n- d- 3\n- d/e again\n");
}

static void test_removing(void **state)
{
    struct fixture *f = *state;
    put_file(f, "a/b/c/d", "1");
    put_file(f, "a/b/e", "2");
    put_file(f, "a/f", "3");
    put_file(f, "a/b.txt", "4");
    assert_int_equal(tree_count(f->tree), 8);
    tree_remove(f->tree, STR("a/b"));
    tree_remove(f->tree, STR("a/none"));
    assert_tree(f, "d \nd a\n- a/b.txt 4\n- a/f 3\n");
    tree_remove(f->tree, STR("a/f"));
    put_file(f, "a/b/e", "5");
    assert_tree(f, "d \nd a\nd a/b\n- a/b.txt 4\n- a/b/e 5\n");
    tree_remove(f->tree, STR(""));
    assert_tree(f, "d \n");
}

static bool drop_named(const struct tree_node *node, void *owner)
{
    struct buf *asked = owner;
    buf_addf(asked, "%.*s ", STR_ARG(node->path));
    return str_ends(node->path, STR("x"));
}

static void test_remove_if(void **state)
{
    struct fixture *f = *state;
    struct buf asked CLEANUP_BUF = BUF_INIT;
    put_file(f, "ax/b", "1");
    put_file(f, "c/d", "2");
    put_file(f, "c/x", "3");
    assert_int_equal(tree_remove_if(f->tree, drop_named, &asked), 3);
    assert_string_equal(buf_z(&asked), " ax c c/d c/x ");
    assert_tree(f, "d \nd c\n- c/d 2\n");
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"/a", "a/", "a//b", "./a", "a/.", "..", "a/../b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(tree_put_file(f->tree, str_z(bad[i]), 0644, STR(""), &f->err), -ERR_INVALID);
    assert_message(f, tree_put_dir(f->tree, STR("/etc"), 0755, &f->err), ERR_INVALID,
                   "path '/etc' is not in normal form");
    assert_int_equal(tree_put_dir(f->tree, STR("a\0b"), 0755, &f->err), -ERR_INVALID);
    put_file(f, "file", "1");
    assert_message(f, tree_put_dir(f->tree, STR("file/x/y"), 0755, &f->err), ERR_INVALID,
                   "'file/x/y' lies below 'file', which is no directory");
    assert_message(f, tree_put_link(f->tree, STR("l"), STR(""), &f->err), ERR_INVALID,
                   "symbolic link 'l' has an empty or broken target");
    assert_message(f, tree_put_file(f->tree, STR(""), 0, STR(""), &f->err), ERR_INVALID,
                   "the root of a file system has to be a directory");
    assert_message(f, try_hard(f, "h", "/file"), ERR_INVALID,
                   "hard link 'h' leads to '/file', which is not in normal form");
    assert_message(f, try_hard(f, "h", "h"), ERR_INVALID, "hard link 'h' leads to itself");
    put_file(f, "dir/x", "");
    assert_message(f, try_hard(f, "h", "dir"), ERR_INVALID, "hard link 'h' leads to 'dir', which is no file");
    char long_path[LIMIT_TAR_NAME_BYTES + 2];
    memset(long_path, 'n', sizeof(long_path));
    struct str path = str_of(long_path, sizeof(long_path) - 1);
    assert_int_equal(tree_put_dir(f->tree, path, 0755, &f->err), -ERR_LIMIT);
    assert_int_equal(tree_put_dir(f->tree, str_head(path, LIMIT_TAR_NAME_BYTES), 0755, &f->err), 0);
    tree_remove(f->tree, str_head(path, LIMIT_TAR_NAME_BYTES));
    assert_tree(f, "d \nd dir\n- dir/x\n- file 1\n");
}

static void test_hard_links(void **state)
{
    struct fixture *f = *state;
    put_file(f, "m", "body");
    put_hard(f, "z", "m");
    put_hard(f, "b", "z"); /* a link to a link is a link to the file */
    put_hard(f, "b", "b"); /* it is that file already: nothing changes */
    assert_tree(f, "d \nh b m\n- m body\nh z m\n");
    assert_leads(f, "b", "m");
    assert_string_equal(tree_first_link(tree_get(f->tree, STR("z")))->path.ptr, "b");
    assert_string_equal(tree_first_link(tree_get(f->tree, STR("m")))->path.ptr, "b");
    tree_remove(f->tree, STR("b"));
    assert_string_equal(tree_first_link(tree_get(f->tree, STR("z")))->path.ptr, "m");
    put_hard(f, "k", "m");
    put_file(f, "m", "other"); /* the links keep what they were */
    assert_tree(f, "d \n- k body\n- m other\nh z k\n");
    tree_remove(f->tree, STR("k"));
    assert_tree(f, "d \n- m other\n- z body\n");
}

static void test_hard_link_keeps_metadata_changes(void **state)
{
    struct fixture *f = *state;
    put_file(f, "m", "body");
    put_hard(f, "z", "m");
    struct tree_node node = *tree_get(f->tree, STR("m"));
    node.mode = 0600;
    assert_int_equal(tree_put(f->tree, &node, &f->err), 0);
    assert_tree(f, "d \n- m body\nh z m\n");
    assert_int_equal(tree_lookup(f->tree, STR("z"))->mode, 0600);
}

/* The name that carries the content goes with the directory that the link replaces. */
static void test_hard_link_over_its_files_directory(void **state)
{
    struct fixture *f = *state;
    put_file(f, "d/file", "body");
    put_hard(f, "a", "d/file");
    put_hard(f, "b", "d/file");
    assert_message(f, try_hard(f, "d", "d/file"), ERR_INVALID, "hard link 'd' leads to itself");
    put_hard(f, "d", "b");
    assert_tree(f, "d \n- a body\nh b a\nh d a\n");
}

static void test_hard_link_before_its_file(void **state)
{
    struct fixture *f = *state;
    put_hard(f, "a", "d/file");
    assert_null(tree_link_file(tree_get(f->tree, STR("a"))));
    assert_ptr_equal(tree_first_link(tree_get(f->tree, STR("a"))), tree_get(f->tree, STR("a")));
    assert_leads(f, "a", NULL);
    assert_tree(f, "d \nh a d/file\n");
    put_file(f, "d/file", "x");
    assert_leads(f, "a", "d/file");
    /* A waiting chain collapses: c waits for b, then b turns out to be a link. */
    put_hard(f, "c", "b");
    put_hard(f, "b", "a");
    assert_tree(f, "d \nh a d/file\nh b d/file\nh c d/file\nd d\n- d/file x\n");
    /* A cycle is refused where it would close. */
    put_hard(f, "p", "q");
    assert_int_equal(try_hard(f, "q", "p"), -ERR_INVALID);
    /* What a link waits for turns out to be a directory. */
    put_file(f, "q/r", "y");
    assert_leads(f, "p", NULL);
    tree_remove(f->tree, STR("q"));
    assert_tree(f, "d \nh a d/file\nh b d/file\nh c d/file\nd d\n- d/file x\nh p q\n");
}

static void test_lookup(void **state)
{
    struct fixture *f = *state;
    put_file(f, "usr/lib/x/libz.so.1.2", "elf");
    put_link(f, "usr/lib/x/libz.so.1", "libz.so.1.2");
    put_link(f, "lib", "usr/lib");
    put_link(f, "usr/lib64", "/lib");
    put_link(f, "up", "usr/../../../usr/lib/x");
    put_link(f, "dangling", "no/such");
    put_link(f, "loop", "loop");
    put_link(f, "a", "b");
    put_link(f, "b", "a");
    put_link(f, "slash", "usr/lib/x/libz.so.1/");
    struct tree_node gone = {.path = STR("gone"), .type = TREE_WHITEOUT};
    assert_int_equal(tree_put(f->tree, &gone, &f->err), 0);
    const char *file = "usr/lib/x/libz.so.1.2";
    assert_leads(f, "usr/lib/x/libz.so.1.2", file);
    assert_leads(f, "/usr/lib//x/./libz.so.1", file);
    assert_leads(f, "lib/x/libz.so.1", file);
    assert_leads(f, "usr/lib64/x/libz.so.1", file);
    assert_leads(f, "up/libz.so.1", file);
    assert_leads(f, "lib/../lib64/x/../../lib/x/libz.so.1", file); /* ".." of what lib leads to: usr */
    assert_leads(f, "../../lib/x/libz.so.1", file);
    assert_leads(f, "", "");
    assert_leads(f, "/", "");
    assert_leads(f, "lib/", "usr/lib");
    assert_leads(f, "usr/lib/x/libz.so.1.2/", NULL);
    assert_leads(f, "usr/lib/x/libz.so.1.2/.", NULL);
    assert_leads(f, "slash", NULL);
    assert_leads(f, "dangling", NULL);
    assert_leads(f, "loop", NULL);
    assert_leads(f, "a", NULL);
    assert_leads(f, "gone", NULL);
    assert_leads(f, "none/x", NULL);
    assert_string_equal(tree_get(f->tree, STR("lib"))->target.ptr, "usr/lib");
    assert_null(tree_get(f->tree, STR("lib/x")));
}

static void test_lookup_depth(void **state)
{
    struct fixture *f = *state;
    put_file(f, "l0", "end");
    for (int i = 1; i <= LIMIT_LINK_DEPTH + 1; i++) {
        char path[16], target[16];
        snprintf(path, sizeof(path), "l%d", i);
        snprintf(target, sizeof(target), "l%d", i - 1);
        put_link(f, path, target);
    }
    assert_leads(f, "l40", "l0");
    assert_leads(f, "l41", NULL);
}

static void test_lookup_long(void **state)
{
    struct fixture *f = *state;
    char deep[LIMIT_TAR_NAME_BYTES];
    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = i % 2 ? '/' : 'd';
    struct str path = str_of(deep, sizeof(deep) - 1);
    assert_int_equal(tree_put_link(f->tree, path, STR("/x"), &f->err), 0);
    put_file(f, "x", "1");
    const struct tree_node *node = tree_lookup(f->tree, path);
    assert_non_null(node);
    assert_string_equal(node->path.ptr, "x");
    char name[LIMIT_TAR_NAME_BYTES + 16];
    memset(name, 'n', sizeof(name));
    assert_null(tree_lookup(f->tree, str_of(name, sizeof(name))));
    assert_int_equal(tree_count(f->tree), 2050);
    tree_remove(f->tree, STR("d"));
    assert_tree(f, "d \n- x 1\n");
}

static int build_for_fault(struct arena *arena, struct tree **ret_tree, struct err *err)
{
    struct tree *tree CLEANUP_TREE = NULL;
    int rc = tree_new(arena, &tree, err);
    for (unsigned i = 0; !rc && i < 40; i++) {
        char path[64];
        snprintf(path, sizeof(path), "d%u/e%u/f%u", i % 7, i % 3, i);
        size_t before = tree_count(tree);
        struct tree_node node = {.path = str_z(path),
                                 .type = i % 5 == 4 ? TREE_HARDLINK : TREE_FILE,
                                 .target = STR("d0/e0/f0"),
                                 .content = STR("x"),
                                 .owner = STR("pkg")};
        rc = tree_put(tree, &node, err);
        if (rc)
            assert_int_equal(tree_count(tree), before);
    }
    if (!rc)
        *ret_tree = TAKE_PTR(tree);
    return rc;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    uint64_t n = 1;
    for (bool passed = false; !passed; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct tree *tree CLEANUP_TREE = NULL;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = build_for_fault(&arena, &tree, &err);
        fault_disarm();
        passed = rc == 0;
        assert_int_equal(rc, passed ? 0 : -ERR_NOMEM);
        assert_int_equal(tree != NULL, passed);
    }
    assert_in_range(n, 8, 1000);
}

/* Random operations against a plain list of paths: what is there, in order, is the same. */
static void test_against_a_list(void **state)
{
    struct fixture *f = *state;
    bool there[64] = {false}; /* path d<i/8>/f<i%8> */
    unsigned seed = 1;
    for (unsigned step = 0; step < 4000; step++) {
        seed = seed * 1103515245U + 12345U;
        unsigned i = (seed >> 16) % 64;
        char path[16];
        snprintf(path, sizeof(path), "d%u/f%u", i / 8, i % 8);
        if ((seed >> 24) % 10 == 0) {
            path[2] = '\0'; /* the directory goes */
            for (unsigned k = 0; k < 8; k++)
                there[i / 8 * 8 + k] = false;
            tree_remove(f->tree, str_z(path));
        } else if ((seed >> 24) % 3 == 0) {
            tree_remove(f->tree, str_z(path));
            there[i] = false;
        } else {
            put_file(f, path, "x");
            there[i] = true;
        }
        if (step % 7)
            continue;
        size_t at = 0;
        for (unsigned k = 0; k < 64; k++) {
            snprintf(path, sizeof(path), "d%u/f%u", k / 8, k % 8);
            assert_int_equal(tree_get(f->tree, str_z(path)) != NULL, there[k]);
            if (!there[k])
                continue;
            while (at < tree_count(f->tree) && tree_at(f->tree, at)->type == TREE_DIR)
                at++;
            assert_string_equal(tree_at(f->tree, at++)->path.ptr, path);
        }
    }
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_new_has_root),
        CASE(test_order_is_by_bytes),
        CASE(test_copies),
        CASE(test_replacing),
        CASE(test_removing),
        CASE(test_remove_if),
        CASE(test_refusals),
        CASE(test_hard_links),
        CASE(test_hard_link_keeps_metadata_changes),
        CASE(test_hard_link_over_its_files_directory),
        CASE(test_hard_link_before_its_file),
        CASE(test_lookup),
        CASE(test_lookup_depth),
        CASE(test_lookup_long),
        CASE(test_out_of_memory),
        CASE(test_against_a_list),
    };
    return cmocka_run_group_tests_name("io/tree", tests, NULL, NULL);
}
