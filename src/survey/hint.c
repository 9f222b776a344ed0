/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/internal.h"

#include "base/path.h"

#include <stdlib.h>

int survey_say(struct surveying *surveying, struct survey_answer *answer, struct str value, struct str path,
               uint32_t line, const char *why, struct err *err)
{
    struct survey_answer said = {.line = line, .why = why};
    said.value = arena_str(surveying->ctx->arena, value);
    said.path = arena_str(surveying->ctx->arena, path);
    if (!said.value.ptr || !said.path.ptr)
        return err_nomem(err);
    *answer = said;
    return 0;
}

int survey_rivals(struct surveying *surveying, struct survey_answer *answer, struct str *values, size_t count,
                  struct err *err)
{
    count = str_sort_unique(values, count);
    struct str *rivals = ARENA_ARRAY(surveying->ctx->arena, count + 1, struct str);
    size_t kept = 0;
    if (!rivals)
        return err_nomem(err);
    for (size_t i = 0; i < count && kept < LIMIT_SURVEY_RIVALS; i++) {
        if (str_eq(values[i], answer->value))
            continue;
        rivals[kept] = arena_str(surveying->ctx->arena, values[i]);
        if (!rivals[kept++].ptr)
            return err_nomem(err);
    }
    answer->rivals = (struct str_list){rivals, kept};
    return 0;
}

int survey_label(struct surveying *surveying, struct str text, struct str *ret_label, struct err *err)
{
    CLEANUP_BUF struct buf label = BUF_INIT;
    for (size_t i = 0; i < text.len; i++) {
        char c = char_lower(text.ptr[i]);
        if (char_is_alnum(c))
            buf_add_char(&label, c);
        else if (label.len > 0 && label.ptr[label.len - 1] != '-')
            buf_add_char(&label, '-');
    }
    struct str whole = str_head(buf_str(&label), 63);
    while (str_ends(whole, STR("-")))
        whole.len--;
    if (label.failed)
        return err_nomem(err);
    struct str kept = arena_str(surveying->ctx->arena, whole);
    if (!kept.ptr)
        return err_nomem(err);
    *ret_label = kept;
    return 0;
}

int hint_add(struct surveying *surveying, enum hint_kind kind, int weight, struct str value, struct str path,
             uint32_t line, const char *why, struct err *err)
{
    if (surveying->hints.len >= LIMIT_SURVEY_HINTS) {
        if (!surveying->told_limit)
            op_warn(surveying->ctx, "'%.*s' and what follows is left out: more than %u places say something",
                    STR_ARG(path), LIMIT_SURVEY_HINTS);
        surveying->told_limit = true;
        return 0;
    }
    struct hint hint = {.kind = kind, .weight = weight, .line = line, .why = why};
    hint.value = arena_str(surveying->ctx->arena, value);
    hint.path = arena_str(surveying->ctx->arena, path);
    if (!hint.value.ptr || !hint.path.ptr || !VEC_PUSH(&surveying->hints, hint))
        return err_nomem(err);
    return 0;
}

bool hints_has(const struct surveying *surveying, enum hint_kind kind)
{
    for (size_t i = 0; i < surveying->hints.len; i++)
        if (surveying->hints.ptr[i].kind == kind)
            return true;
    return false;
}

/* By weight, then by place: the tree was read in order, so that this does not hang on a directory's. */
static bool is_before(const struct hint *a, const struct hint *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    int order = str_cmp(a->path, b->path);
    return order != 0 ? order < 0 : a->line < b->line;
}

int hints_answer(struct surveying *surveying, enum hint_kind kind, struct survey_answer *ret_answer, struct err *err)
{
    const struct hint *best = NULL;
    for (size_t i = 0; i < surveying->hints.len; i++) {
        const struct hint *hint = &surveying->hints.ptr[i];
        if (hint->kind == kind && (!best || is_before(hint, best)))
            best = hint;
    }
    if (!best)
        return 0;
    VEC(struct str) values = {0};
    int r = survey_say(surveying, ret_answer, best->value, best->path, best->line, best->why, err);
    for (size_t i = 0; i < surveying->hints.len && r == 0; i++)
        if (surveying->hints.ptr[i].kind == kind && surveying->hints.ptr[i].weight == best->weight &&
            !VEC_PUSH(&values, surveying->hints.ptr[i].value))
            r = err_nomem(err);
    if (r == 0)
        r = survey_rivals(surveying, ret_answer, values.ptr, values.len, err);
    VEC_DONE(&values);
    return r;
}

static int by_value(const void *a, const void *b)
{
    const struct hint *x = a, *y = b;
    int order = str_cmp(x->value, y->value);
    return order != 0 ? order : is_before(x, y) ? -1 : is_before(y, x) ? 1 : 0;
}

/* Of each value the best place, sorted by value. */
int hints_found(struct surveying *surveying, enum hint_kind kind, struct survey_found *ret_found, struct err *err)
{
    VEC(struct hint) list = {0};
    VEC(struct survey_answer) answers = {0};
    int r = 0;
    for (size_t i = 0; i < surveying->hints.len && r == 0; i++)
        if (surveying->hints.ptr[i].kind == kind && !VEC_PUSH(&list, surveying->hints.ptr[i]))
            r = err_nomem(err);
    if (r == 0 && list.len > 0)
        qsort(list.ptr, list.len, sizeof(*list.ptr), by_value);
    for (size_t i = 0; i < list.len && r == 0; i++) {
        const struct hint *hint = &list.ptr[i];
        if (i > 0 && str_eq(hint->value, list.ptr[i - 1].value))
            continue;
        struct survey_answer answer = {hint->value, hint->path, hint->line, hint->why, {NULL, 0}};
        if (!VEC_PUSH(&answers, answer))
            r = err_nomem(err);
    }
    struct survey_answer *kept =
        r == 0 ? ARENA_ARRAY(surveying->ctx->arena, answers.len + 1, struct survey_answer) : NULL;
    if (r == 0 && !kept)
        r = err_nomem(err);
    for (size_t i = 0; i < answers.len && r == 0; i++)
        kept[i] = answers.ptr[i];
    if (r == 0)
        *ret_found = (struct survey_found){kept, answers.len};
    VEC_DONE(&list);
    VEC_DONE(&answers);
    return r;
}
