/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "base/op.h"
#include "io/tar.h"
#include "io/tar_block.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct op_ctx NO_CTX;

/* The archive of NODE alone, without an end. */
static int write_node(const struct tree_node *node, struct buf *out, struct err *err)
{
    struct writer *writer = NULL;
    int rc = buf_writer_new(out, &writer, err);
    if (rc)
        return rc;
    rc = tar_write_node(writer, node, err);
    if (rc)
        writer_cancel(writer);
    else
        rc = writer_close(writer, err);
    return rc;
}

static void write_good(const struct tree_node *node, struct buf *out)
{
    struct err err = ERR_INIT;
    if (write_node(node, out, &err))
        fail_msg("%s", err.message);
}

static const struct tar_block *block_at(const struct buf *archive, size_t i)
{
    assert_true(archive->len >= (i + 1) * TAR_BLOCK_BYTES);
    return (const struct tar_block *)(const void *)(archive->ptr + i * TAR_BLOCK_BYTES);
}

#define assert_field(block, field, expected)                                                                           \
    do {                                                                                                               \
        struct str got_ = tar_field((block)->field, sizeof((block)->field));                                           \
        if (!str_eq_z(got_, expected))                                                                                 \
            fail_msg(#field " is '%.*s', not '%s'", STR_ARG(got_), expected);                                          \
    } while (0)

static void test_file_bytes(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct tree_node node = {.path = STR("usr/bin/tool"),
                             .type = TREE_FILE,
                             .mode = 04755,
                             .uid = 1,
                             .gid = 65532,
                             .mtime = 1700000000,
                             .content = STR("hello")};
    write_good(&node, &out);
    assert_int_equal(out.len, 1024);
    char expected[1024] = "usr/bin/tool";
    static const char attributes[] = "0004755\0000000001\0000177774\00000000000005\00014524770400";
    memcpy(expected + 100, attributes, sizeof(attributes));
    expected[156] = '0';
    memcpy(expected + 257, "ustar\00000", 8);
    memcpy(expected + 329, "0000000\0000000000", 15);
    memcpy(expected + 512, "hello", 5);
    assert_memory_equal(out.ptr, expected, 148);
    assert_memory_equal(out.ptr + 156, expected + 156, 1024 - 156);
    int32_t ignored;
    char sum[8];
    snprintf(sum, sizeof(sum), "%06o", tar_checksum(block_at(&out, 0), &ignored));
    assert_memory_equal(block_at(&out, 0)->checksum, sum, 7);
    assert_int_equal(block_at(&out, 0)->checksum[7], ' ');
}

static void test_other_types(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct tree_node dir = {.path = STR("etc"), .type = TREE_DIR, .mode = 01777};
    struct tree_node link = {.path = STR("lib"), .type = TREE_SYMLINK, .mode = 0777, .target = STR("/usr/lib")};
    struct tree_node hard = {.path = STR("b"), .type = TREE_HARDLINK, .mode = 0644, .target = STR("a")};
    struct tree_node root = {.path = STR(""), .type = TREE_DIR, .mode = 0755};
    write_good(&dir, &out);
    write_good(&link, &out);
    write_good(&hard, &out);
    write_good(&root, &out);
    assert_int_equal(out.len, 4 * 512);
    assert_field(block_at(&out, 0), name, "etc/");
    assert_field(block_at(&out, 0), mode, "0001777");
    assert_int_equal(block_at(&out, 0)->type, '5');
    assert_field(block_at(&out, 1), name, "lib");
    assert_field(block_at(&out, 1), linkname, "/usr/lib");
    assert_int_equal(block_at(&out, 1)->type, '2');
    assert_field(block_at(&out, 2), linkname, "a");
    assert_field(block_at(&out, 2), size, "00000000000");
    assert_int_equal(block_at(&out, 2)->type, '1');
    assert_field(block_at(&out, 3), name, "./");
}

static void test_long_names(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'n', sizeof(name));
    struct tree_node node = {.path = str_of(name, 100), .type = TREE_FILE};
    struct buf out CLEANUP_BUF = BUF_INIT;
    write_good(&node, &out); /* fills the field, no NUL */
    assert_int_equal(out.len, 512);
    assert_memory_equal(block_at(&out, 0)->name, name, 100);
    assert_field(block_at(&out, 0), prefix, "");

    buf_reset(&out);
    name[155] = '/'; /* 155 + slash + 100: the most that splits */
    node.path = str_of(name, 256);
    write_good(&node, &out);
    assert_int_equal(out.len, 512);
    assert_memory_equal(block_at(&out, 0)->prefix, name, 155);
    assert_memory_equal(block_at(&out, 0)->name, name + 156, 100);

    buf_reset(&out);
    node.path = str_of(name, 257); /* one more: a record */
    write_good(&node, &out);
    assert_int_equal(out.len, 3 * 512);
    assert_int_equal(block_at(&out, 0)->type, 'x');
    assert_memory_equal(block_at(&out, 0)->name, "PaxHeaders/nnn", 14);
    assert_field(block_at(&out, 0), size, "00000000413"); /* "267 path=" + 257 + "\n" */
    assert_memory_equal(out.ptr + 512, "267 path=nnn", 12);
    assert_int_equal(out.ptr[512 + 266], '\n');
    assert_memory_equal(block_at(&out, 2)->name, name, 100);

    buf_reset(&out);
    node = (struct tree_node){.path = str_of(name, 255), .type = TREE_DIR}; /* with its slash it still fits */
    write_good(&node, &out);
    assert_int_equal(out.len, 512);
    buf_reset(&out);
    node.path = str_of(name, 256);
    write_good(&node, &out);
    assert_int_equal(out.len, 3 * 512);

    buf_reset(&out);
    node = (struct tree_node){.path = STR("l"), .type = TREE_SYMLINK, .target = str_of(name + 160, 101)};
    write_good(&node, &out);
    assert_int_equal(out.len, 3 * 512);
    assert_memory_equal(out.ptr + 512, "115 linkpath=nnn", 16);
}

