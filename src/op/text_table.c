/* SPDX-License-Identifier: Apache-2.0 */
#include "op/text.h"

#include <string.h>

enum { COLUMNS_MAX = 16 };

/* Cells are kept one behind the other, each ended by a NUL (text_str lets none through). */
void text_table_begin(struct text_table *table, struct text_out *out, unsigned indent, const char *align)
{
    *table = (struct text_table){.out = out, .align = align, .indent = indent, .columns = strlen(align)};
}

static struct text_out cell_out(struct text_table *table)
{
    struct text_out out = *table->out;
    out.buf = &table->cells;
    out.color = false;
    return out;
}

static void end_cell(struct text_table *table)
{
    buf_add_char(&table->cells, '\0');
    table->count++;
}

void text_table_str(struct text_table *table, struct str s)
{
    struct text_out out = cell_out(table);
    text_str(&out, s);
    end_cell(table);
}

void text_table_z(struct text_table *table, const char *text)
{
    buf_add_z(&table->cells, text);
    end_cell(table);
}

void text_table_size(struct text_table *table, uint64_t bytes)
{
    struct text_out out = cell_out(table);
    text_size(&out, bytes);
    end_cell(table);
}

void text_table_u64(struct text_table *table, uint64_t value)
{
    buf_add_u64(&table->cells, value);
    end_cell(table);
}

static void measure(const struct text_table *table, unsigned *widths)
{
    struct str rest = buf_str(&table->cells), cell;
    for (size_t i = 0; i < table->count && str_next(&rest, '\0', &cell); i++) {
        unsigned columns = text_columns(cell);
        unsigned *width = &widths[i % table->columns];
        *width = columns > *width ? columns : *width;
    }
}

void text_table_end(struct text_table *table)
{
    unsigned widths[COLUMNS_MAX] = {0};
    struct buf *buf = table->out->buf;
    if (table->columns == 0 || table->columns > COLUMNS_MAX || table->cells.failed) {
        buf->failed = buf->failed || table->cells.failed;
        buf_done(&table->cells);
        return;
    }
    measure(table, widths);
    struct str rest = buf_str(&table->cells), cell;
    for (size_t i = 0; i < table->count && str_next(&rest, '\0', &cell); i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns || i + 1 == table->count;
        unsigned pad = widths[column] - text_columns(cell);
        buf_add_fill(buf, ' ', column == 0 ? table->indent : 2);
        if (table->align[column] == 'r')
            buf_add_fill(buf, ' ', pad);
        buf_add_str(buf, cell);
        if (table->align[column] != 'r' && !last)
            buf_add_fill(buf, ' ', pad);
        if (!last)
            continue;
        while (buf->len && buf->ptr[buf->len - 1] == ' ') /* empty cells at the end */
            buf_truncate(buf, buf->len - 1);
        buf_add_char(buf, '\n');
    }
    buf_done(&table->cells);
}
