/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/solver.h - the inside of archive/resolve.h: what is known of each package, and the marking of packages.
 *
 * A node is a name of the index with its candidate; it is made when something first asks for the name. A node's
 * groups are its dependencies (alternatives in order) and its conflicts, parsed when the node is first looked into;
 * an alternative's targets are the nodes whose candidate meets it. All belongs to the arena.
 *
 * A node is in one of these states: nothing; installed; protected (a decision that marking can't undo); protected and
 * not installed (kept out for good). A candidate can be discarded, never regained: so marking ends.
 *
 * `status` sticks: memory that ran short, a relation that can't be read, a damaged index. Marking then stops soon.
 */
#include "archive/resolve.h"
#include "base/map.h"
#include "pkg/relation.h"

#define SOLVER_DEPTH_MAX 3000    /* of a chain of dependencies; apt's own bound */
#define SOLVER_STEPS_MAX 1000000 /* calls of install; a whole desktop takes about ten thousand */

struct node;

struct node_list {
    struct node **ptr;
    size_t len;
};

struct alternative {
    struct relation relation;
    struct node_list targets; /* apt's order of preference, as far as it never changes */
    bool excluded;            /* met by what counts as there */
};

struct group {
    struct alternative *ptr;
    size_t len;
};

struct group_list {
    struct group *ptr;
    size_t len;
};

struct node {
    struct str name;
    struct package package; /* the candidate, when in_archive */
    bool in_archive;
    bool has_candidate; /* in_archive and not discarded */
    bool installed;
    bool protected;
    bool excluded;
    bool wanted;
    bool parsed;
    bool visited;                /* by the walk at work */
    struct node *drawn_by;       /* NULL for a wanted one */
    struct node *via;            /* the way to it, when a failure is explained */
    struct node *kept_out_by;    /* whose conflict discarded the candidate */
    struct group_list depends;   /* Pre-Depends, then Depends */
    struct group_list conflicts; /* one alternative each: Conflicts, then Breaks */
};

struct solver {
    struct packages *index;
    struct str architecture;
    struct arena *arena;
    struct map nodes; /* by name */
    uint32_t steps;   /* taken so far */
    int status;
    struct err *err;
};

/* The node of NAME, made if need be; NULL only when the solver failed. */
struct node *solver_node(struct solver *solver, struct str name);

/* Makes RECORD the candidate of its node. */
void solver_set_candidate(struct node *node, const struct package *package);

/* Reads the candidate's relations. False when the solver failed. */
bool solver_parse(struct solver *solver, struct node *node);

/* True when what is installed (or counts as there) meets GROUP. */
bool solver_group_met(const struct group *group);

/* True when the conflict GROUP of NODE touches something installed. */
bool solver_group_hit(const struct node *node, const struct group *group);

/* Marks NODE for installation with all it needs. FROM_USER: asked for, not drawn in. */
bool solver_install(struct solver *solver, struct node *node, bool with_dependencies, bool from_user);

/* True when NODE is installed and something that it needs is not, or something that it excludes is. */
bool solver_is_broken(struct solver *solver, struct node *node);

/* Says why the COUNT (at least one) WANTED can't be had: ERR_DEPENDENCY with the chain of needs. Its negative. */
int solver_explain(struct solver *solver, struct node *const *wanted, size_t count);
