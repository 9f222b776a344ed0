/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/judge.h"

#include "facts/waiver_text.h"

#include <string.h>

struct judge {
    const struct standard *standard;
    const struct rule *rule;
    enum severity configured; /* of the rule, by the configuration; its own otherwise */
    struct arena *arena;
    struct findings *findings;
    struct finding *last; /* told; NULL: none yet, or memory was short */
    const char *subject;
    const struct data_node *object;
    const struct pod *pod;           /* that is judged; NULL: a build */
    const struct workload *workload; /* of it; NULL: the pod as a whole */
    bool nomem;
    const struct op_ctx *ctx;
    unsigned steps;
};

enum { STEPS_A_CHECK = 16 }; /* of a rule at a container: a microsecond, or a millisecond in the largest pods */

/* --- what rules ask ----------------------------------------------------------------------------------------- */

const struct standard *judge_standard(const struct judge *judge)
{
    return judge->standard;
}

struct arena *judge_arena(struct judge *judge)
{
    return judge->arena;
}

bool judge_by_standard(const struct judge *judge)
{
    return judge->standard->profile == PROFILE_STANDARD;
}

bool judge_pss_since(const struct judge *judge, unsigned minor)
{
    return !judge_by_standard(judge) && judge->standard->kubernetes_minor >= minor;
}

static const struct rule_value *value_of(const struct judge *judge, const char *name)
{
    const struct rule_value *values = judge->standard->values(judge->standard, judge->rule);
    for (size_t i = 0; values && judge->rule->params[i].name; i++)
        if (strcmp(judge->rule->params[i].name, name) == 0)
            return &values[i];
    return NULL;
}

uint64_t judge_param_number(const struct judge *judge, const char *name)
{
    const struct rule_value *value = value_of(judge, name);
    return value ? value->number : 0;
}

struct rule_strings judge_param_strings(const struct judge *judge, const char *name)
{
    const struct rule_value *value = value_of(judge, name);
    return value ? value->strings : (struct rule_strings){NULL, 0};
}

/* --- what rules tell ---------------------------------------------------------------------------------------- */

struct finding *findings_add(struct findings *findings, struct arena *arena, struct err *err)
{
    if (findings->count == findings->cap) {
        size_t cap = findings->cap ? findings->cap * 2 : 16;
        struct finding *items = ARENA_ARRAY(arena, cap, struct finding);
        if (!items) {
            err_nomem(err);
            return NULL;
        }
        if (findings->count)
            memcpy(items, findings->items, findings->count * sizeof(*items));
        findings->items = items;
        findings->cap = cap;
    }
    struct finding *finding = &findings->items[findings->count++];
    *finding = (struct finding){0};
    return finding;
}

static PRINTF_LIKE(2, 0) const char *format_text(struct judge *judge, const char *format, va_list args)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_addv(&text, format, args);
    const char *copy = arena_buf(judge->arena, &text).ptr;
    if (!copy)
        judge->nomem = true;
    return copy;
}

/* The reason for which a kustomization waives the rule for the image that it names. */
static struct str waived_why(const struct judge *judge, struct place at)
{
    const struct workload *workload = judge->workload;
    const struct image_override *named = workload ? workload->image_override : NULL;
    if (!named || at.source != workload->image.fact.at.source ||
        at.span.offset != workload->image.fact.at.span.offset ||
        !waiver_text_names(named->waived, str_z(judge->rule->id)))
        return STR_NONE;
    return named->waived_why;
}

static PRINTF_LIKE(5, 0) void tell(struct judge *judge, enum finding_kind kind, enum severity severity, struct place at,
                                   const char *format, va_list args)
{
    size_t max = judge->standard->findings_max;
    judge->last = NULL;
    if (max > 0 && judge->findings->count >= max) {
        judge->findings->full = true;
        return;
    }
    const char *message = format_text(judge, format, args);
    struct err err = ERR_INIT;
    judge->last = message ? findings_add(judge->findings, judge->arena, &err) : NULL;
    if (!judge->last) {
        judge->nomem = true;
        return;
    }
    *judge->last = (struct finding){
        .rule = judge->rule,
        .kind = kind,
        .severity = severity,
        .at = at,
        .message = message,
        .subject = judge->subject,
        .object = judge->object,
        .waived_why = waived_why(judge, at),
    };
}

