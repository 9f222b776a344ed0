/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/texts.h"

#include "base/limits.h"
#include "base/path.h"
#include "classify/compose_set.h"
#include "data/yaml.h"

#include <stdlib.h>
#include <string.h>

#define ROOT          "/files" /* where the texts lie, for paths that lead up */
#define STRETCH_BYTES ((size_t)1 << 20)

_Static_assert(LIMIT_CHECK_TEXTS_BYTES <= LIMIT_YAML_DOCUMENT_BYTES, "no document is too large");

struct text {
    struct str name, content, absolute;
    enum look_as as;
};

struct texts {
    const struct text *items; /* as they were given */
    const struct text **by_name;
    size_t count;
};

/* Behind an input: what of its text was not given yet. */
struct text_source {
    const struct texts *texts;
    const struct text *text;
    struct str rest, given;
    uint64_t offset;
    uint32_t line;
    bool whole, any;
    uint64_t limit_bytes;
};

/* --- the set --------------------------------------------------------------------------------------------------- */

static int compare_names(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
    const struct text *const *left = a, *const *right = b;
    return compare_names((*left)->name, (*right)->name);
}

static const struct text *find(const struct texts *texts, struct str name)
{
    const struct text key = {.name = name}, *wanted = &key;
    const struct text **found = bsearch(&wanted, texts->by_name, texts->count, sizeof(wanted), by_name);
    return found ? *found : NULL;
}

/* The text at PATH, absolute and in normal form. */
static const struct text *find_absolute(const struct texts *texts, struct str path)
{
    return str_starts(path, STR(ROOT "/")) ? find(texts, str_skip(path, strlen(ROOT "/"))) : NULL;
}

struct str texts_find(const struct texts *texts, struct str name)
{
    const struct text *text = find(texts, name);
    return text ? text->content : STR_NONE;
}

static int take_name(struct str name, struct arena *arena, struct text *text, struct err *err)
{
    while (str_starts(name, STR("./")))
        name = str_skip(name, 2);
    if (!path_is_clean_relative(name)) {
        err_set(err, ERR_USAGE, "file name '%.*s' is not a path below the project", STR_ARG(name));
        return err_hint(err, "name each file by its path in the project, as 'deploy/compose.yaml'");
    }
    const char *absolute = arena_printf(arena, ROOT "/%.*s", STR_ARG(name));
    if (!absolute)
        return err_nomem(err);
    text->name = name;
    text->absolute = str_z(absolute);
    return 0;
}

static int sort(struct texts *texts, struct arena *arena, struct err *err)
{
    texts->by_name = ARENA_ARRAY(arena, texts->count + 1, const struct text *);
    if (!texts->by_name)
        return err_nomem(err);
    for (size_t i = 0; i < texts->count; i++)
        texts->by_name[i] = &texts->items[i];
    qsort(texts->by_name, texts->count, sizeof(*texts->by_name), by_name);
    for (size_t i = 1; i < texts->count; i++)
        if (str_eq(texts->by_name[i]->name, texts->by_name[i - 1]->name))
            return err_set(err, ERR_USAGE, "two files are called '%.*s'", STR_ARG(texts->by_name[i]->name));
    return 0;
}

int texts_new(const struct named_text *named, size_t count, struct arena *arena, const struct texts **ret_texts,
              struct err *err)
{
    struct texts *texts = ARENA_NEW(arena, struct texts);
    struct text *items = ARENA_ARRAY(arena, count + 1, struct text);
    uint64_t bytes = 0;
    int r = texts && items ? 0 : err_nomem(err);
    for (size_t i = 0; i < count && r == 0; i++) {
        items[i] = (struct text){.content = named[i].content.ptr ? named[i].content : STR(""), .as = named[i].as};
        bytes += named[i].content.len;
        r = take_name(named[i].name, arena, &items[i], err);
    }
    if (r == 0 && bytes > LIMIT_CHECK_TEXTS_BYTES)
        r = err_set(err, ERR_LIMIT, "the files have more than %llu MiB in all",
                    (unsigned long long)(LIMIT_CHECK_TEXTS_BYTES >> 20));
    if (r != 0)
        return r;
    *texts = (struct texts){.items = items, .count = count};
    r = sort(texts, arena, err);
    if (r == 0)
        *ret_texts = texts;
    return r;
}

/* --- what a check asks an input for ------------------------------------------------------------------------------- */

static int refuse_foreign(const struct text *text, const char *foreign, struct err *err)
{
    err_set(err, ERR_UNSUPPORTED, "'%.*s' %s", STR_ARG(text->name), foreign);
    return err_hint(err, "save it as UTF-8");
}

