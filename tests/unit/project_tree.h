/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project_tree.h - directories of files for the tests of what reads projects; one for each test, below /tmp.
 */
#include "base/alloc.h"
#include "io/file.h"
#include "project/python.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct project_tree {
    char top[32];
    struct arena arena;
    struct op_sink sink;
    struct op_ctx ctx;
    struct buf warnings; /* each with a line feed */
};

static inline void project_tree_warning(void *self, struct str message)
{
    struct project_tree *tree = self;
    buf_addf(&tree->warnings, "%.*s\n", STR_ARG(message));
}

static inline int project_tree_set_up(void **state)
{
    struct project_tree *tree = mem_calloc(1, sizeof(*tree));
    strcpy(tree->top, "/tmp/barehull-test-XXXXXX");
    if (!mkdtemp(tree->top))
        return -1;
    tree->sink = (struct op_sink){.warning = project_tree_warning, .self = tree};
    tree->ctx = (struct op_ctx){.sink = &tree->sink, .arena = &tree->arena};
    *state = tree;
    return 0;
}

static inline int project_tree_tear_down(void **state)
{
    struct project_tree *tree = *state;
    struct err err = ERR_INIT;
    int r = file_remove_tree(AT_FDCWD, tree->top, &err);
    arena_done(&tree->arena);
    buf_done(&tree->warnings);
    mem_free(tree);
    return r;
}

static inline const char *project_tree_path(struct project_tree *tree, const char *path)
{
    const char *whole =
        path[0] == '/' ? arena_z(&tree->arena, str_z(path)) : arena_printf(&tree->arena, "%s/%s", tree->top, path);
    assert_non_null(whole);
    return whole;
}

/* Makes PATH with its directories. A path that ends with a slash is a directory. */
static inline void project_tree_bytes(struct project_tree *tree, const char *path, mode_t mode, struct str bytes)
{
    struct err err = ERR_INIT;
    const char *whole = project_tree_path(tree, path);
    CLEANUP_MEM char *dir = mem_dup(whole, (size_t)(strrchr(whole, '/') - whole));
    assert_int_equal(file_make_dirs(AT_FDCWD, dir, 0755, &err), 0);
    if (whole[strlen(whole) - 1] != '/')
        assert_int_equal(file_write_all(AT_FDCWD, whole, mode, bytes, &err), 0);
}

static inline void project_tree_make(struct project_tree *tree, const char *path, const char *text)
{
    project_tree_bytes(tree, path, 0644, str_z(text));
}

static inline void project_tree_link(struct project_tree *tree, const char *path, const char *target)
{
    CLEANUP_MEM char *dir = mem_dup(path, strlen(path));
    char *slash = strrchr(dir, '/');
    if (slash) {
        slash[1] = '\0';
        project_tree_make(tree, dir, "");
    }
    assert_int_equal(symlink(target, project_tree_path(tree, path)), 0);
}

/* "a/b=reason c=reason": what of FILES is dropped, but for what is below another dropped one. */
static inline const char *project_tree_dropped(struct project_tree *tree, const struct project_files *files)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < files->len; i++)
        if (files->ptr[i].dropped)
            buf_addf(&out, "%s%.*s=%s", out.len ? ", " : "", STR_ARG(files->ptr[i].path), files->ptr[i].dropped);
    return arena_z(&tree->arena, buf_str(&out));
}

/* "a a/b" of what is not dropped; directories end in a slash. */
static inline const char *project_tree_kept(struct project_tree *tree, const struct project_files *files)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < files->len; i++)
        if (!files->ptr[i].dropped)
            buf_addf(&out, "%s%.*s%s", out.len ? " " : "", STR_ARG(files->ptr[i].path),
                     files->ptr[i].type == TREE_DIR ? "/" : "");
    return arena_z(&tree->arena, buf_str(&out));
}
