/* SPDX-License-Identifier: Apache-2.0 */
#include "report/excerpt.h"

enum { TAB_COLUMNS = 4, ELLIPSIS = 3, COLUMNS_MIN = 24 };

/* One character of the line as it is shown. */
struct cell {
    struct str shown; /* in the line, or in the scratch buffer */
    unsigned columns;
};

/* What a walk over the line finds out, in columns of the terminal from the start of the excerpt. */
struct extent {
    size_t begin, end; /* of the span */
    size_t total;
    bool cut_left, cut_right; /* the excerpt is not the whole line */
};

struct window {
    size_t from, to;  /* columns */
    bool left, right; /* something is missing there */
};

unsigned report_margin(const struct report_finding *finding)
{
    unsigned digits = 1;
    for (uint32_t line = finding->at.line; line >= 10; line /= 10)
        digits++;
    return digits + 2;
}

static size_t character_len(struct str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    size_t len = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return len <= s.len && str_utf8_valid(str_head(s, len)) == len ? len : 1;
}

static struct cell next_cell(struct str *rest, struct text_out *scratch)
{
    char first = rest->ptr[0];
    if (first >= ' ' && first < '\x7f') { /* most are */
        struct cell cell = {str_head(*rest, 1), 1};
        *rest = str_skip(*rest, 1);
        return cell;
    }
    buf_truncate(scratch->buf, 0);
    if (first == '\t') {
        *rest = str_skip(*rest, 1);
        return (struct cell){STR("    "), TAB_COLUMNS};
    }
    size_t len = character_len(*rest);
    text_str(scratch, str_head(*rest, len));
    *rest = str_skip(*rest, len);
    return (struct cell){buf_str(scratch->buf), text_columns(buf_str(scratch->buf))};
}

/* The line's text without a byte order mark, which has no column. */
static struct str line_of(const struct report_finding *finding)
{
    bool first = finding->at.line == 1 && finding->excerpt_column == 1;
    return str_skip(finding->excerpt, first && str_starts(finding->excerpt, STR("\xEF\xBB\xBF")) ? 3 : 0);
}

static struct extent measure(const struct report_finding *finding, struct text_out *scratch)
{
    const struct report_place *at = &finding->at;
    struct extent extent = {.begin = SIZE_MAX, .end = SIZE_MAX, .cut_left = finding->excerpt_column > 1};
    uint32_t column = finding->excerpt_column;
    struct str rest = line_of(finding);
    for (; rest.len > 0; column++) {
        if (column == at->column)
            extent.begin = extent.total;
        if (column == at->end_column && at->end_line == at->line)
            extent.end = extent.total;
        extent.total += next_cell(&rest, scratch).columns;
    }
    extent.cut_right = at->end_line == at->line && at->end_column > column;
    if (extent.begin > extent.total)
        extent.begin = extent.total;
    if (extent.end > extent.total)
        extent.end = extent.total;
    if (extent.end <= extent.begin)
        extent.end = extent.begin + 1;
    return extent;
}

/* The span's beginning is always in sight, its end when there is room, and some of what stands before. */
static struct window choose_window(const struct extent *extent, size_t room)
{
    size_t shown = extent->total > extent->end ? extent->total : extent->end;
    room -= extent->cut_left ? ELLIPSIS : 0;
    if (shown <= room - (extent->cut_right ? ELLIPSIS : 0))
        return (struct window){0, shown, extent->cut_left, extent->cut_right};
    if (extent->end + ELLIPSIS <= room)
        return (struct window){0, room - ELLIPSIS, extent->cut_left, true};
    room -= ELLIPSIS + (extent->cut_left ? 0 : ELLIPSIS);
    size_t span = extent->end - extent->begin;
    size_t before = span < room ? (room - span) / 2 : 0;
    size_t from = extent->begin > before ? extent->begin - before : 0;
    bool right = from + room < shown || extent->cut_right;
    return (struct window){from, from + room, true, right};
}

/* Returns the column of the first cell that was written: a wide one may not fit in half. */
static size_t draw_line(const struct report_finding *finding, const struct window *window, struct text_out *scratch,
                        struct text_out *out)
{
    size_t column = 0, first = SIZE_MAX;
    struct str rest = line_of(finding);
    text_z(out, window->left ? "..." : "");
    while (rest.len > 0) {
        struct cell cell = next_cell(&rest, scratch);
        if (column >= window->from && column + cell.columns <= window->to) {
            first = first == SIZE_MAX ? column : first;
            buf_add_str(out->buf, cell.shown);
        }
        column += cell.columns;
    }
    text_z(out, window->right ? "...\n" : "\n");
    return first == SIZE_MAX ? window->from : first;
}

void report_excerpt_draw(const struct report_finding *finding, enum text_style style, struct text_out *out)
{
    CLEANUP_BUF struct buf scratch_buf = BUF_INIT;
    struct text_out scratch = {.buf = &scratch_buf};
    unsigned margin = report_margin(finding);
    if (line_of(finding).len == 0)
        return;
    struct extent extent = measure(finding, &scratch);
    size_t room = out->width > margin + 2 + COLUMNS_MIN ? out->width - margin - 2 : COLUMNS_MIN;
    struct window window = choose_window(&extent, room);

    text_style(out, TEXT_DIM);
    text_f(out, " %u |", (unsigned)finding->at.line);
    text_style(out, TEXT_PLAIN);
    text_z(out, " ");
    size_t first = draw_line(finding, &window, &scratch, out);
    size_t end = extent.end < window.to ? extent.end : window.to;
    text_style(out, TEXT_DIM);
    text_f(out, "%*s|", (int)margin, "");
    text_style(out, TEXT_PLAIN);
    buf_add_fill(out->buf, ' ', 1 + (window.left ? ELLIPSIS : 0) + (extent.begin - first));
    text_style(out, style);
    buf_add_fill(out->buf, '^', end > extent.begin ? end - extent.begin : 1);
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    out->buf->failed = out->buf->failed || scratch_buf.failed;
}
