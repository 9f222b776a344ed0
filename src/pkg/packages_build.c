/* SPDX-License-Identifier: Apache-2.0 */
/* Second half of packages_build: drafts, sorted, to the block that packages.c reads. */
#include "base/alloc.h"
#include "base/limits.h"
#include "base/vec.h"
#include "pkg/internal.h"
#include "pkg/relation.h"
#include "pkg/version.h"

#include <stdlib.h>
#include <string.h>

/* The block under construction: fixed parts, and the text that they point into. */
struct block {
    struct packages_name *names;
    size_t name_count;
    struct packages_record *records;
    size_t record_count;
    struct {
        struct packages_provided *ptr;
        size_t len;
        size_t cap;
    } provides;
    struct buf text;
};

static void block_done(struct block *block)
{
    mem_free(block->names);
    mem_free(block->records);
    VEC_DONE(&block->provides);
    buf_done(&block->text);
}

static void drafts_done(struct packages_drafts *drafts)
{
    VEC_DONE(&drafts->drafts);
    map_done(&drafts->mentions);
    map_done(&drafts->words);
}

/* By name; automatic before not; highest version first; then as in the inputs. No two drafts are equal. */
static int compare_drafts(const void *a, const void *b)
{
    const struct packages_draft *x = *(const struct packages_draft *const *)a;
    const struct packages_draft *y = *(const struct packages_draft *const *)b;
    int order = str_cmp(x->name, y->name);
    if (order)
        return order;
    order = (x->record.flags & RECORD_NOT_AUTOMATIC) - (y->record.flags & RECORD_NOT_AUTOMATIC);
    if (order)
        return order;
    order = version_compare(y->parts[PART_VERSION], x->parts[PART_VERSION]);
    if (order)
        return order;
    return x->order < y->order ? -1 : 1;
}

static int sort_drafts(const struct packages_drafts *drafts, struct packages_draft ***ret_sorted, struct err *err)
{
    struct packages_draft **sorted = mem_calloc(drafts->drafts.len, sizeof(struct packages_draft *));
    if (!sorted)
        return err_nomem(err);
    for (size_t i = 0; i < drafts->drafts.len; i++)
        sorted[i] = &drafts->drafts.ptr[i];
    qsort(sorted, drafts->drafts.len, sizeof(struct packages_draft *), compare_drafts);
    *ret_sorted = sorted;
    return 0;
}

static void add_name(struct block *block, const struct packages_draft *draft, const struct map *mentions)
{
    struct packages_name *last = block->name_count > 0 ? &block->names[block->name_count - 1] : NULL;
    if (last && str_eq(str_of(block->text.ptr + last->text, last->text_len), draft->name)) {
        last->count++;
        return;
    }
    block->names[block->name_count++] = (struct packages_name){
        .text = (uint32_t)block->text.len,
        .text_len = (uint32_t)draft->name.len,
        .first = (uint32_t)block->record_count,
        .count = 1,
        .rank = (uint32_t)((uintptr_t)map_get(mentions, draft->name) - 1),
    };
    buf_add_str(&block->text, draft->name);
}

/* The virtual names of RECORD, whose Provides stand at PROVIDES in the block's text. */
static int add_provides(struct block *block, const struct packages_draft *draft, size_t provides, uint32_t record,
                        struct err *err)
{
    struct str whole = draft->parts[PART_PROVIDES];
    struct str rest = whole;
    while (rest.len > 0) {
        struct relation relation;
        int rc = relation_next(&rest, &relation, err);
        if (rc)
            return rc;
        bool own = str_eq(relation.name, draft->name) &&
                   (relation.version.len == 0 || str_eq(relation.version, draft->parts[PART_VERSION]));
        if (relation.name.len == 0 || own || (relation.op != RELATION_ANY && relation.op != RELATION_EQUAL))
            continue;
        struct packages_provided provided = {
            .text = (uint32_t)(provides + (size_t)(relation.name.ptr - whole.ptr)),
            .text_len = (uint32_t)relation.name.len,
            .record = record,
        };
        if (relation.version.len > 0) {
            provided.version = (uint32_t)(provides + (size_t)(relation.version.ptr - whole.ptr));
            provided.version_len = (uint32_t)relation.version.len;
        }
        if (!VEC_PUSH(&block->provides, provided))
            return err_nomem(err);
    }
    return 0;
}

static int add_record(struct block *block, const struct packages_draft *draft, struct err *err)
{
    struct packages_record *record = &block->records[block->record_count];
    *record = draft->record;
    record->name = (uint32_t)(block->name_count - 1);
    record->text = (uint32_t)block->text.len;
    size_t provides = 0;
    for (size_t part = 0; part < PART_COUNT; part++) {
        size_t start = block->text.len;
        if (part == PART_PROVIDES)
            provides = start;
        if (part == PART_DIGEST)
            buf_add(&block->text, draft->digest, digest_size(draft->record.digest_algorithm));
        else
            buf_add_str(&block->text, draft->parts[part]);
        record->part_len[part] = (uint32_t)(block->text.len - start);
    }
    int rc = add_provides(block, draft, provides, (uint32_t)block->record_count, err);
    block->record_count++;
    return rc;
}

