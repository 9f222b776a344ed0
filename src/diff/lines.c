/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/limits.h"
#include "base/map.h"
#include "diff/internal.h"

#include <string.h>

static size_t count_lines(struct str text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++)
        at += str_find_char(str_skip(text, at), '\n') + 1;
    return count;
}

static int number_lines(struct diff_text *text, struct str content, struct map *numbers, struct err *err)
{
    size_t at = 0;
    for (size_t i = 0; i < text->count; i++) {
        struct str rest = str_skip(content, at);
        text->lines[i] = str_head(rest, str_find_char(rest, '\n') + 1);
        at += text->lines[i].len;
        void **slot = map_slot(numbers, text->lines[i]);
        if (!slot)
            return err_nomem(err);
        if (!*slot)
            *slot = (void *)(uintptr_t)numbers->len;
        text->numbers[i] = (uint32_t)(uintptr_t)*slot;
    }
    return 0;
}

static int prepare(struct diff_text *text, struct str content, struct err *err)
{
    text->count = count_lines(content);
    if (text->count > LIMIT_DIFF_LINES)
        return err_set(err, ERR_LIMIT, "a text of %zu lines is too long for a diff (at most %u)", text->count,
                       LIMIT_DIFF_LINES);
    text->lines = mem_calloc(text->count + 1, sizeof(*text->lines));
    text->numbers = mem_calloc(text->count + 1, sizeof(*text->numbers));
    text->changed_store = mem_calloc(text->count + 2, sizeof(*text->changed_store));
    if (!text->lines || !text->numbers || !text->changed_store)
        return err_nomem(err);
    text->changed = text->changed_store + 1;
    return 0;
}

int diff_split(struct str before, struct str after, struct diff_text texts[2], struct err *err)
{
    struct map numbers CLEANUP_MAP = MAP_INIT;
    memset(texts, 0, 2 * sizeof(*texts));
    int r = prepare(&texts[0], before, err);
    if (r == 0)
        r = prepare(&texts[1], after, err);
    if (r == 0)
        r = number_lines(&texts[0], before, &numbers, err);
    return r == 0 ? number_lines(&texts[1], after, &numbers, err) : r;
}

void diff_text_done(struct diff_text *text)
{
    mem_free(text->lines);
    mem_free(text->numbers);
    mem_free(text->changed_store);
    memset(text, 0, sizeof(*text));
}
