/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/judge.h"

static void image_labels(struct judge *judge, const struct build *build);

const struct rule image_labels_rule = {
    .id = "image-labels",
    .severity = SEVERITY_NOTE,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "labels tell where the image comes from: source, revision, version",
    .rationale =
        "When an image runs somewhere and misbehaves, the first question is which commit of which repository it was "
        "made from. The three labels org.opencontainers.image.source, revision and version answer it from the image "
        "alone; registries link it to its repository by them, and scanners and bots find the change log. Those of "
        "the base image do not count: they tell where the base comes from.",
    .remedy = "Set the labels in the last stage, the revision and the version from build arguments: ARG REVISION and "
              "LABEL org.opencontainers.image.revision=$REVISION.",
    .sources =
        (const struct rule_source[]){
            {"OCI image specification: Annotations",
             "https://github.com/opencontainers/image-spec/blob/main/annotations.md"},
            {"Dockerfile reference: LABEL", "https://docs.docker.com/reference/dockerfile/#label"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, "FROM gcr.io/distroless/static-debian12:nonroot\nCOPY app /app\n",
             "FROM gcr.io/distroless/static-debian12:nonroot\nARG REVISION VERSION\n"
             "LABEL org.opencontainers.image.source=\"https://git.example/web\" \\\n"
             "      org.opencontainers.image.revision=\"$REVISION\" \\\n"
             "      org.opencontainers.image.version=\"$VERSION\"\nCOPY app /app\n"},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"labels", RULE_PARAM_STRINGS, "the labels that have to be there",
             "[org.opencontainers.image.source, org.opencontainers.image.revision, org.opencontainers.image.version]"},
            {0},
        },
    .build = image_labels,
};

static bool is_set(const struct fact_list *labels, struct str name, bool *ret_unclear)
{
    for (size_t i = labels->count; i-- > 0;) {
        const struct fact_item *item = &labels->items[i];
        if (!fact_said(&item->text.fact))
            *ret_unclear = true;
        else if (str_eq(item->text.value, name))
            return !fact_said(&item->value.fact) || item->value.value.len > 0;
    }
    return false;
}

static void image_labels(struct judge *judge, const struct build *build)
{
    struct rule_strings wanted = judge_param_strings(judge, "labels");
    struct buf missing CLEANUP_BUF = BUF_INIT;
    struct str first = STR_NONE;
    bool unclear = false;
    size_t count = 0;
    for (size_t i = 0; build->final_fact && i < wanted.count; i++)
        if (!is_set(&build->labels, wanted.items[i], &unclear)) {
            first = count++ ? first : wanted.items[i];
            buf_addf(&missing, " %.*s=...", STR_ARG(wanted.items[i]));
        }
    if (count == 0)
        return;
    if (buf_check(&missing, NULL) != 0) {
        judge_nomem(judge);
        return;
    }
    const char *more = count > 1 ? arena_printf(judge_arena(judge), " (and %zu more)", count - 1) : "";
    if (!more)
        judge_nomem(judge);
    else if (unclear)
        judge_unknown(judge, build->at, "a label's name hangs on a variable, and '%.*s'%s is not set otherwise",
                      STR_ARG(first), more);
    else
        judge_fail(judge, build->at, "the image has no label '%.*s'%s", STR_ARG(first), more);
    judge_expect(judge, "LABEL%s", buf_z(&missing));
    judge_fact(judge, &build->labels.fact);
}
