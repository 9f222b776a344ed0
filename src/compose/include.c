/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `include`: another project's services, networks, volumes, secrets, configs and models are put beside the own ones.
 * What is there already has to be the same: anything else is a problem, and the own one stays.
 */
#include "compose/internal.h"

/* One entry of `include`, the short form written out. */
struct entry {
    const struct data_node *path; /* a text, or a list of them */
    const struct data_node *directory;
    const struct data_node *env_files;
};

static bool is_remote(struct str path)
{
    return str_find(path, STR("://")) < path.len || str_starts(path, STR("git@")) || str_ends(path, STR(".git")) ||
           str_starts(path, STR("github.com/"));
}

static int wrong_entry(struct compose_loader *loader, const struct data_node *node)
{
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(node),
                               "name a file: 'include: [PATH]' or 'path: PATH'", "'%s' names no file",
                               compose_path_of(loader, node));
}

/* Opens the files that ENTRY names, to SOURCES. *RET_COUNT stays 0 when one can't be read (told). */
static int open_files(struct compose_loader *loader, const struct compose_unit *unit, const struct entry *entry,
                      uint8_t sources[LIMIT_COMPOSE_SOURCES], size_t *ret_count)
{
    size_t count = 0;
    bool list = entry->path->kind == DATA_ARRAY;
    *ret_count = 0;
    for (const struct data_node *file = list ? entry->path->first : entry->path; file;
         file = list ? file->next : NULL) {
        if (file->kind != DATA_STRING || file->value.len == 0)
            return wrong_entry(loader, file);
        if ((file->flags & DATA_UNKNOWN) != 0) {
            return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, compose_at(file), NULL,
                                       "the file's name hangs on a variable that is not set: it is not read");
        }
        if (is_remote(file->value)) {
            return compose_problem_add(loader, COMPOSE_PROBLEM_FILE, compose_at(file), NULL,
                                       "'%.*s' is not fetched: what it says is not judged",
                                       STR_ARG(str_head(file->value, 300)));
        }
        struct str path = compose_path_join(loader->arena, unit->scope->directory, file->value);
        if (!path.ptr)
            return err_nomem(loader->err);
        int source;
        int r = compose_source_open(loader, path, LIMIT_COMPOSE_FILE_BYTES, false, compose_at(file), &source);
        if (r != 0 || source < 0)
            return r;
        if (count == LIMIT_COMPOSE_SOURCES)
            return wrong_entry(loader, entry->path);
        sources[count++] = (uint8_t)source;
    }
    *ret_count = count;
    return count > 0 ? 0 : wrong_entry(loader, entry->path);
}

static int in_circle(struct compose_loader *loader, const struct compose_chain *chain, const uint8_t *sources,
                     size_t count, const struct data_node *path, bool *ret_circle)
{
    *ret_circle = chain->depth >= LIMIT_COMPOSE_INCLUDE_DEPTH;
    if (*ret_circle) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(path), NULL,
                                   "more than %d files include each other", LIMIT_COMPOSE_INCLUDE_DEPTH);
    }
    for (; chain; chain = chain->up) {
        for (size_t i = 0; i < count; i++) {
            if (sources[i] != chain->source)
                continue;
            *ret_circle = true;
            return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(path),
                                       "break the circle: a file can't include itself", "'%.*s' is included by itself",
                                       STR_ARG(str_head(loader->sources.ptr[sources[i]].name, 300)));
        }
    }
    return 0;
}

static struct compose_scope *new_scope(struct compose_loader *loader, const struct compose_unit *unit,
                                       const struct entry *entry, uint8_t first)
{
    struct compose_scope *scope = compose_scope_new(loader, unit->scope);
    if (!scope)
        return NULL;
    scope->env_files = entry->env_files;
    scope->directory = loader->sources.ptr[first].directory;
    if (entry->directory)
        scope->directory = compose_path_join(loader->arena, unit->scope->directory, entry->directory->value);
    if (!scope->directory.ptr)
        err_nomem(loader->err);
    return scope->directory.ptr ? scope : NULL;
}

/* What MEMBER, included, has to say about THERE, which has its name. */
static int compare_members(struct compose_loader *loader, const struct data_node *there, const struct data_node *member)
{
    if (compose_equal(there, member))
        return 0;
    return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at_key(there),
                               "include files with names of their own, or change it with an override file",
                               "'%s' is in the included '%.*s' too, and differs", compose_path_of(loader, there),
                               STR_ARG(str_head(loader->sources.ptr[member->source].name, 300)));
}

