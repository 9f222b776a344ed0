/* SPDX-License-Identifier: Apache-2.0 */
/* Why a package can't be had: the chain of needs down to the one that the archive doesn't meet. */
#include "archive/solver.h"
#include "base/buf.h"

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
            buf_addf(out, ", and no package provides '%.*s' so", STR_ARG(relation->name));
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

/* The first group of NODE that isn't met, and the target of it to blame. */
static const struct group *failed_group(const struct node *node, struct node **ret_target)
{
    for (size_t i = 0; i < node->depends.len; i++) {
        const struct group *group = &node->depends.ptr[i];
        if (solver_group_met(group))
            continue;
        for (size_t k = 0; k < group->len; k++) {
            if (group->ptr[k].targets.len > 0) {
                *ret_target = group->ptr[k].targets.ptr[0];
                return group;
            }
        }
    }
    return NULL;
}

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

static void print_chain(struct solver *solver, struct buf *out, struct node *node)
{
    buf_addf(out, "'%.*s'", STR_ARG(node->name));
    for (int link = 0; link < CHAIN_MAX && solver_parse(solver, node); link++) {
        node->visited = true;
        const struct group *group = unmet_group(node);
        if (group) {
            buf_add_z(out, " needs ");
            print_group(out, group);
            print_present(solver, out, group);
            return;
        }
        const struct node *other = excluded_by(node);
        if (other) {
            buf_addf(out, " can't be installed together with '%.*s'", STR_ARG(other->name));
            if (other->drawn_by)
                buf_addf(out, ", which '%.*s' needs", STR_ARG(other->drawn_by->name));
            return;
        }
        struct node *target = NULL;
        group = failed_group(node, &target);
        if (!group || target->visited)
            break;
        buf_add_z(out, link > 0 ? ", which needs " : " needs ");
        print_group(out, group);
        node = target;
    }
    buf_add_z(out, " can't be installed");
}

int solver_explain(struct solver *solver, struct node *node)
{
    if (solver->status)
        return solver->status;
    CLEANUP_BUF struct buf text = BUF_INIT;
    print_chain(solver, &text, node);
    if (solver->status)
        return solver->status;
    if (text.failed)
        return err_nomem(solver->err);
    return err_set(solver->err, ERR_DEPENDENCY, "%s", buf_z(&text));
}
