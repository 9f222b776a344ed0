/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document, read as a manifest, an index and a config. What reads is written and must read again; what is written
 * twice is the same; an index takes an entry and keeps its others.
 */
#include "oci/config.h"
#include "oci/index.h"
#include "oci/manifest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_manifest(struct str bytes, struct arena *arena)
{
    struct oci_manifest manifest, again;
    CLEANUP_BUF struct buf first = BUF_INIT;
    CLEANUP_BUF struct buf second = BUF_INIT;
    if (oci_manifest_read(bytes, arena, &manifest, NULL) != 0)
        return;
    require(oci_manifest_write(&manifest, &first, NULL) == 0);
    require(oci_manifest_read(buf_str(&first), arena, &again, NULL) == 0);
    require(oci_manifest_write(&again, &second, NULL) == 0);
    require(str_eq(buf_str(&first), buf_str(&second)));
}

static void check_index(struct str bytes, struct arena *arena)
{
    struct oci_index index, merged;
    CLEANUP_BUF struct buf first = BUF_INIT;
    CLEANUP_BUF struct buf second = BUF_INIT;
    struct oci_descriptor added = oci_descriptor_of(STR("application/vnd.oci.image.manifest.v1+json"), STR("x"));
    if (oci_index_read(bytes, arena, &index, NULL) != 0)
        return;
    require(oci_index_write(&index, &first, NULL) == 0);
    buf_reset(&first);
    require(oci_index_merge(bytes, &added, &first, NULL) == 0);
    require(oci_index_read(buf_str(&first), arena, &merged, NULL) == 0);
    require(merged.manifest_count >= 1 && merged.manifest_count <= index.manifest_count + 1);
    require(oci_index_merge(buf_str(&first), &added, &second, NULL) == 0);
    require(str_eq(buf_str(&first), buf_str(&second)));
}

static void check_config(struct str bytes, struct arena *arena)
{
    struct oci_config config, again;
    CLEANUP_BUF struct buf first = BUF_INIT;
    CLEANUP_BUF struct buf second = BUF_INIT;
    if (oci_config_read(bytes, arena, &config, NULL) != 0)
        return;
    (void)oci_config_env(&config, "PATH");
    if (oci_config_write(&config, &first, NULL) != 0)
        return; /* a NUL in a text */
    require(oci_config_read(buf_str(&first), arena, &again, NULL) == 0);
    require(oci_config_write(&again, &second, NULL) == 0);
    require(str_eq(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str bytes = str_of((const char *)data, size);
    check_manifest(bytes, &arena);
    check_index(bytes, &arena);
    check_config(bytes, &arena);
    return 0;
}
