/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged cache files, as they are and with their checksums made right: what opens stays within the file.
 */
#include "archive/deb_cache.h"
#include "archive/deb_cache_format.h"
#include "base/num.h"
#include "base/path.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

static bool within(struct str part, struct str all)
{
    return part.len == 0 || (part.ptr >= all.ptr && part.len <= (size_t)(all.ptr + all.len - part.ptr));
}

static void open_bytes(struct str bytes)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct deb_package package;
    int rc = deb_package_open(bytes, &arena, &package, &err);
    REQUIRE(rc == 0 || rc == -ERR_INVALID);
    if (rc)
        return;
    REQUIRE(within(package.control, bytes) && within(package.md5sums, bytes));
    for (size_t i = 0; i < package.conffile_count; i++)
        REQUIRE(within(package.conffiles[i], bytes) && path_is_clean_relative(package.conffiles[i]));
    for (size_t i = 0; i < package.entry_count; i++) {
        const struct tree_node *node = &package.entries[i];
        REQUIRE(within(node->path, bytes) && within(node->target, bytes) && within(node->content, bytes));
        REQUIRE(node->path.len ? path_is_clean_relative(node->path) : node->type == TREE_DIR);
        REQUIRE(node->path.ptr[node->path.len] == '\0' && node->size_bytes == node->content.len);
        (void)deb_package_check(&package, i, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_bytes(str_of((const char *)data, size));
    if (size < HEAD_BYTES + FOOT_BYTES)
        return 0;
    char *healed = malloc(size);
    REQUIRE(healed);
    memcpy(healed, data, size);
    char *foot = healed + size - FOOT_BYTES;
    memcpy(healed, DEB_CACHE_HEAD_MAGIC, DEB_CACHE_MAGIC_BYTES);
    num_put_le32(healed + HEAD_VERSION, DEB_CACHE_VERSION);
    memcpy(foot, DEB_CACHE_FOOT_MAGIC, DEB_CACHE_MAGIC_BYTES);
    num_put_le64(foot + FOOT_FILE_BYTES64, size);
    uint64_t texts = num_le64(foot + FOOT_CONTROL_LEN64) + num_le64(foot + FOOT_MD5SUMS_LEN64) +
                     num_le64(foot + FOOT_CONFFILES_LEN64);
    uint64_t strings = num_le64(foot + FOOT_STRINGS64), end = size - FOOT_BYTES;
    if (texts <= end - HEAD_BYTES && strings <= end) {
        uint32_t crc = libdeflate_crc32(0, healed + HEAD_BYTES, texts);
        num_put_le32(foot + FOOT_INDEX_CRC, libdeflate_crc32(crc, healed + strings, end - strings));
    }
    uint32_t crc = libdeflate_crc32(0, healed, HEAD_BYTES);
    num_put_le32(foot + FOOT_CRC, libdeflate_crc32(crc, foot, FOOT_CRC));
    open_bytes(str_of(healed, size));
    free(healed);
    return 0;
}
