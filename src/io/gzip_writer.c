/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "io/internal.h"

#include <libdeflate.h>

/*
 * A member carries 18 bytes of frame and starts without history: measured on stripped programs and shared libraries,
 * 256 KiB cost 0.4 to 0.5% of size against 1 MiB, and keep all processors at work until the end of a layer of a few
 * megabytes, where 1 MiB leaves some idle for a fifth of the time.
 */
#define GZIP_MEMBER_BYTES (256U * 1024U)

static void *gzip_state_new(int level)
{
    return fault_point(FAULT_ALLOC) ? NULL : libdeflate_alloc_compressor(level);
}

static void gzip_state_free(void *state)
{
    libdeflate_free_compressor(state);
}

static size_t gzip_bound(size_t size)
{
    return libdeflate_gzip_compress_bound(NULL, size);
}

/* libdeflate writes no name, a time of 0 and the unknown system (255). */
static size_t gzip_compress(void *state, const void *in, size_t in_size, void *out, size_t out_size)
{
    return libdeflate_gzip_compress(state, in, in_size, out, out_size);
}

const struct block_codec gzip_codec = {
    .block_bytes = GZIP_MEMBER_BYTES,
    .state_new = gzip_state_new,
    .state_free = gzip_state_free,
    .bound = gzip_bound,
    .compress = gzip_compress,
};
