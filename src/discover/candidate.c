/* SPDX-License-Identifier: Apache-2.0 */
/* One file: opened, looked at (classify/look.h), and the input that follows. */
#include "base/limits.h"
#include "base/path.h"
#include "discover/internal.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#define KEPT_BYTES ((size_t)8 << 10) /* of one file; there are as many readers as files */

/* A file that is looked at. */
struct view {
    const struct candidate *candidate;
    struct stretch_reader *reader;
    struct look look;
};

static void view_done(struct view *view)
{
    stretch_free(view->reader);
}

static int read_first(void *self, size_t want, struct str *ret_bytes, bool *ret_end, struct err *err)
{
    const struct view *view = self;
    return stretch_peek(view->reader, want, ret_bytes, ret_end, err);
}

/* --- the files around ---------------------------------------------------------------------------------------- */

static bool has_file(void *self, struct str directory, const char *name)
{
    (void)self;
    char path[PATH_MAX];
    struct stat st;
    int len = snprintf(path, sizeof(path), "%.*s/%s", STR_ARG(directory), name);
    return len > 0 && (size_t)len < sizeof(path) && sys_stat(AT_FDCWD, path, &st, 0) == 0;
}

static int read_around(void *self, struct str directory, const char *name, size_t limit_bytes, struct buf *bytes,
                       struct err *err)
{
    (void)self;
    CLEANUP_BUF struct buf path = BUF_INIT;
    buf_addf(&path, "%.*s/%s", STR_ARG(directory), name);
    int r = buf_check(&path, err);
    return r < 0 ? r : file_read_all(AT_FDCWD, buf_z(&path), limit_bytes, bytes, err);
}

static const struct surroundings around = {has_file, read_around, NULL};

/* --- inputs -------------------------------------------------------------------------------------------------- */

/* True when the file is known already; notes it. Several hard links are several files. */
static int is_seen(struct finder *finder, const struct candidate *candidate, const struct stat *st, bool *ret_seen,
                   struct err *err)
{
    struct arena *arena = &finder->discover->arena;
    char *key = st->st_nlink == 1
                    ? arena_printf(arena, "%llx:%llx", (unsigned long long)st->st_dev, (unsigned long long)st->st_ino)
                    : arena_z(arena, candidate->absolute);
    void **slot = key ? map_slot(&finder->discover->seen, str_z(key)) : NULL;
    if (!slot)
        return err_nomem(err);
    *ret_seen = *slot != NULL;
    *slot = key;
    return 0;
}

/* What a failure to read means: an error of memory stays one, a file that went was never there. */
static int tell_failure(struct finder *finder, struct view *view, const struct err *problem, struct err *err)
{
    const struct candidate *candidate = view->candidate;
    if (problem->code == ERR_NOMEM) {
        *err = *problem;
        return -(int)ERR_NOMEM;
    }
    if (candidate->source.found && problem->code == ERR_NOT_FOUND)
        return 0;
    if (problem->code == ERR_UNSUPPORTED && !look_would_be_ours(&view->look))
        return 0;
    return finder_add_not_judged(finder, view->look.surface, candidate->source.shown, candidate->policy,
                                 problem->message, false, err);
}

/* A small file that was read whole is not opened again; what is kept of all of them together is bounded. */
static bool is_kept(struct finder *finder, const struct view *view, struct str name)
{
    size_t len = view->look.bytes.len;
    if (len > KEPT_BYTES || finder->kept_bytes + len > LIMIT_DISCOVER_KEPT_BYTES || !stretch_keep(view->reader, name))
        return false;
    finder->kept_bytes += len;
    return true;
}

/* What becomes of the names of images in the file. */
static int take_images(struct finder *finder, const struct look *look, struct check_input *input, struct err *err)
{
    if (look->images.count == 0)
        return 0;
    struct image_overrides *images = ARENA_NEW(&finder->discover->arena, struct image_overrides);
    if (!images)
        return err_nomem(err);
    *images = look->images;
    input->images = images;
    return 0;
}

static int add_look(struct finder *finder, struct view *view, enum look_as as, struct err *err)
{
    const struct candidate *candidate = view->candidate;
    bool tell = !candidate->source.found || finder->options->list_skipped;
    if (!view->look.ours)
        return tell ? finder_add_skipped(finder, candidate, look_no_surface, err) : 0;
    if (view->look.not_judged)
        return finder_add_not_judged(finder, view->look.surface, candidate->source.shown, candidate->policy,
                                     view->look.not_judged, true, err);
    bool added = false;
    if (view->look.surface == SURFACE_COMPOSE && as == LOOK_AUTO && !candidate->source.reader) {
        int r = compose_set_add(finder, candidate, view->look.bytes, view->look.end, &added, err);
        if (r < 0 || added)
            return r;
    }
    struct check_input input;
    int r = finder_input(finder, candidate, view->look.surface, &input, err);
    if (r < 0)
        return r;
    if (candidate->source.reader || is_kept(finder, view, input.name))
        ((struct source_file *)input.self)->reader = TAKE_PTR(view->reader);
    r = take_images(finder, &view->look, &input, err);
    if (r == 0)
        r = finder_add(finder, &input, err);
    if (r < 0)
        input.done(input.self); /* nobody else knows the reader any more */
    return r;
}

int candidate_add(struct finder *finder, const struct candidate *candidate, enum look_as as, struct err *err)
{
    CLEANUP(view_done) struct view view = {.candidate = candidate, .reader = candidate->source.reader};
    const struct look_file file = {.name = path_base(candidate->source.shown),
                                   .absolute = candidate->absolute,
                                   .found = candidate->source.found,
                                   .read = read_first,
                                   .self = &view,
                                   .around = &around,
                                   .kustomize = &finder->discover->kustomize,
                                   .arena = &finder->discover->arena};
    struct err problem = ERR_INIT;
    struct stat st;
    bool seen = false;
    int r = 0;
    if (!view.reader) {
        r = source_open(&candidate->source, &view.reader, &st, &problem);
        if (r == 0 && (r = is_seen(finder, candidate, &st, &seen, err)) < 0)
            return r;
    }
    if (r == 0 && !seen)
        r = look_at(&file, as, &view.look, &problem);
    if (r < 0)
        return tell_failure(finder, &view, &problem, err);
    return seen ? 0 : add_look(finder, &view, as, err);
}