static int compare_provides(const void *a, const void *b, void *text)
{
    const struct packages_provided *x = a;
    const struct packages_provided *y = b;
    const char *bytes = text;
    int order = str_cmp(str_of(bytes + x->text, x->text_len), str_of(bytes + y->text, y->text_len));
    if (order)
        return order;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

/* Upper bound of the text, so that offsets fit into 32 bits and the buffer never moves. */
static uint64_t text_bound(const struct packages_drafts *drafts)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < drafts->drafts.len; i++) {
        const struct packages_draft *draft = &drafts->drafts.ptr[i];
        bytes += draft->name.len + DIGEST_BYTES_MAX;
        for (size_t part = 0; part < PART_COUNT; part++)
            bytes += draft->parts[part].len;
    }
    for (size_t i = 0; i < drafts->words.len; i++)
        bytes += drafts->words.entries[i].key.len;
    return bytes;
}

static int fill_block(struct block *block, const struct packages_drafts *drafts, struct err *err)
{
    size_t count = drafts->drafts.len;
    uint64_t bound = text_bound(drafts);
    if (bound > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "the package indexes hold more than 4 GiB of text");
    block->names = mem_calloc(count, sizeof(*block->names));
    block->records = mem_calloc(count, sizeof(*block->records));
    if (!block->names || !block->records || !buf_reserve(&block->text, (size_t)bound))
        return err_nomem(err);
    CLEANUP_MEM struct packages_draft **sorted = NULL;
    int rc = sort_drafts(drafts, &sorted, err);
    for (size_t i = 0; !rc && i < count; i++) {
        add_name(block, sorted[i], &drafts->mentions);
        rc = add_record(block, sorted[i], err);
    }
    if (rc)
        return rc;
    if (block->provides.len > 0)
        qsort_r(block->provides.ptr, block->provides.len, sizeof(*block->provides.ptr), compare_provides,
                block->text.ptr);
    return buf_check(&block->text, err);
}

/* The words' places; their text ends the block's text. */
static int fill_words(struct block *block, const struct map *words, struct packages_word **ret_words, struct err *err)
{
    struct packages_word *places = mem_calloc(words->len, sizeof(*places));
    if (!places)
        return err_nomem(err);
    for (size_t i = 0; i < words->len; i++) {
        places[i] = (struct packages_word){(uint32_t)block->text.len, (uint32_t)words->entries[i].key.len};
        buf_add_str(&block->text, words->entries[i].key);
    }
    *ret_words = places;
    return 0;
}

static int write_block(struct block *block, const struct map *words, struct buf *out, struct err *err)
{
    CLEANUP_MEM struct packages_word *places = NULL;
    int rc = fill_words(block, words, &places, err);
    if (rc)
        return rc;
    struct packages_header header = {
        .magic = PACKAGES_MAGIC,
        .byte_order = PACKAGES_BYTE_ORDER,
        .version = PACKAGES_VERSION,
        .name_count = (uint32_t)block->name_count,
        .record_count = (uint32_t)block->record_count,
        .provide_count = (uint32_t)block->provides.len,
        .word_count = (uint32_t)words->len,
        .text_size = block->text.len,
    };
    size_t names = block->name_count * sizeof(*block->names);
    size_t records = block->record_count * sizeof(*block->records);
    size_t provides = block->provides.len * sizeof(*block->provides.ptr);
    size_t start = out->len;
    buf_reserve(out, sizeof(header) + names + records + provides + words->len * sizeof(*places) + block->text.len);
    buf_add(out, &header, sizeof(header));
    buf_add(out, block->records, records);
    buf_add(out, block->names, names);
    buf_add(out, block->provides.ptr, provides);
    buf_add(out, places, words->len * sizeof(*places));
    buf_add_str(out, buf_str(&block->text));
    rc = buf_check(out, err);
    if (rc)
        buf_truncate(out, start);
    return rc;
}

int packages_build(const struct packages_input *inputs, size_t count, struct buf *out, struct err *err)
{
    CLEANUP(drafts_done) struct packages_drafts drafts = {0};
    CLEANUP(block_done) struct block block = {0};
    int rc = buf_check(out, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = packages_read(&inputs[i], (uint32_t)i, &drafts, err);
    if (!rc)
        rc = fill_block(&block, &drafts, err);
    return rc ? rc : write_block(&block, &drafts.words, out, err);
}