static void test_large_numbers(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct tree_node node = {.path = STR("f"), .type = TREE_FILE, .uid = 2097152, .gid = UINT32_MAX, .mtime = -1};
    write_good(&node, &out);
    assert_int_equal(out.len, 3 * 512);
    assert_string_equal(out.ptr + 512, "15 uid=2097152\n18 gid=4294967295\n12 mtime=-1\n");
    assert_field(block_at(&out, 2), uid, "0000000");
    assert_field(block_at(&out, 2), mtime, "00000000000");
    buf_reset(&out);
    node = (struct tree_node){.path = STR("f"), .type = TREE_FILE, .uid = 2097151, .mtime = 077777777777};
    write_good(&node, &out);
    assert_int_equal(out.len, 512);
    assert_field(block_at(&out, 0), uid, "7777777");
    assert_field(block_at(&out, 0), mtime, "77777777777");
}

static void test_refusals(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct tree_node device = {.path = STR("dev/null"), .type = TREE_OTHER};
    assert_int_equal(write_node(&device, &out, &err), -ERR_UNSUPPORTED);
    assert_string_equal(err.message, "'dev/null' is a device, pipe or socket, which can't be written to a tar archive");
    struct tree_node whiteout = {.path = STR("gone"), .type = TREE_WHITEOUT};
    assert_int_equal(write_node(&whiteout, &out, &err), -ERR_UNSUPPORTED);
    char name[LIMIT_TAR_NAME_BYTES + 1];
    memset(name, 'n', sizeof(name));
    struct tree_node longest = {.path = str_of(name, sizeof(name)), .type = TREE_FILE};
    assert_int_equal(write_node(&longest, &out, &err), -ERR_LIMIT);
}

/* ---- files of the host ---- */

struct host {
    char dir[32];
    char path[64];
};

static int host_set_up(void **state)
{
    struct host *host = calloc(1, sizeof(*host));
    strcpy(host->dir, "/tmp/test-tar-XXXXXX");
    if (!mkdtemp(host->dir))
        return -1;
    snprintf(host->path, sizeof(host->path), "%s/file", host->dir);
    *state = host;
    return 0;
}

static int host_tear_down(void **state)
{
    struct host *host = *state;
    (void)unlink(host->path);
    (void)rmdir(host->dir);
    free(host);
    return 0;
}

static void make_file(const struct host *host, size_t size)
{
    FILE *file = fopen(host->path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i % 251), file);
    assert_int_equal(fclose(file), 0);
}

static struct tree_node host_node(const struct host *host, uint64_t size)
{
    return (struct tree_node){
        .path = STR("f"), .type = TREE_FILE, .mode = 0644, .host_path = str_z(host->path), .size_bytes = size};
}

static void test_host_file(void **state)
{
    struct host *host = *state;
    static const size_t sizes[] = {0, 1, 512, 700001};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        make_file(host, sizes[i]);
        struct tree_node node = host_node(host, sizes[i]);
        write_good(&node, &out);
        assert_int_equal(out.len, 512 + sizes[i] + tar_padding(sizes[i]));
        for (size_t k = 0; k < sizes[i]; k++)
            if ((unsigned char)out.ptr[512 + k] != k % 251)
                fail_msg("byte %zu of %zu", k, sizes[i]);
    }
}

