/* SPDX-License-Identifier: Apache-2.0 */
/* What unpacks makes a cached package that opens, whole, with sound names. */
#include "archive/deb_cache.h"
#include "base/path.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

static void open_cached(struct str cached)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct deb_package package;
    REQUIRE(deb_package_open(cached, &arena, &package, &err) == 0);
    REQUIRE(package.control.len > 0);
    for (size_t i = 0; i < package.entry_count; i++) {
        const struct tree_node *node = &package.entries[i];
        REQUIRE(node->path.len == 0 || path_is_clean_relative(node->path));
        REQUIRE(deb_package_check(&package, i, &err) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct op_ctx ctx;
    struct buf cached CLEANUP_BUF = BUF_INIT;
    struct reader *source CLEANUP_READER = NULL, *bound = NULL;
    struct writer *writer CLEANUP_WRITER = NULL;
    struct err err = ERR_INIT;
    REQUIRE(mem_reader_new(str_of((const char *)data, size), &source, &err) == 0);
    REQUIRE(bound_reader_new(source, 1 << 20, "fuzz", &bound, &err) == 0);
    source = bound;
    REQUIRE(buf_writer_new(&cached, &writer, &err) == 0);
    int rc = deb_unpack(source, "fuzz.deb", writer, &ctx, &err);
    REQUIRE(rc == 0 || (rc == -(int)err.code && err.message[0]));
    if (rc == 0)
        open_cached(buf_str(&cached));
    return 0;
}
