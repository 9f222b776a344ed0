/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include "base/fault.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
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
    top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return top_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    close(top_fd);
    int r = file_remove_tree(AT_FDCWD, top, &err);
    struct stat st;
    return r < 0 || stat(top, &st) == 0 ? -1 : 0;
}

/* Names in a directory below the top, hidden ones too. */
static int entries(const char *path)
{
    int fd = openat(top_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fdopendir(fd);
    int count = -2;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void holds(const char *path, const char *text, mode_t mode)
{
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct stat st;
    assert_int_equal(file_read_all(top_fd, path, 1000, &out, &err), 0);
    assert_string_equal(buf_z(&out), text);
    assert_int_equal(fstatat(top_fd, path, &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, mode);
    assert_int_equal(st.st_nlink, 1);
}

static void test_write(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    mode_t before = umask(0077);
    assert_int_equal(file_write_all(top_fd, "a", 0644, STR("one"), &err), 0);
    holds("a", "one", 0644);
    assert_int_equal(file_write_all(top_fd, "a", 06751, STR("two"), &err), 0);
    holds("a", "two", 06751);
    assert_int_equal(file_write_all(top_fd, "empty", 0, STR_NONE, &err), 0);
    umask(before);
    assert_int_equal(mkdirat(top_fd, "sub", 0755), 0);
    assert_int_equal(file_write_all(top_fd, "sub/x", 0600, STR("in sub"), &err), 0);
    holds("sub/x", "in sub", 0600);
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    buf_addf(&absolute, "%s/sub//x", top);
    assert_int_equal(file_write_all(AT_FDCWD, buf_z(&absolute), 0640, STR("absolute"), &err), 0);
    holds("sub/x", "absolute", 0640);
    assert_int_equal(entries("sub"), 1);
    assert_int_equal(entries("."), 3);
}

static void test_link_is_replaced(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(file_write_all(top_fd, "target", 0644, STR("old"), &err), 0);
    assert_int_equal(symlinkat("target", top_fd, "link"), 0);
    assert_int_equal(symlinkat("nowhere", top_fd, "dangling"), 0);
    assert_int_equal(file_write_all(top_fd, "link", 0644, STR("new"), &err), 0);
    assert_int_equal(file_write_all(top_fd, "dangling", 0644, STR("new"), &err), 0);
    holds("target", "old", 0644);
    holds("link", "new", 0644);
    holds("dangling", "new", 0644);
}

static void test_refused_targets(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(mkdirat(top_fd, "dir", 0755), 0);
    assert_int_equal(mkfifoat(top_fd, "fifo", 0600), 0);
    assert_int_equal(symlinkat("/dev/null", top_fd, "null"), 0);
    static const struct {
        const char *path;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"dir", ERR_INVALID, "'dir' is a directory, it will not be replaced by a file"},
        {"dir/", ERR_INVALID, "'dir/' is not the name of a file"},
        {"", ERR_INVALID, "'' is not the name of a file"},
        {"fifo", ERR_INVALID, "'fifo' is no regular file, it will not be replaced by a file"},
        {"null", ERR_INVALID, "'null' is no regular file, it will not be replaced by a file"},
        {"/dev/null", ERR_INVALID, "'/dev/null' is no regular file, it will not be replaced by a file"},
        {"none/x", ERR_NOT_FOUND, "cannot create 'none/x': No such file or directory"},
        {"fifo/x", ERR_NOT_FOUND, "cannot create 'fifo/x': Not a directory"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(file_write_all(top_fd, cases[i].path, 0644, STR("x"), &err), -(int)cases[i].code);
        assert_string_equal(err.message, cases[i].message);
    }
    struct stat st;
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(entries("."), 3);
}

static void test_cancel(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct writer *writer = NULL;
    assert_int_equal(file_write_all(top_fd, "a", 0644, STR("old"), &err), 0);
    assert_int_equal(file_writer_new(top_fd, "a", 0644, &writer, &err), 0);
    assert_int_equal(writer_write_zeros(writer, 1 << 20, &err), 0);
    holds("a", "old", 0644); /* nothing to see before the close */
    writer_cancel(writer);
    holds("a", "old", 0644);
    assert_int_equal(entries("."), 1);
}

static void test_read(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(mkdirat(top_fd, "dir", 0755), 0);
    assert_int_equal(mkfifoat(top_fd, "fifo", 0600), 0);
    assert_int_equal(file_write_all(top_fd, "five", 0644, STR("12345"), &err), 0);
    assert_int_equal(file_write_all(top_fd, "empty", 0644, STR_NONE, &err), 0);
    CLEANUP_BUF struct buf out = BUF_INIT;
    buf_add_z(&out, "+");
    assert_int_equal(file_read_all(top_fd, "five", 5, &out, &err), 0);
    assert_int_equal(file_read_all(top_fd, "empty", 0, &out, &err), 0);
    assert_string_equal(buf_z(&out), "+12345");
    static const struct {
        const char *path;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"five", ERR_LIMIT, "'five' is larger than 4 bytes"},
        {"dir", ERR_INVALID, "'dir' is a directory, not a regular file"},
        {"fifo", ERR_INVALID, "'fifo' is a FIFO, not a regular file"},
        {"/dev/zero", ERR_INVALID, "'/dev/zero' is a device, not a regular file"},
        {"none", ERR_NOT_FOUND, "cannot open 'none': No such file or directory"},
        {"five/x", ERR_NOT_FOUND, "cannot open 'five/x': Not a directory"},
        {"", ERR_NOT_FOUND, "cannot open '': No such file or directory"},
    };
    struct str map = STR("untouched");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(file_read_all(top_fd, cases[i].path, 4, &out, &err), -(int)cases[i].code);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(file_map(top_fd, cases[i].path, 4, &map, &err), -(int)cases[i].code);
        assert_string_equal(err.message, cases[i].message);
    }
    assert_string_equal(buf_z(&out), "+12345");
    assert_string_equal(map.ptr, "untouched");
    /* /proc files say that they are empty, and are not */
    assert_int_equal(file_read_all(AT_FDCWD, "/proc/self/status", 1 << 20, &out, &err), 0);
    assert_non_null(strstr(buf_z(&out), "VmSize"));
    assert_int_equal(file_read_all(AT_FDCWD, "/proc/self/status", 5, &out, &err), -ERR_LIMIT);
}

static void test_socket(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", top);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_int_equal(file_read_all(top_fd, "socket", 1, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'socket' is a socket or device, not a regular file");
    close(fd);
}

