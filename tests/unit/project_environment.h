/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project_environment.h - virtual environments for tests, made by hand, and what python_app_read says of them.
 */
#include "project_tree.h"

#define SITE ".venv/lib/python3.11/site-packages/"

struct outcome {
    int r;
    struct err err;
    struct python_app app;
};

static inline struct outcome read_with(struct project_tree *tree, struct python_request request)
{
    struct outcome outcome = {.err = ERR_INIT};
    buf_reset(&tree->warnings);
    request.app = request.app.len ? str_z(project_tree_path(tree, request.app.ptr)) : str_z(tree->top);
    request.has_entrypoint = true;
    outcome.r = python_app_read(&tree->ctx, &request, &outcome.app, &outcome.err);
    return outcome;
}

static inline struct outcome read_plain(struct project_tree *tree)
{
    return read_with(tree, (struct python_request){.has_entrypoint = true});
}

static inline void make_environment(struct project_tree *tree, const char *dir, const char *version)
{
    struct arena *arena = &tree->arena;
    project_tree_make(
        tree, arena_printf(arena, "%s/pyvenv.cfg", dir),
        arena_printf(arena, "home = /usr/bin\ninclude-system-site-packages = false\nversion = %s.2\n", version));
    project_tree_make(tree, arena_printf(arena, "%s/lib/python%s/site-packages/", dir, version), "");
    project_tree_link(tree, arena_printf(arena, "%s/bin/python", dir), "python3");
    project_tree_link(tree, arena_printf(arena, "%s/bin/python3", dir), "/nowhere/python3");
    project_tree_link(tree, arena_printf(arena, "%s/lib64", dir), "lib");
}

static inline void make_distribution(struct project_tree *tree, const char *site, const char *name,
                                     const char *metadata, const char *record)
{
    struct arena *arena = &tree->arena;
    const char *dir = arena_printf(arena, "%s%s-1.0.dist-info", site, name);
    project_tree_make(tree, arena_printf(arena, "%s/METADATA", dir),
                      arena_printf(arena, "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n%s\n", name, metadata));
    project_tree_make(tree, arena_printf(arena, "%s/RECORD", dir), record);
    project_tree_make(tree, arena_printf(arena, "%s/WHEEL", dir), "Wheel-Version: 1.0\nTag: py3-none-any\n");
}

static inline void assert_refused(struct project_tree *tree, enum err_code code, const char *message, const char *hint)
{
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, -(int)code);
    assert_non_null(strstr(outcome.err.message, message));
    if (!strstr(outcome.err.hint, hint))
        fail_msg("the hint is '%s'", outcome.err.hint);
}
