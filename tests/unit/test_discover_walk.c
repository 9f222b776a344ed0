/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/walk.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/limits.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char top[32];
static int top_fd = -1;

static int set_up(void **state)
{
    (void)state;
    strcpy(top, "/tmp/barehull-test-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    chmod(top, 0755);
    top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return top_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    close(top_fd);
    return file_remove_tree(AT_FDCWD, top, &err);
}

/* Makes PATH, with its directories; TEXT is what it holds. A path that ends with a slash is a directory. */
static void make(const char *path, const char *text)
{
    struct err err = ERR_INIT;
    CLEANUP_MEM char *copy = mem_dup(path, strlen(path));
    char *slash = strrchr(copy, '/');
    if (slash) {
        *slash = '\0';
        assert_int_equal(file_make_dirs(top_fd, copy, 0755, &err), 0);
    }
    if (!slash || slash[1])
        assert_int_equal(file_write_all(top_fd, path, 0644, str_z(text), &err), 0);
}

struct seen {
    struct buf out;
    bool remove_next; /* what is visited first takes the rest away */
};

static bool on_wants(void *self, const char *name)
{
    (void)self;
    return name[0] != '.' && strcmp(name, "unwanted") != 0;
}

static int on_file(void *self, const struct walk_dir *dir, const char *name, struct err *err)
{
    struct seen *seen = self;
    (void)err;
    assert_true(str_ends(dir->shown, dir->sub) && str_ends(dir->absolute, dir->sub));
    buf_addf(&seen->out, "%.*s%s ", STR_ARG(dir->shown), name);
    if (seen->remove_next) {
        struct err ignored = ERR_INIT;
        file_remove_tree(top_fd, "gone", &ignored);
        file_remove_tree(top_fd, "replaced", &ignored);
        (void)!symlinkat("/", top_fd, "replaced");
        seen->remove_next = false;
    }
    return 0;
}

static int on_unreadable(void *self, const struct walk_dir *dir, const char *reason, struct err *err)
{
    struct seen *seen = self;
    (void)err;
    assert_true(str_starts(dir->absolute, STR("/p/")));
    buf_addf(&seen->out, "(%.*s: %s) ", STR_ARG(dir->shown), reason);
    return 0;
}

static struct {
    const char *start;
    const char *exclude[2];
    bool no_gitignore, remove_next;
    uint64_t files;
} how;

static int walk(struct buf *ret_out, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct op_ctx ctx = {0};
    struct gitignore exclude[2];
    uint64_t left = how.files ? how.files : 1000;
    struct walk_options options = {.shown = STR("t/"),
                                   .absolute = STR("/p/"),
                                   .base = STR("/"),
                                   .exclude = exclude,
                                   .gitignore = !how.no_gitignore,
                                   .files_left = &left};
    char start[256];
    snprintf(start, sizeof(start), "%s/%s", top, how.start ? how.start : "");
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(how.exclude) && how.exclude[i] && r == 0; i++, options.exclude_count++)
        r = gitignore_parse(str_z(how.exclude[i]), &arena, &exclude[i], err);
    if (r == 0)
        r = ignore_above(&ctx, start, &arena, &options.above, &options.prefix, err);
    CLEANUP_FD int fd = open(start, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct seen seen = {.remove_next = how.remove_next};
    const struct walk_visitor visitor = {on_wants, on_file, on_unreadable, &seen};
    if (r == 0)
        r = walk_directory(&ctx, fd, &options, &visitor, err);
    if (r == 0)
        buf_truncate(&seen.out, seen.out.len - (seen.out.len > 0));
    *ret_out = seen.out;
    return r;
}

static void walk_gives(const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(walk(&out, &err), 0);
    assert_string_equal(buf_z(&out), expected);
    memset(&how, 0, sizeof(how));
}

static void test_order(void **state)
{
    (void)state;
    walk_gives("");
    make("b", "");
    make("a/z", "");
    make("a/b/c", "");
    make("a-b", "");
    make("a.b/x", "");
    make("B", "");
    make("unwanted", "");
    make("\xC3\xA9", "");
    make("\xFF", "");
    make("empty/", "");
    make("node_modules/x", "");
    make("a/node_modules/x", "");
    make(".hidden/x", "");
    make(".git/x", "");
    make("c/.git/x", "");
    make("c/y", "");
    walk_gives("t/.hidden/x t/B t/a/b/c t/a/z t/a-b t/a.b/x t/b t/c/y t/\xC3\xA9 t/\xFF");
    how.start = "a";
    walk_gives("t/b/c t/z");
}

static void test_kinds(void **state)
{
    (void)state;
    make("real/file", "");
    assert_int_equal(symlinkat("..", top_fd, "real/loop"), 0);
    assert_int_equal(symlinkat("real", top_fd, "link"), 0);
    assert_int_equal(symlinkat("file", top_fd, "real/same"), 0);
    assert_int_equal(symlinkat("nowhere", top_fd, "dangling"), 0);
    assert_int_equal(mkfifoat(top_fd, "fifo", 0644), 0);
    walk_gives("t/real/file");
    how.start = "link";
    walk_gives("t/file");
}

static void test_gitignore(void **state)
{
    (void)state;
    make(".git/info/exclude", "*.local\n");
    make(".gitignore", "*.o\n/out/\n!keep.o\nsub/deep/x\n*.again\n");
    make("a.o", "");
    make("a.local", "");
    make("keep.o", "");
    make("out/a", "");
    make("sub/out/a", "");
    make("sub/deep/x", "");
    make("sub/deep/y", "");
    make("sub/.gitignore", "!b.o\n*.c\n!*.again\n");
    make("sub/b.o", "");
    make("sub/b.c", "");
    make("sub/b.again", "");
    make("sub/mod/.git/HEAD", "");
    make("sub/mod/a.o", "");
    make("sub/mod/x.local", "");
    walk_gives("t/keep.o t/sub/b.again t/sub/b.o t/sub/deep/y t/sub/mod/a.o t/sub/mod/x.local t/sub/out/a");
    how.start = "sub/deep";
    walk_gives("t/y");
    how.start = "out"; /* named: walked although it is passed over */
    walk_gives("t/a");
    how.no_gitignore = true;
    how.start = "sub";
    walk_gives("t/b.again t/b.c t/b.o t/deep/x t/deep/y t/mod/a.o t/mod/x.local t/out/a");
    how.exclude[0] = "*.o\n!b.c\n";
    how.exclude[1] = "*.c\np/out\ndeep/\n";
    how.start = "sub";
    walk_gives("t/b.again t/b.c t/mod/x.local");
}

/* A .git that is a file names the repository's directory; that of a work tree names a common one. */
static void test_git_file(void **state)
{
    (void)state;
    make("store/modules/m/info/exclude", "a\n");
    make("m/.git", "gitdir: ../store/modules/m\n");
    make("m/a", "");
    make("m/b", "");
    make("store/worktrees/w/commondir", "../..\n");
    make("store/info/exclude", "b\n");
    make("w/.git", "gitdir: ../store/worktrees/w\n");
    make("w/a", "");
    make("w/b", "");
    make("x/.git", "nonsense");
    make("x/a", "");
    how.start = "m";
    walk_gives("t/b");
    how.start = "w";
    walk_gives("t/a");
    how.start = "x";
    walk_gives("t/a");
}

static void test_bad_ignore(void **state)
{
    (void)state;
    make("a/.gitignore/", "");
    make("a/f", "");
    assert_int_equal(symlinkat("/dev/zero", top_fd, ".gitignore"), 0);
    make("b/f", "");
    assert_int_equal(mkfifoat(top_fd, "b/.gitignore", 0644), 0);
    make("c/f", "");
    make("c/.gitignore", "");
    int fd = openat(top_fd, "c/.gitignore", O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, LIMIT_DISCOVER_IGNORE_BYTES + 5000), 0);
    close(fd);
    walk_gives("t/a/f t/b/f t/c/f");
}

