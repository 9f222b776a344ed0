/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A closure over one hostile object that stands for every file: whatever path is asked for, odd ones find the object
 * (as a new file each time), even ones nothing; what is missing is supplied now and then. Input: a byte of choices,
 * the object. Everything must end, and edges must lead into the closure.
 */
#include "base/buf.h"
#include "elf/closure.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPENS_MAX = 3000 };

struct world {
    struct str bytes;
    unsigned choices;
    unsigned opened;
};

static bool is_odd(struct str text)
{
    unsigned sum = 0;
    for (size_t i = 0; i < text.len; i++)
        sum = sum * 31 + (unsigned char)text.ptr[i];
    return sum & 1;
}

static int world_open(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct world *world = self;
    if (path.len == 0 || path.ptr[0] != '/' || (!(world->choices & 1) && str_find(path, STR("/../")) < path.len))
        abort();
    if (++world->opened > OPENS_MAX)
        return err_set(err, ERR_CANCELLED, "enough");
    *ret_found = is_odd(path);
    ret->bytes = world->bytes;
    if (world->choices & 2)
        ret->real_path = STR("/the/only/file");
    return 0;
}

static int world_missing(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                         bool *ret_found, struct err *err)
{
    struct world *world = self;
    if (!needed_by)
        abort();
    if (++world->opened > OPENS_MAX)
        return err_set(err, ERR_CANCELLED, "enough");
    *ret_found = (world->choices & 4) && is_odd(name);
    ret->path = STR("/supplied");
    ret->bytes = world->bytes;
    return 0;
}

static void check_objects(const struct elf_closure *closure)
{
    for (size_t i = 0; i < elf_closure_count(closure); i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        if (object->edge_count != object->file->needed_count + object->file->filter_count)
            abort();
        for (size_t k = 0; k < object->edge_count && k < 8; k++) {
            const struct elf_object *to = object->edges[k].to;
            if (to && elf_closure_find(closure, object->edges[k].name) == NULL)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    struct err err = ERR_INIT;
    struct world world = {.bytes = {(const char *)data + 1, size - 1}, .choices = data[0]};
    struct elf_search search = {.style = world.choices & 8 ? ELF_SEARCH_UPSTREAM : ELF_SEARCH_DEBIAN};
    struct elf_provider provider = {
        .open = world_open, .missing = world_missing, .self = &world, .resolves_parents = world.choices & 1};
    struct elf_candidate root = {.path = STR("/opt/app/bin/app"), .bytes = world.bytes};
    if (elf_closure_new(&search, &provider, &arena, &closure, &err) ||
        elf_closure_add(closure, &root, ELF_OBJECT_PROGRAM, NULL, &err))
        return 0;
    check_objects(closure);
    const struct elf_mismatch *mismatches;
    size_t count;
    if (elf_closure_mismatches(closure, &mismatches, &count, &err))
        return 0;
    for (size_t i = 0; i < elf_closure_unresolved_count(closure); i++) {
        struct buf chain CLEANUP_BUF = BUF_INIT;
        const struct elf_unresolved *unresolved = elf_closure_unresolved_at(closure, i);
        elf_closure_chain(&chain, unresolved->name, unresolved->needed_by);
    }
    return 0;
}
