/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/compose_set.h"

#include "base/limits.h"
#include "classify/classify.h"
#include "data/yaml.h"

/* In the order of preference; families as in `overrides`. */
static const char *const defaults[] = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};
static const char *const overrides[] = {"compose.override.yaml", "compose.override.yml", "docker-compose.override.yml",
                                        "docker-compose.override.yaml"};

static bool is_docker_family(struct str name)
{
    return str_starts(name, STR("docker-"));
}

/* The first of NAMES that lies beside; with FAMILY only of NAME's family. */
static const char *first_beside(struct str name, const struct compose_folder *folder, const char *const *names,
                                size_t count, bool family)
{
    bool docker = is_docker_family(name);
    for (size_t i = 0; i < count; i++)
        if ((!family || is_docker_family(str_z(names[i])) == docker) && folder->has(folder->self, names[i]))
            return names[i];
    return NULL;
}

/* A default file of the other family lies beside, to which its override files belong. */
static bool has_other_family(struct str name, const struct compose_folder *folder)
{
    bool docker = is_docker_family(name);
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (is_docker_family(str_z(defaults[i])) != docker && folder->has(folder->self, defaults[i]))
            return true;
    return false;
}

static bool is_one_of(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}

static bool has_key(const struct data_node *service, struct str key)
{
    return data_get_str(service, key) != NULL;
}

/* Some service has nothing to run: the file wants another below it. A broken file does not tell. */
static bool is_partial(struct str bytes)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    const struct yaml_options options = {.schema = YAML_COMPOSE, .list_duplicates = true};
    if (bytes.len > LIMIT_COMPOSE_FILE_BYTES) /* nobody judges it */
        return false;
    if (yaml_parse(bytes, &options, &arena, &root, NULL) < 0 || !root || root->kind != DATA_OBJECT)
        return false;
    const struct data_node *services = data_get(root, "services");
    if (!services || services->kind != DATA_OBJECT || has_key(root, STR("include")))
        return false;
    DATA_EACH(service, services)
    {
        bool whole =
            service->kind == DATA_OBJECT && (has_key(service, STR("image")) || has_key(service, STR("build")) ||
                                             has_key(service, STR("extends")) || has_key(service, STR("provider")));
        if (!whole)
            return true;
    }
    return false;
}

struct compose_set compose_set_of(struct str name, struct str bytes, bool whole, const struct compose_folder *folder)
{
    struct compose_set set = {.is_override = is_one_of(name, overrides, ARRAY_LEN(overrides))};
    if (is_one_of(name, defaults, ARRAY_LEN(defaults))) {
        set.over = first_beside(name, folder, overrides, ARRAY_LEN(overrides), true);
        if (!set.over && !has_other_family(name, folder))
            set.over = first_beside(name, folder, overrides, ARRAY_LEN(overrides), false);
    } else if (set.is_override || (classify_name(name) == NAME_COMPOSE && whole && is_partial(bytes))) {
        set.main = first_beside(name, folder, defaults, ARRAY_LEN(defaults), true);
        if (!set.main)
            set.main = first_beside(name, folder, defaults, ARRAY_LEN(defaults), false);
    }
    return set;
}
