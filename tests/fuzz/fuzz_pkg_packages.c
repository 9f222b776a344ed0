/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The package index. A text gives a whole index, in which every package is found again. Taken as a block itself, or
 * (behind the line "damage") as a list of places at which a good block is spoiled, the input may give anything but a
 * read outside the block.
 */
#include "pkg/packages.h"

#include <stdlib.h>

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(struct packages *index)
{
    struct package package;
    struct packages_provide provide;
    for (uint32_t i = 0; i < index->record_count && i < 1000; i++) {
        if (!packages_get(index, i, &package))
            continue;
        (void)packages_find(index, package.name, &package);
        (void)packages_find_version(index, package.name, package.version, &package);
    }
    for (uint32_t i = 0; i < index->provide_count && i < 1000; i++)
        (void)packages_provide_get(index, i, &provide);
    (void)packages_providers(index, STR("v"));
    (void)packages_check(index, NULL);
}

static void read_text(struct str text)
{
    const struct packages_input inputs[] = {{.text = text, .name = "a"},
                                            {.text = text, .name = "b", .not_automatic = true}};
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    if (packages_build(inputs, ARRAY_LEN(inputs), &out, NULL))
        return;
    if (packages_open(buf_str(&out), &index, NULL))
        abort();
    for (uint32_t i = 0; i < index.record_count; i++) {
        struct package package;
        struct package same;
        if (!packages_get(&index, i, &package) ||
            !packages_find_version(&index, package.name, package.version, &same) || same.rank != package.rank)
            abort();
    }
    look_up(&index);
    if (index.damaged)
        abort();
}

/* Pairs of bytes of WHERE and one of WHAT spoil a small good block. */
static void read_damaged(struct str places)
{
    const struct packages_input input = {
        .text = STR("Package: a\nVersion: 1\nArchitecture: all\nFilename: f\nSize: 1\nSHA256: " HEX64
                    "\nProvides: v (= 2), w\nDepends: b\n\nPackage: b\nVersion: 2\nSource: s (3)\nArchitecture: all\n"
                    "Filename: g\nSize: 1\nSHA256: " HEX64 "\nSection: libs\nProvides: v\n"),
        .name = "good",
    };
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    if (packages_build(&input, 1, &out, NULL))
        return;
    for (size_t i = 0; i + 2 < places.len; i += 3) {
        size_t at = (size_t)(uint8_t)places.ptr[i] << 8 | (uint8_t)places.ptr[i + 1];
        out.ptr[at % out.len] = places.ptr[i + 2];
    }
    if (packages_open(buf_str(&out), &index, NULL) == 0)
        look_up(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct packages index;
    if (packages_open(text, &index, NULL) == 0)
        look_up(&index);
    if (str_starts(text, STR("damage\n")))
        read_damaged(str_skip(text, 7));
    else
        read_text(text);
    return 0;
}
