/* SPDX-License-Identifier: Apache-2.0 */
#include "project/files.h"

#include "base/fault.h"
#include "base/path.h"
#include "project_tree.h"

#include <sys/stat.h>

static const char *skip_some(void *self, struct str path, bool directory)
{
    (void)self;
    if (directory && str_eq_z(path_base(path), "skipped"))
        return "skipped";
    return str_ends(path, STR(".tmp")) ? "scratch" : NULL;
}

static bool reads_text(void *self, struct str path)
{
    (void)self;
    return str_ends(path, STR(".txt"));
}

static const struct project_walk walk = {.skip = skip_some, .reads = reads_text};

static void test_order_and_content(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "b/x.txt", "hello");
    project_tree_make(tree, "b-c", "");
    project_tree_make(tree, "a.tmp", "12345");
    project_tree_make(tree, "skipped/inside/file", "1234567");
    project_tree_make(tree, "b/prog", "\177ELF and so on");
    project_tree_make(tree, "b/short", "\177EL");
    project_tree_make(tree, "empty.txt", "");
    project_tree_link(tree, "b/loop", "..");
    project_tree_link(tree, "dangling.txt", "nowhere");
    assert_int_equal(mkfifo(project_tree_path(tree, "pipe"), 0600), 0);
    chmod(project_tree_path(tree, "b-c"), 0710);

    struct project_files files;
    struct err err = ERR_INIT;
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &walk, &files, &err), 0);
    assert_string_equal(project_tree_kept(tree, &files), "b/ b-c b/loop b/prog b/short b/x.txt dangling.txt empty.txt");
    assert_string_equal(project_tree_dropped(tree, &files),
                        "a.tmp=scratch, pipe=sockets, FIFOs and devices, skipped=skipped");
    assert_int_equal(files.dropped_bytes, 5);
    const struct project_file *text = project_files_find(&files, STR("b/x.txt"));
    assert_non_null(text);
    assert_true(str_eq_z(text->content, "hello"));
    assert_int_equal(text->size_bytes, 5);
    assert_string_equal(text->host_path.ptr, project_tree_path(tree, "b/x.txt"));
    const struct project_file *prog = project_files_find(&files, STR("b/prog"));
    assert_true(prog->is_elf);
    assert_true(str_eq_z(prog->content, "\177ELF and so on"));
    assert_false(project_files_find(&files, STR("b/short"))->is_elf);
    assert_null(project_files_find(&files, STR("b/short"))->content.ptr);
    assert_non_null(project_files_find(&files, STR("empty.txt"))->content.ptr);
    assert_int_equal(project_files_find(&files, STR("b-c"))->mode, 0710);
    const struct project_file *loop = project_files_find(&files, STR("b/loop"));
    assert_int_equal(loop->type, TREE_SYMLINK);
    assert_true(str_eq_z(loop->target, ".."));
    assert_null(project_files_find(&files, STR("b/loop/b")));
    assert_null(project_files_find(&files, STR("skipped/inside")));
    project_files_done(&files);
    project_files_done(&files);
}

static void test_large_file(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "big.bin", "");
    assert_int_equal(truncate(project_tree_path(tree, "big.bin"), (64 << 20) + 1), 0);
    struct project_files files;
    struct err err = ERR_INIT;
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &walk, &files, &err), 0); /* nobody reads it */
    assert_int_equal(project_files_find(&files, STR("big.bin"))->size_bytes, (64 << 20) + 1);
    project_files_done(&files);
    assert_int_equal(rename(project_tree_path(tree, "big.bin"), project_tree_path(tree, "big.txt")), 0);
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &walk, &files, &err), -ERR_LIMIT);
    assert_non_null(strstr(err.message, "big.txt' is larger than 67108864 bytes"));
    assert_string_equal(err.hint, "leave it out with --exclude when the application does not need it");
}

/* More files than one thread reads; the digest is that of "abc". */
static void test_many_files(void **state)
{
    static const uint8_t abc[] = {0xba, 0x78, 0x16, 0xbf};
    struct project_tree *tree = *state;
    for (unsigned i = 0; i < 200; i++) {
        project_tree_make(tree, arena_printf(&tree->arena, "d%u/f%u.txt", i % 7, i), "text");
        project_tree_make(tree, arena_printf(&tree->arena, "d%u/f%u.bin", i % 7, i), "abc");
    }
    struct project_walk digesting = walk;
    digesting.digests = true;
    struct project_files files;
    struct err err = ERR_INIT;
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &digesting, &files, &err), 0);
    assert_int_equal(files.len, 407);
    for (size_t i = 0; i < files.len; i++) {
        const struct project_file *file = &files.ptr[i];
        bool text = str_ends(file->path, STR(".txt"));
        if (file->type != TREE_FILE)
            continue;
        assert_true(text ? str_eq_z(file->content, "text") : !file->content.ptr);
        assert_true(text ? !file->sha256 : memcmp(file->sha256, abc, sizeof(abc)) == 0);
        assert_int_equal(file->size_bytes, text ? 4 : 3);
    }
    project_files_done(&files);
}

