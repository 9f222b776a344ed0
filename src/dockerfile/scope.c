/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/internal.h"

/*
 * Every variable with its definitions, grouped by stage, the latest first. A lookup walks a stage's chain of parents
 * and one variable's groups side by side: both go down in the file.
 */
struct definition {
    struct definition *older; /* of the same stage */
    uint32_t position;
    struct dockerfile_value value;
};

struct group {
    struct group *older; /* of an earlier stage */
    const struct dockerfile_stage *stage;
    struct definition *latest;
};

struct variable {
    struct variable *next; /* in the bucket */
    struct str name;
    uint64_t hash;
    struct group *env;
    struct group *args;
    struct definition *global;
};

struct dockerfile_scopes {
    struct arena *arena;
    struct variable **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
};

#define FIRST_BUCKETS 32

struct dockerfile_scopes *dockerfile_scopes_new(struct arena *arena)
{
    struct dockerfile_scopes *scopes = ARENA_NEW(arena, struct dockerfile_scopes);
    if (!scopes)
        return NULL;
    *scopes = (struct dockerfile_scopes){.arena = arena, .bucket_count = FIRST_BUCKETS};
    scopes->buckets = ARENA_ARRAY(arena, FIRST_BUCKETS, struct variable *);
    return scopes->buckets ? scopes : NULL;
}

static struct variable *find(const struct dockerfile_scopes *scopes, struct str name, uint64_t hash)
{
    struct variable *variable = scopes->buckets[hash & (scopes->bucket_count - 1)];
    while (variable && (variable->hash != hash || !str_eq(variable->name, name)))
        variable = variable->next;
    return variable;
}

static bool grow(struct dockerfile_scopes *scopes)
{
    size_t count = scopes->bucket_count * 4;
    struct variable **buckets = ARENA_ARRAY(scopes->arena, count, struct variable *);
    if (!buckets)
        return false;
    for (size_t i = 0; i < scopes->bucket_count; i++)
        for (struct variable *variable = scopes->buckets[i]; variable;) {
            struct variable *next = variable->next;
            struct variable **bucket = &buckets[variable->hash & (count - 1)];
            variable->next = *bucket;
            *bucket = variable;
            variable = next;
        }
    scopes->buckets = buckets;
    scopes->bucket_count = count;
    return true;
}

static struct variable *variable_of(struct dockerfile_scopes *scopes, struct str name)
{
    uint64_t hash = str_hash(name);
    struct variable *variable = find(scopes, name, hash);
    if (variable)
        return variable;
    if (scopes->count >= scopes->bucket_count && !grow(scopes))
        return NULL;
    variable = ARENA_NEW(scopes->arena, struct variable);
    if (!variable)
        return NULL;
    struct variable **bucket = &scopes->buckets[hash & (scopes->bucket_count - 1)];
    *variable = (struct variable){.next = *bucket, .name = name, .hash = hash};
    *bucket = variable;
    scopes->count++;
    return variable;
}

int dockerfile_scopes_define(struct dockerfile_scopes *scopes, const struct dockerfile_stage *stage, uint32_t position,
                             bool env, struct str name, const struct dockerfile_value *value, struct err *err)
{
    struct variable *variable = variable_of(scopes, name);
    struct definition *fresh = ARENA_NEW(scopes->arena, struct definition);
    if (!variable || !fresh)
        return err_nomem(err);
    *fresh = (struct definition){.position = position, .value = *value};
    struct definition **list = &variable->global;
    if (stage) {
        struct group **groups = env ? &variable->env : &variable->args;
        if (!*groups || (*groups)->stage != stage) {
            struct group *group = ARENA_NEW(scopes->arena, struct group);
            if (!group)
                return err_nomem(err);
            *group = (struct group){.older = *groups, .stage = stage};
            *groups = group;
        }
        list = &(*groups)->latest;
    }
    fresh->older = *list;
    *list = fresh;
    return 0;
}

static const struct dockerfile_value *find_in(const struct group *group, const struct dockerfile_place *place)
{
    const struct dockerfile_stage *stage = place->stage;
    for (; group; group = group->older) {
        while (stage && stage->index > group->stage->index)
            stage = stage->parent;
        if (!stage)
            return NULL;
        if (stage != group->stage)
            continue;
        const struct definition *definition = group->latest;
        while (definition && stage == place->stage && definition->position > place->position)
            definition = definition->older;
        if (definition)
            return &definition->value;
    }
    return NULL;
}

bool dockerfile_platform_arg(struct str name)
{
    static const char *const names[] = {"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
                                        "BUILDPLATFORM",  "BUILDOS",  "BUILDARCH",  "BUILDVARIANT"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}

/* Need no declaration; in upper or in lower case. */
static bool proxy_arg(struct str name)
{
    static const char *const names[] = {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_fold(name, str_z(names[i])))
            return true;
    return false;
}

struct dockerfile_value dockerfile_scopes_global(const struct dockerfile_scopes *scopes, struct str name)
{
    const struct variable *variable = find(scopes, name, str_hash(name));
    if (variable && variable->global)
        return variable->global->value;
    if (dockerfile_platform_arg(name))
        return (struct dockerfile_value){.state = DOCKERFILE_STATE_UNKNOWN};
    return (struct dockerfile_value){.state = DOCKERFILE_STATE_ABSENT};
}

struct dockerfile_value dockerfile_scopes_lookup(void *self, struct str name)
{
    const struct dockerfile_place *place = self;
    if (!place->stage)
        return dockerfile_scopes_global(place->scopes, name);
    const struct variable *variable = find(place->scopes, name, str_hash(name));
    const struct dockerfile_value *value = variable ? find_in(variable->env, place) : NULL;
    if (variable && !value)
        value = find_in(variable->args, place);
    if (value)
        return *value;
    const struct dockerfile_stage *root = place->stage->root ? place->stage->root : place->stage;
    bool base_may_set = root->base != DOCKERFILE_BASE_SCRATCH || str_eq(name, STR("PATH"));
    if (base_may_set || proxy_arg(name))
        return (struct dockerfile_value){.state = DOCKERFILE_STATE_UNKNOWN, .optional = true};
    return (struct dockerfile_value){.state = DOCKERFILE_STATE_ABSENT};
}
