/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one file is. A name that tells nothing costs no system call; a YAML or JSON file is opened and its beginning
 * read, more of it only while that may change the answer.
 */
#include "base/limits.h"
#include "base/path.h"
#include "discover/classify.h"
#include "discover/internal.h"
#include "discover/template.h"
#include "io/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define FIRST_BYTES    ((size_t)8 << 10)
#define TEMPLATE_BYTES ((size_t)1 << 20) /* how far braces are looked for in a file that would be judged */

static const char helm_reason[] = "a Helm template: render it first (helm template) and check the result";
static const char patch_reason[] = "a patch of a kustomization: build it first (kustomize build) and check the result";
static const char template_reason[] = "a template: render it first and check the result";
static const char no_surface[] = "neither a Dockerfile nor a Compose file nor a Kubernetes manifest";

/* What became of a look at a file. */
struct look {
    const struct candidate *candidate;
    enum classify_name kind;
    struct stretch_reader *reader;
    struct str bytes; /* of the reader: the beginning */
    bool end;         /* that is all */
    bool ours;
    enum surface surface;
    const char *not_judged;
};

static void look_done(struct look *look)
{
    stretch_free(look->reader);
}

static int read_more(struct look *look, size_t want, struct err *err)
{
    return look->end || look->bytes.len >= want ? 0 : stretch_peek(look->reader, want, &look->bytes, &look->end, err);
}

/* What the content says, reading on while the document at hand may yet be an object. *RET_NAMED: when it tells nothing
 * of Compose, one of Compose's own names still does. */
static int read_content(struct look *look, enum classify_content *ret_content, bool *ret_named, struct err *err)
{
    struct classifier classifier = {0};
    size_t want = FIRST_BYTES;
    for (;;) {
        int r = read_more(look, want, err);
        if (r < 0)
            return r;
        *ret_content = classify_content(&classifier, look->bytes, look->end);
        *ret_named = classifier.include || (classify_is_compose_default(path_base(look->candidate->source.shown)) &&
                                            !(classifier.list && look->candidate->source.found));
        if (*ret_content != CONTENT_MORE)
            return 0;
        bool json = look->kind == NAME_JSON && look->candidate->source.found;
        uint64_t limit = classify_is_promising(&classifier) ? LIMIT_YAML_DOCUMENT_BYTES
                         : json                             ? LIMIT_DISCOVER_JSON_HEAD_BYTES
                                                            : LIMIT_DISCOVER_HEAD_BYTES;
        if (want >= limit) {
            *ret_content = classify_content(&classifier, look->bytes, true);
            return 0;
        }
        want *= 4;
    }
}

static int look_at_yaml(struct look *look, struct err *err)
{
    enum classify_content content = CONTENT_OTHER;
    bool named = false;
    int r = read_content(look, &content, &named, err);
    if (r < 0)
        return r;
    bool called_compose = look->kind == NAME_COMPOSE || !look->candidate->source.found;
    look->surface = content == CONTENT_KUBERNETES ? SURFACE_KUBERNETES : SURFACE_COMPOSE;
    look->ours = content == CONTENT_KUBERNETES || (content == CONTENT_COMPOSE && called_compose) ||
                 (look->kind == NAME_COMPOSE && named);
    if (!look->ours)
        return 0;
    r = read_more(look, TEMPLATE_BYTES, err);
    if (r == 0 && template_is_yaml(look->bytes))
        look->not_judged = template_reason;
    return r;
}

static int look_at_dockerfile(struct look *look, struct err *err)
{
    int r = read_more(look, FIRST_BYTES, err);
    look->surface = SURFACE_DOCKERFILE;
    look->ours = look->kind != NAME_DOCKERFILE_MAYBE || classify_is_dockerfile(look->bytes);
    if (r == 0 && look->ours && template_is_dockerfile(look->bytes))
        look->not_judged = template_reason;
    return r;
}