void judge_fail(struct judge *judge, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(judge, FINDING_FAILS, judge->configured, at, format, args);
    va_end(args);
}

void judge_fail_as(struct judge *judge, enum severity severity, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool own = judge->configured == judge->rule->severity;
    tell(judge, FINDING_FAILS, own ? severity : judge->configured, at, format, args);
    va_end(args);
}

void judge_unknown(struct judge *judge, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(judge, FINDING_UNKNOWN, judge->configured, at, format, args);
    va_end(args);
}

void judge_expect(struct judge *judge, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(judge, format, args);
    va_end(args);
    if (judge->last)
        judge->last->expected = text;
}

void judge_remedy(struct judge *judge, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(judge, format, args);
    va_end(args);
    if (judge->last)
        judge->last->remedy = text;
}

void judge_subject(struct judge *judge, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(judge, format, args);
    va_end(args);
    if (judge->last)
        judge->last->subject = text;
}

const char *judge_shown(struct judge *judge, struct place place)
{
    const char *shown = place_shown(place, judge->arena);
    judge->nomem |= shown == NULL;
    return shown ? shown : "''";
}

void judge_nomem(struct judge *judge)
{
    judge->nomem = true;
}

void judge_related(struct judge *judge, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(judge, format, args);
    va_end(args);
    struct finding *finding = judge->last;
    if (!finding || !text)
        return;
    struct finding_related *related = ARENA_ARRAY(judge->arena, finding->related_count + 1, struct finding_related);
    if (!related) {
        judge->nomem = true;
        return;
    }
    if (finding->related_count)
        memcpy(related, finding->related, finding->related_count * sizeof(*related));
    related[finding->related_count++] = (struct finding_related){at, text};
    finding->related = related;
}

/* --- keys that the platform passes over ---------------------------------------------------------------------- */

static bool is_inside(struct place place, const struct workload *workload)
{
    struct data_span outer = workload->node->span;
    return place.span.offset >= outer.offset && place.span.offset - outer.offset < outer.len;
}

/* KEY is a part of the PATH: "securityContext.capabilities.drop". */
static bool names_part(struct str path, struct str key)
{
    while (path.len > 0 && key.len > 0) {
        size_t dot = str_find_char(path, '.');
        if (str_eq(str_head(path, dot), key))
            return true;
        path = dot < path.len ? str_skip(path, dot + 1) : STR_NONE;
    }
    return false;
}

/* A key above all containers. Of what a securityContext holds there, containers take over but a part. */
static bool reaches_containers(const struct judge *judge, const struct key_problem *problem, struct str path,
                               struct str meant)
{
    for (size_t i = 0; i < judge->pod->workload_count; i++)
        if (is_inside(problem->at, judge->pod->workloads[i]))
            return false;
    if (!judge->workload)
        return true;
    return problem->kind == KEY_MISPLACED &&
           (!str_eq(meant, STR("securityContext")) || str_ends(path, STR("runAsNonRoot")));
}

/* The first key that the platform passes over, that means a part of PATH, and that is inside the container or not. */
static const struct key_problem *find_missed(const struct judge *judge, struct str path, bool inside)
{
    for (size_t i = 0; i < judge->pod->key_problem_count; i++) {
        const struct key_problem *problem = &judge->pod->key_problems[i];
        struct str meant = problem->suggestion ? str_z(problem->suggestion) : problem->key;
        if ((problem->kind != KEY_UNKNOWN && problem->kind != KEY_MISPLACED) || !names_part(path, meant))
            continue;
        if (inside ? is_inside(problem->at, judge->workload) : reaches_containers(judge, problem, path, meant))
            return problem;
    }
    return NULL;
}

const struct key_problem *judge_missed(const struct judge *judge, const struct fact *fact)
{
    if (!judge->pod || !fact->path || (fact->state != FACT_ABSENT && fact->state != FACT_DEFAULT))
        return NULL;
    const struct key_problem *own = judge->workload ? find_missed(judge, str_z(fact->path), true) : NULL;
    return own ? own : find_missed(judge, str_z(fact->path), false);
}

void judge_fact(struct judge *judge, const struct fact *fact)
{
    if (!judge->last)
        return;
    judge->last->fact = fact;
    const struct key_problem *missed = judge_missed(judge, fact);
    if (missed)
        judge_related(judge, missed->at, "the platform does not take '%.*s' here", STR_ARG(missed->key));
}

