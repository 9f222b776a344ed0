/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed in the environment, and what of it has its sources elsewhere. */
#include "project/python_reading.h"

#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"
#include "python/dist.h"
#include "python/pth.h"

#include <errno.h>
#include <stdlib.h>

struct list {
    VEC(struct python_distribution) vec;
};

static struct project_file *file_in(const struct python_reading *reading, struct str dir, const char *name)
{
    struct str path = python_join(reading->ctx->arena, dir, str_z(name));
    return path.ptr ? project_files_find(&reading->app->environment.files, path) : NULL;
}

static struct str content_of(const struct project_file *file)
{
    return file ? file->content : STR_NONE;
}

/* For messages: from the project, or of this machine when the environment is elsewhere. */
static const char *shown(const struct python_reading *reading, struct str path)
{
    const struct python_environment *environment = &reading->app->environment;
    bool elsewhere = environment->inside.len == 0 && !environment->is_root;
    struct str whole = python_join(reading->ctx->arena, elsewhere ? environment->host_path : environment->inside, path);
    return whole.ptr ? whole.ptr : "";
}

/* --- editable installs ----------------------------------------------------------------------------------------- */

static int refuse_editable(const struct python_reading *reading, struct str name, struct str source, struct str told_by,
                           struct err *err)
{
    const char *where = "";
    struct str real = source.len ? python_real(reading->ctx->arena, source) : STR_NONE;
    if (source.len)
        where = !real.ptr                                 ? ", which is not there"
                : path_is_below(real, reading->app->root) ? ", inside the project"
                                                          : ", outside the project";
    err_set(err, ERR_INVALID, "'%.*s' is an editable install: its source is in '%.*s'%s (%s)", STR_ARG(name),
            STR_ARG(source.len ? source : STR("another directory")), where, shown(reading, told_by));
    struct str from = source.len ? source : STR("DIR");
    return err_hint(err,
                    "install a copy of it: %.*s/bin/pip install --force-reinstall --no-deps '%.*s', or uv sync "
                    "--no-editable",
                    STR_ARG(reading->app->environment.host_path), STR_ARG(from));
}

/* "file:///src/demo" as a path; other URLs as they are. */
static struct str url_path(struct arena *arena, struct str url)
{
    if (!str_starts(url, STR("file://")))
        return url;
    struct str path = str_skip(url, 7);
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < path.len; i++) {
        uint8_t byte;
        if (path.ptr[i] == '%' && i + 2 < path.len && num_parse_hex_bytes(str_of(path.ptr + i + 1, 2), &byte, 1)) {
            buf_add_char(&out, (char)byte);
            i += 2;
        } else {
            buf_add_char(&out, path.ptr[i]);
        }
    }
    struct str done = arena_buf(arena, &out);
    return done.ptr ? done : path;
}

static int check_direct_url(const struct python_reading *reading, const struct python_distribution *distribution,
                            struct err *err)
{
    struct project_file *file = file_in(reading, distribution->directory, "direct_url.json");
    if (!file || !file->content.ptr)
        return 0;
    struct python_direct_url url;
    int r = python_direct_url_read(file->content, reading->ctx->arena, &url, err);
    if (r < 0)
        return err_wrap(err, "'%s'", shown(reading, file->path));
    if (!url.editable)
        return 0;
    struct str source = url_path(reading->ctx->arena, url.url);
    return refuse_editable(reading, distribution->name, source, file->path, err);
}

/* "__editable__.demo-0.1.pth", "__editable___demo_0_1_finder.py", "demo.egg-link": "demo". */
static struct str editable_name(struct str name)
{
    static const char *const heads[] = {"__editable__.", "__editable___"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(name, str_z(heads[i])))
            name = str_skip(name, str_z(heads[i]).len);
    size_t end = 0;
    while (end < name.len && name.ptr[end] != '.' && name.ptr[end] != '-' &&
           !(name.ptr[end] == '_' && end + 1 < name.len && char_is_digit(name.ptr[end + 1])))
        end++;
    return str_head(name, end);
}

/* One directory that a .pth file adds to the search path. */
static int check_path(const struct python_reading *reading, const struct project_file *file,
                      const struct python_pth_line *line, struct err *err)
{
    struct str site = python_join(reading->ctx->arena, reading->app->environment.host_path, python_site(reading->app));
    struct buf path CLEANUP_BUF = BUF_INIT;
    if (!site.ptr)
        return err_nomem(err);
    if (!path_normalize(&path, site, line->text) || path.failed)
        return buf_check(&path, err);
    errno = 0;
    struct str real = python_real(reading->ctx->arena, buf_str(&path));
    if (!real.ptr && errno == ENOMEM)
        return err_nomem(err);
    if (!real.ptr || path_is_below(real, reading->app->environment.host_path) ||
        path_is_below(real, reading->app->root))
        return 0;
    err_set(err, ERR_INVALID, "'%s', line %u: '%.*s' is outside the environment and the project",
            shown(reading, file->path), line->line, STR_ARG(line->text));
    return err_hint(err, "install what is there into the environment (pip install %.*s), or copy it into the project",
                    STR_ARG(real));
}