/* The file lies in the templates/ of a Helm chart, whose Chart.yaml is beside that directory. */
static bool is_in_chart(const struct candidate *candidate)
{
    static const struct str folder = STR_INIT("/templates/");
    struct str path = candidate->absolute;
    for (size_t from = 0, at; (at = str_find(str_skip(path, from), folder)) < path.len - from; from += at + 1) {
        char chart[PATH_MAX];
        size_t len = from + at + 1;
        struct stat st;
        if (len + sizeof("Chart.yaml") > sizeof(chart))
            return false;
        memcpy(chart, path.ptr, len);
        memcpy(chart + len, "Chart.yaml", sizeof("Chart.yaml"));
        if (sys_stat(AT_FDCWD, chart, &st, 0) == 0)
            return true;
    }
    return false;
}

static bool mentions_braces(struct str text)
{
    return str_find(text, STR("{{")) < text.len;
}

/* A file with a template's ending, or in a chart: what its outcome would be decides, as far as lines tell it. */
static int look_at_template(struct look *look, bool chart, struct err *err)
{
    int r = read_more(look, TEMPLATE_BYTES, err);
    if (r < 0)
        return r;
    bool object = str_starts(look->bytes, STR("apiVersion:")) ||
                  str_find(look->bytes, STR("\napiVersion:")) < look->bytes.len ||
                  str_find(look->bytes, STR("\"apiVersion\"")) < look->bytes.len;
    look->surface = look->kind == NAME_COMPOSE                                             ? SURFACE_COMPOSE
                    : look->kind == NAME_DOCKERFILE || look->kind == NAME_DOCKERFILE_MAYBE ? SURFACE_DOCKERFILE
                                                                                           : SURFACE_KUBERNETES;
    look->ours = chart || look->surface != SURFACE_KUBERNETES || object;
    look->not_judged = chart ? helm_reason : template_reason;
    return 0;
}

/* UTF-16 can't be judged; whether it would be is seen without its zero bytes. */
static bool would_be_ours(struct look *look)
{
    if (look->kind == NAME_DOCKERFILE || look->kind == NAME_COMPOSE || !look->candidate->source.found)
        return true;
    char plain[FIRST_BYTES];
    size_t len = 0;
    for (size_t i = 0; i < look->bytes.len && len < sizeof(plain); i++)
        if (look->bytes.ptr[i] != '\0' && (i > 1 || (unsigned char)look->bytes.ptr[i] < 0xFE))
            plain[len++] = look->bytes.ptr[i];
    struct classifier classifier = {0};
    return classify_content(&classifier, str_of(plain, len), true) == CONTENT_KUBERNETES;
}

static int look_closely(struct look *look, enum discover_as as, struct err *err)
{
    static const enum surface surfaces[] = {
        [DISCOVER_DOCKERFILE] = SURFACE_DOCKERFILE,
        [DISCOVER_COMPOSE] = SURFACE_COMPOSE,
        [DISCOVER_KUBERNETES] = SURFACE_KUBERNETES,
    };
    struct str name = path_base(look->candidate->source.shown);
    struct str stem = classify_template_stem(name);
    look->kind = classify_name(stem.len > 0 ? stem : name);
    if (as != DISCOVER_AUTO) {
        look->ours = true;
        look->surface = surfaces[as];
        int r = read_more(look, FIRST_BYTES, err);
        bool braces =
            r == 0 && (as == DISCOVER_DOCKERFILE ? template_is_dockerfile(look->bytes) : template_is_yaml(look->bytes));
        look->not_judged = braces ? template_reason : NULL;
        return r;
    }
    bool yaml = look->kind == NAME_YAML || look->kind == NAME_JSON || look->kind == NAME_COMPOSE;
    if (stem.len > 0)
        return look->kind == NAME_OTHER ? 0 : look_at_template(look, is_in_chart(look->candidate), err);
    if (yaml && is_in_chart(look->candidate)) {
        int r = read_more(look, TEMPLATE_BYTES, err);
        if (r < 0 || mentions_braces(look->bytes))
            return r < 0 ? r : look_at_template(look, true, err);
    }
    if (yaml || (look->kind == NAME_OTHER && !look->candidate->source.found))
        return look_at_yaml(look, err);
    return look->kind == NAME_OTHER ? 0 : look_at_dockerfile(look, err);
}

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
static int tell_failure(struct finder *finder, struct look *look, const struct err *problem, struct err *err)
{
    const struct candidate *candidate = look->candidate;
    if (problem->code == ERR_NOMEM) {
        *err = *problem;
        return -(int)ERR_NOMEM;
    }
    if (candidate->source.found && problem->code == ERR_NOT_FOUND)
        return 0;
    if (problem->code == ERR_UNSUPPORTED && !would_be_ours(look))
        return 0;
    return finder_add_not_judged(finder, look->surface, candidate->source.shown, candidate->policy, problem->message,
                                 false, err);
}

