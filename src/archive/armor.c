/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/armor.h"

#include "base/base64.h"

#define BEGIN_LINE "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define END_LINE   "-----END PGP PUBLIC KEY BLOCK-----"

/* Base64 as it comes in: up to three sextets wait for a fourth. */
struct base64 {
    uint32_t bits;
    unsigned count;   /* sextets in BITS */
    unsigned padding; /* "=" seen */
    bool ended;       /* a padded group is the last one */
};

/* Takes one character; false when it can't stand here. */
static bool base64_add(struct base64 *state, char c, struct buf *out)
{
    int sextet = c == '=' ? 0 : base64_sextet(c);
    if (sextet < 0 || state->ended || (c != '=' && state->padding > 0) || (c == '=' && state->count < 2))
        return false;
    state->padding += c == '=';
    state->bits = state->bits << 6 | (uint32_t)sextet;
    if (++state->count < 4)
        return true;
    /* Bits that padding leaves over must be zero, so that there is one encoding only. */
    if (state->padding > 0 && (state->bits & (state->padding == 1 ? 0xFFU : 0xFFFFU)) != 0)
        return false;
    for (unsigned i = 0; i < 3 - state->padding; i++)
        buf_add_char(out, (char)(state->bits >> (16 - 8 * i)));
    state->ended = state->padding > 0;
    state->bits = state->count = 0;
    return true;
}

static bool base64_add_line(struct base64 *state, struct str line, struct buf *out)
{
    for (size_t i = 0; i < line.len; i++)
        if (!base64_add(state, line.ptr[i], out))
            return false;
    return true;
}

static uint32_t crc24(struct str bytes)
{
    uint32_t crc = 0xB704CE;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (uint32_t)(unsigned char)bytes.ptr[i] << 16;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc <<= 1;
            if (crc & 0x1000000U)
                crc ^= 0x1864CFB;
        }
    }
    return crc & 0xFFFFFF;
}

/* "=njUN": four sextets behind an equals sign, alone on the last line. */
static bool is_checksum(struct str line)
{
    return line.len == 5 && line.ptr[0] == '=' && line.ptr[1] != '=';
}

/* 0 when the checksum LINE is that of BYTES. */
static int check_sum(struct str line, struct str bytes, const char *name, struct err *err)
{
    struct buf sum CLEANUP_BUF = BUF_INIT;
    struct base64 state = {0};
    bool whole = base64_add_line(&state, str_skip(line, 1), &sum);
    if (buf_check(&sum, err) != 0)
        return -ERR_NOMEM;
    const unsigned char *told = (const unsigned char *)sum.ptr;
    if (!whole || sum.len != 3 || ((uint32_t)told[0] << 16 | (uint32_t)told[1] << 8 | told[2]) != crc24(bytes))
        return err_set(err, ERR_INVALID, "checksum of the armoured key in '%s' does not fit", name);
    return 0;
}

static bool next_line(struct str *rest, struct str *ret_line)
{
    if (!str_next_line(rest, ret_line))
        return false;
    *ret_line = str_trim(*ret_line);
    if (str_eq(*ret_line, STR(".")))
        *ret_line = STR_NONE;
    return true;
}

/* Passes over "Version: ..." and "Comment: ..."; a key follows directly where the empty line was lost. */
static void skip_headers(struct str *rest)
{
    struct str before = *rest, line;
    while (next_line(rest, &line)) {
        if (line.len == 0)
            return;
        if (!str_has_char(line, ':')) {
            *rest = before;
            return;
        }
        before = *rest;
    }
}

static int decode_block(struct str *rest, const char *name, struct buf *out, struct err *err)
{
    size_t start = out->len;
    struct base64 state = {0};
    struct str line;
    bool summed = false;
    skip_headers(rest);
    while (next_line(rest, &line)) {
        int rc = buf_check(out, err);
        struct str bytes = str_skip(buf_str(out), start);
        bool end = str_eq(line, STR(END_LINE));
        if (rc == 0 && ((end && (state.count != 0 || bytes.len == 0)) || (!end && summed && line.len > 0)))
            rc = err_set(err, ERR_INVALID, "armoured key in '%s' is cut short", name);
        if (rc == 0 && !end && is_checksum(line)) {
            summed = true;
            rc = check_sum(line, bytes, name, err);
        } else if (rc == 0 && !end && !base64_add_line(&state, line, out)) {
            rc = err_set(err, ERR_INVALID, "armoured key in '%s' has a line that is not base64", name);
        }
        if (rc != 0 || end)
            return rc;
    }
    return err_set(err, ERR_INVALID, "armoured key in '%s' has no end", name);
}

bool armor_is_key(struct str text)
{
    return str_find(text, STR(BEGIN_LINE)) < text.len;
}

int armor_decode_keys(struct str text, const char *name, struct buf *out, struct err *err)
{
    size_t before = out->len;
    size_t blocks = 0;
    struct str rest = text, line;
    while (next_line(&rest, &line)) {
        if (!str_eq(line, STR(BEGIN_LINE)))
            continue;
        int rc = decode_block(&rest, name, out, err);
        if (rc != 0) {
            buf_truncate(out, before);
            return rc;
        }
        blocks++;
    }
    return blocks > 0 ? 0 : err_set(err, ERR_INVALID, "'%s' holds no armoured key", name);
}
