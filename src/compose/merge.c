/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One tree over another: "Merge" of the Compose specification, in doubt as compose-go does. Mappings are merged,
 * sequences appended, other values replaced; what differs has a rule. Recursion: trees are LIMIT_YAML_DEPTH deep at
 * most, and merged trees no deeper than the deeper of the two, plus what a short form is written out to.
 */
#include "compose/internal.h"

enum { FEW_MEMBERS = 16 }; /* compared with each other; more go through a map */

/* Where a value stands. */
struct step {
    const struct step *up;
    struct str key;
};

enum rule {
    RULE_PLAIN,
    RULE_REPLACE,    /* the whole value */
    RULE_KEYED,      /* a mapping, or a list of KEY=value: by key, also where nothing is said of one */
    RULE_LIST,       /* one value or a list of them */
    RULE_HOSTS,      /* a mapping or a list, of which all entries count */
    RULE_BUILD,      /* a context, or a mapping with one */
    RULE_DEPENDS_ON, /* a list of names, or a mapping of them to conditions */
    RULE_NAMES,      /* a list of names, or a mapping of them */
    RULE_LOGGING,    /* merged when the driver is the same */
};

static const struct {
    const char *path; /* '*' is any key */
    enum rule rule;
} rules[] = {
    {"networks.*.labels", RULE_KEYED},
    {"volumes.*.labels", RULE_KEYED},
    {"services.*.annotations", RULE_KEYED},
    {"services.*.build", RULE_BUILD},
    {"services.*.build.args", RULE_KEYED},
    {"services.*.build.additional_contexts", RULE_KEYED},
    {"services.*.build.extra_hosts", RULE_HOSTS},
    {"services.*.build.labels", RULE_KEYED},
    {"services.*.command", RULE_REPLACE},
    {"services.*.depends_on", RULE_DEPENDS_ON},
    {"services.*.deploy.labels", RULE_KEYED},
    {"services.*.dns", RULE_LIST},
    {"services.*.dns_opt", RULE_LIST},
    {"services.*.dns_search", RULE_LIST},
    {"services.*.entrypoint", RULE_REPLACE},
    {"services.*.env_file", RULE_LIST},
    {"services.*.label_file", RULE_LIST},
    {"services.*.environment", RULE_KEYED},
    {"services.*.extra_hosts", RULE_HOSTS},
    {"services.*.healthcheck.test", RULE_REPLACE},
    {"services.*.labels", RULE_KEYED},
    {"services.*.logging", RULE_LOGGING},
    {"services.*.models", RULE_NAMES},
    {"services.*.networks", RULE_NAMES},
    {"services.*.sysctls", RULE_KEYED},
    {"services.*.tmpfs", RULE_LIST},
    {"services.*.ulimits.*", RULE_REPLACE},
};

static bool matches(const struct step *step, struct str pattern)
{
    for (; step; step = step->up) {
        size_t dot = str_rfind_char(pattern, '.');
        struct str last = dot < pattern.len ? str_skip(pattern, dot + 1) : pattern;
        if (!str_eq_z(last, "*") && !str_eq(last, step->key))
            return false;
        if (dot == pattern.len)
            return step->up == NULL;
        pattern = str_head(pattern, dot);
    }
    return false;
}

static enum rule rule_of(const struct step *step)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (matches(step, str_z(rules[i].path)))
            return rules[i].rule;
    return RULE_PLAIN;
}

static int merge_node(struct compose_loader *loader, struct data_node *base, struct data_node *over,
                      const struct step *step, struct data_node **ret_merged);

/* The members of a mapping that is put together. Large ones are found by `index`, to place + 1. */
struct members {
    compose_items items;
    struct map index;
};

static void members_done(struct members *members)
{
    VEC_DONE(&members->items);
    map_done(&members->index);
}

static bool add_member(struct members *members, struct data_node *node)
{
    if (!VEC_PUSH(&members->items, node))
        return false;
    size_t len = members->items.len;
    size_t first = len == FEW_MEMBERS + 1 ? 0 : len - 1;
    for (size_t i = first; len > FEW_MEMBERS && i < len; i++)
        if (!map_set(&members->index, members->items.ptr[i]->key, (void *)(uintptr_t)(i + 1)))
            return false;
    return true;
}