static void test_limits(void **state)
{
    (void)state;
    int at = dup(top_fd);
    for (int i = 0; i < LIMIT_DISCOVER_DEPTH + 2; i++) {
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = next;
    }
    close(at);
    make("e", "");
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(walk(&out, &err), 0);
    assert_true(str_starts(buf_str(&out), STR("(t/d/d/d/d/")));
    assert_true(str_ends(buf_str(&out), STR("/d/: it lies too deep) t/e")));
    file_remove_tree(top_fd, "d", &err);
    make("f", "");
    make("g", "");
    how.files = 2;
    CLEANUP_BUF struct buf few = BUF_INIT;
    assert_int_equal(walk(&few, &err), 0);
    assert_true(str_starts(buf_str(&few), STR("(t/: there are too many files) ")));
    memset(&how, 0, sizeof(how));
}

static void test_vanishes(void **state)
{
    (void)state;
    make("a", "");
    make("gone/x", "");
    make("replaced/x", "");
    make("z", "");
    how.remove_next = true;
    walk_gives("t/a t/z");
}

/* As somebody who may not read everything: root may. */
static void test_unreadable(void **state)
{
    (void)state;
    make("a/x", "");
    make("b/x", "");
    make("c/x", "");
    assert_int_equal(fchmodat(top_fd, "b", 0311, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        if (walk(&out, &err) != 0)
            _exit(3);
        _exit(strcmp(buf_z(&out), "t/a/x (t/b/: Permission denied) t/c/x") == 0 ? 0 : 4);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(fchmodat(top_fd, "b", 0755, 0), 0);
}

static void test_fault(void **state)
{
    (void)state;
    make(".gitignore", "*.o\n");
    make("a/.gitignore", "b\n");
    make("a/b", "");
    make("a/c", "");
    make("d.o", "");
    for (int kind = FAULT_ALLOC; kind <= FAULT_IO; kind++) {
        bool fired = true;
        for (uint64_t n = 1; fired; n++) {
            struct buf out = BUF_INIT;
            struct err err = ERR_INIT;
            how.exclude[0] = "zzz\n";
            fault_arm((enum fault_kind)kind, n);
            int r = walk(&out, &err);
            fired = fault_count((enum fault_kind)kind) >= n;
            fault_disarm();
            assert_true(r == 0 || (kind == FAULT_ALLOC && r == -ERR_NOMEM));
            if (!fired)
                assert_string_equal(buf_z(&out), "t/a/c");
            buf_done(&out);
            assert_true(n < 500);
        }
    }
    memset(&how, 0, sizeof(how));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_order),  TEST(test_kinds),    TEST(test_gitignore),  TEST(test_git_file), TEST(test_bad_ignore),
        TEST(test_limits), TEST(test_vanishes), TEST(test_unreadable), TEST(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
