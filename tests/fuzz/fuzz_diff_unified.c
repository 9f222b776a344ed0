/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts, split at the first NUL: what the diff says, applied to the first, gives the second; it says nothing only
 * when both are the same.
 */
#include "diff/diff.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool holds)
{
    if (!holds)
        abort();
}

/* The next line of TEXT with its newline. */
static struct str take(struct str *text)
{
    struct str line = str_head(*text, str_find_char(*text, '\n') + 1);
    *text = str_skip(*text, line.len);
    return line;
}

#define NO_NEWLINE "\\ No newline at end of file\n"

/* The content of a line of the diff, without its newline when the next line says so. */
static struct str content(struct str line, struct str *diff)
{
    line = str_skip(line, 1);
    if (!str_starts(*diff, STR(NO_NEWLINE)))
        return line;
    *diff = str_skip(*diff, sizeof(NO_NEWLINE) - 1);
    return str_head(line, line.len - 1);
}

static void apply(struct str before, struct str diff, struct buf *out)
{
    size_t number = 1; /* of the next line of BEFORE */
    want(str_eq_z(take(&diff), "--- a/x\n") && str_eq_z(take(&diff), "+++ b/x\n"));
    while (diff.len > 0) {
        struct str line = take(&diff);
        if (str_starts(line, STR("@@ -"))) {
            size_t start = strtoul(line.ptr + 4, NULL, 10);
            if (line.ptr[4 + strcspn(line.ptr + 4, ", ")] == ',' &&
                strncmp(line.ptr + 4 + strcspn(line.ptr + 4, ", "), ",0 ", 3) == 0)
                start++;
            for (; number < start; number++)
                buf_add_str(out, take(&before));
            continue;
        }
        struct str text = content(line, &diff);
        if (line.ptr[0] != '+') {
            want(str_eq(take(&before), text));
            number++;
        }
        if (line.ptr[0] != '-')
            buf_add_str(out, text);
    }
    buf_add_str(out, before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size};
    size_t cut = str_find_char(all, '\0');
    struct diff_side a = {STR("a/x"), str_head(all, cut)}, b = {STR("b/x"), str_skip(all, cut + 1)};
    if (!a.content.ptr || !b.content.ptr || str_has_char(b.content, '\0'))
        return 0;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct buf made CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    want(diff_unified(&a, &b, (unsigned)(size % 4), &out, &err) == 0);
    want((out.len == 0) == str_eq(a.content, b.content));
    if (out.len == 0)
        return 0;
    apply(a.content, buf_str(&out), &made);
    want(str_eq(buf_str(&made), b.content));
    return 0;
}
