/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python_site.h - hand-made Python applications, and what their trees should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/path.h"
#include "elf_fixture.h"
#include "io/file.h"
#include "pack/python_place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define SITE   "lib/python3.11/site-packages"

/* A hand-made application; its places are /tmp/barehull-test-place.XXXXXX/{shop,python}. */
struct site {
    char dir[64];
    struct arena arena;
    struct op_ctx ctx;
    struct op_sink sink;
    struct buf warnings;
    struct build_options options;
    struct str includes[2];
    struct application app;
    struct application_python *python;
    struct err err;
};

static inline void warned(void *self, struct str message)
{
    struct site *site = self;
    buf_add_str(&site->warnings, message);
    buf_add_char(&site->warnings, '\n');
}

static inline struct str in_dir(struct site *site, const char *name)
{
    return str_z(arena_printf(&site->arena, "%s/%s", site->dir, name));
}

static inline void begin(struct site *site)
{
    *site = (struct site){.dir = "/tmp/barehull-test-place.XXXXXX", .arena = ARENA_INIT, .err = ERR_INIT};
    assert_non_null(mkdtemp(site->dir));
    site->sink = (struct op_sink){.warning = warned, .self = site};
    site->ctx = (struct op_ctx){.arena = &site->arena, .sink = &site->sink};
    site->options = (struct build_options){.source_date_epoch = 7, .includes = {site->includes, 0}};
    site->python = ARENA_NEW(&site->arena, struct application_python);
    assert_non_null(site->python);
    site->app.python = site->python;
    site->app.host_path = in_dir(site, "shop");
    site->python->app.root = site->app.host_path;
    site->python->app.machine = ELF_MACHINE_AMD64;
    site->python->app.program.interpreter = (struct python_interpreter){.major = 3, .minor = 11};
    assert_int_equal(file_make_dirs(AT_FDCWD, site->app.host_path.ptr, 0755, NULL), 0);
}

static inline void end(struct site *site)
{
    VEC_DONE(&site->python->app.files);
    VEC_DONE(&site->python->app.environment.files);
    VEC_DONE(&site->python->app.program.files);
    elf_closure_free(site->app.closure);
    tree_free(site->app.tree);
    tree_free(site->app.dependencies);
    buf_done(&site->warnings);
    assert_int_equal(file_remove_tree(AT_FDCWD, site->dir, NULL), 0);
    arena_done(&site->arena);
}

static inline struct project_file *add(struct site *site, struct project_files *files, const char *path,
                                       enum tree_type type, struct str text)
{
    struct project_file file = {.path = str_z(path), .type = type, .mode = type == TREE_FILE ? 0644 : 0755};
    if (type == TREE_SYMLINK)
        file.target = text;
    if (type == TREE_FILE) {
        file.content = arena_str(&site->arena, text);
        file.size_bytes = text.len;
        file.is_elf = elf_is_elf(text);
    }
    file.host_path = file.path;
    assert_true(VEC_PUSH(files, file));
    return &files->ptr[files->len - 1];
}

static inline void add_text(struct site *site, struct project_files *files, const char *path, const char *text)
{
    struct buf out CLEANUP_BUF = BUF_INIT; /* "%" stands for the directory that all lies in */
    for (; *text; text++)
        if (*text == '%')
            buf_add_z(&out, site->dir);
        else
            buf_add_char(&out, *text);
    add(site, files, path, TREE_FILE, buf_str(&out));
}

static inline void add_script(struct site *site, struct project_files *files, const char *path, const char *text)
{
    add_text(site, files, path, text);
    files->ptr[files->len - 1].mode = 0755;
}

static inline void add_link(struct site *site, struct project_files *files, const char *path, const char *target)
{
    struct str text = str_z(target);
    if (target[0] == '%')
        text = str_z(arena_printf(&site->arena, "%s%s", site->dir, target + 1));
    add(site, files, path, TREE_SYMLINK, text);
}

static inline void add_elf(struct site *site, struct project_files *files, const char *path,
                           const struct elf_fixture *fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    add(site, files, path, TREE_FILE, buf_str(&bytes))->mode = 0755;
}

static inline void drop_last(struct project_files *files)
{
    files->ptr[files->len - 1].dropped = "test";
}

static inline struct project_files *use_venv(struct site *site, const char *inside)
{
    struct python_environment *environment = &site->python->app.environment;
    environment->kind = PYTHON_ENVIRONMENT_VENV;
    environment->inside = str_z(inside);
    environment->host_path =
        inside[0] ? in_dir(site, arena_printf(&site->arena, "shop/%s", inside)) : in_dir(site, "v");
    environment->site_packages = STR(SITE);
    environment->library = STR("python3.11");
    environment->config = (struct python_venv){.interpreter = {.major = 3, .minor = 11, .micro = 2}};
    return &environment->files;
}

static inline int place(struct site *site)
{
    return python_application_place(&site->ctx, &site->options, &site->app, &site->err);
}

static inline void dump(const struct tree *tree, struct buf *out)
{
    for (size_t i = 1; tree && i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        assert_int_equal(node->uid + node->gid, 0);
        buf_addf(out, "%.*s %o", STR_ARG(node->path), node->mode);
        if (node->mtime != 7)
            buf_addf(out, " at %d", (int)node->mtime);
        if (node->type == TREE_SYMLINK)
            buf_addf(out, " -> %.*s", STR_ARG(node->target));
        else if (node->type == TREE_DIR)
            buf_add_z(out, "/");
        buf_add_char(out, '\n');
    }
}

static inline void expect_tree(const struct tree *tree, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    dump(tree, &text);
    assert_string_equal(buf_z(&text), expected);
}

static inline void expect_file(const struct tree *tree, const char *path, const char *expected)
{
    const struct tree_node *node = tree_get(tree, str_z(path));
    assert_non_null(node);
    assert_int_equal(node->type, TREE_FILE);
    assert_int_equal(node->size_bytes, node->content.len);
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_add_str(&text, node->content);
    assert_string_equal(buf_z(&text), expected);
}

static inline void expect_externals(const struct site *site, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < site->app.external_count; i++)
        buf_addf(&text, "%.*s ", STR_ARG(site->app.externals[i].name));
    assert_string_equal(buf_z(&text), expected);
}

/* Nothing of the directory that all was made in is in a path, a link or a file. */
static inline void expect_no_trace(const struct site *site)
{
    const struct tree *trees[] = {site->app.tree, site->app.dependencies};
    for (size_t t = 0; t < ARRAY_LEN(trees); t++)
        for (size_t i = 0; trees[t] && i < tree_count(trees[t]); i++) {
            const struct tree_node *node = tree_at(trees[t], i);
            const struct str texts[] = {node->path, node->target, node->content};
            for (size_t k = 0; k < ARRAY_LEN(texts); k++)
                assert_true(str_find(texts[k], str_z(site->dir)) == texts[k].len);
        }
}
