/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tarcopy.c - reads a tar archive from standard input into a tree and writes the tree to standard output: lets other
 * programs judge both sides of io/tar.h. Says on standard error when tar_tree_size was wrong. Exit status 1 on failure.
 */
#include "base/arena.h"
#include "base/op.h"
#include "io/tar.h"

#include <stdio.h>
#include <unistd.h>

static int read_tree(struct tar_reader *tar, struct arena *arena, struct tree *tree, struct err *err)
{
    for (;;) {
        struct tar_entry entry;
        bool more;
        int rc = tar_reader_next(tar, &entry, &more, err);
        if (rc || !more)
            return rc;
        char *content = arena_alloc(arena, entry.node.size_bytes);
        if (!content)
            return err_nomem(err);
        size_t done = 0;
        for (size_t got = 1; !rc && got > 0; done += got)
            rc = tar_reader_content(tar, content + done, entry.node.size_bytes - done, &got, err);
        entry.node.content = str_of(content, done);
        if (!rc)
            rc = tree_put(tree, &entry.node, err);
        if (rc)
            return rc;
    }
}

static int copy(struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct reader *source CLEANUP_READER = NULL;
    struct writer *sink CLEANUP_WRITER = NULL;
    struct tar_reader *tar CLEANUP_TAR_READER = NULL;
    struct op_ctx ctx = {0};
    int rc = tree_new(&arena, &tree, err);
    if (!rc)
        rc = fd_reader_new(dup(STDIN_FILENO), "standard input", &source, err);
    if (!rc)
        rc = tar_reader_new(source, "standard input", &tar, err);
    if (!rc)
        rc = read_tree(tar, &arena, tree, err);
    if (!rc)
        rc = fd_writer_new(STDOUT_FILENO, "standard output", &sink, err);
    if (!rc)
        rc = tar_write_tree(sink, tree, &ctx, err);
    if (!rc)
        rc = writer_close(TAKE_PTR(sink), err);
    if (!rc)
        fprintf(stderr, "%zu nodes, %llu bytes\n", tree_count(tree), (unsigned long long)tar_tree_size(tree));
    return rc;
}

int main(void)
{
    struct err err = ERR_INIT;
    if (copy(&err)) {
        fprintf(stderr, "tarcopy: %s\n", err.message);
        return 1;
    }
    return 0;
}
