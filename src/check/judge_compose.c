/* SPDX-License-Identifier: Apache-2.0 */
#include "check/outcome.h"
#include "facts/read.h"
#include "rules/families.h"

struct composing {
    struct outcome *outcome;
    struct arena *arena;
    struct compose_project project;
    struct sources sources;
    struct findings findings;
    struct waivers waivers;
};

static int read_given(struct composing *composing, struct compose_source **ret_given, size_t *ret_count,
                      struct err *err)
{
    const struct check_input *input = composing->outcome->input;
    size_t count = input->override_count + 1;
    struct compose_source *given = ARENA_ARRAY(composing->arena, count, struct compose_source);
    if (!given)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct check_input *one = i ? &input->overrides[i - 1] : input;
        uint64_t offset;
        uint32_t line;
        int r = one->next(one->self, &given[i].bytes, &offset, &line, err);
        if (r != 0)
            return r;
        given[i].name = one->name;
        given[i].directory = STR("");
        composing->outcome->bytes += given[i].bytes.len;
    }
    *ret_given = given;
    *ret_count = count;
    return 0;
}

static int list_sources(struct composing *composing, struct err *err)
{
    size_t count = composing->project.source_count;
    struct source *sources = ARENA_ARRAY(composing->arena, count + 1, struct source);
    const struct source **items = ARENA_ARRAY(composing->arena, count + 1, const struct source *);
    if (!sources || !items)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        sources[i] = (struct source){composing->project.sources[i].name, composing->project.sources[i].bytes, 0, 1};
        items[i] = &sources[i];
    }
    composing->sources = (struct sources){items, count};
    return 0;
}

static int problems(struct composing *composing, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < composing->project.problem_count; i++) {
        const struct compose_problem *problem = &composing->project.problems[i];
        struct place at = {composing->sources.items[problem->source], problem->span};
        if (problem->kind == COMPOSE_PROBLEM_SYNTAX)
            r = outcome_syntax_at(composing->outcome, at, problem->message, problem->hint, composing->arena,
                                  &composing->findings, err);
        else if (problem->kind == COMPOSE_PROBLEM_FILE)
            r = outcome_not_judged(composing->outcome, arena_printf(composing->arena, "in part: %s", problem->message),
                                   err);
    }
    return r;
}

/* Waivers stand in each of the files that were given. */
static int waivers(struct composing *composing, size_t given, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < given && i < composing->sources.count; i++) {
        const struct source *source = composing->sources.items[i];
        struct data_span whole = {0, (uint32_t)source->bytes.len};
        const struct data_node *root = i == 0 ? composing->project.root : NULL;
        r = waivers_of_document(source, whole, root, SURFACE_COMPOSE, composing->arena, &composing->waivers,
                                &composing->findings, err);
    }
    return r;
}

static int judge(struct composing *composing, struct err *err)
{
    const struct pod *const *pods = NULL;
    size_t count = 0;
    int r = facts_of_compose(&composing->project, &composing->sources, composing->arena, &pods, &count, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = judge_pod(composing->outcome->ctx, &composing->outcome->policy->standard, pods[i], composing->arena,
                      &composing->findings, err);
    composing->outcome->file.documents = (uint32_t)count;
    return r;
}

int check_judge_compose(struct outcome *outcome, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct composing composing = {.outcome = outcome, .arena = &arena};
    struct compose_source *given = NULL;
    size_t count = 0;
    int r = read_given(&composing, &given, &count, err);
    if (r == 0)
        r = compose_project_read(outcome->ctx, given, count,
                                 outcome->input->compose_files.read ? &outcome->input->compose_files : NULL, &arena,
                                 &composing.project, err);
    if (r == 0)
        r = list_sources(&composing, err);
    if (r == 0)
        r = problems(&composing, err);
    if (r == 0 && composing.project.root)
        r = judge(&composing, err);
    if (r == 0)
        r = waivers(&composing, count, err);
    if (r == 0)
        r = outcome_settle(outcome, &composing.findings, &composing.waivers, err);
    if (r == 0)
        r = outcome_unused(outcome, &composing.waivers, &arena, &composing.findings, err);
    return r == 0 ? outcome_settle(outcome, &composing.findings, NULL, err) : r;
}
