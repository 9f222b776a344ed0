/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/solver.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

static bool fail(struct solver *solver, int status)
{
    if (!solver->status)
        solver->status = status;
    return false;
}

void solver_set_candidate(struct node *node, const struct package *package)
{
    node->package = *package;
    node->in_archive = true;
    node->has_candidate = true;
    node->parsed = false;
}

/* The first version of NODE's name that suits the architecture. */
static void find_candidate(struct solver *solver, struct node *node)
{
    struct packages_range range = packages_versions(solver->index, node->name);
    for (uint32_t i = 0; i < range.count; i++) {
        struct package package;
        if (!packages_get(solver->index, range.first + i, &package))
            continue;
        if (str_eq(package.architecture, STR("all")) || str_eq(package.architecture, solver->architecture)) {
            solver_set_candidate(node, &package);
            node->name = package.name; /* the index outlives the question */
            return;
        }
    }
}

struct node *solver_node(struct solver *solver, struct str name)
{
    struct node *node = map_get(&solver->nodes, name);
    if (node)
        return node;
    node = ARENA_NEW(solver->arena, struct node);
    if (node) {
        node->name = arena_str(solver->arena, name);
        find_candidate(solver, node);
    }
    if (!node || !node->name.ptr || !map_set(&solver->nodes, node->name, node)) {
        fail(solver, err_nomem(solver->err));
        return NULL;
    }
    return node;
}

/* ":any" is met by Multi-Arch: allowed alone; another qualifier must be this architecture. */
static bool qualifier_suits(const struct solver *solver, const struct relation *relation, const struct package *package)
{
    if (str_eq(relation->qualifier, STR("any")))
        return package->multi_arch == PACKAGE_MULTI_ARCH_ALLOWED;
    return relation->qualifier.len == 0 || str_eq(relation->qualifier, STR("native")) ||
           str_eq(relation->qualifier, solver->architecture);
}

typedef VEC(struct node *) node_vec;

static bool add_target(struct solver *solver, node_vec *targets, struct node *node)
{
    for (size_t i = 0; i < targets->len; i++)
        if (targets->ptr[i] == node)
            return true;
    return VEC_PUSH(targets, node) ? true : fail(solver, err_nomem(solver->err));
}

/* Adds those whose candidate provides what RELATION asks for. */
static bool add_providers(struct solver *solver, const struct relation *relation, node_vec *targets)
{
    struct packages_range range = packages_providers(solver->index, relation->name);
    for (uint32_t i = 0; i < range.count; i++) {
        struct packages_provide provide;
        struct package package;
        if (!packages_provide_get(solver->index, range.first + i, &provide) ||
            !relation_matches(relation, provide.version) || !packages_get(solver->index, provide.record, &package))
            continue;
        struct node *node = solver_node(solver, package.name);
        if (!node)
            return false;
        if (node->in_archive && node->package.record == provide.record && qualifier_suits(solver, relation, &package) &&
            !add_target(solver, targets, node))
            return false;
    }
    return true;
}

/*
 * apt's order among those that meet one relation: the package of that name, essential, important, the higher
 * priority, the later mention. (Protected ones come before all; that changes, and is the marking's business.)
 */
static int compare_targets(const void *a, const void *b, void *name)
{
    const struct node *x = *(struct node *const *)a;
    const struct node *y = *(struct node *const *)b;
    const struct str *target = name;
    bool real_x = target && str_eq(x->name, *target);
    bool real_y = target && str_eq(y->name, *target);
    if (real_x != real_y)
        return real_x ? -1 : 1;
    if (x->package.essential != y->package.essential)
        return x->package.essential ? -1 : 1;
    if (x->package.important != y->package.important)
        return x->package.important ? -1 : 1;
    if (x->package.priority != y->package.priority)
        return x->package.priority < y->package.priority ? -1 : 1;
    return x->package.rank > y->package.rank ? -1 : x->package.rank < y->package.rank;
}

static bool find_targets(struct solver *solver, struct alternative *alternative)
{
    struct relation *relation = &alternative->relation;
    struct node *real = solver_node(solver, relation->name);
    if (!real)
        return false;
    node_vec targets = {0};
    bool done = true;
    if (real->in_archive && relation_matches(relation, real->package.version) &&
        qualifier_suits(solver, relation, &real->package))
        done = add_target(solver, &targets, real);
    done = done && add_providers(solver, relation, &targets);
    alternative->excluded = real->excluded;
    for (size_t i = 0; i < targets.len; i++)
        alternative->excluded |= targets.ptr[i]->excluded;
    if (done && targets.len > 0) {
        bool any = str_eq(relation->qualifier, STR("any"));
        qsort_r(targets.ptr, targets.len, sizeof(struct node *), compare_targets, any ? NULL : &relation->name);
        alternative->targets.ptr = ARENA_ARRAY(solver->arena, targets.len, struct node *);
        done = alternative->targets.ptr ? true : fail(solver, err_nomem(solver->err));
        if (done)
            memcpy(alternative->targets.ptr, targets.ptr, targets.len * sizeof(struct node *));
        alternative->targets.len = done ? targets.len : 0;
    }
    VEC_DONE(&targets);
    return done;
}

