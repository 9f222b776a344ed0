/* SPDX-License-Identifier: Apache-2.0 */
/* Files and problems of a project. */
#include "compose/internal.h"

#include "base/path.h"

#include <stdio.h>
#include <string.h>

struct compose_asker compose_at(const struct data_node *node)
{
    return (struct compose_asker){node->source, node->span};
}

struct compose_asker compose_at_key(const struct data_node *node)
{
    return (struct compose_asker){node->source, node->key_span.len > 0 ? node->key_span : node->span};
}

int compose_problem_add(struct compose_loader *loader, enum compose_problem_kind kind, struct compose_asker at,
                        const char *hint, const char *format, ...)
{
    if (kind == COMPOSE_PROBLEM_FILE)
        loader->incomplete = true;
    if (loader->problems.len > LIMIT_COMPOSE_PROBLEMS)
        return 0;
    char text[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct compose_problem problem = {kind, at.source, at.span, NULL, hint};
    if (loader->problems.len == LIMIT_COMPOSE_PROBLEMS) {
        problem.hint = NULL;
        snprintf(text, sizeof(text), "the project has more than %d problems: the rest is not told",
                 LIMIT_COMPOSE_PROBLEMS);
    }
    struct str shown = str_z(text);
    shown.len = str_utf8_valid(shown);
    for (size_t i = 0; i < shown.len; i++)
        text[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    problem.message = arena_z(loader->arena, shown);
    return problem.message && VEC_PUSH(&loader->problems, problem) ? 0 : err_nomem(loader->err);
}

const char *compose_path_of(struct compose_loader *loader, const struct data_node *node)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    data_path(&path, node);
    const char *text = arena_z(loader->arena, str_head(buf_str(&path), 300));
    return text ? text : "?";
}

/* Appends the components of PATH to OUT, which is in normal form. */
static void add_components(struct buf *out, bool absolute, struct str path)
{
    struct str part;
    while (str_next(&path, '/', &part)) {
        if (part.len == 0 || str_eq_z(part, "."))
            continue;
        struct str last = path_base(buf_str(out));
        if (!str_eq_z(part, "..") || (!absolute && (out->len == 0 || str_eq_z(last, "..")))) {
            if (out->len > 0 && out->ptr[out->len - 1] != '/')
                buf_add_char(out, '/');
            buf_add_str(out, part);
            continue;
        }
        size_t keep = path_dir(buf_str(out)).len;
        buf_truncate(out, absolute && keep == 0 ? 1 : keep);
    }
}

struct str compose_path_join(struct arena *arena, struct str directory, struct str path)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    bool alone = str_starts(path, STR("/"));
    bool absolute = alone || str_starts(directory, STR("/"));
    if (absolute)
        buf_add_char(&out, '/');
    if (!alone)
        add_components(&out, absolute, directory);
    add_components(&out, absolute, path);
    return arena_buf(arena, &out);
}

static int cant_read(struct compose_loader *loader, struct compose_asker asker, struct str name, const char *hint,
                     const char *why)
{
    return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, asker, hint, "'%.*s' %s", STR_ARG(str_head(name, 500)),
                               why);
}

static int add_source(struct compose_loader *loader, struct str name, struct str path, struct str bytes,
                      int *ret_source)
{
    struct compose_source source = {name, bytes, path_dir(path)};
    if (!VEC_PUSH(&loader->sources, source) || !VEC_PUSH(&loader->paths, path))
        return err_nomem(loader->err);
    *ret_source = (int)loader->sources.len - 1;
    return 0;
}

/* Asks the provider. BYTES.ptr stays NULL when there is a problem, or the file is missing and that is OPTIONAL. */
static int read_file(struct compose_loader *loader, struct str path, struct str name, bool optional,
                     struct compose_asker asker, struct str *bytes)
{
    struct err problem = ERR_INIT;
    bool fit = !str_has_char(path, '\0') && str_utf8_valid(path) == path.len;
    int r = loader->files && fit ? loader->files->read(loader->files->self, path, loader->arena, bytes, &problem) : 0;
    if (r == -ERR_NOMEM || r == -ERR_CANCELLED || r == -ERR_DEADLINE) {
        if (loader->err)
            *loader->err = problem;
        return r;
    }
    if (r != 0) {
        bytes->ptr = NULL;
        char why[ERR_MESSAGE_MAX + sizeof("can't be read: ")];
        snprintf(why, sizeof(why), "can't be read: %s", problem.message[0] ? problem.message : "no reason is known");
        return cant_read(loader, asker, name, NULL, why);
    }
    if (bytes->ptr || optional)
        return 0;
    return cant_read(loader, asker, name, loader->files ? NULL : "give the file along with this one",
                     "can't be read: what it says is not judged");
}

int compose_source_open(struct compose_loader *loader, struct str path, uint64_t limit_bytes, bool optional,
                        struct compose_asker asker, int *ret_source)
{
    *ret_source = -1;
    for (size_t i = 0; i < loader->paths.len; i++) {
        if (str_eq(loader->paths.ptr[i], path)) {
            *ret_source = (int)i;
            return 0;
        }
    }
    struct str name = compose_path_join(loader->arena, path_dir(loader->sources.ptr[0].name), path);
    if (!name.ptr)
        return err_nomem(loader->err);
    if (loader->sources.len >= LIMIT_COMPOSE_SOURCES)
        return cant_read(loader, asker, name, NULL, "is one file too many for a project: it is not read");
    int r = op_check(loader->ctx, loader->err);
    struct str bytes = STR_NONE;
    if (r == 0)
        r = read_file(loader, path, name, optional, asker, &bytes);
    if (r != 0 || !bytes.ptr)
        return r;
    if (bytes.len > limit_bytes)
        return cant_read(loader, asker, name, NULL, "is too large: it is not read");
    return add_source(loader, name, path, bytes, ret_source);
}
