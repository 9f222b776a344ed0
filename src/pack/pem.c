/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pem.h"

#include "base/base64.h"

#define LINE_COLUMNS 64

/* "-----BEGIN X-----" gives X. */
static bool boundary(struct str line, struct str begin, struct str *ret_label)
{
    line = str_trim(line);
    if (!str_starts(line, begin) || !str_ends(line, STR("-----")) || line.len < begin.len + 5)
        return false;
    *ret_label = str_head(str_skip(line, begin.len), line.len - begin.len - 5);
    return true;
}

int pem_next(struct pem_reader *reader, struct pem_block *ret_block, bool *ret_found, struct err *err)
{
    struct str line, label;
    struct pem_block block = {.body = STR_NONE};
    *ret_found = false;
    for (;;) {
        if (!str_next_line(&reader->rest, &line)) {
            if (block.line == 0)
                return 0;
            return err_set(err, ERR_INVALID, "line %zu: '-----BEGIN %.*s-----' has no end", block.line,
                           STR_ARG(block.label));
        }
        reader->line++;
        if (boundary(line, STR("-----BEGIN "), &label)) {
            if (block.line)
                return err_set(err, ERR_INVALID, "line %zu: '-----BEGIN %.*s-----' has no end", block.line,
                               STR_ARG(block.label));
            block = (struct pem_block){.label = label, .body = {reader->rest.ptr, 0}, .line = reader->line};
        } else if (block.line && boundary(line, STR("-----END "), &label)) {
            if (!str_eq(label, block.label))
                return err_set(err, ERR_INVALID, "line %zu: '-----END %.*s-----' ends another block than it began",
                               reader->line, STR_ARG(label));
            block.body.len = (size_t)(line.ptr - block.body.ptr);
            *ret_block = block;
            *ret_found = true;
            return 0;
        }
    }
}

bool pem_decode(struct str body, struct buf *out)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < body.len; i++) {
        char c = body.ptr[i];
        if (char_is_space(c))
            continue;
        int sextet = base64_sextet(c);
        if (c == '=' && padding < 2)
            padding++;
        else if (sextet < 0 || padding > 0)
            return false;
        else {
            digits++;
            bits = (bits << 6 | (uint32_t)sextet) & 0xffffU;
            have += 6;
            if (have >= 8) {
                have -= 8;
                buf_add_char(out, (char)(unsigned char)(bits >> have & 0xffU));
            }
        }
    }
    return digits > 0 && (digits + padding) % 4 == 0 && (bits & ((1U << have) - 1)) == 0;
}

void pem_write(struct str label, struct str bytes, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf_addf(out, "-----BEGIN %.*s-----\n", STR_ARG(label));
    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t group = 0;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (i + j < bytes.len ? (unsigned char)bytes.ptr[i + j] : 0U);
        for (size_t j = 0; j < 4; j++)
            buf_add_char(out, i + j > bytes.len ? '=' : alphabet[group >> (18 - 6 * j) & 63U]);
        if ((i + 3) % (LINE_COLUMNS / 4 * 3) == 0 || i + 3 >= bytes.len)
            buf_add_char(out, '\n');
    }
    buf_addf(out, "-----END %.*s-----\n", STR_ARG(label));
}