typedef VEC(struct alternative) alternative_vec;
typedef VEC(struct group) group_vec;

/* Moves ALTERNATIVES into a new group. */
static bool add_group(struct solver *solver, group_vec *groups, alternative_vec *alternatives)
{
    struct group *group = VEC_ADD(groups);
    struct alternative *copy = ARENA_ARRAY(solver->arena, alternatives->len, struct alternative);
    if (!group || !copy)
        return fail(solver, err_nomem(solver->err));
    memcpy(copy, alternatives->ptr, alternatives->len * sizeof(*copy));
    *group = (struct group){copy, alternatives->len};
    alternatives->len = 0;
    return true;
}

static bool parse_field(struct solver *solver, const struct node *node, struct str field, group_vec *groups)
{
    alternative_vec alternatives = {0};
    bool done = true;
    while (done && field.len > 0) {
        struct alternative alternative = {0};
        int rc = relation_next(&field, &alternative.relation, solver->err);
        if (rc)
            done = fail(solver, err_wrap(solver->err, "package '%.*s'", STR_ARG(node->name)));
        else if (alternatives.len >= LIMIT_DEPENDENCY_ALTERNATIVES)
            done = fail(solver, err_set(solver->err, ERR_LIMIT, "package '%.*s' names more than %d alternatives",
                                        STR_ARG(node->name), LIMIT_DEPENDENCY_ALTERNATIVES));
        else if (alternative.relation.name.len > 0) {
            done = find_targets(solver, &alternative);
            if (done && !VEC_PUSH(&alternatives, alternative))
                done = fail(solver, err_nomem(solver->err));
            if (done && !alternative.relation.or_next)
                done = add_group(solver, groups, &alternatives);
        }
    }
    VEC_DONE(&alternatives);
    return done;
}

/* Reads FIRST and SECOND into LIST. */
static bool parse_fields(struct solver *solver, const struct node *node, struct str first, struct str second,
                         struct group_list *list)
{
    group_vec groups = {0};
    bool done = parse_field(solver, node, first, &groups) && parse_field(solver, node, second, &groups);
    struct group *copy = done ? ARENA_ARRAY(solver->arena, groups.len, struct group) : NULL;
    if (done && !copy)
        done = fail(solver, err_nomem(solver->err));
    if (done && groups.len > 0)
        memcpy(copy, groups.ptr, groups.len * sizeof(*copy));
    if (done)
        *list = (struct group_list){copy, groups.len};
    VEC_DONE(&groups);
    return done;
}

bool solver_parse(struct solver *solver, struct node *node)
{
    if (solver->status)
        return false;
    if (node->parsed || !node->in_archive)
        return true;
    const struct package *package = &node->package;
    node->parsed = parse_fields(solver, node, package->pre_depends, package->depends, &node->depends) &&
                   parse_fields(solver, node, package->conflicts, package->breaks, &node->conflicts);
    return node->parsed;
}

bool solver_group_met(const struct group *group)
{
    for (size_t i = 0; i < group->len; i++) {
        const struct alternative *alternative = &group->ptr[i];
        if (alternative->excluded)
            return true;
        for (size_t at = 0; at < alternative->targets.len; at++)
            if (alternative->targets.ptr[at]->installed)
                return true;
    }
    return false;
}

bool solver_group_hit(const struct node *node, const struct group *group)
{
    for (size_t i = 0; i < group->len; i++) {
        const struct node_list *targets = &group->ptr[i].targets;
        for (size_t at = 0; at < targets->len; at++)
            if (targets->ptr[at]->installed && targets->ptr[at] != node)
                return true;
    }
    return false;
}

bool solver_is_broken(struct solver *solver, struct node *node)
{
    if (!node->installed || !solver_parse(solver, node))
        return false;
    for (size_t i = 0; i < node->depends.len; i++)
        if (!solver_group_met(&node->depends.ptr[i]))
            return true;
    for (size_t i = 0; i < node->conflicts.len; i++)
        if (solver_group_hit(node, &node->conflicts.ptr[i]))
            return true;
    return false;
}
