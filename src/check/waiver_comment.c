/* SPDX-License-Identifier: Apache-2.0 */
#include "check/waiver_comment.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "facts/waiver_text.h"
#include "rules/families.h"

#include <string.h>

int waiver_complain(struct waiver_adding *adding, struct place at, const char *message, const char *remedy,
                    struct err *err)
{
    struct finding *finding = findings_add(adding->findings, adding->arena, err);
    if (!finding || !message)
        return err_nomem(err);
    *finding = (struct finding){
        .rule = &valid_waivers_rule,
        .severity = valid_waivers_rule.severity,
        .at = at,
        .message = message,
        .remedy = remedy,
    };
    return 0;
}

static int unknown_rule(struct waiver_adding *adding, struct str rule, struct place at, struct err *err)
{
    struct suggest suggest = suggest_begin(rule);
    for (size_t i = 0; rules[i]; i++)
        suggest_offer(&suggest, str_z(rules[i]->id));
    const char *remedy = "'barehull rules' lists them all";
    if (suggest.best.len)
        remedy = arena_printf(adding->arena, "did you mean '%.*s'?", STR_ARG(suggest.best));
    return remedy ? waiver_complain(adding, at,
                                    arena_printf(adding->arena, "there is no rule %s", place_shown(at, adding->arena)),
                                    remedy, err)
                  : err_nomem(err);
}

static struct waiver *grow(struct waiver_adding *adding)
{
    struct waivers *waivers = adding->waivers;
    if (waivers->count == waivers->cap) {
        size_t cap = waivers->cap ? waivers->cap * 2 : 8;
        struct waiver *items = ARENA_ARRAY(adding->arena, cap, struct waiver);
        if (!items)
            return NULL;
        if (waivers->count)
            memcpy(items, waivers->items, waivers->count * sizeof(*items));
        waivers->items = items;
        waivers->cap = cap;
    }
    return &waivers->items[waivers->count++];
}

int waiver_add(struct waiver_adding *adding, struct str rule, struct place at, struct str reason,
               struct place reason_at, const struct waiver *model, struct err *err)
{
    if (adding->waivers->count >= LIMIT_WAIVERS)
        return waiver_complain(adding, at, "one document has too many waivers", "waive by path in .barehull.yaml", err);
    if (!rule_find(rule) && !str_eq_z(rule, "*"))
        return unknown_rule(adding, rule, at, err);
    if (reason.len == 0)
        return waiver_complain(adding, reason_at,
                               arena_printf(adding->arena, "the waiver of '%.*s' gives no reason", STR_ARG(rule)),
                               arena_printf(adding->arena, "write why: allow %.*s -- REASON", STR_ARG(rule)), err);
    struct waiver *waiver = grow(adding);
    if (!waiver)
        return err_nomem(err);
    *waiver = *model;
    waiver->rule = rule;
    waiver->reason = reason;
    waiver->at = at;
    return 0;
}

static struct place place_in(const struct waiver_adding *adding, struct str part)
{
    size_t offset = (size_t)(part.ptr - adding->source->bytes.ptr);
    return (struct place){adding->source, {(uint32_t)offset, (uint32_t)part.len}};
}

int waiver_comment_read(struct waiver_adding *adding, struct data_span comment, const struct waiver *model,
                        struct err *err)
{
    struct str text = data_span_text(adding->source->bytes, comment);
    while (text.len && text.ptr[0] == '#')
        text = str_skip(text, 1);
    text = str_trim(text);
    if (!str_starts(text, STR("barehull:")))
        return 0;
    struct str rest = str_trim_left(str_skip(text, 9));
    struct str verb = str_head(rest, str_find_char(rest, ' '));
    if (!str_eq_z(verb, "allow"))
        return waiver_complain(
            adding, place_in(adding, text),
            arena_printf(adding->arena, "%s is no waiver", place_shown(place_in(adding, text), adding->arena)),
            "write '# barehull: allow RULE -- reason'", err);
    rest = str_trim_left(str_skip(rest, verb.len));
    struct str names, reason;
    waiver_text_split(rest, &names, &reason);
    if (names.len == 0)
        return waiver_complain(adding, place_in(adding, text), "the waiver names no rule",
                               "write '# barehull: allow RULE -- reason'", err);
    int r = 0;
    for (struct str name; r == 0 && str_next(&names, ',', &name);) {
        name = str_trim(name);
        if (name.len)
            r = waiver_add(adding, name, place_in(adding, name), reason, place_in(adding, text), model, err);
    }
    return r;
}
