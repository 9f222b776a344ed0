/* SPDX-License-Identifier: Apache-2.0 */
#include "image/contents.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "elf/ldcache.h"
#include "image/internal.h"
#include "io/reader.h"

#include <string.h>

/* Where a content lies: the key of `captured`. */
struct place {
    uint64_t offset_bytes;
    uint32_t layer;
    uint32_t zero;
};

struct reading {
    const struct op_ctx *ctx;
    struct image_contents *contents;
    uint64_t captured_bytes;
};

static bool is_record(struct str path)
{
    return path_is_below(path, STR("var/lib/dpkg/status.d")) || str_eq(path, STR("var/lib/dpkg/status")) ||
           (path_is_below(path, STR("var/lib/dpkg/info")) && str_ends(path, STR(".list")));
}

static bool is_wanted_text(struct str path)
{
    return is_record(path) || str_eq(path, STR("usr/lib/os-release")) || str_eq(path, STR("etc/os-release")) ||
           str_eq(path, STR("etc/ld.so.cache")) || str_eq(path, STR("etc/passwd"));
}

static int capture(struct reading *reading, uint32_t layer, const struct tar_entry *entry, struct reader *content,
                   struct err *err)
{
    struct image_contents *contents = reading->contents;
    char magic[4];
    size_t got = 0;
    int r = 0;
    while (r == 0 && got < sizeof(magic)) {
        size_t more;
        r = reader_read(content, magic + got, sizeof(magic) - got, &more, err);
        if (r < 0)
            return r;
        if (more == 0)
            break;
        got += more;
    }
    bool is_elf = got == sizeof(magic) && memcmp(magic, "\177ELF", sizeof(magic)) == 0;
    if (!is_elf && !is_wanted_text(entry->node.path))
        return 0;
    if (entry->node.size_bytes > IMAGE_CAPTURE_BYTES - reading->captured_bytes) {
        contents->truncated = true;
        return 0;
    }
    reading->captured_bytes += entry->node.size_bytes;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    buf_add(&bytes, magic, got);
    r = reader_read_all(content, entry->node.size_bytes, &bytes, err);
    if (r < 0)
        return r;
    struct arena *arena = reading->ctx->arena;
    struct place place = {.offset_bytes = entry->offset_bytes, .layer = layer};
    struct str key = arena_str(arena, str_of((const char *)&place, sizeof(place)));
    struct str *kept = ARENA_NEW(arena, struct str);
    if (bytes.failed || !key.ptr || !kept)
        return err_nomem(err);
    *kept = arena_take_buf(arena, &bytes);
    return kept->ptr && map_set(&contents->captured, key, kept) ? 0 : err_nomem(err);
}

static int visit_entry(void *self, size_t layer, const struct tar_entry *entry, struct reader *content, struct err *err)
{
    struct reading *reading = self;
    struct image_layer_count *count = &reading->contents->layers[layer];
    count->entries++;
    if (entry->node.type == TREE_HARDLINK)
        count->files++;
    if (entry->node.type != TREE_FILE || !content)
        return 0;
    count->files++;
    count->unpacked_bytes += entry->node.size_bytes;
    return capture(reading, (uint32_t)layer, entry, content, err);
}

int image_contents_read(const struct op_ctx *ctx, struct oci_image *image, struct image_contents *ret_contents,
                        struct err *err)
{
    struct image_contents contents = {.image = image, .arena = ctx->arena};
    contents.layers = ARENA_ARRAY(ctx->arena, image->layer_count + 1, struct image_layer_count);
    if (!contents.layers)
        return err_nomem(err);
    struct reading reading = {.ctx = ctx, .contents = &contents};
    struct oci_layer_visitor visitor = {.entry = visit_entry, .self = &reading};
    int r = oci_image_tree(image, 0, &visitor, ctx, ctx->arena, &contents.tree, err);
    if (r == 0)
        r = image_packages_read(&contents, err);
    if (r < 0) {
        image_contents_done(&contents);
        return r;
    }
    const struct tree_node *os_release = tree_lookup(contents.tree, STR("/etc/os-release"));
    if (!os_release || !image_contents_bytes(&contents, os_release, &contents.os_release))
        contents.os_release = STR_NONE;
    if (contents.truncated)
        op_warn(ctx, "the image holds more ELF files than %llu MB; some were not looked into",
                (unsigned long long)(IMAGE_CAPTURE_BYTES / 1000000));
    *ret_contents = contents;
    return 0;
}