static void count_given(struct text_source *source)
{
    struct str given = source->given;
    source->offset += given.len;
    for (size_t at; (at = str_find_char(given, '\n')) < given.len; source->line++)
        given = str_skip(given, at + 1);
}

static int source_next(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err)
{
    struct text_source *source = self;
    struct yaml_cutter cutter = {0};
    size_t cut = 0;
    count_given(source);
    if (source->rest.len > source->limit_bytes)
        return err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu MiB", STR_ARG(source->text->name),
                       (unsigned long long)(source->limit_bytes >> 20));
    if (source->whole || !yaml_cut(&cutter, source->rest, STRETCH_BYTES, &cut))
        cut = source->rest.len;
    source->given = str_head(source->rest, cut);
    const char *foreign = classify_foreign(source->given, !source->any);
    if (foreign)
        return refuse_foreign(source->text, foreign, err);
    source->rest = str_skip(source->rest, cut);
    *ret_bytes = cut > 0 || !source->any ? source->given : STR_NONE;
    *ret_offset = source->offset;
    *ret_line = source->line;
    source->any = true;
    return 0;
}

static int source_read_other(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    (void)arena; /* the texts outlive it */
    const struct text_source *source = self;
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    *ret_bytes = STR_NONE;
    if (str_starts(path, STR("/")) || !path_normalize(&absolute, path_dir(source->text->absolute), path))
        return buf_check(&absolute, err);
    int r = buf_check(&absolute, err);
    const struct text *other = r == 0 ? find_absolute(source->texts, buf_str(&absolute)) : NULL;
    if (other)
        *ret_bytes = other->content;
    return r;
}

/* --- inputs ------------------------------------------------------------------------------------------------------ */

/* What making inputs works with. */
struct making {
    const struct texts *texts;
    struct str target;
    struct arena *arena;
    struct kustomize kustomize;
    struct check_input *inputs;
    size_t count;
};

/* The text that is looked at. */
struct sight {
    const struct making *making;
    const struct text *text;
};

static int read_first(void *self, size_t want, struct str *ret_bytes, bool *ret_end, struct err *err)
{
    const struct sight *sight = self;
    *ret_bytes = str_head(sight->text->content, want);
    *ret_end = want >= sight->text->content.len;
    const char *foreign = classify_foreign(*ret_bytes, true);
    return foreign ? refuse_foreign(sight->text, foreign, err) : 0;
}

static const struct text *find_around(const struct texts *texts, struct str directory, const char *name)
{
    char path[4096];
    size_t len = strlen(name);
    if (directory.len + 1 + len > sizeof(path))
        return NULL;
    memcpy(path, directory.ptr, directory.len);
    path[directory.len] = '/';
    memcpy(path + directory.len + 1, name, len);
    return find_absolute(texts, str_of(path, directory.len + 1 + len));
}

static bool has_around(void *self, struct str directory, const char *name)
{
    return find_around(self, directory, name) != NULL;
}

static int read_around(void *self, struct str directory, const char *name, size_t limit_bytes, struct buf *bytes,
                       struct err *err)
{
    const struct text *text = find_around(self, directory, name);
    if (!text || text->content.len > limit_bytes)
        return err_set(err, ERR_NOT_FOUND, "there is no '%s'", name);
    buf_add_str(bytes, text->content);
    return buf_check(bytes, err);
}

static bool has_beside(void *self, const char *name)
{
    const struct sight *sight = self;
    return find_around(sight->making->texts, path_dir(sight->text->absolute), name) != NULL;
}

static int make_input(const struct making *making, const struct text *text, enum surface surface,
                      struct check_input *ret_input, struct err *err)
{
    struct text_source *source = ARENA_NEW(making->arena, struct text_source);
    if (!source)
        return err_nomem(err);
    *source = (struct text_source){.texts = making->texts, .text = text, .rest = text->content, .line = 1};
    source->whole = surface != SURFACE_KUBERNETES;
    source->limit_bytes = surface == SURFACE_DOCKERFILE ? LIMIT_DOCKERFILE_BYTES
                          : surface == SURFACE_COMPOSE  ? LIMIT_COMPOSE_FILE_BYTES
                                                        : LIMIT_CHECK_TEXTS_BYTES;
    *ret_input = (struct check_input){.surface = surface, .name = text->name, .next = source_next, .self = source};
    if (surface == SURFACE_DOCKERFILE)
        ret_input->target = making->target;
    if (surface == SURFACE_COMPOSE)
        ret_input->compose_files = (struct compose_files){source_read_other, source};
    return 0;
}

