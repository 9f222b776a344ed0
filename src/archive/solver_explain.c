/* SPDX-License-Identifier: Apache-2.0 */
/* Why a package can't be had: the chain of needs down to the one that the archive doesn't meet. */
#include "archive/solver.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/vec.h"

#define CHAIN_MAX 24 /* links told */

static void print_group(struct buf *out, const struct group *group)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < group->len; i++) {
        if (i > 0)
            buf_add_z(out, " | ");
        relation_print(out, &group->ptr[i].relation);
    }
    buf_add_char(out, '\'');
}

/* What the archive has in place of what GROUP asks for. */
static void print_present(struct solver *solver, struct buf *out, const struct group *group)
{
    for (size_t i = 0; i < group->len; i++) {
        const struct relation *relation = &group->ptr[i].relation;
        struct node *real = solver_node(solver, relation->name);
        if (real && real->in_archive) {
            buf_addf(out, ", and the archive has '%.*s' %.*s", STR_ARG(real->name), STR_ARG(real->package.version));
            return;
        }
        if (packages_providers(solver->index, relation->name).count > 0) {
            buf_addf(out, ", and no package provides '%.*s' in such a version", STR_ARG(relation->name));
            return;
        }
    }
    buf_addf(out, ", and the archive has no '%.*s'", STR_ARG(group->ptr[0].relation.name));
}

/* The first group of NODE that nothing in the archive can meet. */
static const struct group *unmet_group(const struct node *node)
{
    for (size_t i = 0; i < node->depends.len; i++) {
        const struct group *group = &node->depends.ptr[i];
        bool possible = solver_group_met(group);
        for (size_t k = 0; k < group->len && !possible; k++)
            possible = group->ptr[k].targets.len > 0;
        if (!possible)
            return group;
    }
    return NULL;
}

/* What stands in NODE's way: something installed that it excludes, or what excludes it. */
static const struct node *excluded_by(const struct node *node)
{
    for (size_t i = 0; i < node->conflicts.len; i++) {
        const struct node_list *targets = &node->conflicts.ptr[i].ptr[0].targets;
        for (size_t at = 0; at < targets->len; at++)
            if (targets->ptr[at] != node && targets->ptr[at]->installed)
                return targets->ptr[at];
    }
    return node->kept_out_by;
}

typedef VEC(struct node *) node_vec;

static bool enqueue(struct solver *solver, node_vec *queue, struct node *node, struct node *via)
{
    if (node->visited)
        return true;
    node->visited = true;
    node->via = via;
    if (VEC_PUSH(queue, node))
        return true;
    solver->status = err_nomem(solver->err);
    return false;
}

/* Enters what NODE depends on: of a group that is met what meets it, of another all that might have. */
static bool enqueue_needs(struct solver *solver, node_vec *queue, struct node *node)
{
    for (size_t i = 0; i < node->depends.len; i++) {
        const struct group *group = &node->depends.ptr[i];
        bool met = solver_group_met(group);
        for (size_t k = 0; k < group->len; k++) {
            const struct node_list *targets = &group->ptr[k].targets;
            for (size_t at = 0; at < targets->len; at++)
                if ((!met || targets->ptr[at]->installed) && !enqueue(solver, queue, targets->ptr[at], node))
                    return false;
        }
    }
    return true;
}

/* The node nearest to those that were asked for which by itself tells what is wrong; NULL when there is none. */
static struct node *find_cause(struct solver *solver, struct node *const *wanted, size_t count, node_vec *queue)
{
    for (size_t i = 0; i < count; i++)
        if (!enqueue(solver, queue, wanted[i], NULL))
            return NULL;
    for (size_t i = 0; i < queue->len; i++) {
        struct node *node = queue->ptr[i];
        if (!solver_parse(solver, node))
            return NULL;
        if (unmet_group(node) || excluded_by(node))
            return node;
        if (!enqueue_needs(solver, queue, node))
            return NULL;
    }
    return NULL;
}

/* The group of NODE that TARGET is an answer to. */
static const struct group *group_of(const struct node *node, const struct node *target)
{
    for (size_t i = 0; i < node->depends.len; i++) {
        const struct group *group = &node->depends.ptr[i];
        for (size_t k = 0; k < group->len; k++)
            for (size_t at = 0; at < group->ptr[k].targets.len; at++)
                if (group->ptr[k].targets.ptr[at] == target)
                    return group;
    }
    return NULL;
}

/* "'a' needs 'b', which needs 'c'": how CAUSE was come to. Returns what joins its own fault to that. */
static const char *print_chain(struct buf *out, const struct node *cause)
{
    const struct node *chain[CHAIN_MAX] = {cause};
    size_t len = 1;
    for (; len < CHAIN_MAX && chain[len - 1]->via; len++)
        chain[len] = chain[len - 1]->via;
    buf_addf(out, "'%.*s'", STR_ARG(chain[len - 1]->name));
    for (size_t i = len - 1; i > 0; i--) {
        const struct group *group = group_of(chain[i], chain[i - 1]);
        buf_add_z(out, i == len - 1 ? " needs " : ", which needs ");
        if (group)
            print_group(out, group);
    }
    return len == 1 ? "" : ", which";
}

static void print_cause(struct solver *solver, struct buf *out, const struct node *cause)
{
    const char *joint = print_chain(out, cause);
    const struct group *group = unmet_group(cause);
    if (group) {
        buf_addf(out, "%s needs ", joint);
        print_group(out, group);
        print_present(solver, out, group);
        return;
    }
    const struct node *other = excluded_by(cause);
    if (!other) {
        buf_addf(out, "%s can't be installed", joint);
        return;
    }
    buf_addf(out, "%s can't be installed together with '%.*s'", joint, STR_ARG(other->name));
    if (!other->wanted && other->drawn_by)
        buf_addf(out, ", which '%.*s' needs", STR_ARG(other->drawn_by->name));
}

int solver_explain(struct solver *solver, struct node *const *wanted, size_t count)
{
    node_vec queue = {0};
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct node *cause = find_cause(solver, wanted, count, &queue);
    VEC_DONE(&queue);
    if (solver->status)
        return solver->status;
    print_cause(solver, &text, cause ? cause : wanted[0]);
    if (solver->status)
        return solver->status;
    if (text.failed)
        return err_nomem(solver->err);
    return err_set(solver->err, ERR_DEPENDENCY, "%s", buf_z(&text));
}
