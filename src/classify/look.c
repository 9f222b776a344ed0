/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name that tells nothing costs no reading; of a YAML or JSON file the beginning is read, more of it only while that
 * may change the answer.
 */
#include "classify/look.h"

#include "base/limits.h"
#include "classify/template.h"

#define FIRST_BYTES    ((size_t)8 << 10)
#define TEMPLATE_BYTES ((size_t)1 << 20) /* how far braces are looked for in a file that would be judged */

static const char helm_reason[] = "a Helm template: render it first (helm template) and check the result";
static const char patch_reason[] = "a patch of a kustomization: build it first (kustomize build) and check the result";
static const char template_reason[] = "a template: render it first and check the result";
const char look_no_surface[] = "neither a Dockerfile nor a Compose file nor a Kubernetes manifest";

static int read_more(struct look *look, size_t want, struct err *err)
{
    return look->end || look->bytes.len >= want
               ? 0
               : look->file->read(look->file->self, want, &look->bytes, &look->end, err);
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
        *ret_named = classifier.include ||
                     (classify_is_compose_default(look->file->name) && !(classifier.list && look->file->found));
        if (*ret_content != CONTENT_MORE)
            return 0;
        bool json = look->kind == NAME_JSON && look->file->found;
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
    bool called_compose = look->kind == NAME_COMPOSE || !look->file->found;
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
static bool is_in_chart(const struct look_file *file)
{
    static const struct str folder = STR_INIT("/templates/");
    struct str path = file->absolute;
    for (size_t from = 0, at; (at = str_find(str_skip(path, from), folder)) < path.len - from; from += at + 1)
        if (file->around->has(file->around->self, str_head(path, from + at), "Chart.yaml"))
            return true;
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
bool look_would_be_ours(const struct look *look)
{
    if (look->kind == NAME_DOCKERFILE || look->kind == NAME_COMPOSE || !look->file->found)
        return true;
    char plain[FIRST_BYTES];
    size_t len = 0;
    for (size_t i = 0; i < look->bytes.len && len < sizeof(plain); i++)
        if (look->bytes.ptr[i] != '\0' && (i > 1 || (unsigned char)look->bytes.ptr[i] < 0xFE))
            plain[len++] = look->bytes.ptr[i];
    struct classifier classifier = {0};
    return classify_content(&classifier, str_of(plain, len), true) == CONTENT_KUBERNETES;
}

static int look_closely(struct look *look, enum look_as as, struct err *err)
{
    static const enum surface surfaces[] = {
        [LOOK_DOCKERFILE] = SURFACE_DOCKERFILE,
        [LOOK_COMPOSE] = SURFACE_COMPOSE,
        [LOOK_KUBERNETES] = SURFACE_KUBERNETES,
    };
    struct str name = look->file->name;
    struct str stem = classify_template_stem(name);
    look->kind = classify_name(stem.len > 0 ? stem : name);
    if (as != LOOK_AUTO) {
        look->ours = true;
        look->surface = surfaces[as];
        int r = read_more(look, FIRST_BYTES, err);
        bool braces =
            r == 0 && (as == LOOK_DOCKERFILE ? template_is_dockerfile(look->bytes) : template_is_yaml(look->bytes));
        look->not_judged = braces ? template_reason : NULL;
        return r;
    }
    bool yaml = look->kind == NAME_YAML || look->kind == NAME_JSON || look->kind == NAME_COMPOSE;
    if (stem.len > 0)
        return look->kind == NAME_OTHER ? 0 : look_at_template(look, is_in_chart(look->file), err);
    if (yaml && is_in_chart(look->file)) {
        int r = read_more(look, TEMPLATE_BYTES, err);
        if (r < 0 || mentions_braces(look->bytes))
            return r < 0 ? r : look_at_template(look, true, err);
    }
    if (yaml || (look->kind == NAME_OTHER && !look->file->found))
        return look_at_yaml(look, err);
    return look->kind == NAME_OTHER ? 0 : look_at_dockerfile(look, err);
}

/* A patch is no object yet: what it leaves out is said elsewhere. */
static int look_at_kustomizations(struct look *look, struct err *err)
{
    const struct look_file *file = look->file;
    struct kustomized kustomized;
    int r = kustomize_ask(file->kustomize, file->around, file->arena, file->absolute, &kustomized, err);
    look->images = kustomized.images;
    if (kustomized.patch)
        look->not_judged = patch_reason;
    return r;
}

int look_at(const struct look_file *file, enum look_as as, struct look *ret_look, struct err *err)
{
    *ret_look = (struct look){.file = file};
    int r = look_closely(ret_look, as, err);
    if (r == 0 && ret_look->ours && ret_look->surface == SURFACE_KUBERNETES && !ret_look->not_judged)
        r = look_at_kustomizations(ret_look, err);
    return r;
}

bool look_is_worth(struct str name)
{
    struct str stem = classify_template_stem(name);
    return classify_name(stem.len > 0 ? stem : name) != NAME_OTHER;
}
