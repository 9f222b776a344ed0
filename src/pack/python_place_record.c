/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RECORD (PEP 376, PEP 627) of what ships: rows of files that don't are gone, changed ones have their new hash and
 * size, paths are relative, rows are sorted, so that the file tells nothing of how and where it was installed.
 */
#include "pack/python_place.h"

#include "base/limits.h"
#include "base/path.h"
#include "io/digest.h"
#include "python/dist.h"

#include <stdlib.h>
#include <string.h>

int python_place_is_local(struct arena *arena, struct str direct_url, bool *ret_local, struct err *err)
{
    struct python_direct_url url = {.url = STR_NONE};
    int r = python_direct_url_read(direct_url, arena, &url, err);
    if (r < 0 && r != -(int)ERR_INVALID && r != -(int)ERR_LIMIT)
        return r;
    /* What can't be read tells nobody anything. */
    *ret_local = r < 0 || str_starts(url.url, STR("file:")) || str_starts(url.url, STR("/"));
    return 0;
}

struct rows {
    struct python_placing *placing;
    struct str site; /* "/app/.venv/lib/python3.11/site-packages": what paths are relative to */
    struct str own;  /* RECORD itself, relative to the root */
    struct python_record *ptr;
    size_t len;
};

/* "sha256=" and Base64 for URLs, without padding. */
static void add_hash(struct buf *out, struct str content)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct digest digest = digest_of(DIGEST_SHA256, content);
    buf_add_z(out, "sha256=");
    for (size_t i = 0; i < 33; i += 3) {
        uint32_t bits = (uint32_t)digest.bytes[i] << 16 | (i + 1 < 32 ? (uint32_t)digest.bytes[i + 1] << 8 : 0) |
                        (i + 2 < 32 ? digest.bytes[i + 2] : 0U);
        for (unsigned k = 0; k < (i < 30 ? 4U : 3U); k++)
            buf_add_char(out, alphabet[bits >> (18 - 6 * k) & 63]);
    }
}

/* Sets ROW to what it says in the image; its path is empty when the file does not ship. */
static int place_row(struct rows *rows, struct python_record *row, struct err *err)
{
    struct python_placing *placing = rows->placing;
    struct arena *arena = placing->ctx->arena;
    struct buf full CLEANUP_BUF = BUF_INIT;
    bool clean = path_normalize(&full, rows->site, row->path);
    struct str place = buf_str(&full);
    int r = full.failed ? err_nomem(err) : 0;
    if (r == 0 && clean && str_starts(row->path, STR("/")))
        r = python_place_of(placing, buf_str(&full), &place, err);
    row->path = STR_NONE;
    if (r < 0 || !clean || place.len < 2)
        return r;
    place = str_skip(place, 1);
    const struct tree_node *node = tree_get(placing->app->dependencies, place);
    bool own = str_eq(place, rows->own);
    if (!own && (!node || node->type == TREE_DIR))
        return 0;
    struct buf text CLEANUP_BUF = BUF_INIT;
    if (!own && map_has(&placing->changed, place)) {
        add_hash(&text, node->content);
        row->hash = arena_buf(arena, &text);
        row->size_bytes = node->content.len;
        row->has_size = true;
        if (!row->hash.ptr)
            return err_nomem(err);
    }
    buf_reset(&text);
    buf_addf(&text, "/%.*s", STR_ARG(place));
    struct buf relative CLEANUP_BUF = BUF_INIT;
    path_relative(&relative, rows->site, buf_str(&text));
    row->path = text.failed ? STR_NONE : arena_buf(arena, &relative);
    if (own)
        *row = (struct python_record){.path = row->path};
    return row->path.ptr ? 0 : err_nomem(err);
}

static int compare_rows(const void *a, const void *b)
{
    const struct python_record *x = a, *y = b;
    int by_path = str_cmp(x->path, y->path);
    return by_path ? by_path : str_cmp(x->hash, y->hash);
}

static void add_cell(struct buf *out, struct str cell)
{
    bool quoted = false;
    for (size_t i = 0; i < cell.len; i++)
        quoted |= str_has_char(STR(",\"\r\n"), cell.ptr[i]);
    if (!quoted) {
        buf_add_str(out, cell);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, cell.ptr[i]);
    }
    buf_add_char(out, '"');
}

static void write_rows(const struct rows *rows, struct buf *out)
{
    struct str last = STR_NONE;
    for (size_t i = 0; i < rows->len; i++) {
        const struct python_record *row = &rows->ptr[i];
        if (row->path.len == 0 || str_eq(row->path, last))
            continue;
        last = row->path;
        add_cell(out, row->path);
        buf_add_char(out, ',');
        add_cell(out, row->hash);
        buf_add_char(out, ',');
        if (row->has_size)
            buf_add_u64(out, row->size_bytes);
        buf_add_char(out, '\n');
    }
}

static int place_record(struct python_placing *placing, const struct project_file *file, struct str site,
                        struct err *err)
{
    struct arena *arena = placing->ctx->arena;
    struct str text;
    struct rows rows = {.placing = placing};
    char *own = arena_printf(arena, "%.*s/%.*s", STR_ARG(str_skip(placing->environment, 1)), STR_ARG(file->path));
    char *dir = arena_printf(arena, "%.*s%s%.*s", STR_ARG(placing->environment), site.len ? "/" : "", STR_ARG(site));
    if (!own || !dir)
        return err_nomem(err);
    rows.own = str_z(own);
    rows.site = str_z(dir);
    int r = python_place_text(placing, file, LIMIT_PYTHON_RECORD_BYTES, &text, err);
    if (r == 0)
        r = python_record_read(text, arena, &rows.ptr, &rows.len, err);
    if (r < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(file->host_path));
    for (size_t i = 0; r == 0 && i < rows.len; i++)
        r = place_row(&rows, &rows.ptr[i], err);
    if (r < 0)
        return r;
    if (rows.len)
        qsort(rows.ptr, rows.len, sizeof(*rows.ptr), compare_rows);
    struct buf out CLEANUP_BUF = BUF_INIT;
    write_rows(&rows, &out);
    struct str content = arena_take_buf(arena, &out);
    if (!content.ptr)
        return err_nomem(err);
    return python_place_made(placing, placing->app->dependencies, rows.own, content, err);
}

int python_place_records(struct python_placing *placing, struct err *err)
{
    const struct python_environment *environment = &placing->python->app.environment;
    struct str site = environment->kind == PYTHON_ENVIRONMENT_VENV ? environment->site_packages : STR("");
    int r = 0;
    for (size_t i = 0; r == 0 && i < environment->files.len; i++) {
        const struct project_file *file = &environment->files.ptr[i];
        struct str dir = path_dir(file->path);
        if (file->dropped || file->type != TREE_FILE || !str_eq(path_base(file->path), STR("RECORD")) ||
            !str_ends(dir, STR(".dist-info")) || !str_eq(path_dir(dir), site))
            continue;
        r = op_check(placing->ctx, err);
        if (r == 0)
            r = place_record(placing, file, site, err);
    }
    return r;
}
