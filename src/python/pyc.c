/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "base/path.h"
#include "python/marshal.h"

#define PYC_FLAG_HASH 1U /* PEP 552: a hash follows; bit 1, "check the source", stays unset */

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* SipHash-1-3 (Aumasson, Bernstein) with a key whose second half is 0, as CPython's _imp.source_hash since 3.11. */
uint64_t python_source_hash(uint32_t key, struct str source)
{
    uint64_t v[4] = {0x736f6d6570736575ULL ^ key, 0x646f72616e646f6dULL, 0x6c7967656e657261ULL ^ key,
                     0x7465646279746573ULL};
    size_t whole = source.len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8)
        sip_word(v, num_le64(source.ptr + i));
    uint64_t last = (uint64_t)source.len << 56;
    for (size_t i = whole; i < source.len; i++)
        last |= (uint64_t)(uint8_t)source.ptr[i] << (8 * (i - whole));
    sip_word(v, last);
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void python_pyc_header(uint32_t magic, struct str source, struct buf *out)
{
    char header[PYTHON_PYC_HEADER_BYTES];
    num_put_le32(header, magic);
    num_put_le32(header + 4, PYC_FLAG_HASH);
    num_put_le64(header + 8, python_source_hash(magic, source));
    buf_add(out, header, sizeof(header));
}

void python_pyc_path(struct str source_path, unsigned version, struct buf *out)
{
    struct str name = path_base(source_path);
    struct str dir = str_head(source_path, source_path.len - name.len);
    struct str stem = str_ends(name, STR(".py")) ? str_head(name, name.len - 3) : name;
    buf_addf(out, "%.*s__pycache__/%.*s.cpython-%u%u.pyc", STR_ARG(dir), STR_ARG(stem), version >> 8, version & 0xff);
}
