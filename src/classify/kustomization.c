/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/kustomization.h"

#include "base/limits.h"
#include "base/path.h"
#include "data/yaml.h"
#include "facts/waiver_text.h"

void kustomization_done(struct kustomization *kustomization)
{
    map_done(&kustomization->files);
}

struct reading {
    struct kustomization *kustomization;
    struct arena *arena; /* for what is kept */
    struct map *patches;
};

/* *RET_PATH: where the path that NODE names leads; empty when it names none. */
static int resolve(struct reading *reading, const struct data_node *node, struct str *ret_path, struct err *err)
{
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    *ret_path = STR("");
    /* A patch may be written out in the place of a file's name. */
    if (!node || node->kind != DATA_STRING || node->value.len == 0 || str_has_char(node->value, '\n'))
        return 0;
    if (!path_normalize(&absolute, reading->kustomization->directory, node->value))
        return buf_check(&absolute, err);
    struct str kept = absolute.failed ? STR_NONE : arena_str(reading->arena, buf_str(&absolute));
    if (!kept.ptr)
        return err_nomem(err);
    *ret_path = kept;
    return 0;
}

/* --- patches --------------------------------------------------------------------------------------------------- */

static int add_patch(struct reading *reading, const struct data_node *node, struct err *err)
{
    struct str path;
    int r = resolve(reading, node, &path, err);
    if (r == 0 && path.len > 0 && !map_set(reading->patches, path, reading->kustomization))
        r = err_nomem(err);
    return r;
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

/* --- what it lists --------------------------------------------------------------------------------------------- */

static bool is_file(struct str path)
{
    return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) || str_ends(path, STR(".json"));
}

/* The paths of LIST: files become listed, directories are given. */
static int read_list(struct reading *reading, const struct data_node *list, struct str *directories, size_t *count,
                     struct err *err)
{
    int r = 0;
    DATA_EACH(item, list)
    {
        struct str path;
        if (r == 0)
            r = resolve(reading, item, &path, err);
        if (r != 0 || path.len == 0)
            continue;
        if (!is_file(path))
            directories[(*count)++] = path;
        else if (!map_set(&reading->kustomization->files, path, reading->kustomization))
            r = err_nomem(err);
    }
    return r;
}

static const struct data_node *list_of(const struct data_node *root, const char *key, size_t *count)
{
    const struct data_node *list = data_get(root, key);
    if (!list || list->kind != DATA_ARRAY)
        return NULL;
    *count += list->count;
    return list;
}

static int read_lists(struct reading *reading, const struct data_node *root, struct err *err)
{
    struct kustomization *kustomization = reading->kustomization;
    size_t base_max = 0, component_max = 0;
    const struct data_node *resources = list_of(root, "resources", &base_max);
    const struct data_node *bases = list_of(root, "bases", &base_max); /* its name before there were directories */
    const struct data_node *components = list_of(root, "components", &component_max);
    struct str *base_paths = ARENA_ARRAY(reading->arena, base_max + 1, struct str);
    struct str *component_paths = ARENA_ARRAY(reading->arena, component_max + 1, struct str);
    if (!base_paths || !component_paths)
        return err_nomem(err);
    int r = read_list(reading, resources, base_paths, &kustomization->base_count, err);
    if (r == 0)
        r = read_list(reading, bases, base_paths, &kustomization->base_count, err);
    if (r == 0)
        r = read_list(reading, components, component_paths, &kustomization->component_count, err);
    kustomization->bases = base_paths;
    kustomization->components = component_paths;
    return r;
}

/* --- images ---------------------------------------------------------------------------------------------------- */

/* A tag like 1.2 is a number to YAML: its text counts, as it does for kustomize. */
static int read_text(struct reading *reading, const struct data_node *image, const char *key, struct str *ret_text,
                     struct err *err)
{
    const struct data_node *node = data_get(image, key);
    *ret_text = STR("");
    if (!node || (node->kind != DATA_STRING && node->kind != DATA_NUMBER) || node->value.len == 0)
        return 0;
    *ret_text = arena_str(reading->arena, node->value);
    return ret_text->ptr ? 0 : err_nomem(err);
}