static void test_follow(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "cache/real.txt", "text");
    project_tree_link(tree, "in/link.txt", "../cache/real.txt");
    project_tree_link(tree, "in/dir", "../cache");
    project_tree_link(tree, "in/gone", "../nothing");
    struct project_files files;
    struct err err = ERR_INIT;
    struct str root = str_z(project_tree_path(tree, "in"));
    assert_int_equal(project_files_walk(&tree->ctx, root, &walk, &files, &err), 0);
    struct project_file *link = project_files_find(&files, STR("link.txt"));
    assert_int_equal(project_file_follow(&tree->ctx, link, true, &err), 0);
    assert_int_equal(link->type, TREE_FILE);
    assert_true(str_eq_z(link->content, "text"));
    assert_int_equal(link->target.len, 0);
    assert_string_equal(link->host_path.ptr, project_tree_path(tree, "cache/real.txt"));
    struct project_file *dir = project_files_find(&files, STR("dir"));
    assert_int_equal(project_file_follow(&tree->ctx, dir, true, &err), -ERR_INVALID);
    assert_int_equal(dir->type, TREE_SYMLINK);
    struct project_file *gone = project_files_find(&files, STR("gone"));
    assert_int_equal(project_file_follow(&tree->ctx, gone, true, &err), -ERR_NOT_FOUND);
    project_files_done(&files);
}

static void test_errors(void **state)
{
    struct project_tree *tree = *state;
    struct project_files files = {NULL, 0, 0, 0};
    struct err err = ERR_INIT;
    struct str none = str_z(project_tree_path(tree, "none"));
    assert_int_equal(project_files_walk(&tree->ctx, none, &walk, &files, &err), -ERR_NOT_FOUND);
    /* A loop of mounts can't be made here; a chain of directories without an end looks the same. */
    struct buf path CLEANUP_BUF = BUF_INIT;
    for (unsigned i = 0; i < 258; i++)
        buf_add_z(&path, "d/");
    project_tree_make(tree, buf_z(&path), "");
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &walk, &files, &err), -ERR_LIMIT);
    assert_non_null(strstr(err.message, "256 directories one in the other"));
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.arena = &tree->arena, .cancelled = &cancelled};
    assert_int_equal(project_files_walk(&ctx, str_z(tree->top), &walk, &files, &err), -ERR_CANCELLED);
    assert_int_equal(files.len, 0);
    /* In two steps: taking it away has its limit too. */
    buf_truncate(&path, 200);
    assert_int_equal(file_remove_tree(AT_FDCWD, project_tree_path(tree, buf_z(&path)), &err), 0);
}

static void test_unreadable(void **state)
{
    struct project_tree *tree = *state;
    if (geteuid() == 0)
        skip();
    project_tree_make(tree, "a/secret.txt", "x");
    chmod(project_tree_path(tree, "a/secret.txt"), 0);
    struct project_files files;
    struct err err = ERR_INIT;
    assert_int_equal(project_files_walk(&tree->ctx, str_z(tree->top), &walk, &files, &err), -ERR_PERMISSION);
    assert_non_null(strstr(err.message, "a/secret.txt"));
    assert_string_equal(err.hint, "make it readable for you, or leave it out with --exclude");
}

static void test_faults(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "a/x.txt", "hello");
    project_tree_make(tree, "a/prog", "\177ELF");
    project_tree_link(tree, "a/link", "x.txt");
    for (int kind = FAULT_ALLOC; kind <= FAULT_IO; kind++) {
        int r = -1;
        for (uint64_t n = 1; r != 0; n++) {
            struct arena arena CLEANUP_ARENA = ARENA_INIT;
            struct op_ctx ctx = {.arena = &arena};
            struct project_files files = {NULL, 0, 0, 0};
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            r = project_files_walk(&ctx, str_z(tree->top), &walk, &files, &err);
            fault_disarm();
            assert_true(r == 0 || r == (kind == FAULT_ALLOC ? -ERR_NOMEM : -ERR_IO));
            assert_true(n < 200);
            project_files_done(&files);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, project_tree_set_up, project_tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order_and_content),
        TEST(test_large_file),
        TEST(test_many_files),
        TEST(test_follow),
        TEST(test_errors),
        TEST(test_unreadable),
        TEST(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
