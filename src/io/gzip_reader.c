/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip members (RFC 1952), one after the other. The header is read here, as ISA-L forgets its flags when it is split
 * between two inputs; ISA-L inflates and checks the trailer (CRC-32 and size).
 */
#include "base/alloc.h"
#include "io/internal.h"
#include "io/reader.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

enum gzip_flag { FLAG_HEADER_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xe0 };

struct gzip_reader {
    struct reader base;
    struct reader *source;
    bool inside;         /* a member has begun and its trailer was not seen */
    bool begun;          /* there was a member at all */
    bool finished;       /* there is no further one */
    uint32_t header_crc; /* of the header bytes so far */
    struct inflate_state state;
    uint8_t chunk[COMPRESSED_CHUNK_BYTES];
};

/* Refills the input when it is used up; at the end of the source it stays empty. */
static int fill(struct gzip_reader *reader, struct err *err)
{
    if (reader->state.avail_in > 0)
        return 0;
    size_t got;
    int r = reader_read(reader->source, reader->chunk, sizeof(reader->chunk), &got, err);
    if (r < 0)
        return r;
    reader->state.next_in = reader->chunk;
    reader->state.avail_in = (uint32_t)got;
    return 0;
}

static int truncated(struct err *err)
{
    return err_set(err, ERR_INVALID, "gzip data is truncated");
}

static int header_byte(struct gzip_reader *reader, uint8_t *ret_byte, struct err *err)
{
    int r = fill(reader, err);
    if (r < 0)
        return r;
    if (reader->state.avail_in == 0)
        return truncated(err);
    reader->header_crc = libdeflate_crc32(reader->header_crc, reader->state.next_in, 1);
    *ret_byte = *reader->state.next_in++;
    reader->state.avail_in--;
    return 0;
}

static int header_bytes(struct gzip_reader *reader, uint8_t *bytes, size_t count, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = header_byte(reader, &bytes[i], err);
    return r;
}

static int skip_extra(struct gzip_reader *reader, struct err *err)
{
    uint8_t length[2] = {0}, byte;
    int r = header_bytes(reader, length, sizeof(length), err);
    for (unsigned left = length[0] | (unsigned)length[1] << 8; r == 0 && left > 0; left--)
        r = header_byte(reader, &byte, err);
    return r;
}

static int skip_text(struct gzip_reader *reader, struct err *err)
{
    uint8_t byte = 0;
    int r;
    do
        r = header_byte(reader, &byte, err);
    while (r == 0 && byte != 0);
    return r;
}

static int check_header_crc(struct gzip_reader *reader, struct err *err)
{
    uint32_t expected = reader->header_crc & 0xffffU;
    uint8_t stored[2] = {0};
    int r = header_bytes(reader, stored, sizeof(stored), err);
    if (r < 0)
        return r;
    if (expected != (stored[0] | (uint32_t)stored[1] << 8))
        return err_set(err, ERR_INVALID, "gzip data is corrupt: the header's checksum is wrong");
    return 0;
}

static int read_header(struct gzip_reader *reader, struct err *err)
{
    uint8_t fixed[10] = {0};
    reader->header_crc = 0;
    int r = header_bytes(reader, fixed, sizeof(fixed), err);
    if (r < 0)
        return r;
    if (fixed[0] != 0x1f || fixed[1] != 0x8b)
        return err_set(err, ERR_INVALID, "gzip data is corrupt: no gzip header where one must be");
    if (fixed[2] != 8 || (fixed[3] & FLAGS_RESERVED))
        return err_set(err, ERR_INVALID, "gzip data is corrupt: unknown method %u or flags 0x%02x", fixed[2], fixed[3]);
    if (fixed[3] & FLAG_EXTRA)
        r = skip_extra(reader, err);
    if (r == 0 && (fixed[3] & FLAG_NAME))
        r = skip_text(reader, err);
    if (r == 0 && (fixed[3] & FLAG_COMMENT))
        r = skip_text(reader, err);
    if (r == 0 && (fixed[3] & FLAG_HEADER_CRC))
        r = check_header_crc(reader, err);
    return r;
}

/* Reads the next member's header, if there is one more member. */
static int begin_member(struct gzip_reader *reader, struct err *err)
{
    int r = fill(reader, err);
    if (r < 0)
        return r;
    if (reader->state.avail_in == 0 && reader->begun) {
        reader->finished = true;
        return 0;
    }
    r = read_header(reader, err);
    if (r < 0)
        return r;
    isal_inflate_reset(&reader->state);
    reader->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    reader->inside = true;
    reader->begun = true;
    return 0;
}

static const char *reason_of(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "distance beyond the start";
    case ISAL_INCORRECT_CHECKSUM:
        return "wrong checksum or size";
    default:
        return "not a deflate stream";
    }
}

/* One step inside a member; fails when there is neither input nor progress. */
static int inflate_some(struct gzip_reader *reader, struct err *err)
{
    int r = fill(reader, err);
    if (r < 0)
        return r;
    struct inflate_state *state = &reader->state;
    bool starved = state->avail_in == 0;
    uint32_t room = state->avail_out;
    int code = isal_inflate(state);
    if (code != ISAL_DECOMP_OK)
        return err_set(err, ERR_INVALID, "gzip data is corrupt: %s", reason_of(code));
    reader->inside = state->block_state != ISAL_BLOCK_FINISH;
    if (starved && reader->inside && state->avail_out == room)
        return truncated(err);
    return 0;
}

static int gzip_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct gzip_reader *reader = (struct gzip_reader *)base;
    uint32_t room = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    reader->state.next_out = data;
    reader->state.avail_out = room;
    while (reader->state.avail_out == room && !reader->finished) {
        int r = reader->inside ? inflate_some(reader, err) : begin_member(reader, err);
        if (r < 0)
            return r;
    }
    *ret_got = room - reader->state.avail_out;
    return 0;
}

static void gzip_free(struct reader *base)
{
    reader_free(((struct gzip_reader *)base)->source);
    mem_free(base);
}

static const struct reader_ops gzip_ops = {gzip_read, gzip_free};

int gzip_reader_new(struct reader *source, struct reader **ret_reader, struct err *err)
{
    struct gzip_reader *reader = mem_alloc(sizeof(*reader)); /* chunk[] is not worth clearing */
    if (!reader)
        return err_nomem(err);
    reader->base = (struct reader){.ops = &gzip_ops};
    reader->source = source;
    reader->inside = false;
    reader->begun = false;
    reader->finished = false;
    isal_inflate_init(&reader->state);
    reader->state.avail_in = 0;
    *ret_reader = &reader->base;
    return 0;
}