static int read_image(struct reading *reading, const struct data_node *node, struct image_override *image,
                      struct err *err)
{
    const struct {
        const char *key;
        struct str *text;
    } members[] = {
        {"name", &image->name}, {"newName", &image->new_name}, {"newTag", &image->new_tag}, {"digest", &image->digest}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(members) && r == 0; i++)
        r = read_text(reading, node, members[i].key, members[i].text, err);
    return r;
}

static size_t behind(const struct data_node *node)
{
    return node->span.offset + node->span.len;
}

/* The first exception in the comments from *FROM on to the end of the line on which NODE ends, which is the next's. */
static int read_waiver(struct reading *reading, struct str bytes, size_t *from, const struct data_node *node,
                       struct image_override *image, struct err *err)
{
    size_t end = *from;
    DATA_EACH(member, node)
    end = behind(member) > end ? behind(member) : end;
    end += str_find_char(str_skip(bytes, end), '\n');
    struct str lines = str_head(str_skip(bytes, *from), end - *from), line, rules, why;
    *from = end;
    while (str_next_line(&lines, &line)) {
        if (!waiver_text_read(str_skip(line, str_find(line, STR("# barehull:"))), &rules, &why))
            continue;
        image->waived = arena_str(reading->arena, rules);
        image->waived_why = arena_str(reading->arena, why);
        return image->waived.ptr && image->waived_why.ptr ? 0 : err_nomem(err);
    }
    return 0;
}

static int read_images(struct reading *reading, struct str bytes, const struct data_node *root, struct err *err)
{
    struct kustomization *kustomization = reading->kustomization;
    size_t count = 0;
    const struct data_node *list = list_of(root, "images", &count);
    if (!list)
        return 0;
    struct image_override *images = ARENA_ARRAY(reading->arena, count + 1, struct image_override);
    const char *file =
        arena_printf(reading->arena, "%.*s/%s", STR_ARG(path_base(kustomization->directory)), kustomization->name);
    int r = images && file ? 0 : err_nomem(err);
    size_t taken = 0, from = list->key_span.offset;
    DATA_EACH(item, list)
    {
        if (r != 0)
            break;
        images[taken] = (struct image_override){.file = str_z(file)};
        r = read_image(reading, item, &images[taken], err);
        if (r == 0)
            r = read_waiver(reading, bytes, &from, item, &images[taken], err);
        taken += r == 0 && images[taken].name.len > 0;
    }
    if (r == 0)
        kustomization->images = (struct image_overrides){images, taken};
    return r;
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static int read_named(struct reading *reading, const struct surroundings *around, const char *name, bool *ret_found,
                      struct err *err)
{
    static const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    struct err problem = ERR_INIT;
    const struct data_node *root = NULL;
    int r = around->read(around->self, reading->kustomization->directory, name, LIMIT_DISCOVER_KUSTOMIZATION_BYTES,
                         &bytes, &problem);
    *ret_found = r == 0;
    if (r == 0)
        r = yaml_parse(buf_str(&bytes), &options, &arena, &root, &problem);
    if (r < 0)
        return problem.code == ERR_NOMEM ? err_nomem(err) : 0;
    reading->kustomization->name = name;
    r = read_patches(reading, root, err);
    if (r == 0)
        r = read_lists(reading, root, err);
    return r == 0 ? read_images(reading, buf_str(&bytes), root, err) : r;
}

/* The first of the names that kustomize takes. */
int kustomization_read(struct kustomization *kustomization, const struct surroundings *around, struct arena *arena,
                       struct map *patches, struct err *err)
{
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    struct reading reading = {kustomization, arena, patches};
    bool found = false;
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(names) && r == 0 && !found; i++)
        r = read_named(&reading, around, names[i], &found, err);
    return r;
}
