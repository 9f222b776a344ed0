/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/diff.h"

#include "base/limits.h"
#include "diff/internal.h"

struct hunk {
    size_t a0, a1, b0, b1;
};

struct writing {
    const struct diff_text *a, *b;
    size_t context;
    struct buf *out;
};

/* Names as git and patch read them: what would end the name, or is no ASCII, is quoted as in C. */
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static void add_quoted(struct buf *out, struct str name)
{
    static const char letters[] = "abtnvfr"; /* from 7 on */
    buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c >= 7 && c <= 13)
            buf_addf(out, "\\%c", letters[c - 7]);
        else if (c < 0x20 || c >= 0x7f)
            buf_addf(out, "\\%03o", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

static void add_name(struct buf *out, struct str name)
{
    if (is_plain(name))
        buf_add_str(out, name);
    else
        add_quoted(out, name);
}

/* "--- a/x": a tab ends a name that holds a space. */
static void add_side(struct buf *out, const char *mark, const struct diff_side *side)
{
    struct str name = side->content.ptr && side->name.len ? side->name : STR("/dev/null");
    buf_add_z(out, mark);
    add_name(out, name);
    buf_add_z(out, is_plain(name) && str_has_char(name, ' ') ? "\t\n" : "\n");
}

static void add_range(struct buf *out, char mark, size_t start, size_t end)
{
    buf_addf(out, "%c%zu", mark, end == start ? start : start + 1);
    if (end - start != 1)
        buf_addf(out, ",%zu", end - start);
}

static void add_line(struct buf *out, char mark, struct str line)
{
    buf_add_char(out, mark);
    buf_add_str(out, line);
    if (line.ptr[line.len - 1] != '\n')
        buf_add_z(out, "\n\\ No newline at end of file\n");
}

/* The lines of HUNK: what goes before what comes, at each place. */
static void add_hunk(const struct writing *writing, const struct hunk *hunk)
{
    const struct diff_text *a = writing->a, *b = writing->b;
    struct buf *out = writing->out;
    buf_add_z(out, "@@ ");
    add_range(out, '-', hunk->a0, hunk->a1);
    buf_add_char(out, ' ');
    add_range(out, '+', hunk->b0, hunk->b1);
    buf_add_z(out, " @@\n");
    size_t i = hunk->a0, j = hunk->b0;
    while (i < hunk->a1 || j < hunk->b1)
        if (i < hunk->a1 && a->changed[i])
            add_line(out, '-', a->lines[i++]);
        else if (j < hunk->b1 && b->changed[j])
            add_line(out, '+', b->lines[j++]);
        else {
            add_line(out, ' ', a->lines[i++]);
            j++;
        }
}

/* Behind the changes at I, J and all that follow within twice the context. */
static void extend(const struct writing *writing, struct hunk *hunk)
{
    const struct diff_text *a = writing->a, *b = writing->b;
    size_t i = hunk->a1, j = hunk->b1;
    for (;;) {
        while (i < a->count && a->changed[i])
            i++;
        while (j < b->count && b->changed[j])
            j++;
        hunk->a1 = i;
        hunk->b1 = j;
        while (i < a->count && j < b->count && !a->changed[i] && !b->changed[j])
            i++, j++;
        if ((i == a->count && j == b->count) || i - hunk->a1 > 2 * writing->context)
            break;
    }
    size_t behind = a->count - hunk->a1 < writing->context ? a->count - hunk->a1 : writing->context;
    hunk->a1 += behind;
    hunk->b1 += behind;
}

static void add_hunks(const struct writing *writing)
{
    size_t i = 0, j = 0;
    while (i < writing->a->count || j < writing->b->count) {
        if (!writing->a->changed[i] && !writing->b->changed[j]) {
            i++, j++;
            continue;
        }
        size_t before = i < writing->context ? i : writing->context;
        struct hunk hunk = {i - before, i, j - before, j};
        extend(writing, &hunk);
        add_hunk(writing, &hunk);
        i = hunk.a1;
        j = hunk.b1;
    }
}

/*
 * An empty file that comes or goes has no lines to show: git's words for it, which patch knows too. Here a space would
 * end a name for patch.
 */
static void add_empty(const struct diff_side *before, const struct diff_side *after, struct buf *out)
{
    struct str name = after->content.ptr ? after->name : before->name;
    struct str path = str_skip(name, str_find_char(name, '/') + 1);
    bool quoted = !is_plain(name) || str_has_char(name, ' ');
    buf_add_z(out, "diff --git");
    for (const char *mark = "ab"; *mark; mark++) {
        CLEANUP_BUF struct buf whole = BUF_INIT;
        buf_addf(&whole, "%c/%.*s", *mark, STR_ARG(path));
        buf_add_char(out, ' ');
        (quoted ? add_quoted : add_name)(out, buf_str(&whole));
        out->failed |= whole.failed;
    }
    buf_addf(out, "\n%s file mode 100644\n", after->content.ptr ? "new" : "deleted");
}

static void add_binary(const struct diff_side *before, const struct diff_side *after, struct buf *out)
{
    buf_add_z(out, "Binary files ");
    add_name(out, before->content.ptr ? before->name : STR("/dev/null"));
    buf_add_z(out, " and ");
    add_name(out, after->content.ptr ? after->name : STR("/dev/null"));
    buf_add_z(out, " differ\n");
}

static int add_texts(const struct diff_side *before, const struct diff_side *after, unsigned context, struct buf *out,
                     struct err *err)
{
    struct diff_text texts[2];
    int r = diff_split(before->content, after->content, texts, err);
    if (r == 0)
        r = diff_find_changes(&texts[0], &texts[1], err);
    if (r == 0) {
        diff_slide(&texts[0], &texts[1]);
        diff_slide(&texts[1], &texts[0]);
        struct writing writing = {&texts[0], &texts[1], context, out};
        add_side(out, "--- ", before);
        add_side(out, "+++ ", after);
        add_hunks(&writing);
    }
    diff_text_done(&texts[0]);
    diff_text_done(&texts[1]);
    return r;
}

int diff_unified(const struct diff_side *before, const struct diff_side *after, unsigned context, struct buf *out,
                 struct err *err)
{
    size_t start = out->len;
    bool both = before->content.ptr && after->content.ptr;
    if (str_eq(before->content, after->content) && (both || before->content.ptr == after->content.ptr))
        return 0;
    int r = 0;
    if (before->content.len == 0 && after->content.len == 0)
        add_empty(before, after, out);
    else if (str_has_char(before->content, '\0') || str_has_char(after->content, '\0'))
        add_binary(before, after, out);
    else
        r = add_texts(before, after, context, out, err);
    if (r == 0)
        r = buf_check(out, err);
    if (r != 0)
        buf_truncate(out, start);
    return r;
}
