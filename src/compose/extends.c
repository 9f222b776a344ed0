/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `extends`: the service that is named, then what is said at the place over it. All attributes are taken over, as
 * compose-go does. A service that could not be completed keeps its `extends`, so that what it does not say is unknown.
 */
#include "compose/internal.h"

enum {
    /* Private bit of a service's data_node.flags while what it extends is looked for. */
    FLAG_OPEN = 1U << 15,
};

/* What `extends` says. */
struct target {
    const struct data_node *file; /* NULL: the same file */
    const struct data_node *service;
};

static int complete(struct compose_loader *loader, struct compose_unit *unit, struct data_node *service,
                    unsigned depth);

static int read_base(struct compose_loader *loader, struct compose_unit *unit, uint8_t source,
                     struct compose_unit **ret_base)
{
    for (size_t i = 0; i < loader->bases.len; i++) {
        struct compose_unit *base = loader->bases.ptr[i];
        if (base->source == source && base->scope == unit->scope) {
            *ret_base = base;
            return 0;
        }
    }
    struct compose_unit *base = ARENA_NEW(loader->arena, struct compose_unit);
    if (!base || !VEC_PUSH(&loader->bases, base))
        return err_nomem(loader->err);
    base->base = true;
    base->directory = loader->sources.ptr[source].directory;
    *ret_base = base;
    return compose_unit_read(loader, source, unit->scope, base);
}

/* The unit that FILE names; NULL when it can't be read (told). */
static int open_base(struct compose_loader *loader, struct compose_unit *unit, const struct data_node *file,
                     struct compose_unit **ret_base)
{
    *ret_base = NULL;
    if ((file->flags & DATA_UNKNOWN) != 0) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, compose_at(file), NULL,
                                   "the file's name hangs on a variable that is not set: it is not read");
    }
    struct str path = compose_path_join(loader->arena, unit->directory, file->value);
    if (!path.ptr)
        return err_nomem(loader->err);
    int source;
    int r = compose_source_open(loader, path, LIMIT_COMPOSE_FILE_BYTES, false, compose_at(file), &source);
    return r == 0 && source >= 0 ? read_base(loader, unit, (uint8_t)source, ret_base) : r;
}

static bool is_text(const struct data_node *node)
{
    return node && (node->kind == DATA_STRING || node->kind == DATA_NUMBER || node->kind == DATA_BOOL);
}

/* False with the problem told (or memory short, in *RET). */
static bool read_target(struct compose_loader *loader, const struct data_node *extends, struct target *ret_target,
                        int *ret)
{
    *ret_target = (struct target){NULL, extends};
    if (extends->kind == DATA_OBJECT) {
        const struct data_node *file = compose_member(extends, "file");
        *ret_target = (struct target){data_absent(file) ? NULL : file, compose_member(extends, "service")};
    }
    const struct data_node *wrong = !is_text(ret_target->service)                    ? ret_target->service
                                    : ret_target->file && !is_text(ret_target->file) ? ret_target->file
                                                                                     : NULL;
    if (!wrong && ret_target->service)
        return true;
    *ret = compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, wrong ? compose_at(wrong) : compose_at_key(extends),
                               "name a service: 'extends: {service: NAME}'", "'extends' names no service");
    return false;
}

static int not_found(struct compose_loader *loader, const struct compose_unit *target, const struct data_node *name)
{
    const struct compose_source *source = &loader->sources.ptr[target->source];
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(name), NULL,
                               "there is no service '%.*s' in '%.*s'", STR_ARG(str_head(name->value, 200)),
                               STR_ARG(str_head(source->name, 300)));
}

/* SERVICE over a copy of BASE, which is complete. */
static int put_over(struct compose_loader *loader, const struct data_node *base, struct data_node *service,
                    const struct data_node *extends)
{
    struct data_node *copy;
    int r = compose_copy(loader, base, &copy);
    if (r != 0)
        return r;
    if (!copy) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(extends), NULL,
                                   "the services that extend each other stand for more than %u values",
                                   LIMIT_COMPOSE_NODES);
    }
    compose_remove(service, extends);
    r = compose_merge_service(loader, copy, service);
    service->first = copy->first;
    service->count = copy->count;
    for (struct data_node *child = service->first; child; child = child->next)
        child->parent = service;
    return r;
}

static int find_service(struct compose_loader *loader, struct compose_unit *unit, struct str name,
                        struct data_node **ret_service)
{
    const struct data_node *services = compose_member(unit->root, "services");
    bool listed = unit->services.len > 0 || !services || services->kind != DATA_OBJECT;
    for (struct data_node *child = listed ? NULL : services->first; child; child = child->next)
        if (!map_set(&unit->services, child->key, child))
            return err_nomem(loader->err);
    *ret_service = map_get(&unit->services, name);
    return 0;
}

/* What EXTENDS of SERVICE names is complete in *RET_BASE; NULL when it can't be had (told). */
static int find_base(struct compose_loader *loader, struct compose_unit *unit, const struct data_node *extends,
                     unsigned depth, const struct data_node **ret_base)
{
    *ret_base = NULL;
    struct target target;
    int r = 0;
    if (!read_target(loader, extends, &target, &r))
        return r;
    struct compose_unit *holder = unit;
    if (target.file)
        r = open_base(loader, unit, target.file, &holder);
    if (r != 0 || !holder || !holder->root)
        return r;
    if ((target.service->flags & DATA_UNKNOWN) != 0) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, compose_at(target.service), NULL,
                                   "the service's name hangs on a variable that is not set");
    }
    struct data_node *base = NULL;
    r = find_service(loader, holder, target.service->value, &base);
    if (r != 0)
        return r;
    if (!base)
        return not_found(loader, holder, target.service);
    if (base->kind != DATA_OBJECT)
        return 0;
    if ((base->flags & FLAG_OPEN) != 0) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(target.service),
                                   "break the circle: a service can't extend itself",
                                   "'%.*s' extends itself through this service",
                                   STR_ARG(str_head(target.service->value, 200)));
    }
    r = complete(loader, holder, base, depth + 1);
    if (r == 0)
        *ret_base = base;
    return r;
}

static int complete(struct compose_loader *loader, struct compose_unit *unit, struct data_node *service, unsigned depth)
{
    const struct data_node *extends = service->kind == DATA_OBJECT ? compose_member(service, "extends") : NULL;
    /* What is inherited was looked at where it stands. */
    if (data_absent(extends) || compose_is_reset(extends) || (extends->flags & DATA_INHERITED) != 0)
        return 0;
    if (depth > LIMIT_COMPOSE_EXTENDS_DEPTH) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(extends), NULL,
                                   "more than %d services extend each other", LIMIT_COMPOSE_EXTENDS_DEPTH);
    }
    int r = op_check(loader->ctx, loader->err);
    if (r != 0)
        return r;
    const struct data_node *base = NULL;
    service->flags |= FLAG_OPEN;
    r = find_base(loader, unit, extends, depth, &base);
    service->flags &= (uint16_t)~FLAG_OPEN;
    return r == 0 && base ? put_over(loader, base, service, extends) : r;
}

int compose_extends_apply(struct compose_loader *loader, struct compose_unit *unit)
{
    const struct data_node *services = compose_member(unit->root, "services");
    int r = 0;
    for (struct data_node *service = services && services->kind == DATA_OBJECT ? services->first : NULL;
         service && r == 0; service = service->next)
        r = complete(loader, unit, service, 0);
    return r;
}
