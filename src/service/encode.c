/* SPDX-License-Identifier: Apache-2.0 */
#include "service/encode.h"

#include <libdeflate.h>
#include <string.h>

enum { LEVEL_FAST = 1, LEVEL_BEST = 9 };

void encoder_init(struct encoder *encoder)
{
    *encoder = (struct encoder){.count = 0};
    pthread_mutex_init(&encoder->lock, NULL);
}

void encoder_done(struct encoder *encoder)
{
    while (encoder->count > 0)
        libdeflate_free_compressor(encoder->kept[--encoder->count]);
    pthread_mutex_destroy(&encoder->lock);
}

static struct libdeflate_compressor *take(struct encoder *encoder)
{
    struct libdeflate_compressor *compressor = NULL;
    pthread_mutex_lock(&encoder->lock);
    if (encoder->count > 0)
        compressor = encoder->kept[--encoder->count];
    pthread_mutex_unlock(&encoder->lock);
    return compressor ? compressor : libdeflate_alloc_compressor(LEVEL_FAST);
}

static void give_back(struct encoder *encoder, struct libdeflate_compressor *compressor)
{
    pthread_mutex_lock(&encoder->lock);
    if (encoder->count < ENCODER_KEPT) {
        encoder->kept[encoder->count++] = compressor;
        compressor = NULL;
    }
    pthread_mutex_unlock(&encoder->lock);
    libdeflate_free_compressor(compressor);
}

static bool compress(struct libdeflate_compressor *compressor, struct str bytes, struct buf *out)
{
    size_t start = out->len;
    if (!compressor || bytes.len == 0)
        return false;
    char *room = buf_extend(out, bytes.len); /* no more than that is of use */
    size_t len = room ? libdeflate_gzip_compress(compressor, bytes.ptr, bytes.len, room, bytes.len) : 0;
    buf_truncate(out, start + len);
    return len > 0;
}

bool encode_gzip(struct encoder *encoder, struct str bytes, struct buf *out)
{
    struct libdeflate_compressor *compressor = take(encoder);
    bool done = compress(compressor, bytes, out);
    give_back(encoder, compressor);
    return done;
}

bool encode_gzip_best(struct str bytes, struct buf *out)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL_BEST);
    bool done = compress(compressor, bytes, out);
    libdeflate_free_compressor(compressor);
    return done;
}

bool encode_is_worth(struct str type, struct str bytes)
{
    if (bytes.len < ENCODE_GZIP_FROM_BYTES)
        return false;
    struct str essence = str_head(type, str_find_char(type, ';'));
    return str_starts(essence, STR("text/")) || str_ends(essence, STR("json")) || str_ends(essence, STR("xml")) ||
           str_ends(essence, STR("yaml"));
}

/* FNV-1a, 64 bits: names content, protects nothing. */
static uint64_t hash(struct str bytes)
{
    uint64_t h = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < bytes.len; i++)
        h = (h ^ (uint8_t)bytes.ptr[i]) * 0x100000001b3ULL;
    return h;
}

struct str encode_etag(struct str bytes, const char *suffix, char tag[ENCODE_ETAG_BYTES])
{
    uint64_t h = hash(bytes);
    size_t at = 0;
    tag[at++] = '"';
    for (unsigned i = 0; i < 16; i++)
        tag[at++] = "0123456789abcdef"[h >> (60 - 4 * i) & 15];
    for (; *suffix && at < ENCODE_ETAG_BYTES - 2; suffix++)
        tag[at++] = *suffix;
    tag[at++] = '"';
    tag[at] = '\0';
    return str_of(tag, at);
}