static void test_map(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct str bytes = STR_NONE, nothing = STR("x");
    assert_int_equal(file_write_all(top_fd, "m", 0644, STR("mapped"), &err), 0);
    assert_int_equal(file_map(top_fd, "m", 6, &bytes, &err), 0);
    assert_int_equal(file_write_all(top_fd, "m", 0644, STR("replaced"), &err), 0);
    assert_true(str_eq(bytes, STR("mapped"))); /* the old file lives as long as the map */
    file_unmap(bytes);
    assert_int_equal(file_write_all(top_fd, "m", 0644, STR_NONE, &err), 0);
    assert_int_equal(file_map(top_fd, "m", 6, &nothing, &err), 0);
    assert_int_equal(nothing.len, 0);
    file_unmap(nothing);
}

static void test_copy(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(file_write_all(top_fd, "from", 0600, STR("content"), &err), 0);
    assert_int_equal(file_copy(top_fd, "from", top_fd, "to", 0755, &err), 0);
    holds("to", "content", 0755);
    assert_int_equal(file_write_all(top_fd, "from", 0600, STR_NONE, &err), 0);
    assert_int_equal(file_copy(top_fd, "from", top_fd, "to", 0644, &err), 0);
    holds("to", "", 0644);
    assert_int_equal(file_copy(top_fd, "none", top_fd, "to", 0644, &err), -ERR_NOT_FOUND);
    /* no copy within the kernel across these two: by hand */
    assert_int_equal(file_copy(AT_FDCWD, "/proc/self/status", top_fd, "status", 0644, &err), 0);
    struct stat st;
    assert_int_equal(fstatat(top_fd, "status", &st, 0), 0);
    assert_int_equal(entries("."), 3);
}