void image_contents_done(struct image_contents *contents)
{
    tree_free(contents->tree);
    map_done(&contents->owners);
    map_done(&contents->captured);
    contents->tree = NULL;
}

bool image_contents_bytes(const struct image_contents *contents, const struct tree_node *node, struct str *ret_bytes)
{
    if (!node || node->type != TREE_FILE || !node->place)
        return false;
    const struct oci_file *file = node->place;
    struct place place = {.offset_bytes = file->offset_bytes, .layer = file->layer};
    const struct str *kept = map_get(&contents->captured, str_of((const char *)&place, sizeof(place)));
    if (!kept)
        return false;
    *ret_bytes = *kept;
    return true;
}

const struct image_package *image_contents_owner(const struct image_contents *contents, struct str path)
{
    return map_get(&contents->owners, path);
}

struct str image_contents_os(const struct image_contents *contents, struct str key)
{
    struct str rest = contents->os_release;
    struct str line;
    while (str_next_line(&rest, &line)) {
        size_t equals = str_find_char(line, '=');
        if (equals == line.len || !str_eq(str_head(line, equals), key))
            continue;
        struct str value = str_trim(str_skip(line, equals + 1));
        if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') && value.ptr[value.len - 1] == value.ptr[0])
            value = str_of(value.ptr + 1, value.len - 2);
        return value;
    }
    return STR_NONE;
}

static int open_in_image(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    const struct image_contents *contents = self;
    const struct tree_node *node = tree_lookup(contents->tree, path);
    struct str bytes;
    *ret_found = image_contents_bytes(contents, node, &bytes);
    if (!*ret_found)
        return 0;
    char *real = arena_printf(contents->arena, "/%.*s", STR_ARG(node->path));
    *ret = (struct elf_candidate){.path = path, .real_path = str_z(real), .bytes = bytes};
    return real ? 0 : err_nomem(err);
}

int image_contents_closure(const struct image_contents *contents, struct str path, struct elf_closure **ret_closure,
                           struct err *err)
{
    *ret_closure = NULL;
    const struct tree_node *node = tree_lookup(contents->tree, path);
    struct str bytes;
    struct elf_file file;
    struct err ignored = ERR_INIT;
    if (!image_contents_bytes(contents, node, &bytes) || elf_read(bytes, contents->arena, &file, &ignored) < 0 ||
        !elf_is_program(&file))
        return 0;
    struct elf_ldcache cache;
    const struct tree_node *cache_node = tree_lookup(contents->tree, STR("/etc/ld.so.cache"));
    struct str cache_bytes;
    bool has_cache = image_contents_bytes(contents, cache_node, &cache_bytes) &&
                     elf_ldcache_read(cache_bytes, contents->arena, &cache, &ignored) == 0;
    struct elf_search search = {.machine = file.machine,
                                .style = ELF_SEARCH_DEBIAN,
                                .working_dir = contents->image->config.working_dir,
                                .cache = has_cache ? &cache : NULL};
    if (has_cache) {
        struct elf_ldcache *kept = ARENA_NEW(contents->arena, struct elf_ldcache);
        if (!kept)
            return err_nomem(err);
        *kept = cache;
        search.cache = kept;
    }
    struct elf_provider provider = {
        .open = open_in_image, .resolves_parents = true, .self = (void *)(uintptr_t)contents};
    struct elf_closure *closure = NULL;
    int r = elf_closure_new(&search, &provider, contents->arena, &closure, err);
    char *real = arena_printf(contents->arena, "/%.*s", STR_ARG(node->path));
    struct elf_candidate root = {.path = str_z(real), .bytes = bytes};
    if (r == 0 && !real)
        r = err_nomem(err);
    if (r == 0)
        r = elf_closure_add(closure, &root, ELF_OBJECT_PROGRAM, NULL, err);
    if (r < 0) {
        elf_closure_free(closure);
        return r;
    }
    *ret_closure = closure;
    return 0;
}
