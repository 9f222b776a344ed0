/* SPDX-License-Identifier: Apache-2.0 */
/* The marking: what apt 2.6's dependency cache does when it is asked to install onto an empty system. */
#include "archive/solver.h"
#include "base/alloc.h"
#include "base/vec.h"

/* One call of install: what it may assume, and what became of it. */
struct marking {
    struct solver *solver;
    struct node *node;
    unsigned depth;
    bool from_user;
    bool protected; /* was so before the call: its decisions are passed on to what it needs */
};

static bool install(struct solver *solver, struct node *node, bool with_dependencies, bool from_user, unsigned depth);

static bool is_kept_out(const struct node *node)
{
    return node->protected && !node->installed;
}

typedef VEC(struct node *) node_vec;

/* Adds the targets of ALTERNATIVE that can still be chosen, protected ones first. */
static bool add_solutions(struct solver *solver, const struct alternative *alternative, node_vec *solutions)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < alternative->targets.len; i++) {
            struct node *node = alternative->targets.ptr[i];
            if (!node->has_candidate || node->protected != (pass == 0) || is_kept_out(node))
                continue;
            if (solutions->len > 0 && solutions->ptr[solutions->len - 1] == node)
                continue;
            if (!VEC_PUSH(solutions, node)) {
                solver->status = err_nomem(solver->err);
                return false;
            }
        }
    }
    return true;
}

static bool all_solutions(struct solver *solver, const struct group *group, node_vec *solutions)
{
    for (size_t i = 0; i < group->len; i++)
        if (!add_solutions(solver, &group->ptr[i], solutions))
            return false;
    return true;
}

/* The one node that can meet GROUP, or NULL when there are several or none. */
static struct node *only_solution(const struct group *group)
{
    struct node *only = NULL;
    for (size_t i = 0; i < group->len; i++) {
        const struct node_list *targets = &group->ptr[i].targets;
        for (size_t at = 0; at < targets->len; at++) {
            struct node *node = targets->ptr[at];
            if (!node->has_candidate || is_kept_out(node) || node == only)
                continue;
            if (only)
                return NULL;
            only = node;
        }
    }
    return only;
}

/* Tries each of the solutions in turn until one can be installed. */
static bool install_first(const struct marking *marking, const node_vec *solutions)
{
    for (size_t i = 0; i < solutions->len && !marking->solver->status; i++) {
        struct node *node = solutions->ptr[i];
        if (!node->has_candidate)
            continue;
        if (!node->installed)
            node->drawn_by = marking->node;
        if (marking->protected && solutions->len == 1) {
            if (!install(marking->solver, node, false, false, marking->depth + 1))
                continue;
            node->protected = true;
        }
        if (install(marking->solver, node, true, false, marking->depth + 1))
            return true;
    }
    return false;
}

static bool install_group(const struct marking *marking, const struct group *group)
{
    if (solver_group_met(group)) {
        struct node *only = marking->protected ? only_solution(group) : NULL;
        if (!only || only->protected || !only->installed)
            return true;
        only->protected = true;
        return install(marking->solver, only, true, false, marking->depth + 1);
    }
    node_vec solutions = {0};
    bool met = all_solutions(marking->solver, group, &solutions) && install_first(marking, &solutions);
    VEC_DONE(&solutions);
    return met;
}

/* The groups that count are those that were open when the marking began. */
static bool install_groups(const struct marking *marking, const bool *open)
{
    bool failed = false;
    const struct group_list *groups = &marking->node->depends;
    for (size_t i = 0; i < groups->len; i++) {
        if (!open[i] || install_group(marking, &groups->ptr[i]))
            continue;
        failed = true;
        if (!marking->protected && !marking->from_user)
            break;
    }
    return !failed && !marking->solver->status;
}

