/* SPDX-License-Identifier: Apache-2.0 */
/* The same bytes as METADATA, WHEEL, RECORD, direct_url.json, a name: views stay inside the text or the arena. */
#include "python/dist.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads all of it. */
static void touch(struct str text)
{
    (void)str_hash(text);
}

static void records(struct str text, struct arena *arena)
{
    struct python_record *rows;
    size_t count;
    uint8_t digest[32];
    if (python_record_read(text, arena, &rows, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].path.len == 0)
            abort();
        touch(rows[i].path);
        touch(rows[i].hash);
        (void)python_record_sha256(rows[i].hash, digest);
    }
}

static void fields(struct str text, struct arena *arena)
{
    struct python_metadata metadata;
    struct python_wheel wheel;
    if (!python_metadata_read(text, arena, &metadata, NULL)) {
        touch(metadata.name);
        touch(metadata.version);
        touch(metadata.requires_python);
        for (size_t i = 0; i < metadata.requirement_count; i++) {
            touch(metadata.requirements[i].name);
            touch(metadata.requirements[i].marker);
        }
    }
    if (!python_wheel_read(text, arena, &wheel, NULL))
        for (size_t i = 0; i < wheel.tag_count; i++)
            touch(wheel.tags[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf normal CLEANUP_BUF = BUF_INIT;
    struct str text = str_of((const char *)data, size), name, version, rest = text;
    struct python_direct_url url;
    fields(text, &arena);
    records(text, &arena);
    if (!python_direct_url_read(text, &arena, &url, NULL))
        (void)touch(url.url);
    (void)python_installer(text);
    while (python_top_level_next(&rest, &name))
        if (name.len == 0)
            abort();
    if (python_dist_directory(text, &name, &version) && name.len == 0)
        abort();
    python_dist_normalize(text, &normal);
    if (!python_dist_same(text, buf_str(&normal)))
        abort();
    return 0;
}
