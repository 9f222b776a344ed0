/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives as they are, and with the checksums of their headers made right, so that what lies behind is met. What the
 * reader takes goes into a tree, is written, and is read again: the same nodes, as many bytes as were foretold.
 */
#include "base/arena.h"
#include "base/op.h"
#include "base/path.h"
#include "io/tar.h"
#include "io/tar_block.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

static void require_entry(const struct tree_node *node)
{
    REQUIRE(node->path.len == 0 ? node->type == TREE_DIR : path_is_clean_relative(node->path));
    REQUIRE(node->type != TREE_HARDLINK || path_is_clean_relative(node->target));
    REQUIRE(node->type != TREE_SYMLINK || node->target.len > 0);
    REQUIRE(node->type == TREE_FILE || node->size_bytes == 0);
    REQUIRE(node->mode <= 07777);
}

/* Reads all into TREE; content that isn't there ends it. */
static int read_all(struct str bytes, struct arena *arena, struct tree *tree, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    struct tar_reader *tar CLEANUP_TAR_READER = NULL;
    REQUIRE(mem_reader_new(bytes, &source, err) == 0);
    REQUIRE(tar_reader_new(source, "fuzz", &tar, err) == 0);
    for (;;) {
        struct tar_entry entry;
        bool more;
        int rc = tar_reader_next(tar, &entry, &more, err);
        if (rc || !more)
            return rc;
        require_entry(&entry.node);
        char *content = arena_alloc(arena, bytes.len);
        REQUIRE(content);
        size_t done = 0;
        for (size_t got = 1; !rc && got > 0; done += got)
            rc = tar_reader_content(tar, content + done, bytes.len - done, &got, err);
        if (rc)
            return rc;
        REQUIRE(done == entry.node.size_bytes);
        entry.node.content = str_of(content, done);
        if (entry.node.type != TREE_OTHER)
            (void)tree_put(tree, &entry.node, NULL);
    }
}

static void require_same(const struct tree *a, const struct tree *b)
{
    REQUIRE(tree_count(a) == tree_count(b));
    for (size_t i = 1; i < tree_count(a); i++) {
        const struct tree_node *left = tree_at(a, i), *right = tree_at(b, i);
        REQUIRE(str_eq(left->path, right->path));
        left = tree_link_file(left) ? tree_link_file(left) : left;
        right = tree_link_file(right) ? tree_link_file(right) : right;
        REQUIRE(left->type == right->type && left->mode == right->mode && left->uid == right->uid);
        REQUIRE(left->gid == right->gid && left->mtime == right->mtime);
        REQUIRE(str_eq(left->content, right->content));
        REQUIRE(left->type == TREE_HARDLINK || str_eq(left->target, right->target));
    }
}

static void round_trip(struct arena *arena, const struct tree *tree)
{
    static const struct op_ctx ctx;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct tree *again CLEANUP_TREE = NULL;
    struct writer *writer = NULL;
    struct err err = ERR_INIT;
    REQUIRE(buf_writer_new(&out, &writer, &err) == 0);
    REQUIRE(tar_write_tree(writer, tree, &ctx, &err) == 0);
    REQUIRE(writer_close(writer, &err) == 0);
    REQUIRE(out.len == tar_tree_size(tree));
    REQUIRE(tree_new(arena, &again, &err) == 0);
    REQUIRE(read_all(buf_str(&out), arena, again, &err) == 0);
    require_same(tree, again);
}

static void try_archive(struct str bytes)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct err err = ERR_INIT;
    REQUIRE(tree_new(&arena, &tree, &err) == 0);
    int rc = read_all(bytes, &arena, tree, &err);
    REQUIRE(rc == 0 || str_starts(str_z(err.message), STR("'fuzz' at byte ")));
    round_trip(&arena, tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 64 << 10)
        return 0;
    try_archive(str_of((const char *)data, size));
    char *healed = malloc(size + 1);
    REQUIRE(healed);
    memcpy(healed, data, size);
    for (size_t at = 0; size - at >= TAR_BLOCK_BYTES; at += TAR_BLOCK_BYTES) {
        struct tar_block block;
        int32_t ignored;
        memcpy(&block, healed + at, sizeof(block));
        if (memcmp(block.magic, "ustar", 5) == 0 &&
            tar_format_octal(block.checksum, sizeof(block.checksum), tar_checksum(&block, &ignored)))
            memcpy(healed + at, &block, sizeof(block));
    }
    try_archive(str_of(healed, size));
    free(healed);
    return 0;
}
