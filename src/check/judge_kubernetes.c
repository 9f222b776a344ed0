/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "check/outcome.h"
#include "data/json.h"
#include "data/yaml.h"
#include "facts/read.h"
#include "rules/families.h"

/* One document of a stretch. */
struct document {
    struct outcome *outcome;
    const struct source *source;
    struct data_span span;
    const struct data_node *root;
    struct arena *arena;
    struct findings findings;
    struct waivers waivers;
};

static int judge_one(struct document *document, const struct pod *pod, struct arena *arena, struct findings *findings,
                     struct err *err)
{
    struct outcome *outcome = document->outcome;
    if (!pod->unread)
        return judge_pod(outcome->ctx, &outcome->policy->standard, pod, arena, findings, err);
    const char *reason = arena_printf(arena, "in part: %s", pod->unread);
    return reason ? outcome_not_judged(outcome, reason, err) : err_nomem(err);
}

static int judge_object(struct document *document, const struct sources *sources, struct err *err)
{
    const struct pod *const *pods = NULL;
    size_t count = 0, objects = 0;
    int r = facts_of_kubernetes(document->root, sources, document->outcome->input->images, document->arena, &pods,
                                &count, &objects, err);
    document->outcome->file.documents += (uint32_t)objects;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = judge_one(document, pods[i], document->arena, &document->findings, err);
    return r;
}

/* The pods of a list, one by one. */
struct listing {
    struct document *document;
    struct arena arena;
};

static int judge_listed(void *self, const struct pod *pod, struct err *err)
{
    struct listing *listing = self;
    struct document *document = listing->document;
    struct findings findings = {0};
    int r = judge_one(document, pod, &listing->arena, &findings, err);
    if (r == 0)
        r = outcome_settle(document->outcome, &findings, &document->waivers, err);
    arena_reset(&listing->arena);
    return r;
}

static int judge_list(struct document *document, const struct sources *sources, struct err *err)
{
    struct listing listing = {.document = document, .arena = ARENA_INIT};
    size_t objects = 0;
    int r = facts_each_of_kubernetes(document->root, sources, document->outcome->input->images, &listing.arena,
                                     judge_listed, &listing, &objects, err);
    document->outcome->file.documents += (uint32_t)objects;
    arena_done(&listing.arena);
    return r;
}

static int judge(struct document *document, struct err *err)
{
    if (!kubernetes_is_object(document->root))
        return 0;
    int r = waivers_of_document(document->source, document->span, document->root, SURFACE_KUBERNETES, document->arena,
                                &document->waivers, &document->findings, err);
    if (r != 0)
        return r;
    const struct source *const items[] = {document->source};
    const struct sources sources = {items, 1};
    return kubernetes_is_list(document->root) ? judge_list(document, &sources, err)
                                              : judge_object(document, &sources, err);
}

static int settle(struct document *document, struct err *err)
{
    struct outcome *outcome = document->outcome;
    int r = outcome_settle(outcome, &document->findings, &document->waivers, err);
    if (r == 0)
        r = outcome_unused(outcome, &document->waivers, document->arena, &document->findings, err);
    return r == 0 ? outcome_settle(outcome, &document->findings, NULL, err) : r;
}

static int duplicate_keys(struct document *document, const struct yaml_document *about, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < about->duplicate_count; i++) {
        const struct yaml_duplicate *duplicate = &about->duplicates[i];
        const char *message = arena_printf(document->arena, "the key '%.*s' stands twice in one mapping",
                                           STR_ARG(str_head(duplicate->key, 60)));
        if (!message)
            return err_nomem(err);
        r = outcome_syntax_at(document->outcome, (struct place){document->source, duplicate->second}, message,
                              "remove one of the two", document->arena, &document->findings, err);
    }
    return r;
}

/* A problem of one document; only want of memory or time goes on as an error. */
static int broken(struct document *document, const struct err *problem, struct err *err)
{
    if (problem->code == ERR_NOMEM || problem->code == ERR_CANCELLED || problem->code == ERR_DEADLINE) {
        *err = *problem;
        return -(int)err->code;
    }
    document->outcome->file.documents++;
    return outcome_syntax(document->outcome, document->source, problem, document->arena, &document->findings, err);
}

static int read_json(struct outcome *outcome, const struct source *source, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct document document = {.outcome = outcome, .source = source, .arena = &arena};
    document.span.len = (uint32_t)source->bytes.len;
    struct err problem = ERR_INIT;
    int r = json_parse_long(outcome->ctx, source->bytes, &arena, &document.root, &problem);
    r = r == 0 ? judge(&document, err) : broken(&document, &problem, err);
    return r == 0 ? settle(&document, err) : r;
}

static int read_document(struct document *document, struct yaml_reader *reader, bool *ret_more, struct err *err)
{
    struct err problem = ERR_INIT;
    int r = yaml_next_document(reader, document->arena, &document->root, ret_more, &problem);
    const struct yaml_document *about = yaml_document(reader);
    document->span = about->span;
    if (r != 0)
        r = broken(document, &problem, err);
    else if (document->root && document->root->kind == DATA_OBJECT)
        r = judge(document, err);
    if (r == 0)
        r = duplicate_keys(document, about, err);
    return r == 0 ? settle(document, err) : r;
}

static int read_yaml(struct outcome *outcome, const struct source *source, struct err *err)
{
    const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true, .ctx = outcome->ctx};
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err problem = ERR_INIT;
    int r = yaml_reader_new(source->bytes, &options, &reader, &problem);
    if (r != 0)
        return problem.code == ERR_NOMEM ? err_nomem(err) : outcome_not_judged(outcome, problem.message, err);
    for (bool more = true; r == 0 && more;) {
        struct document document = {.outcome = outcome, .source = source, .arena = &arena};
        r = read_document(&document, reader, &more, err);
        arena_reset(&arena);
        if (r == 0)
            r = op_check(outcome->ctx, err);
    }
    return r;
}

static bool is_json(struct str name, struct str bytes)
{
    struct str start = str_trim_left(str_head(bytes, 4096));
    return start.len && start.ptr[0] == '{' && !str_ends(name, STR(".yaml")) && !str_ends(name, STR(".yml"));
}

/* A pipe whose first command failed is empty, and must be no pass. */
static void conclude(struct outcome *outcome)
{
    if (outcome->file.documents > 0 || outcome->findings.len > 0 || outcome->file.state != REPORT_JUDGED)
        return;
    outcome->file.state = REPORT_SKIPPED;
    outcome->file.reason = STR("it holds no Kubernetes object");
}

int check_judge_kubernetes(struct outcome *outcome, struct err *err)
{
    const struct check_input *input = outcome->input;
    for (;;) {
        struct source source = {.name = outcome->file.name, .line = 1};
        int r = input->next(input->self, &source.bytes, &source.offset, &source.line, err);
        if (r == 0 && !source.bytes.ptr)
            conclude(outcome);
        if (r != 0 || !source.bytes.ptr)
            return r;
        outcome->bytes += source.bytes.len;
        outcome->cursor.source = NULL;
        r = is_json(source.name, source.bytes) ? read_json(outcome, &source, err) : read_yaml(outcome, &source, err);
        if (r != 0)
            return r;
    }
}
