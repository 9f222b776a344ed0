/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/resolve.h"

#include "archive/solver.h"
#include "base/alloc.h"
#include "base/vec.h"

#define MEND_ROUNDS 20 /* as in apt */

static void solver_done(struct solver *solver)
{
    map_done(&solver->nodes);
}

static int set_excluded(struct solver *solver, const struct resolve_request *request)
{
    for (size_t i = 0; i < request->excluded_count; i++) {
        struct node *node = solver_node(solver, request->excluded[i]);
        if (!node)
            return solver->status;
        node->excluded = true;
    }
    return 0;
}

static int missing_package(struct solver *solver, struct str name)
{
    err_set(solver->err, ERR_PACKAGE_MISSING, "the archive has no package '%.*s'", STR_ARG(name));
    return err_hint(solver->err, "look for its name in that release, or choose another --suite");
}

static int missing_version(struct solver *solver, const struct node *node, struct str version)
{
    err_set(solver->err, ERR_PACKAGE_MISSING, "the archive has no '%.*s' %.*s", STR_ARG(node->name), STR_ARG(version));
    return err_hint(solver->err, "it has %.*s", STR_ARG(node->package.version));
}

/* The one package that provides NAME, or NULL with the error set. */
static struct node *sole_provider(struct solver *solver, struct str name)
{
    struct packages_range range = packages_providers(solver->index, name);
    struct node *sole = NULL;
    struct node *other = NULL;
    for (uint32_t i = 0; i < range.count && !other; i++) {
        struct packages_provide provide;
        struct package package;
        if (!packages_provide_get(solver->index, range.first + i, &provide) ||
            !packages_get(solver->index, provide.record, &package))
            continue;
        struct node *node = solver_node(solver, package.name);
        if (!node)
            return NULL;
        if (!node->in_archive || node->package.record != provide.record || node == sole)
            continue;
        if (sole)
            other = node;
        else
            sole = node;
    }
    if (sole && !other)
        return sole;
    if (!sole) {
        solver->status = missing_package(solver, name);
    } else {
        err_set(solver->err, ERR_PACKAGE_MISSING, "'%.*s' is a virtual package that several packages provide",
                STR_ARG(name));
        solver->status = err_hint(solver->err, "name one of them, such as '%.*s' or '%.*s'", STR_ARG(sole->name),
                                  STR_ARG(other->name));
    }
    return NULL;
}

/* The node that REQUESTED ("name", "name=version", virtual) stands for; NULL when the solver failed. */
static struct node *find_wanted(struct solver *solver, struct str requested)
{
    size_t equals = str_find_char(requested, '=');
    struct str version = str_skip(requested, equals + 1);
    struct node *node = solver_node(solver, str_head(requested, equals));
    if (!node)
        return NULL;
    if (!node->in_archive && equals == requested.len)
        return sole_provider(solver, requested);
    if (!node->in_archive) {
        solver->status = missing_package(solver, node->name);
        return NULL;
    }
    if (equals == requested.len)
        return node;
    struct package package;
    if (!packages_find_version(solver->index, node->name, version, &package)) {
        solver->status = missing_version(solver, node, version);
        return NULL;
    }
    solver_set_candidate(node, &package);
    return node;
}

/* Asked-for packages stand fast before any dependency is followed, as with apt. */
static int install_wanted(struct solver *solver, struct node **wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wanted[i]->wanted = true;
        wanted[i]->excluded = false;
        wanted[i]->protected = true;
        solver_install(solver, wanted[i], false, true);
    }
    for (size_t i = 0; i < count && !solver->status; i++)
        solver_install(solver, wanted[i], true, true);
    return solver->status;
}

/* A walk over what is installed: each package after what it depends on. */
struct walk {
    struct {
        struct step {
            struct node *node;
            size_t group; /* next to look into */
            size_t alternative;
            size_t target;
        } * ptr;
        size_t len;
        size_t cap;
    } stack;
    struct {
        struct node **ptr;
        size_t len;
        size_t cap;
    } order;
};

static void walk_done(struct walk *walk)
{
    VEC_DONE(&walk->stack);
    VEC_DONE(&walk->order);
}

/* The next installed package that the step's node depends on and that the walk hasn't seen; NULL at the end. */
static struct node *next_dependency(struct step *step)
{
    const struct group_list *groups = &step->node->depends;
    for (; step->group < groups->len; step->group++, step->alternative = 0) {
        const struct group *group = &groups->ptr[step->group];
        for (; step->alternative < group->len; step->alternative++, step->target = 0) {
            const struct node_list *targets = &group->ptr[step->alternative].targets;
            while (step->target < targets->len) {
                struct node *node = targets->ptr[step->target++];
                if (node->installed && !node->visited && !node->excluded)
                    return node;
            }
        }
    }
    return NULL;
}