/* Which groups of NODE are to be looked into: those not met; all of a protected node. */
static bool *open_groups(const struct marking *marking)
{
    const struct group_list *groups = &marking->node->depends;
    bool *open = mem_calloc(groups->len, sizeof(*open));
    if (!open)
        marking->solver->status = err_nomem(marking->solver->err);
    for (size_t i = 0; open && i < groups->len; i++)
        open[i] = marking->protected || !solver_group_met(&groups->ptr[i]);
    return open;
}

/* Takes NODE out again, unless it is protected. */
static bool keep_out(struct node *node)
{
    if (node->installed && node->protected)
        return false;
    node->installed = false;
    return true;
}

/* Clears away what the node excludes: false when something protected stands in the way. */
static bool remove_conflicts(const struct marking *marking)
{
    struct node *node = marking->node;
    bool failed = false;
    for (size_t i = 0; i < node->conflicts.len; i++) {
        const struct group *group = &node->conflicts.ptr[i];
        if (!marking->protected && !solver_group_hit(node, group))
            continue;
        const struct node_list *targets = &group->ptr[0].targets;
        for (size_t at = 0; at < targets->len; at++) {
            struct node *other = targets->ptr[at];
            if (other == node || !other->has_candidate)
                continue;
            if (!keep_out(other)) {
                node->kept_out_by = other;
                failed = true;
                if (!marking->protected && !marking->from_user)
                    return false;
            } else if (marking->protected) {
                other->has_candidate = false;
                other->protected = true;
                other->kept_out_by = node;
            }
        }
    }
    return !failed;
}

/* False when a group of NODE has no candidate at all; the node's own candidate is then given up. */
static bool can_be_met(struct node *node)
{
    for (size_t i = 0; i < node->depends.len; i++) {
        const struct group *group = &node->depends.ptr[i];
        bool possible = solver_group_met(group);
        for (size_t k = 0; k < group->len && !possible; k++)
            for (size_t at = 0; at < group->ptr[k].targets.len && !possible; at++)
                possible = group->ptr[k].targets.ptr[at]->has_candidate;
        if (possible)
            continue;
        if (!node->protected)
            node->has_candidate = false;
        return false;
    }
    return true;
}

static void discard(struct node *node)
{
    node->installed = false;
    node->has_candidate = false;
}

static bool mark(struct marking *marking)
{
    struct node *node = marking->node;
    bool fail_early = !marking->protected && !marking->from_user;
    if (marking->from_user)
        node->installed = true;
    CLEANUP_MEM bool *open = open_groups(marking);
    if (!open)
        return false;
    bool cleared = remove_conflicts(marking);
    if (!cleared && fail_early)
        return false;
    node->installed = true;
    node->protected = true; /* while its dependencies are at work */
    bool met = install_groups(marking, open);
    node->protected = marking->protected;
    if (!met && fail_early)
        discard(node);
    return cleared && met;
}

/* Conflicts that undo one another could take time without end in a hostile index. */
static bool take_step(struct solver *solver)
{
    if (!solver->status && ++solver->steps > SOLVER_STEPS_MAX)
        solver->status =
            err_set(solver->err, ERR_LIMIT, "the dependencies are not resolved after %d steps", SOLVER_STEPS_MAX);
    return !solver->status;
}

static bool install(struct solver *solver, struct node *node, bool with_dependencies, bool from_user, unsigned depth)
{
    if (!take_step(solver) || depth > SOLVER_DEPTH_MAX || !node->has_candidate)
        return false;
    if (!from_user && !node->installed && node->protected)
        return false;
    if (!node->protected && node->installed && !solver_is_broken(solver, node))
        return true;
    if (!with_dependencies) {
        node->installed = true;
        return true;
    }
    if (!solver_parse(solver, node) || !can_be_met(node))
        return false;
    struct marking marking = {solver, node, depth, from_user, node->protected};
    return mark(&marking);
}

bool solver_install(struct solver *solver, struct node *node, bool with_dependencies, bool from_user)
{
    return install(solver, node, with_dependencies, from_user, 0);
}