/* MAIN with OVER on top; CONTEXT: the project is there for OVER's sake. */
static int make_pair(const struct making *making, const struct text *main, const struct text *over, bool context,
                     struct check_input *ret_input, struct err *err)
{
    struct check_input *above = ARENA_NEW(making->arena, struct check_input);
    int r = above ? make_input(making, main, SURFACE_COMPOSE, ret_input, err) : err_nomem(err);
    if (r == 0)
        r = make_input(making, over, SURFACE_COMPOSE, above, err);
    if (r != 0)
        return r;
    ret_input->overrides = above;
    ret_input->override_count = 1;
    ret_input->context = context;
    return 0;
}

/* A Compose file, together with the one that it belongs to, if any. */
static int make_compose(struct sight *sight, const struct look *look, struct check_input *ret_input, struct err *err)
{
    const struct text *text = sight->text;
    const struct compose_folder folder = {has_beside, sight};
    struct compose_set set = {NULL, NULL, false};
    if (text->as == LOOK_AUTO)
        set = compose_set_of(look->file->name, look->bytes, look->end, &folder);
    if (!set.main && !set.over)
        return make_input(sight->making, text, SURFACE_COMPOSE, ret_input, err);
    const struct text *other =
        find_around(sight->making->texts, path_dir(text->absolute), set.main ? set.main : set.over);
    return make_pair(sight->making, set.main ? other : text, set.main ? text : other, set.main != NULL, ret_input, err);
}

/* Why a text that could not be looked at is not judged. */
static int make_unreadable(const struct making *making, const struct look *look, const struct text *text,
                           const struct err *problem, struct check_input *ret_input, struct err *err)
{
    struct str reason = arena_str(making->arena, str_z(problem->message));
    if (problem->code == ERR_NOMEM || !reason.ptr)
        return err_nomem(err);
    *ret_input = (struct check_input){.surface = look->surface, .name = text->name, .not_judged = reason};
    return 0;
}

/* What becomes of the names of images in the text. */
static int take_images(const struct making *making, const struct look *look, struct check_input *input, struct err *err)
{
    if (look->images.count == 0)
        return 0;
    struct image_overrides *images = ARENA_NEW(making->arena, struct image_overrides);
    if (!images)
        return err_nomem(err);
    *images = look->images;
    input->images = images;
    return 0;
}

static int make(struct making *making, const struct text *text, struct check_input *ret_input, struct err *err)
{
    struct sight sight = {making, text};
    const struct texts *texts = making->texts;
    const struct surroundings around = {has_around, read_around, (void *)(uintptr_t)texts};
    const struct look_file file = {.name = path_base(text->name),
                                   .absolute = text->absolute,
                                   .read = read_first,
                                   .self = &sight,
                                   .around = &around,
                                   .kustomize = &making->kustomize,
                                   .arena = making->arena};
    struct err problem = ERR_INIT;
    struct look look;
    *ret_input = (struct check_input){.name = text->name};
    if (look_at(&file, text->as, &look, &problem) != 0)
        return make_unreadable(making, &look, text, &problem, ret_input, err);
    if (!look.ours) {
        ret_input->skipped = str_z(look_no_surface);
        return 0;
    }
    if (look.not_judged) {
        ret_input->surface = look.surface;
        ret_input->not_judged = str_z(look.not_judged);
        ret_input->template = true;
        return 0;
    }
    if (look.surface == SURFACE_COMPOSE)
        return make_compose(&sight, &look, ret_input, err);
    int r = make_input(making, text, look.surface, ret_input, err);
    return r == 0 ? take_images(making, &look, ret_input, err) : r;
}

int texts_inputs(const struct op_ctx *ctx, const struct texts *texts, struct str target, struct arena *arena,
                 const struct check_input **ret_inputs, size_t *ret_count, struct err *err)
{
    struct making making = {.texts = texts, .target = target, .arena = arena};
    making.inputs = ARENA_ARRAY(arena, texts->count + 1, struct check_input);
    int r = making.inputs ? 0 : err_nomem(err);
    for (size_t i = 0; i < texts->count && r == 0; i++)
        if ((r = op_check(ctx, err)) == 0)
            r = make(&making, &texts->items[i], &making.inputs[i], err);
    kustomize_done(&making.kustomize);
    if (r != 0)
        return r;
    *ret_inputs = making.inputs;
    *ret_count = texts->count;
    return 0;
}