/* A small file that was read whole is not opened again; what is kept of all of them together is bounded. */
static bool is_kept(struct finder *finder, const struct look *look, struct str name)
{
    size_t len = look->bytes.len;
    if (len > FIRST_BYTES || finder->kept_bytes + len > LIMIT_DISCOVER_KEPT_BYTES || !stretch_keep(look->reader, name))
        return false;
    finder->kept_bytes += len;
    return true;
}

/* A patch is no object yet: what it leaves out is said elsewhere. */
static int look_at_patch(struct finder *finder, struct look *look, struct err *err)
{
    struct discover *discover = finder->discover;
    bool patch = false;
    int r = kustomize_is_patch(&discover->kustomize, &discover->arena, look->candidate->absolute, &patch, err);
    if (patch)
        look->not_judged = patch_reason;
    return r;
}

static int add_look(struct finder *finder, struct look *look, enum discover_as as, struct err *err)
{
    const struct candidate *candidate = look->candidate;
    if (look->ours && look->surface == SURFACE_KUBERNETES && !look->not_judged) {
        int r = look_at_patch(finder, look, err);
        if (r < 0)
            return r;
    }
    bool tell = !candidate->source.found || finder->options->list_skipped;
    if (!look->ours)
        return tell ? finder_add_skipped(finder, candidate, no_surface, err) : 0;
    if (look->not_judged)
        return finder_add_not_judged(finder, look->surface, candidate->source.shown, candidate->policy,
                                     look->not_judged, true, err);
    bool added = false;
    if (look->surface == SURFACE_COMPOSE && as == DISCOVER_AUTO && !candidate->source.reader) {
        int r = compose_set_add(finder, candidate, look->bytes, look->end, &added, err);
        if (r < 0 || added)
            return r;
    }
    struct check_input input;
    int r = finder_input(finder, candidate, look->surface, &input, err);
    if (r < 0)
        return r;
    if (candidate->source.reader || is_kept(finder, look, input.name))
        ((struct source_file *)input.self)->reader = TAKE_PTR(look->reader);
    r = finder_add(finder, &input, err);
    if (r < 0)
        input.done(input.self); /* nobody else knows the reader any more */
    return r;
}

int candidate_add(struct finder *finder, const struct candidate *candidate, enum discover_as as, struct err *err)
{
    CLEANUP(look_done) struct look look = {.candidate = candidate, .reader = candidate->source.reader};
    struct err problem = ERR_INIT;
    struct stat st;
    bool seen = false;
    int r = 0;
    if (!look.reader) {
        r = source_open(&candidate->source, &look.reader, &st, &problem);
        if (r == 0 && (r = is_seen(finder, candidate, &st, &seen, err)) < 0)
            return r;
    }
    if (r == 0 && !seen)
        r = look_closely(&look, as, &problem);
    if (r < 0)
        return tell_failure(finder, &look, &problem, err);
    return seen ? 0 : add_look(finder, &look, as, err);
}
