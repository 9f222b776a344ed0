/* SPDX-License-Identifier: Apache-2.0 */
/* RECORD: CSV as Python's csv module writes it (RFC 4180 quoting, any line ending). */
#include "base/base64.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"
#include "python/dist.h"

#include <string.h>

/* What is left of the table, and one unquoted cell at a time. */
struct table {
    struct str rest;
    struct arena *arena;
    bool row_ended;
    int error;
};

/* Behind a quote: up to the next one that stands alone; doubled ones become one. */
static struct str take_quoted(struct table *table, struct err *err)
{
    struct buf cell CLEANUP_BUF = BUF_INIT;
    struct str rest = table->rest;
    for (;;) {
        size_t at = str_find_char(rest, '"');
        if (at == rest.len) {
            table->error = err_set(err, ERR_INVALID, "a quote in RECORD that does not end");
            return STR_NONE;
        }
        bool doubled = at + 1 < rest.len && rest.ptr[at + 1] == '"';
        buf_add_str(&cell, str_head(rest, at + doubled));
        rest = str_skip(rest, at + 1 + doubled);
        if (!doubled)
            break;
    }
    /* What follows the closing quote belongs to the cell, as csv takes it. */
    size_t len = 0;
    while (len < rest.len && !str_has_char(STR(",\r\n"), rest.ptr[len]))
        len++;
    buf_add_str(&cell, str_head(rest, len));
    table->rest = str_skip(rest, len);
    struct str kept = arena_buf(table->arena, &cell);
    if (!kept.ptr)
        table->error = err_nomem(err);
    return kept;
}

static struct str take_cell(struct table *table, struct err *err)
{
    struct str cell, rest = table->rest;
    if (rest.len && rest.ptr[0] == '"') {
        table->rest = str_skip(rest, 1);
        cell = take_quoted(table, err);
        rest = table->rest;
    } else {
        size_t len = 0;
        while (len < rest.len && !str_has_char(STR(",\r\n"), rest.ptr[len]))
            len++;
        cell = str_head(rest, len);
        rest = str_skip(rest, len);
    }
    table->row_ended = rest.len == 0 || rest.ptr[0] != ',';
    if (str_starts(rest, STR("\r\n")))
        rest = str_skip(rest, 1);
    table->rest = str_skip(rest, 1);
    return cell;
}

static struct python_record take_row(struct table *table, struct err *err)
{
    struct python_record row = {.has_size = false};
    table->row_ended = false;
    for (unsigned column = 0; !table->row_ended && !table->error; column++) {
        struct str cell = take_cell(table, err);
        if (column == 0)
            row.path = cell;
        else if (column == 1)
            row.hash = cell;
        else if (column == 2)
            row.has_size = num_parse_u64(cell, &row.size_bytes);
    }
    return row;
}

int python_record_read(struct str text, struct arena *arena, struct python_record **ret_rows, size_t *ret_count,
                       struct err *err)
{
    if (text.len > LIMIT_PYTHON_RECORD_BYTES)
        return err_set(err, ERR_LIMIT, "a RECORD of more than %llu bytes", LIMIT_PYTHON_RECORD_BYTES);
    VEC(struct python_record) rows = {0};
    struct table table = {.rest = text, .arena = arena};
    while (table.rest.len && !table.error) {
        struct python_record row = take_row(&table, err);
        if (table.error || row.path.len == 0)
            continue;
        if (rows.len == LIMIT_PYTHON_RECORD_ROWS)
            table.error = err_set(err, ERR_LIMIT, "a RECORD of more than %u files", LIMIT_PYTHON_RECORD_ROWS);
        else if (!VEC_PUSH(&rows, row))
            table.error = err_nomem(err);
    }
    struct python_record *kept = table.error ? NULL : ARENA_ARRAY(arena, rows.len + 1, struct python_record);
    if (!table.error && !kept)
        table.error = err_nomem(err);
    if (!table.error) {
        if (rows.len)
            memcpy(kept, rows.ptr, rows.len * sizeof(*kept));
        *ret_rows = kept;
        *ret_count = rows.len;
    }
    VEC_DONE(&rows);
    return table.error;
}

bool python_record_sha256(struct str hash, uint8_t ret_digest[32])
{
    if (!str_starts(hash, STR("sha256=")))
        return false;
    struct str text = str_skip(hash, 7);
    while (text.len && text.ptr[text.len - 1] == '=')
        text.len--;
    if (text.len != 43) /* 256 bits in sixes */
        return false;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = base64_url_sextet(text.ptr[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8 && at < 32) {
            held -= 8;
            ret_digest[at++] = (uint8_t)(bits >> held);
        }
    }
    return at == 32 && (bits & 3) == 0;
}
