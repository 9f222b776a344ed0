/* SPDX-License-Identifier: Apache-2.0 */
/* Packs: the magic text, the number of modules, for each the sizes of .pyc and problem and their bytes, a SHA-256. */
#include "base/map.h"
#include "base/num.h"
#include "base/path.h"
#include "bytecode/internal.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/store.h"

#include <stdlib.h>
#include <string.h>

#define KIND "bytecode"
/* Changes whenever the same sources would make other files. */
#define FORMAT       "barehull-bytecode 1\n"
#define DIGEST_BYTES 32U

static bool is_library(struct str name)
{
    return str_eq(name, STR("site-packages")) || str_eq(name, STR("dist-packages")) ||
           str_starts(name, STR("python3."));
}

/*
 * Which sources are kept together: a package of a library directory ("/usr/lib/python3/dist-packages/django"), its
 * single modules ("/usr/lib/python3.11"), elsewhere one directory.
 */
static struct str group_name(struct str place)
{
    struct str dir = path_dir(place);
    struct str name = dir;
    for (size_t at = 0; at < dir.len;) {
        size_t slash = at + 1 + str_find_char(str_skip(dir, at + 1), '/');
        struct str part = str_head(str_skip(dir, at + 1), slash - at - 1);
        if (is_library(part)) {
            size_t next = slash < dir.len ? slash + 1 + str_find_char(str_skip(dir, slash + 1), '/') : dir.len;
            name = str_head(dir, next);
        }
        at = slash;
    }
    return name;
}

static int by_place(const void *a, const void *b)
{
    struct bytecode_item *const *left = a, *const *right = b;
    return str_cmp((*left)->source->place, (*right)->source->place);
}

static bool add_item(struct arena *arena, struct bytecode_group *group, struct bytecode_item *item)
{
    if (group->count == group->cap) {
        size_t cap = group->cap ? group->cap * 2 : 8;
        struct bytecode_item **items = ARENA_ARRAY(arena, cap, struct bytecode_item *);
        if (!items)
            return false;
        if (group->count)
            memcpy(items, group->items, group->count * sizeof(struct bytecode_item *));
        group->items = items;
        group->cap = cap;
    }
    group->items[group->count++] = item;
    return true;
}

int bytecode_group_all(struct bytecode_item *items, size_t count, struct arena *arena,
                       struct bytecode_group **ret_groups, size_t *ret_count, struct err *err)
{
    struct map names CLEANUP_MAP = MAP_INIT;
    struct bytecode_group *groups = ARENA_ARRAY(arena, count + 1, struct bytecode_group);
    if (!groups)
        return err_nomem(err);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct str name = group_name(items[i].source->place);
        void **slot = map_slot(&names, name);
        if (!slot)
            return err_nomem(err);
        if (!*slot) {
            groups[used].name = name;
            *slot = &groups[used++];
        }
        if (!add_item(arena, *slot, &items[i]))
            return err_nomem(err);
    }
    for (size_t i = 0; i < used; i++)
        qsort(groups[i].items, groups[i].count, sizeof(struct bytecode_item *), by_place);
    *ret_groups = groups;
    *ret_count = used;
    return 0;
}

static void digest_text_part(struct digester *digester, struct str text)
{
    char size[8];
    num_put_le64(size, text.len);
    digester_update(digester, size, sizeof(size));
    digester_update(digester, text.ptr, text.len);
}

static struct digest pack_digest(struct str pack)
{
    return digest_of(DIGEST_SHA256, str_head(pack, pack.len - DIGEST_BYTES));
}

static bool is_whole(struct str pack)
{
    if (pack.len < sizeof(FORMAT) - 1 + 4 + DIGEST_BYTES || !str_starts(pack, STR(FORMAT)))
        return false;
    struct digest digest = pack_digest(pack);
    return memcmp(digest.bytes, pack.ptr + pack.len - DIGEST_BYTES, DIGEST_BYTES) == 0;
}

void bytecode_group_find(struct store *store, struct str identity, unsigned version, struct bytecode_group *group)
{
    struct digester digester;
    digester_init(&digester, DIGEST_SHA256);
    digest_text_part(&digester, STR(FORMAT));
    digest_text_part(&digester, identity);
    digest_text_part(&digester, str_of((const char *)&(uint16_t){(uint16_t)version}, 2));
    for (size_t i = 0; i < group->count; i++) {
        digest_text_part(&digester, group->items[i]->source->place);
        digest_text_part(&digester, group->items[i]->source->text);
    }
    struct digest digest = digester_final(&digester);
    char hex[DIGEST_TEXT_MAX];
    memcpy(group->key, digest_hex(&digest, hex), 2 * DIGEST_BYTES + 1);
    if (!store_map(store, KIND, group->key, &group->pack))
        group->pack = STR_NONE;
    else if (!is_whole(group->pack)) {
        file_unmap(group->pack);
        group->pack = STR_NONE;
    }
}

/* The next text of PACK, which a size precedes. */
static bool next_part(struct str *pack, struct str *ret_part)
{
    if (pack->len < 4 || num_le32(pack->ptr) > pack->len - 4)
        return false;
    *ret_part = str_head(str_skip(*pack, 4), num_le32(pack->ptr));
    *pack = str_skip(*pack, 4 + ret_part->len);
    return true;
}

int bytecode_group_take(struct bytecode_group *group, struct arena *arena, bool *ret_taken, struct err *err)
{
    struct str pack = group->pack;
    *ret_taken = false;
    if (pack.len == 0)
        return 0;
    struct str rest = str_skip(str_head(pack, pack.len - DIGEST_BYTES), sizeof(FORMAT) - 1);
    bool fits = num_le32(rest.ptr) == group->count;
    rest = str_skip(rest, 4);
    int r = 0;
    for (size_t i = 0; r == 0 && fits && i < group->count; i++) {
        struct bytecode_source *source = group->items[i]->source;
        struct str pyc, problem;
        fits = next_part(&rest, &pyc) && next_part(&rest, &problem);
        if (!fits)
            break;
        source->pyc = pyc.len ? arena_str(arena, pyc) : STR_NONE;
        source->problem = problem.len ? arena_str(arena, problem) : STR_NONE;
        if ((pyc.len && !source->pyc.ptr) || (problem.len && !source->problem.ptr))
            r = err_nomem(err);
    }
    file_unmap(pack);
    group->pack = STR_NONE;
    for (size_t i = 0; i < group->count; i++) {
        group->items[i]->done = fits;
        if (!fits)
            group->items[i]->source->pyc = group->items[i]->source->problem = STR_NONE;
    }
    *ret_taken = fits;
    return r;
}

static void add_part(struct buf *pack, struct str part)
{
    char size[4];
    num_put_le32(size, (uint32_t)part.len);
    buf_add(pack, size, sizeof(size));
    buf_add_str(pack, part);
}

int bytecode_group_keep(struct store *store, const struct bytecode_group *group, struct err *err)
{
    struct buf pack CLEANUP_BUF = BUF_INIT;
    char count[4];
    num_put_le32(count, (uint32_t)group->count);
    buf_add_z(&pack, FORMAT);
    buf_add(&pack, count, sizeof(count));
    for (size_t i = 0; i < group->count; i++) {
        if (group->items[i]->lost)
            return 0;
        add_part(&pack, group->items[i]->source->pyc);
        add_part(&pack, group->items[i]->source->problem);
    }
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&pack));
    buf_add(&pack, digest.bytes, DIGEST_BYTES);
    int r = buf_check(&pack, err);
    return r == 0 ? store_put(store, KIND, group->key, buf_str(&pack), err) : r;
}