static bool is_known_import(struct str name, struct str code)
{
    static const char *const files[] = {"distutils-precedence.pth", "_virtualenv.pth",   "a1_coverage.pth",
                                        "zzzz_pytest_cov.pth",      "init_cov_core.pth", "google_generativeai.pth"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (str_eq_z(name, files[i]))
            return true;
    return str_ends(name, STR("-nspkg.pth")) || str_starts(code, STR("import sys, types, os;"));
}

static int check_pth(const struct python_reading *reading, const struct project_file *file, enum python_path_file kind,
                     struct err *err)
{
    struct python_pth_line *lines;
    size_t count;
    struct str name = path_base(file->path);
    int r = python_pth_read(file->content, reading->ctx->arena, &lines, &count, err);
    for (size_t i = 0; r == 0 && i < count; i++) {
        switch (lines[i].kind) {
        case PYTHON_PTH_FINDER:
            return refuse_editable(reading, editable_name(lines[i].finder), STR_NONE, file->path, err);
        case PYTHON_PTH_PATH:
            if (kind == PYTHON_FILE_PTH_EDITABLE)
                return refuse_editable(reading, editable_name(name), lines[i].text, file->path, err);
            if (kind == PYTHON_FILE_PTH_EASY_INSTALL && lines[i].text.ptr[0] == '/')
                return refuse_editable(reading, path_base(lines[i].text), lines[i].text, file->path, err);
            r = check_path(reading, file, &lines[i], err);
            break;
        case PYTHON_PTH_IMPORT:
            if (!is_known_import(name, lines[i].text))
                op_warn(reading->ctx, "'%s', line %u, runs code when the interpreter starts: %.*s",
                        shown(reading, file->path), lines[i].line, STR_ARG(str_head(lines[i].text, 120)));
            break;
        }
    }
    return r;
}

static int check_path_file(struct python_reading *reading, struct project_file *file, struct err *err)
{
    struct str name = path_base(file->path);
    enum python_path_file kind = python_path_file(name);
    switch (kind) {
    case PYTHON_FILE_EGG_LINK: {
        struct str source = python_egg_link(file->content);
        return refuse_editable(reading, str_head(name, str_rfind_char(name, '.')), source, file->path, err);
    }
    case PYTHON_FILE_FINDER: {
        struct python_finder_entry *entries = NULL;
        size_t count = 0;
        int r = python_finder_read(file->content, reading->ctx->arena, &entries, &count, err);
        if (r < 0)
            return r;
        return refuse_editable(reading, editable_name(name), count ? entries[0].path : STR_NONE, file->path, err);
    }
    case PYTHON_FILE_PTH:
    case PYTHON_FILE_PTH_EDITABLE:
    case PYTHON_FILE_PTH_EASY_INSTALL:
        /* Only site's directories are looked through for .pth files; PYTHONPATH's are not. */
        if (reading->app->environment.kind == PYTHON_ENVIRONMENT_TARGET && kind == PYTHON_FILE_PTH)
            return 0;
        return check_pth(reading, file, kind, err);
    case PYTHON_FILE_PTH_IGNORED:
    case PYTHON_FILE_OTHER:
        return 0;
    }
    return 0;
}

/* --- distributions --------------------------------------------------------------------------------------------- */

static int add_distribution(struct python_reading *reading, struct list *list, struct project_file *file,
                            struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct python_distribution found = {.directory = file->path};
    if (!python_dist_directory(path_base(file->path), &found.name, &found.version))
        return 0;
    struct project_file *metadata = file;
    if (file->type == TREE_DIR)
        metadata = file_in(reading, file->path, "METADATA") ? file_in(reading, file->path, "METADATA")
                                                            : file_in(reading, file->path, "PKG-INFO");
    if (!content_of(metadata).ptr) {
        op_warn(reading->ctx, "'%s' has no METADATA: what it belongs to is not installed whole",
                shown(reading, file->path));
    } else {
        struct python_metadata fields;
        int r = python_metadata_read(metadata->content, arena, &fields, err);
        if (r < 0)
            return err_wrap(err, "'%s'", shown(reading, metadata->path));
        if (fields.name.len == 0) {
            err_set(err, ERR_INVALID, "'%s' names no distribution", shown(reading, metadata->path));
            return err_hint(err, "the file is damaged: install '%.*s' anew", STR_ARG(found.name));
        }
        found.name = fields.name;
        found.version = fields.version.len ? fields.version : found.version;
    }
    struct buf normalized CLEANUP_BUF = BUF_INIT;
    python_dist_normalize(found.name, &normalized);
    found.normalized = arena_buf(arena, &normalized);
    return found.normalized.ptr && VEC_PUSH(&list->vec, found) ? 0 : err_nomem(err);
}

static int by_name(const void *a, const void *b)
{
    const struct python_distribution *left = a, *right = b;
    int order = str_cmp(left->normalized, right->normalized);
    return order ? order : str_cmp(left->directory, right->directory);
}

static int set_distributions(struct python_reading *reading, struct list *list, struct err *err)
{
    struct python_app *app = reading->app;
    reading->distributions = ARENA_ARRAY(reading->ctx->arena, list->vec.len + 1, struct python_distribution);
    if (!reading->distributions)
        return err_nomem(err);
    for (size_t i = 0; i < list->vec.len; i++)
        reading->distributions[i] = list->vec.ptr[i];
    if (list->vec.len)
        qsort(reading->distributions, list->vec.len, sizeof(*reading->distributions), by_name);
    app->distributions = reading->distributions;
    app->distribution_count = list->vec.len;
    for (size_t i = 1; i < list->vec.len; i++) {
        const struct python_distribution *a = &app->distributions[i - 1], *b = &app->distributions[i];
        if (str_eq(a->normalized, b->normalized))
            op_warn(reading->ctx, "'%.*s' is installed twice, as '%s' and as '%s'", STR_ARG(a->name),
                    shown(reading, a->directory), shown(reading, b->directory));
    }
    return 0;
}

/* A path of RECORD as it stands in the environment; ptr NULL when it is none of it. */
static struct str recorded(const struct python_reading *reading, struct str path)
{
    struct buf clean CLEANUP_BUF = BUF_INIT;
    struct str site = python_site(reading->app);
    if (path.len == 0 || path.ptr[0] == '/' || !path_normalize(&clean, site, path))
        return STR_NONE;
    const struct project_file *file = project_files_find(&reading->app->environment.files, buf_str(&clean));
    return file ? file->path : STR_NONE;
}

static int read_record(struct python_reading *reading, struct python_distribution *distribution, struct err *err)
{
    struct project_file *record = file_in(reading, distribution->directory, "RECORD");
    if (!content_of(record).ptr)
        return 0;
    struct python_record *rows;
    size_t count;
    int r = python_record_read(record->content, reading->ctx->arena, &rows, &count, err);
    if (r < 0) {
        err_wrap(err, "'%s'", shown(reading, record->path));
        return err && err->code == ERR_INVALID
                   ? err_hint(err, "the file is damaged: install '%.*s' anew", STR_ARG(distribution->name))
                   : r;
    }
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct str path = recorded(reading, rows[i].path);
        if (path.ptr && !map_has(&reading->owners, path) && !map_set(&reading->owners, path, distribution))
            r = err_nomem(err);
    }
    return r;
}

