/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/choose.h"

#include "base/num.h"

int choose_add(struct choose *choose, struct str value, struct str dir, struct str path, uint32_t line, int score,
               struct err *err)
{
    for (size_t i = 0; i < choose->items.len; i++) {
        struct choose_item *item = &choose->items.ptr[i];
        if (!str_eq(item->value, value) || !str_eq(item->dir, dir))
            continue;
        if (item->score >= score)
            return 0;
        item->score = score;
        item->line = line;
        item->path = arena_str(choose->surveying->ctx->arena, path);
        return item->path.ptr ? 0 : err_nomem(err);
    }
    if (choose->items.len >= LIMIT_SURVEY_PROGRAMS)
        return 0;
    struct arena *arena = choose->surveying->ctx->arena;
    struct choose_item item = {arena_str(arena, value), arena_str(arena, dir), arena_str(arena, path), line, score};
    if (!item.value.ptr || !item.dir.ptr || !item.path.ptr || !VEC_PUSH(&choose->items, item))
        return err_nomem(err);
    return 0;
}

static bool is_better(const struct choose_item *a, const struct choose_item *b)
{
    return a->score != b->score ? a->score > b->score : str_cmp(a->value, b->value) < 0;
}

int choose_program(struct choose *choose, struct survey_answer *answer, const char *why, struct err *err)
{
    struct surveying *surveying = choose->surveying;
    const struct choose_item *best = NULL;
    for (size_t i = 0; i < choose->items.len; i++)
        if (!best || is_better(&choose->items.ptr[i], best))
            best = &choose->items.ptr[i];
    if (!best)
        return 0;
    VEC(struct str) rivals = {0};
    int r = survey_say(surveying, answer, best->value, best->path, best->line, why, err);
    for (size_t i = 0; i < choose->items.len && r == 0; i++) {
        const struct choose_item *item = &choose->items.ptr[i];
        if (item == best)
            continue;
        if (item->score == best->score && !VEC_PUSH(&rivals, item->value))
            r = err_nomem(err);
        if (r == 0 && !str_eq(item->dir, best->dir) && !VEC_PUSH(&surveying->others, item->dir))
            r = err_nomem(err);
    }
    if (r == 0)
        r = survey_rivals(surveying, answer, rivals.ptr, rivals.len, err);
    VEC_DONE(&rivals);
    return r;
}

void choose_done(struct choose *choose)
{
    VEC_DONE(&choose->items);
}

int choose_framework_listens(struct surveying *surveying, const char *name, struct err *err)
{
    for (size_t i = 0; i < surveying->hints.len; i++) {
        struct hint hint = surveying->hints.ptr[i];
        if (hint.kind == HINT_LISTENS)
            return hint_add(surveying, HINT_FRAMEWORK, HINT_OWN, str_z(name), hint.path, hint.line, "it listens", err);
    }
    return 0;
}

bool choose_number(struct str text, uint64_t *ret_value)
{
    return num_parse_u64(text, ret_value);
}

bool choose_is_aside(struct str name)
{
    static const char *const parts[] = {"test", "bench", "example", "fuzz", "demo", "sample"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        size_t at = str_find(name, str_z(parts[i]));
        if (at == 0 || (at < name.len && !char_is_alnum(name.ptr[at - 1])))
            return true;
    }
    return false;
}