static int put_members(struct compose_loader *loader, struct data_node *section, const struct data_node *from,
                       compose_items *items)
{
    CLEANUP_MAP struct map own = MAP_INIT;
    for (struct data_node *member = section->first; member; member = member->next)
        if (!map_set(&own, member->key, member) || !VEC_PUSH(items, member))
            return err_nomem(loader->err);
    int r = 0;
    for (struct data_node *member = from->first; member && r == 0; member = member->next) {
        const struct data_node *there = map_get(&own, member->key);
        if (there)
            r = compare_members(loader, there, member);
        else if (!VEC_PUSH(items, member))
            r = err_nomem(loader->err);
    }
    return r;
}

static int put_section(struct compose_loader *loader, struct data_node *root, struct data_node *from, const char *name)
{
    struct data_node *section = compose_member(root, name);
    if (!section || section->kind == DATA_NULL) {
        if (section)
            compose_remove(root, section);
        compose_append(root, from);
        return 0;
    }
    if (section->kind != DATA_OBJECT)
        return 0;
    compose_items items = {0};
    int r = put_members(loader, section, from, &items);
    if (r == 0)
        compose_relink(section, items.ptr, items.len);
    VEC_DONE(&items);
    return r;
}

static int put_sections(struct compose_loader *loader, struct data_node *root, const struct data_node *included)
{
    static const char *const sections[] = {"services", "volumes", "networks", "secrets", "configs", "models"};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(sections) && r == 0; i++) {
        struct data_node *from = compose_member(included, sections[i]);
        if (from && from->kind == DATA_OBJECT)
            r = put_section(loader, root, from, sections[i]);
    }
    return r;
}

static int include_entry(struct compose_loader *loader, struct compose_unit *unit, const struct data_node *node,
                         const struct compose_chain *chain)
{
    struct entry entry = {.path = node};
    if (node->kind == DATA_OBJECT) {
        entry = (struct entry){compose_member(node, "path"), compose_member(node, "project_directory"),
                               compose_member(node, "env_file")};
        if (data_absent(entry.directory) || entry.directory->kind != DATA_STRING || entry.directory->value.len == 0)
            entry.directory = NULL;
        if (data_absent(entry.env_files))
            entry.env_files = NULL;
    }
    if (data_absent(entry.path))
        return wrong_entry(loader, node);
    uint8_t sources[LIMIT_COMPOSE_SOURCES];
    size_t count;
    bool circle;
    int r = open_files(loader, unit, &entry, sources, &count);
    if (r != 0 || count == 0)
        return r;
    r = in_circle(loader, chain, sources, count, entry.path, &circle);
    if (r != 0 || circle)
        return r;
    struct compose_scope *scope = new_scope(loader, unit, &entry, sources[0]);
    if (!scope)
        return -ERR_NOMEM;
    struct data_node *included = NULL;
    r = compose_files_merge(loader, sources, count, scope, chain, &included);
    return r == 0 && included ? put_sections(loader, unit->root, included) : r;
}

int compose_include_apply(struct compose_loader *loader, struct compose_unit *unit, const struct compose_chain *chain)
{
    struct data_node *include = compose_member(unit->root, "include");
    if (!include)
        return 0;
    compose_remove(unit->root, include);
    if (include->kind == DATA_NULL)
        return 0;
    if (include->kind != DATA_ARRAY) {
        return compose_problem_add(loader, COMPOSE_PROBLEM_SYNTAX, compose_at(include), "write 'include: [PATH]'",
                                   "'include' is %s, not a list", data_kind_name(include->kind));
    }
    int r = compose_scope_load(loader, unit->scope);
    for (const struct data_node *entry = include->first; entry && r == 0; entry = entry->next)
        r = include_entry(loader, unit, entry, chain);
    return r;
}

int compose_files_merge(struct compose_loader *loader, const uint8_t *sources, size_t count,
                        struct compose_scope *scope, const struct compose_chain *chain, struct data_node **ret_root)
{
    struct data_node *merged = NULL;
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        struct compose_unit unit = {.directory = scope->directory};
        struct compose_chain link = {chain, sources[i], chain ? chain->depth + 1 : 0};
        r = compose_unit_read(loader, sources[i], scope, &unit);
        if (r == 0 && unit.root)
            r = compose_extends_apply(loader, &unit);
        if (r == 0 && unit.root)
            r = compose_include_apply(loader, &unit, &link);
        map_done(&unit.services);
        if (r == 0 && unit.root && merged)
            r = compose_merge(loader, merged, unit.root);
        else if (unit.root)
            merged = unit.root;
    }
    *ret_root = merged;
    return r;
}