static struct data_node **find_member(struct members *members, struct str key)
{
    if (members->items.len > FEW_MEMBERS) {
        size_t place = (uintptr_t)map_get(&members->index, key);
        return place ? &members->items.ptr[place - 1] : NULL;
    }
    for (size_t i = 0; i < members->items.len; i++)
        if (str_eq(members->items.ptr[i]->key, key))
            return &members->items.ptr[i];
    return NULL;
}

/* Adds the members of OBJECT, of which those that are there already win or are merged with their step below STEP. */
static int add_members(struct compose_loader *loader, struct members *members, const struct data_node *object,
                       const struct step *step, bool replace)
{
    int r = 0;
    for (struct data_node *child = object->first, *next; child && r == 0; child = next) {
        next = child->next;
        struct data_node **there = find_member(members, child->key);
        if (!there) {
            if (!add_member(members, child))
                r = err_nomem(loader->err);
        } else if (replace || compose_is_reset(*there) || compose_is_reset(child) || compose_is_override(child)) {
            *there = child;
        } else {
            struct step below = {step, child->key};
            r = merge_node(loader, *there, child, &below, there);
        }
    }
    return r;
}

static int merge_members(struct compose_loader *loader, struct data_node *base, const struct data_node *over,
                         const struct step *step, bool replace)
{
    struct members members = {0};
    int r = add_members(loader, &members, base, step, true);
    if (r == 0)
        r = add_members(loader, &members, over, step, replace);
    if (r == 0)
        compose_relink(base, members.items.ptr, members.items.len);
    members_done(&members);
    return r;
}

static int append(struct compose_loader *loader, struct data_node *base, const struct data_node *over)
{
    compose_items items = {0};
    int r = 0;
    for (struct data_node *child = base->first; child && r == 0; child = child->next)
        r = VEC_PUSH(&items, child) ? 0 : err_nomem(loader->err);
    for (struct data_node *child = over->first; child && r == 0; child = child->next)
        r = VEC_PUSH(&items, child) ? 0 : err_nomem(loader->err);
    if (r == 0)
        compose_relink(base, items.ptr, items.len);
    VEC_DONE(&items);
    return r;
}

/* Short forms written out. */

static struct data_node *new_node(struct compose_loader *loader, const struct data_node *like, enum data_kind kind)
{
    struct data_node *node = ARENA_NEW(loader->arena, struct data_node);
    if (!node)
        return NULL;
    *node = (struct data_node){.kind = kind,
                               .style = kind == DATA_ARRAY || kind == DATA_OBJECT ? DATA_STYLE_FLOW : like->style,
                               .source = like->source,
                               .flags = like->flags & (DATA_INHERITED | DATA_ALIASED | DATA_MERGED),
                               .span = like->span,
                               .extra = like->extra};
    return node;
}

/* The collection KIND in place of NODE, whose key it has. */
static struct data_node *new_in_place(struct compose_loader *loader, const struct data_node *node, enum data_kind kind)
{
    struct data_node *fresh = new_node(loader, node, kind);
    if (fresh) {
        fresh->key = node->key;
        fresh->key_span = node->key_span;
    }
    return fresh;
}

/* VALUE as a list of its own; a list as it is. NULL when memory is short. */
static struct data_node *as_list(struct compose_loader *loader, struct data_node *value)
{
    if (value->kind == DATA_ARRAY)
        return value;
    struct data_node *list = new_in_place(loader, value, DATA_ARRAY);
    if (!list)
        return NULL;
    value->key = STR_NONE;
    value->key_span = (struct data_span){0, 0};
    compose_append(list, value);
    return list;
}

/* The part of ITEM's span that LEN bytes of its value from OFFSET on are written at; all of it when they are not. */
static struct data_span part_span(const struct compose_loader *loader, const struct data_node *item, size_t offset,
                                  size_t len)
{
    struct str written = data_span_text(loader->sources.ptr[item->source].bytes, item->span);
    bool quoted = item->style == DATA_STYLE_SINGLE || item->style == DATA_STYLE_DOUBLE;
    size_t start = quoted ? 1 : 0;
    if (written.len != item->value.len + 2 * start ||
        !str_eq(str_head(str_skip(written, start), item->value.len), item->value))
        return item->span;
    return (struct data_span){item->span.offset + (uint32_t)(start + offset), (uint32_t)len};
}