static bool walk_enter(struct walk *walk, struct node *node)
{
    node->visited = true;
    return VEC_PUSH(&walk->stack, ((struct step){.node = node}));
}

static int walk_from(struct walk *walk, struct node *start, struct err *err)
{
    if (start->visited)
        return 0;
    if (!walk_enter(walk, start))
        return err_nomem(err);
    while (walk->stack.len > 0) {
        struct node *next = next_dependency(&walk->stack.ptr[walk->stack.len - 1]);
        if (next) {
            if (!walk_enter(walk, next))
                return err_nomem(err);
            continue;
        }
        if (!VEC_PUSH(&walk->order, walk->stack.ptr[walk->stack.len - 1].node))
            return err_nomem(err);
        walk->stack.len--;
    }
    return 0;
}

static int fill_result(const struct walk *walk, struct arena *arena, struct resolution *ret_resolution, struct err *err)
{
    struct resolved_package *packages = ARENA_ARRAY(arena, walk->order.len, struct resolved_package);
    if (!packages)
        return err_nomem(err);
    for (size_t i = 0; i < walk->order.len; i++) {
        const struct node *node = walk->order.ptr[i];
        packages[i].package = node->package;
        packages[i].wanted = node->wanted;
        packages[i].drawn_by = node->wanted || !node->drawn_by ? NULL : &node->drawn_by->package;
    }
    *ret_resolution = (struct resolution){packages, walk->order.len};
    return 0;
}

/* Nothing that is left may lack what it needs or meet what it excludes. */
static int check_whole(struct solver *solver, const struct walk *walk, struct node *const *wanted, size_t count)
{
    for (size_t i = 0; i < walk->order.len; i++)
        if (solver_is_broken(solver, walk->order.ptr[i]))
            return solver_explain(solver, wanted, count);
    return solver->status;
}

/* The walk over what the wanted packages lead to; what is left beside it is taken out again. */
static int walk_all(struct solver *solver, struct node *const *wanted, size_t count, struct walk *walk)
{
    walk->order.len = 0;
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++)
        rc = walk_from(walk, wanted[i], solver->err);
    for (size_t i = 0; !rc && i < solver->nodes.len; i++) {
        struct node *node = solver->nodes.entries[i].value;
        node->installed &= node->visited;
        node->visited = false;
    }
    return rc;
}

/* Installs anew what lost something that it needs to a later decision. False when none of it could be. */
static bool mend(struct solver *solver, const struct walk *walk)
{
    bool mended = false;
    for (size_t i = 0; i < walk->order.len; i++) {
        struct node *node = walk->order.ptr[i];
        if (solver_is_broken(solver, node))
            mended |= solver_install(solver, node, true, node->wanted);
    }
    return mended;
}

static int collect(struct solver *solver, struct node *const *wanted, size_t count, struct resolution *ret_resolution)
{
    CLEANUP(walk_done) struct walk walk = {0};
    int rc = walk_all(solver, wanted, count, &walk);
    bool mended = true;
    for (int round = 0; !rc && mended && round < MEND_ROUNDS; round++) {
        mended = mend(solver, &walk);
        rc = solver->status ? solver->status : walk_all(solver, wanted, count, &walk);
    }
    if (!rc)
        rc = check_whole(solver, &walk, wanted, count);
    return rc ? rc : fill_result(&walk, solver->arena, ret_resolution, solver->err);
}

int resolve_packages(const struct resolve_request *request, struct arena *arena, struct resolution *ret_resolution,
                     struct err *err)
{
    CLEANUP(solver_done)
    struct solver solver = {.index = request->index, .architecture = request->architecture, .arena = arena, .err = err};
    CLEANUP_MEM struct node **wanted = mem_calloc(request->wanted_count, sizeof(struct node *));
    if (!wanted)
        return err_nomem(err);
    int rc = set_excluded(&solver, request);
    for (size_t i = 0; !rc && i < request->wanted_count; i++) {
        wanted[i] = find_wanted(&solver, request->wanted[i]);
        rc = solver.status;
    }
    if (!rc)
        rc = install_wanted(&solver, wanted, request->wanted_count);
    struct resolution resolution = {0};
    if (!rc)
        rc = collect(&solver, wanted, request->wanted_count, &resolution);
    int damage = packages_check(request->index, err); /* it would explain a package that wasn't found */
    if (damage)
        return damage;
    if (!rc)
        *ret_resolution = resolution;
    return rc;
}