const struct python_distribution *python_distribution_of(const struct python_reading *reading, struct str path)
{
    const struct python_distribution *owner = map_get(&reading->owners, path);
    for (size_t i = 0; !owner && i < reading->app->distribution_count; i++)
        if (path_is_below(path, reading->distributions[i].directory))
            owner = &reading->distributions[i];
    return owner;
}

/* What lies at the top of site-packages. */
static int look_at_site(struct python_reading *reading, struct list *list, struct err *err)
{
    struct project_files *files = &reading->app->environment.files;
    struct str site = python_site(reading->app);
    int r = 0;
    for (size_t i = 0; r == 0 && i < files->len; i++) {
        struct project_file *file = &files->ptr[i];
        if (file->dropped || !str_eq(path_dir(file->path), site))
            continue;
        struct str name = path_base(file->path);
        if (name.ptr[0] == '~') {
            python_drop_below(files, i, "remains of a broken installation");
            op_warn(reading->ctx, "'%s' is left over from an installation that was broken off; it does not ship",
                    shown(reading, file->path));
        } else if (file->type == TREE_DIR || str_ends(name, STR(".egg-info"))) {
            r = add_distribution(reading, list, file, err);
        } else if (file->type == TREE_FILE) {
            r = check_path_file(reading, file, err);
        }
    }
    return r;
}

int python_distributions_read(struct python_reading *reading, struct err *err)
{
    if (reading->app->environment.kind == PYTHON_ENVIRONMENT_NONE)
        return 0;
    struct list list = {0};
    int r = look_at_site(reading, &list, err);
    if (r == 0)
        r = set_distributions(reading, &list, err);
    VEC_DONE(&list.vec);
    for (size_t i = 0; r == 0 && i < reading->app->distribution_count; i++) {
        r = check_direct_url(reading, &reading->distributions[i], err);
        if (r == 0)
            r = read_record(reading, &reading->distributions[i], err);
    }
    return r;
}