static void test_host_file_changed(void **state)
{
    struct host *host = *state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    char expected[128];
    snprintf(expected, sizeof(expected), "'%s' changed while it was read", host->path);
    make_file(host, 100);
    static const uint64_t wrong[] = {0, 99, 101};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct tree_node node = host_node(host, wrong[i]);
        assert_int_equal(write_node(&node, &out, &err), -ERR_IO);
        assert_string_equal(err.message, expected);
    }
    struct tree_node node = host_node(host, 100);
    assert_int_equal(unlink(host->path), 0);
    assert_int_equal(write_node(&node, &out, &err), -ERR_NOT_FOUND);
    assert_int_equal(symlink("/etc/hostname", host->path), 0);
    assert_int_not_equal(write_node(&node, &out, &err), 0);
    assert_int_equal(unlink(host->path), 0);
    assert_int_equal(mkfifo(host->path, 0600), 0); /* doesn't block */
    assert_int_equal(write_node(&node, &out, &err), -ERR_IO);
}

static void test_host_file_faults(void **state)
{
    struct host *host = *state;
    make_file(host, 300000);
    struct tree_node node = host_node(host, 300000);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        uint64_t n = 1;
        for (int rc = -1; rc; n++) {
            struct buf out CLEANUP_BUF = BUF_INIT;
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            rc = write_node(&node, &out, &err);
            fault_disarm();
            if (rc)
                assert_int_equal(rc, kind == FAULT_ALLOC ? -ERR_NOMEM : -ERR_IO);
            assert_in_range(n, 1, 100);
        }
        assert_in_range(n, 4, 100);
    }
}

/* ---- trees ---- */

static void add_hard(struct tree *tree, struct str path, struct str target)
{
    struct err err = ERR_INIT;
    struct tree_node node = {.path = path, .type = TREE_HARDLINK, .target = target};
    assert_int_equal(tree_put(tree, &node, &err), 0);
}

static int write_tree(const struct tree *tree, const struct op_ctx *ctx, struct buf *out, struct err *err)
{
    struct writer *writer CLEANUP_WRITER = NULL;
    int rc = buf_writer_new(out, &writer, err);
    if (!rc)
        rc = tar_write_tree(writer, tree, ctx, err);
    return rc ? rc : writer_close(TAKE_PTR(writer), err);
}

static void test_tree(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct err err = ERR_INIT;
    char long_name[301];
    memset(long_name, 'n', 300);
    long_name[300] = '\0';
    assert_int_equal(tree_new(&arena, &tree, &err), 0);
    assert_int_equal(tree_put_file(tree, STR("m/file"), 0755, STR("content"), &err), 0);
    assert_int_equal(tree_put_file(tree, str_z(long_name), 0644, STR(""), &err), 0);
    add_hard(tree, STR("a"), STR("m/file"));
    add_hard(tree, STR("z"), STR("m/file"));
    add_hard(tree, STR("y"), STR("below/this/layer"));
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(write_tree(tree, &NO_CTX, &out, &err), 0);
    assert_int_equal(out.len, tar_tree_size(tree));
    /* The first in order carries the content. */
    assert_field(block_at(&out, 0), name, "a");
    assert_int_equal(block_at(&out, 0)->type, '0');
    assert_field(block_at(&out, 0), mode, "0000755");
    assert_string_equal(out.ptr + 512, "content");
    assert_field(block_at(&out, 2), name, "m/");
    assert_field(block_at(&out, 3), name, "m/file");
    assert_int_equal(block_at(&out, 3)->type, '1');
    assert_field(block_at(&out, 3), linkname, "a");
    assert_int_equal(block_at(&out, 4)->type, 'x');
    assert_field(block_at(&out, 7), name, "y");
    assert_field(block_at(&out, 7), linkname, "below/this/layer");
    assert_field(block_at(&out, 8), name, "z");
    assert_field(block_at(&out, 8), linkname, "a");
    assert_field(block_at(&out, 8), mode, "0000755");
    assert_int_equal(out.len, 11 * 512);
    for (size_t i = 9 * 512; i < out.len; i++)
        assert_int_equal(out.ptr[i], 0);
}

static void test_tree_faults_and_cancel(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct err err = ERR_INIT;
    char long_name[301];
    memset(long_name, 'n', 300);
    long_name[300] = '\0';
    assert_int_equal(tree_new(&arena, &tree, &err), 0);
    assert_int_equal(tree_put_file(tree, str_z(long_name), 0644, STR("x"), &err), 0);
    uint64_t n = 1;
    for (int rc = -1; rc; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = write_tree(tree, &NO_CTX, &out, &err);
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_in_range(n, 1, 50);
    }
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.cancelled = &cancelled};
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(write_tree(tree, &ctx, &out, &err), -ERR_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_bytes),
        cmocka_unit_test(test_other_types),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_large_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test_setup_teardown(test_host_file, host_set_up, host_tear_down),
        cmocka_unit_test_setup_teardown(test_host_file_changed, host_set_up, host_tear_down),
        cmocka_unit_test_setup_teardown(test_host_file_faults, host_set_up, host_tear_down),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_tree_faults_and_cancel),
    };
    return cmocka_run_group_tests_name("io/tar_writer", tests, NULL, NULL);
}
