/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SONAME index. A text gives the same block however it is cut, and every library is found again. Taken as a block
 * itself, or (behind the line "damage") as places at which a good block is spoiled, the input may give anything but a
 * read outside the block.
 */
#include "pkg/sonames.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int build(struct str text, size_t piece, struct buf *out)
{
    CLEANUP_SONAMES_BUILDER struct sonames_builder *builder = NULL;
    int rc = sonames_builder_new(STR("x86_64-linux-gnu"), &builder, NULL);
    for (; !rc && text.len > 0; text = str_skip(text, piece))
        rc = sonames_builder_feed(builder, text.ptr, str_head(text, piece).len, NULL);
    return rc ? rc : sonames_builder_finish(builder, out, NULL);
}

static void look_up(struct sonames *index)
{
    struct soname_hit hit;
    uint32_t first;
    for (uint32_t i = 0; i < index->entry_count && i < 1000; i++)
        if (sonames_get(index, i, &hit))
            (void)sonames_find(index, hit.name, &first);
    (void)sonames_find(index, STR("libc.so.6"), &first);
    (void)sonames_check(index, NULL);
}

static void read_text(struct str text)
{
    struct buf CLEANUP_BUF whole = BUF_INIT;
    struct buf CLEANUP_BUF cut = BUF_INIT;
    struct sonames index;
    if (build(text, text.len + 1, &whole) || build(text, 1 + text.len % 37, &cut))
        return;
    if (whole.len != cut.len || memcmp(whole.ptr, cut.ptr, whole.len) != 0 ||
        sonames_open(buf_str(&whole), &index, NULL))
        abort();
    for (uint32_t i = 0; i < index.entry_count; i++) {
        struct soname_hit hit;
        uint32_t first;
        if (!sonames_get(&index, i, &hit))
            abort();
        uint32_t count = sonames_find(&index, hit.name, &first);
        if (first > i || i - first >= count)
            abort();
    }
    if (index.damaged)
        abort();
}

/* Pairs of bytes of WHERE and one of WHAT spoil a small good block. */
static void read_damaged(struct str places)
{
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    if (build(STR("lib/liba.so.1 l/a,l/b\nusr/lib/x/libb.so.2 l/c\nusr/lib/libc.so.6 l/d\n"), 4096, &out))
        return;
    for (size_t i = 0; i + 2 < places.len; i += 3) {
        size_t at = (size_t)(uint8_t)places.ptr[i] << 8 | (uint8_t)places.ptr[i + 1];
        out.ptr[at % out.len] = places.ptr[i + 2];
    }
    if (sonames_open(buf_str(&out), &index, NULL) == 0)
        look_up(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct sonames index;
    if (sonames_open(text, &index, NULL) == 0)
        look_up(&index);
    if (str_starts(text, STR("damage\n")))
        read_damaged(str_skip(text, 7));
    else
        read_text(text);
    return 0;
}
