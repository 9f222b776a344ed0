/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/kustomize.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "classify/kustomization.h"

#include <string.h>

void kustomize_done(struct kustomize *kustomize)
{
    for (size_t i = 0; i < kustomize->directories.len; i++)
        kustomization_done(kustomize->directories.entries[i].value);
    map_done(&kustomize->directories);
    map_done(&kustomize->patches);
}

/* One question. */
struct asking {
    struct kustomize *kustomize;
    const struct surroundings *around;
    struct arena *arena;
    struct str file;
    unsigned steps;
    VEC(struct image_override) images;
};

/* *RET_KUSTOMIZATION: what DIRECTORY says; NULL beyond LIMIT_DISCOVER_KUSTOMIZATIONS. */
static int find(struct asking *asking, struct str directory, struct kustomization **ret_kustomization, struct err *err)
{
    struct map *directories = &asking->kustomize->directories;
    *ret_kustomization = map_get(directories, directory);
    if (*ret_kustomization || directories->len >= LIMIT_DISCOVER_KUSTOMIZATIONS)
        return 0;
    struct kustomization *made = ARENA_NEW(asking->arena, struct kustomization);
    if (!made)
        return err_nomem(err);
    made->directory = arena_str(asking->arena, directory);
    if (!made->directory.ptr || !map_set(directories, made->directory, made))
        return err_nomem(err);
    *ret_kustomization = made;
    return kustomization_read(made, asking->around, asking->arena, &asking->kustomize->patches, err);
}

/* --- images ---------------------------------------------------------------------------------------------------- */

static int add_own_images(struct asking *asking, const struct kustomization *kustomization, struct err *err)
{
    size_t count = kustomization->images.count;
    for (size_t i = 0; i < count && asking->images.len < LIMIT_DISCOVER_KUSTOMIZE_IMAGES; i++)
        if (!VEC_PUSH(&asking->images, kustomization->images.items[i]))
            return err_nomem(err);
    return 0;
}

/* Whether there is one more to go. */
static bool step(struct asking *asking)
{
    return asking->steps++ < LIMIT_DISCOVER_KUSTOMIZE_STEPS;
}

/* The images of a kustomization come after those of its components, which see all that it has so far. */
static int add_images(struct asking *asking, struct kustomization *kustomization, unsigned depth, struct err *err)
{
    int r = 0;
    if (kustomization->images_query == asking->kustomize->query)
        return 0;
    kustomization->images_query = asking->kustomize->query;
    for (size_t i = 0; i < kustomization->component_count && r == 0 && depth > 0 && step(asking); i++) {
        struct kustomization *component = NULL;
        r = find(asking, kustomization->components[i], &component, err);
        if (r == 0 && component)
            r = add_images(asking, component, depth - 1, err);
    }
    return r == 0 ? add_own_images(asking, kustomization, err) : r;
}

static int lead(struct asking *asking, struct str directory, unsigned depth, bool *ret_listed, struct err *err);

/* Does one of DIRECTORIES lead to the file? */
static int lead_any(struct asking *asking, const struct str *directories, size_t count, unsigned depth,
                    bool *ret_listed, struct err *err)
{
    int r = 0;
    for (size_t i = 0; i < count && r == 0 && !*ret_listed && step(asking); i++)
        r = lead(asking, directories[i], depth, ret_listed, err);
    return r;
}

/* *RET_LISTED: the kustomization of DIRECTORY lists the file, itself or by others; what it does to images is added. */
static int lead(struct asking *asking, struct str directory, unsigned depth, bool *ret_listed, struct err *err)
{
    struct kustomization *kustomization = NULL;
    int r = depth > 0 ? find(asking, directory, &kustomization, err) : 0;
    *ret_listed = false;
    if (r != 0 || !kustomization || !kustomization->name || kustomization->query == asking->kustomize->query)
        return r;
    kustomization->query = asking->kustomize->query; /* each once: they may form circles */
    *ret_listed = map_has(&kustomization->files, asking->file);
    r = lead_any(asking, kustomization->bases, kustomization->base_count, depth - 1, ret_listed, err);
    if (r == 0)
        r = lead_any(asking, kustomization->components, kustomization->component_count, depth - 1, ret_listed, err);
    return r == 0 && *ret_listed ? add_images(asking, kustomization, depth - 1, err) : r;
}

/* The file's own directory and those above it, outermost first. */
static size_t directories_of(struct str absolute, struct str *directories)
{
    size_t count = 0;
    struct str directory = path_dir(absolute);
    for (; count <= LIMIT_DISCOVER_KUSTOMIZE_LEVELS && directory.len > 1; directory = path_dir(directory))
        directories[count++] = directory;
    for (size_t i = 0; i < count / 2; i++) {
        struct str other = directories[i];
        directories[i] = directories[count - 1 - i];
        directories[count - 1 - i] = other;
    }
    return count;
}

static int keep_images(struct asking *asking, struct image_overrides *ret_images, struct err *err)
{
    size_t count = asking->images.len;
    *ret_images = (struct image_overrides){0};
    struct image_overrides *last = &asking->kustomize->last;
    if (count == 0)
        return 0;
    size_t bytes = count * sizeof(*asking->images.ptr);
    if (last->count != count || memcmp(last->items, asking->images.ptr, bytes) != 0) {
        struct image_override *kept = ARENA_ARRAY(asking->arena, count, struct image_override);
        if (!kept)
            return err_nomem(err);
        memcpy(kept, asking->images.ptr, bytes);
        *last = (struct image_overrides){kept, count};
    }
    *ret_images = *last;
    return 0;
}

static int ask(struct asking *asking, struct kustomized *ret_kustomized, struct err *err)
{
    struct str directories[LIMIT_DISCOVER_KUSTOMIZE_LEVELS + 1];
    size_t count = directories_of(asking->file, directories);
    struct kustomization *kustomization = NULL;
    bool listed = false;
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) /* all of them: any may name it as a patch */
        r = find(asking, directories[i], &kustomization, err);
    asking->kustomize->query++;
    for (size_t i = 0; i < count && r == 0 && !listed; i++)
        r = lead(asking, directories[i], LIMIT_DISCOVER_KUSTOMIZE_DEPTH, &listed, err);
    ret_kustomized->patch = map_has(&asking->kustomize->patches, asking->file);
    return r == 0 ? keep_images(asking, &ret_kustomized->images, err) : r;
}

int kustomize_ask(struct kustomize *kustomize, const struct surroundings *around, struct arena *arena,
                  struct str absolute, struct kustomized *ret_kustomized, struct err *err)
{
    struct asking asking = {.kustomize = kustomize, .around = around, .arena = arena, .file = absolute};
    *ret_kustomized = (struct kustomized){0};
    if (absolute.len == 0 || absolute.ptr[0] != '/')
        return 0;
    int r = ask(&asking, ret_kustomized, err);
    VEC_DONE(&asking.images);
    return r;
}
