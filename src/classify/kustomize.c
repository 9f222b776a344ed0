/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/kustomize.h"

#include "base/limits.h"
#include "base/path.h"
#include "data/yaml.h"

void kustomize_done(struct kustomize *kustomize)
{
    map_done(&kustomize->directories);
    map_done(&kustomize->patches);
}

/* What a kustomization reads: its own directory, and where the paths it names are kept. */
struct reading {
    struct kustomize *kustomize;
    const struct surroundings *around;
    struct arena *arena;
    struct str directory;
};

static int add_patch(struct reading *reading, const struct data_node *path, struct err *err)
{
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    /* A patch may be written out in the place of a file's name. */
    if (!path || path->kind != DATA_STRING || path->value.len == 0 || str_has_char(path->value, '\n'))
        return 0;
    if (!path_normalize(&absolute, reading->directory, path->value))
        return buf_check(&absolute, err);
    struct str kept = arena_str(reading->arena, buf_str(&absolute));
    bool added = !absolute.failed && kept.ptr && map_set(&reading->kustomize->patches, kept, reading->kustomize);
    return added ? 0 : err_nomem(err);
}

static int read_patches(struct reading *reading, const struct data_node *root, struct err *err)
{
    static const struct {
        const char *key;
        bool objects;
    } lists[] = {{"patches", true}, {"patchesJson6902", true}, {"patchesStrategicMerge", false}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const struct data_node *list = data_get(root, lists[i].key);
        if (!list || list->kind != DATA_ARRAY)
            continue;
        DATA_EACH(item, list)
        {
            if (r == 0)
                r = add_patch(reading, lists[i].objects ? data_get(item, "path") : item, err);
        }
    }
    return r;
}

static int read_kustomization(struct reading *reading, const char *name, bool *ret_found, struct err *err)
{
    static const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    struct err problem = ERR_INIT;
    const struct data_node *root = NULL;
    int r = reading->around->read(reading->around->self, reading->directory, name, LIMIT_DISCOVER_KUSTOMIZATION_BYTES,
                                  &bytes, &problem);
    *ret_found = r == 0;
    if (r == 0)
        r = yaml_parse(buf_str(&bytes), &options, &arena, &root, &problem);
    if (r < 0)
        return problem.code == ERR_NOMEM ? err_nomem(err) : 0;
    return read_patches(reading, root, err);
}

/* The first of the names that kustomize takes. */
static int read_directory(struct reading *reading, struct err *err)
{
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    bool found = false;
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(names) && r == 0 && !found; i++)
        r = read_kustomization(reading, names[i], &found, err);
    return r;
}

int kustomize_is_patch(struct kustomize *kustomize, const struct surroundings *around, struct arena *arena,
                       struct str absolute, bool *ret_patch, struct err *err)
{
    struct str directory = path_dir(absolute);
    *ret_patch = false;
    if (absolute.len == 0 || absolute.ptr[0] != '/')
        return 0;
    for (unsigned level = 0; level <= LIMIT_DISCOVER_KUSTOMIZE_LEVELS && directory.len > 1; level++) {
        if (!map_has(&kustomize->directories, directory)) {
            struct reading reading = {kustomize, around, arena, arena_str(arena, directory)};
            if (!reading.directory.ptr || !map_set(&kustomize->directories, reading.directory, kustomize))
                return err_nomem(err);
            int r = read_directory(&reading, err);
            if (r < 0)
                return r;
        }
        directory = path_dir(directory);
    }
    *ret_patch = map_has(&kustomize->patches, absolute);
    return 0;
}