static void test_dirs(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct stat st;
    mode_t before = umask(0022);
    for (int i = 0; i < 2; i++) /* the second time it is all there */
        assert_int_equal(file_make_dirs(top_fd, "a//b/./c/", 0777, &err), 0);
    umask(before);
    assert_int_equal(fstatat(top_fd, "a/b/c", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(file_make_dirs(top_fd, "a", 0700, &err), 0);
    assert_int_equal(fstatat(top_fd, "a", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0755); /* left as it was */
    assert_int_equal(symlinkat("a", top_fd, "link"), 0);
    assert_int_equal(file_make_dirs(top_fd, "link/d", 0755, &err), 0);
    assert_int_equal(fstatat(top_fd, "a/d", &st, 0), 0);
    assert_int_equal(file_write_all(top_fd, "f", 0644, STR_NONE, &err), 0);
    assert_int_equal(file_make_dirs(top_fd, "f", 0755, &err), -ERR_INVALID);
    assert_string_equal(err.message, "cannot make directory 'f': 'f' is not a directory");
    assert_int_equal(file_make_dirs(top_fd, "f/g/h", 0755, &err), -ERR_NOT_FOUND);
    assert_int_equal(file_make_dirs(top_fd, "", 0755, &err), -ERR_NOT_FOUND);
    assert_int_equal(file_make_dirs(AT_FDCWD, "/", 0755, &err), 0);
}

static void test_remove_tree(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(file_write_all(top_fd, "outside", 0644, STR("stays"), &err), 0);
    assert_int_equal(file_make_dirs(top_fd, "t/a/b", 0755, &err), 0);
    assert_int_equal(file_write_all(top_fd, "t/a/b/f", 0444, STR("x"), &err), 0);
    assert_int_equal(symlinkat("../../outside", top_fd, "t/a/link"), 0);
    assert_int_equal(symlinkat("..", top_fd, "t/up"), 0);
    assert_int_equal(mkfifoat(top_fd, "t/fifo", 0600), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(file_remove_tree(top_fd, "t", &err), 0);
    holds("outside", "stays", 0644);
    assert_int_equal(entries("."), 1);
    assert_int_equal(symlinkat(".", top_fd, "self"), 0);
    assert_int_equal(file_remove_tree(top_fd, "self", &err), 0);
    assert_int_equal(file_remove_tree(top_fd, "outside", &err), 0);
    assert_int_equal(entries("."), 0);
    CLEANUP_BUF struct buf deep = BUF_INIT;
    for (int i = 0; i < FILE_TREE_DEPTH_MAX + 1; i++)
        buf_add_z(&deep, "d/");
    assert_int_equal(file_make_dirs(top_fd, buf_z(&deep), 0755, &err), 0);
    assert_int_equal(file_remove_tree(top_fd, "d", &err), -ERR_LIMIT);
    assert_int_equal(file_remove_tree(top_fd, "d/d", &err), 0);
}

static int all_calls(struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct str map = STR_NONE;
    int r = file_make_dirs(top_fd, "p/q", 0755, err);
    if (r == 0)
        r = file_write_all(top_fd, "p/q/f", 0644, STR("first"), err);
    if (r == 0)
        r = file_write_all(top_fd, "p/q/f", 0644, STR("second"), err);
    if (r == 0)
        r = file_copy(AT_FDCWD, "/proc/self/comm", top_fd, "p/g", 0644, err);
    if (r == 0)
        r = file_copy(top_fd, "p/q/f", top_fd, "p/g", 0644, err);
    if (r == 0)
        r = file_read_all(top_fd, "p/g", 100, &out, err);
    if (r == 0 && !str_eq(buf_str(&out), STR("second")))
        fail_msg("wrong content");
    if (r == 0)
        r = file_map(top_fd, "p/g", 100, &map, err);
    if (r == 0)
        file_unmap(map);
    return r == 0 ? file_remove_tree(top_fd, "p", err) : r;
}

static void test_faults(void **state)
{
    (void)state;
    static const int codes[FAULT_KINDS] = {[FAULT_ALLOC] = -ERR_NOMEM, [FAULT_IO] = -ERR_IO};
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        for (uint64_t n = 1;; n++) {
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            int r = all_calls(&err);
            fault_disarm();
            if (r == 0) {
                assert_true(n > 10);
                break;
            }
            assert_int_equal(r, codes[kind]);
            struct stat st;
            if (fstatat(top_fd, "p/q", &st, 0) == 0) { /* nothing hidden, no half file */
                int count = entries("p/q");
                assert_true(count <= 1);
                CLEANUP_BUF struct buf out = BUF_INIT;
                if (count == 1 && file_read_all(top_fd, "p/q/f", 100, &out, NULL) == 0)
                    assert_true(str_eq(buf_str(&out), STR("first")) || str_eq(buf_str(&out), STR("second")));
            }
            assert_int_equal(file_remove_tree(top_fd, "p", &err), 0);
        }
    }
}

static void test_full_disk(void **state)
{
    (void)state;
    assert_int_equal(mkdirat(top_fd, "small", 0755), 0);
    CLEANUP_BUF struct buf at = BUF_INIT;
    buf_addf(&at, "%s/small", top);
    if (geteuid() != 0 || mount("none", buf_z(&at), "tmpfs", MS_NOSUID | MS_NODEV, "size=64k") != 0)
        skip();
    struct err err = ERR_INIT;
    assert_int_equal(file_write_all(top_fd, "small/f", 0644, STR("old"), &err), 0);
    struct writer *writer = NULL;
    assert_int_equal(file_writer_new(top_fd, "small/f", 0644, &writer, &err), 0);
    int r = writer_write_zeros(writer, 1 << 20, &err);
    int closed = writer_close(writer, NULL);
    struct buf out = BUF_INIT;
    int read = file_read_all(top_fd, "small/f", 100, &out, NULL);
    bool kept = str_eq(buf_str(&out), STR("old"));
    buf_done(&out);
    int count = entries("small");
    assert_int_equal(umount(buf_z(&at)), 0);
    assert_int_equal(r, -ERR_NO_SPACE);
    assert_string_equal(err.message, "cannot write 'small/f': No space left on device");
    assert_int_equal(closed, -ERR_NO_SPACE);
    assert_int_equal(read, 0);
    assert_true(kept);
    assert_int_equal(count, 1);
}

/* Without /proc an unnamed file can't get a name: the hidden one is there from the start. */
static int write_without_proc(void)
{
    struct writer *writer = NULL;
    if (chroot(top) != 0 || chdir("/") != 0)
        return 77;
    if (file_write_all(AT_FDCWD, "/f", 0640, STR("one"), NULL) < 0 || entries(".") != 1)
        return 1;
    if (file_write_all(AT_FDCWD, "f", 0600, STR("two"), NULL) < 0 || entries(".") != 1)
        return 2;
    if (file_writer_new(AT_FDCWD, "/f", 0600, &writer, NULL) < 0 || entries(".") != 2)
        return 3;
    if (writer_write_str(writer, STR("three"), NULL) < 0)
        return 4;
    writer_cancel(writer);
    for (uint64_t n = 1;; n++) {
        fault_arm(FAULT_IO, n);
        int r = file_write_all(AT_FDCWD, "/f", 0600, STR("two"), NULL);
        fault_disarm();
        if (entries(".") != 1)
            return 5;
        if (r == 0)
            return n > 4 ? 0 : 6;
    }
}

static void test_without_proc(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    pid_t child = fork();
    if (child == 0)
        _exit(write_without_proc());
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
    holds("f", "two", 0600);
}

static void test_temp_names(void **state)
{
    (void)state;
    assert_true(file_is_temp_name(".barehull-0123456789abcdef"));
    assert_false(file_is_temp_name(".barehull-0123456789abcdeg"));
    assert_false(file_is_temp_name(".barehull-0123456789abcde"));
    assert_false(file_is_temp_name(".barehull-0123456789abcdef0"));
    assert_false(file_is_temp_name("barehull-0123456789abcdef"));
    assert_false(file_is_temp_name(""));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(test_write),
        EACH(test_link_is_replaced),
        EACH(test_refused_targets),
        EACH(test_cancel),
        EACH(test_read),
        EACH(test_socket),
        EACH(test_map),
        EACH(test_copy),
        EACH(test_dirs),
        EACH(test_remove_tree),
        EACH(test_faults),
        EACH(test_full_disk),
        EACH(test_without_proc),
        EACH(test_temp_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
