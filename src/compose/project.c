/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/project.h"

#include "base/path.h"
#include "compose/internal.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct compose_problem *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->span.offset != y->span.offset)
        return x->span.offset < y->span.offset ? -1 : 1;
    if (x->span.len != y->span.len)
        return x->span.len < y->span.len ? -1 : 1;
    return strcmp(x->message, y->message);
}

/* Problems in order, each once. */
static int keep_problems(struct compose_loader *loader, struct compose_project *project)
{
    size_t count = loader->problems.len;
    if (count == 0)
        return 0;
    struct compose_problem *problems = ARENA_ARRAY(loader->arena, count, struct compose_problem);
    if (!problems)
        return err_nomem(loader->err);
    qsort(loader->problems.ptr, count, sizeof(*problems), compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare(&problems[kept - 1], &loader->problems.ptr[i]) != 0)
            problems[kept++] = loader->problems.ptr[i];
    project->problems = problems;
    project->problem_count = kept;
    return 0;
}

static int keep_sources(struct compose_loader *loader, struct compose_project *project)
{
    size_t count = loader->sources.len;
    struct compose_source *sources = ARENA_ARRAY(loader->arena, count, struct compose_source);
    if (!sources)
        return err_nomem(loader->err);
    memcpy(sources, loader->sources.ptr, count * sizeof(*sources));
    project->sources = sources;
    project->source_count = count;
    return 0;
}

/* What has to be a mapping; the rest is for who reads the values. */
static int check_services(struct compose_loader *loader, const struct data_node *root)
{
    const struct data_node *services = compose_member(root, "services");
    if (!services) {
        const struct compose_asker at =
            root->first ? compose_at_key(root->first) : (struct compose_asker){root->source, {root->span.offset, 0}};
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, at, "list the services under 'services:'",
                                   "the project has no 'services'");
    }
    if (services->kind != DATA_OBJECT) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at_key(services),
                                   "list the services as 'NAME:' under it", "'services' is %s, not a mapping",
                                   data_kind_name(services->kind));
    }
    int r = 0;
    for (const struct data_node *service = services->first; service && r == 0; service = service->next)
        if (service->kind != DATA_OBJECT)
            r = compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at_key(service),
                                    "give it at least an 'image' or a 'build'", "'%s' is %s, not a mapping",
                                    compose_path_of(loader, service), data_kind_name(service->kind));
    return r;
}

static int add_given(struct compose_loader *loader, const struct compose_source *given, size_t count)
{
    if (count > LIMIT_COMPOSE_SOURCES) {
        return err_set(loader->err, ERR_LIMIT, "a project of %zu files has more than %d", count, LIMIT_COMPOSE_SOURCES);
    }
    for (size_t i = 0; i < count; i++) {
        struct str path = compose_path_join(loader->arena, given[i].directory, path_base(given[i].name));
        struct compose_source source = given[i];
        if (!path.ptr || !VEC_PUSH(&loader->sources, source) || !VEC_PUSH(&loader->paths, path))
            return err_nomem(loader->err);
    }
    return 0;
}

static int read_project(struct compose_loader *loader, size_t count, struct compose_project *project)
{
    struct compose_scope *scope = compose_scope_new(loader, NULL);
    if (!scope)
        return -ERR_NOMEM;
    uint8_t sources[LIMIT_COMPOSE_SOURCES];
    for (size_t i = 0; i < count; i++)
        sources[i] = (uint8_t)i;
    struct data_node *root = NULL;
    int r = compose_files_merge(loader, sources, count, scope, NULL, &root);
    if (r == 0 && root && loader->has_reset)
        compose_prune(root);
    if (r == 0 && root)
        r = compose_make_unique(loader, root);
    if (r == 0 && root)
        r = check_services(loader, root);
    if (r == 0)
        r = keep_problems(loader, project);
    if (r == 0)
        r = keep_sources(loader, project);
    project->root = root;
    project->incomplete = loader->incomplete;
    return r;
}

static void loader_done(struct compose_loader *loader)
{
    for (struct compose_scope *scope = loader->scopes; scope; scope = scope->next)
        map_done(&scope->variables);
    for (size_t i = 0; i < loader->bases.len; i++)
        map_done(&loader->bases.ptr[i]->services);
    VEC_DONE(&loader->sources);
    VEC_DONE(&loader->paths);
    VEC_DONE(&loader->problems);
    VEC_DONE(&loader->bases);
}

int compose_project_read(const struct op_ctx *ctx, const struct compose_source *given, size_t given_count,
                         const struct compose_files *files, struct arena *arena, struct compose_project *ret_project,
                         struct err *err)
{
    struct compose_loader loader = {.ctx = ctx,
                                    .files = files,
                                    .arena = arena,
                                    .err = err,
                                    .expansion_budget = LIMIT_COMPOSE_EXPANDED_BYTES,
                                    .read_budget = LIMIT_COMPOSE_READ_BYTES,
                                    .unit_budget = LIMIT_COMPOSE_UNITS,
                                    .node_budget = LIMIT_COMPOSE_NODES};
    struct compose_project project = {0};
    int r = given_count > 0 ? add_given(&loader, given, given_count) : err_set(err, ERR_INVALID, "no file is given");
    if (r == 0)
        r = read_project(&loader, given_count, &project);
    loader_done(&loader);
    if (r == 0)
        *ret_project = project;
    return r;
}

bool compose_bool(const struct data_node *node, bool *ret_value)
{
    static const char *const yes[] = {"y", "yes", "true", "on"};
    static const char *const no[] = {"n", "no", "false", "off"};
    if (!node || (node->kind != DATA_BOOL && node->kind != DATA_STRING) || (node->flags & DATA_UNKNOWN) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool is_yes = str_eq_fold(node->value, str_z(yes[i]));
        if (is_yes || str_eq_fold(node->value, str_z(no[i]))) {
            *ret_value = is_yes;
            return true;
        }
    }
    return false;
}