/* "KEY=value" as a member; "KEY" alone has no value. */
static struct data_node *as_member(struct compose_loader *loader, const struct data_node *item)
{
    bool scalar = item->kind != DATA_ARRAY && item->kind != DATA_OBJECT;
    struct str text = scalar ? item->value : STR("");
    struct str key = compose_key_of(text);
    bool valued = key.len < text.len;
    struct data_node *member = new_node(loader, item, valued ? DATA_STRING : DATA_NULL);
    if (!member)
        return NULL;
    member->flags |= item->flags & (DATA_INTERPOLATED | DATA_UNKNOWN);
    member->key = key;
    member->key_span = part_span(loader, item, 0, key.len);
    member->value = valued ? str_skip(text, key.len + 1) : STR("");
    if (valued)
        member->span = part_span(loader, item, key.len + 1, member->value.len);
    return member;
}

/* The member KEY with the static VALUE, said by ITEM. */
static bool add_said(struct compose_loader *loader, struct data_node *object, const struct data_node *item,
                     struct str key, enum data_kind kind, struct str value)
{
    struct data_node *member = new_node(loader, item, kind);
    if (!member)
        return false;
    member->key = key;
    member->key_span = item->span;
    member->value = value;
    compose_append(object, member);
    return true;
}

/* One item of a list as the member that it stands for. */
static struct data_node *as_named(struct compose_loader *loader, const struct data_node *item, enum rule rule)
{
    struct data_node *member = as_member(loader, item);
    if (!member || rule == RULE_KEYED)
        return member;
    bool condition = rule == RULE_DEPENDS_ON;
    member->key = item->value.ptr ? item->value : STR("");
    member->key_span = item->span;
    member->kind = condition ? DATA_OBJECT : DATA_NULL;
    member->value = condition ? STR_NONE : STR("");
    if (condition && (!add_said(loader, member, item, STR("condition"), DATA_STRING, STR("service_started")) ||
                      !add_said(loader, member, item, STR("required"), DATA_BOOL, STR("true"))))
        return NULL;
    return member;
}

/* A list as the mapping that it stands for. NULL when memory is short. */
static struct data_node *as_mapping(struct compose_loader *loader, struct data_node *value, enum rule rule)
{
    if (value->kind != DATA_ARRAY)
        return value;
    struct data_node *object = new_in_place(loader, value, DATA_OBJECT);
    if (!object)
        return NULL;
    struct data_node **tail = &object->first;
    for (const struct data_node *item = value->first; item; item = item->next) {
        *tail = as_named(loader, item, rule);
        if (!*tail)
            return NULL;
        (*tail)->parent = object;
        tail = &(*tail)->next;
        object->count++;
    }
    return object;
}

/* "HOST=address", as MEMBER says it with VALUE. */
static struct data_node *as_host(struct compose_loader *loader, const struct data_node *member,
                                 const struct data_node *value)
{
    struct data_node *item = new_node(loader, value, DATA_STRING);
    const char *text = arena_printf(loader->arena, "%.*s=%.*s", STR_ARG(member->key), STR_ARG(value->value));
    if (!item || !text)
        return NULL;
    item->flags |= value->flags & (DATA_INTERPOLATED | DATA_UNKNOWN);
    item->value = str_z(text);
    return item;
}

/* A mapping of hosts as a list. NULL when memory is short. */
static struct data_node *as_hosts(struct compose_loader *loader, struct data_node *value)
{
    if (value->kind != DATA_OBJECT)
        return as_list(loader, value);
    struct data_node *list = new_in_place(loader, value, DATA_ARRAY);
    struct data_node **tail = list ? &list->first : NULL;
    for (const struct data_node *member = value->first; member && list; member = member->next) {
        bool many = member->kind == DATA_ARRAY;
        for (const struct data_node *one = many ? member->first : member; one; one = many ? one->next : NULL) {
            *tail = as_host(loader, member, one);
            if (!*tail)
                return NULL;
            (*tail)->parent = list;
            tail = &(*tail)->next;
            list->count++;
        }
    }
    return list;
}