/* --- running ------------------------------------------------------------------------------------------------ */

static bool select_rule(struct judge *judge, const struct rule *rule, enum surface surface)
{
    const struct standard *standard = judge->standard;
    if (!(rule->surfaces & 1U << surface) || !(rule->profiles & 1U << standard->profile))
        return false;
    judge->rule = rule;
    judge->configured = standard->severity ? standard->severity(standard, rule) : rule->severity;
    judge->last = NULL;
    return judge->configured != SEVERITY_OFF;
}

static const char *workload_noun(enum workload_kind kind)
{
    static const char *const nouns[] = {
        [WORKLOAD_SERVICE] = "service",
        [WORKLOAD_CONTAINER] = "container",
        [WORKLOAD_INIT] = "init container",
        [WORKLOAD_SIDECAR] = "sidecar",
        [WORKLOAD_EPHEMERAL] = "ephemeral container",
    };
    return nouns[kind];
}

static const char *pod_subject(const struct pod *pod, struct arena *arena)
{
    if (pod->surface == SURFACE_COMPOSE)
        return arena_printf(arena, "service '%.*s'", STR_ARG(pod->name));
    if (pod->name.len == 0)
        return arena_z(arena, pod->kind);
    return arena_printf(arena, "%.*s '%.*s'", STR_ARG(pod->kind), STR_ARG(pod->name));
}

static const char *workload_subject(const struct workload *workload, const char *pod, struct arena *arena)
{
    if (workload->kind == WORKLOAD_SERVICE)
        return pod;
    return arena_printf(arena, "%s '%.*s' of %s", workload_noun(workload->kind), STR_ARG(workload->name), pod);
}

/* As op_check, for the steps of a judgement. */
static int check_step(struct judge *judge, struct err *err)
{
    return judge->steps++ % STEPS_A_CHECK == 0 ? op_check(judge->ctx, err) : 0;
}

int judge_build(const struct op_ctx *ctx, const struct standard *standard, const struct build *build,
                struct arena *arena, struct findings *findings, struct err *err)
{
    struct judge judge = {.standard = standard, .arena = arena, .findings = findings, .ctx = ctx};
    if (build->final_fact && !(judge.subject = arena_z(arena, build->final_fact->shown)))
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && rules[i]; i++) {
        if (rules[i]->build && select_rule(&judge, rules[i], SURFACE_DOCKERFILE))
            rules[i]->build(&judge, build);
        r = judge.nomem ? err_nomem(err) : op_check(ctx, err);
    }
    return r;
}

/* Judges each container of the pod by the judge's rule. */
static int judge_workloads(struct judge *judge, const char *const *subjects, struct err *err)
{
    const struct pod *pod = judge->pod;
    int r = 0;
    for (size_t w = 0; r == 0 && w < pod->workload_count && !judge->findings->full; w++) {
        judge->subject = subjects[w];
        judge->workload = pod->workloads[w];
        judge->last = NULL;
        judge->rule->workload(judge, pod->workloads[w]);
        r = check_step(judge, err);
    }
    return r;
}

static int judge_rules(struct judge *judge, const char *name, const char *const *subjects, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && rules[i] && !judge->findings->full; i++) {
        if (!select_rule(judge, rules[i], judge->pod->surface))
            continue;
        judge->subject = name;
        judge->workload = NULL;
        if (rules[i]->pod)
            rules[i]->pod(judge, judge->pod);
        r = check_step(judge, err);
        if (r == 0 && rules[i]->workload)
            r = judge_workloads(judge, subjects, err);
    }
    return r == 0 && judge->nomem ? err_nomem(err) : r;
}

int judge_pod(const struct op_ctx *ctx, const struct standard *standard, const struct pod *pod, struct arena *arena,
              struct findings *findings, struct err *err)
{
    struct judge judge = {
        .standard = standard, .arena = arena, .findings = findings, .object = pod->object, .pod = pod, .ctx = ctx};
    const char *name = pod_subject(pod, arena);
    const char **subjects = ARENA_ARRAY(arena, pod->workload_count + 1, const char *);
    if (!name || !subjects)
        return err_nomem(err);
    for (size_t i = 0; i < pod->workload_count; i++)
        if (!(subjects[i] = workload_subject(pod->workloads[i], name, arena)))
            return err_nomem(err);
    return judge_rules(&judge, name, subjects, err);
}