static struct data_node *as_build(struct compose_loader *loader, struct data_node *value)
{
    if (value->kind == DATA_OBJECT)
        return value;
    struct data_node *object = new_in_place(loader, value, DATA_OBJECT);
    if (!object)
        return NULL;
    value->key = STR("context");
    value->key_span = (struct data_span){value->span.offset, 0};
    compose_append(object, value);
    return object;
}

/* Merging. */

static int cannot_merge(struct compose_loader *loader, const struct data_node *base, const struct data_node *over)
{
    const struct compose_source *source = &loader->sources.ptr[base->source];
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(over), NULL,
                               "'%s' is %s here and %s in '%.*s'", compose_path_of(loader, over),
                               data_kind_name(over->kind), data_kind_name(base->kind),
                               STR_ARG(str_head(source->name, 300)));
}

static bool is_collection(const struct data_node *node)
{
    return node->kind == DATA_ARRAY || node->kind == DATA_OBJECT;
}

static int merge_plain(struct compose_loader *loader, struct data_node *base, struct data_node *over,
                       const struct step *step, struct data_node **ret_merged)
{
    *ret_merged = base;
    if (!is_collection(base)) {
        *ret_merged = over;
        return 0;
    }
    if (base->kind != over->kind)
        return cannot_merge(loader, base, over);
    return base->kind == DATA_ARRAY ? append(loader, base, over) : merge_members(loader, base, over, step, false);
}

static bool same_driver(const struct data_node *a, const struct data_node *b)
{
    const struct data_node *of_a = compose_member(a, "driver");
    const struct data_node *of_b = compose_member(b, "driver");
    return !of_a || !of_b || str_eq(of_a->value, of_b->value);
}

/* BASE and OVER brought to one form. */
static int merge_forms(struct compose_loader *loader, enum rule rule, struct data_node *base, struct data_node *over,
                       const struct step *step, struct data_node **ret_merged)
{
    bool mixed = is_collection(base) && is_collection(over) && base->kind != over->kind;
    if (rule == RULE_LIST) {
        base = as_list(loader, base);
        over = as_list(loader, over);
    } else if (rule == RULE_HOSTS) {
        base = as_hosts(loader, base);
        over = as_hosts(loader, over);
    } else if (rule == RULE_BUILD) {
        base = as_build(loader, base);
        over = as_build(loader, over);
    } else if (mixed) {
        base = as_mapping(loader, base, rule);
        over = as_mapping(loader, over, rule);
    }
    if (!base || !over)
        return err_nomem(loader->err);
    *ret_merged = base;
    if (rule == RULE_KEYED && base->kind == DATA_OBJECT && over->kind == DATA_OBJECT)
        return merge_members(loader, base, over, step, true);
    return merge_plain(loader, base, over, step, ret_merged);
}

static int merge_node(struct compose_loader *loader, struct data_node *base, struct data_node *over,
                      const struct step *step, struct data_node **ret_merged)
{
    enum rule rule = rule_of(step);
    *ret_merged = base;
    if (rule == RULE_REPLACE || base->kind == DATA_NULL ||
        (rule == RULE_LOGGING && base->kind == DATA_OBJECT && over->kind == DATA_OBJECT && !same_driver(base, over))) {
        *ret_merged = over;
        return 0;
    }
    if (over->kind == DATA_NULL)
        return 0;
    if (rule == RULE_PLAIN || rule == RULE_LOGGING)
        return merge_plain(loader, base, over, step, ret_merged);
    return merge_forms(loader, rule, base, over, step, ret_merged);
}

int compose_merge(struct compose_loader *loader, struct data_node *base, struct data_node *over)
{
    return merge_members(loader, base, over, NULL, false);
}

int compose_merge_service(struct compose_loader *loader, struct data_node *base, struct data_node *over)
{
    struct step services = {NULL, STR("services")};
    struct step service = {&services, over->key};
    return merge_members(loader, base, over, &service, false);
}
