/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "check/outcome.h"
#include "rules/families.h"

/* Takes "line L, column C: " off TEXT. */
static bool take_position(struct str *text, uint32_t *ret_line, uint32_t *ret_column)
{
    struct str rest = *text;
    if (!str_starts(rest, STR("line ")))
        return false;
    rest = str_skip(rest, 5);
    size_t comma = str_find_char(rest, ',');
    if (comma == rest.len || !num_parse_u32(str_head(rest, comma), ret_line))
        return false;
    rest = str_skip(rest, comma);
    if (!str_starts(rest, STR(", column ")))
        return false;
    rest = str_skip(rest, 9);
    size_t colon = str_find_char(rest, ':');
    if (colon == rest.len || !num_parse_u32(str_head(rest, colon), ret_column))
        return false;
    *text = str_trim_left(str_skip(rest, colon + 1));
    return true;
}

/* The length of the character at byte AT; 0 at the end of a line. */
static uint32_t character_at(struct str bytes, size_t at)
{
    uint32_t len = 1;
    if (at >= bytes.len || bytes.ptr[at] == '\n' || bytes.ptr[at] == '\r')
        return 0;
    while (at + len < bytes.len && len < 4 && ((unsigned char)bytes.ptr[at + len] & 0xC0) == 0x80)
        len++;
    return len;
}

/* The character at LINE and COLUMN, one character long; at the end of the line, empty. */
static struct data_span span_at(struct str bytes, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line && at < bytes.len; i++) {
        size_t line_break = str_find_char(str_skip(bytes, at), '\n');
        at += line_break + 1;
    }
    if (at > bytes.len)
        at = bytes.len;
    if (at == 0 && str_starts(bytes, STR("\xEF\xBB\xBF")))
        at = 3;
    for (uint32_t i = 1; i < column && character_at(bytes, at); i++)
        at += character_at(bytes, at);
    return (struct data_span){(uint32_t)at, character_at(bytes, at)};
}

int outcome_syntax_at(struct outcome *outcome, struct place at, const char *message, const char *remedy,
                      struct arena *arena, struct findings *findings, struct err *err)
{
    const struct standard *standard = &outcome->policy->standard;
    enum severity severity = standard->severity(standard, &valid_syntax_rule);
    if (severity == SEVERITY_OFF)
        return 0;
    struct finding *finding = findings_add(findings, arena, err);
    if (!finding)
        return -(int)ERR_NOMEM;
    if (at.source && at.span.len == 0)
        at.span.len = character_at(at.source->bytes, at.span.offset);
    *finding = (struct finding){
        .rule = &valid_syntax_rule,
        .severity = severity,
        .at = at,
        .message = message,
        .remedy = remedy && remedy[0] ? remedy : NULL,
    };
    return 0;
}

int outcome_syntax(struct outcome *outcome, const struct source *source, const struct err *problem, struct arena *arena,
                   struct findings *findings, struct err *err)
{
    struct str text = str_z(problem->message);
    uint32_t line = 1, column = 1;
    struct data_span span = {0, 0};
    if (take_position(&text, &line, &column))
        span = span_at(source->bytes, line, column);
    const char *message = arena_z(arena, text);
    const char *remedy = arena_z(arena, str_z(problem->hint));
    if (!message || !remedy)
        return err_nomem(err);
    return outcome_syntax_at(outcome, (struct place){source, span}, message, remedy, arena, findings, err);
}

bool outcome_judges(const struct outcome *outcome, const struct rule *rule)
{
    const struct standard *standard = &outcome->policy->standard;
    return (rule->profiles & 1U << standard->profile) && standard->severity(standard, rule) != SEVERITY_OFF;
}

int outcome_unused(const struct outcome *outcome, const struct waivers *waivers, struct arena *arena,
                   struct findings *findings, struct err *err)
{
    const struct standard *standard = &outcome->policy->standard;
    enum severity severity = standard->severity(standard, &valid_waivers_rule);
    for (size_t i = 0; severity != SEVERITY_OFF && i < waivers->count; i++) {
        const struct waiver *waiver = &waivers->items[i];
        const struct rule *rule = rule_find(waiver->rule);
        if (waiver->used && !outcome->policy->locked)
            continue;
        if (!waiver->used && rule && !outcome_judges(outcome, rule))
            continue;
        struct finding *finding = findings_add(findings, arena, err);
        const char *message =
            waiver->used
                ? arena_printf(arena, "the policy is locked: the waiver of '%.*s' has no power", STR_ARG(waiver->rule))
                : arena_printf(arena, "nothing here needs the waiver of '%.*s'", STR_ARG(waiver->rule));
        if (!finding || !message)
            return err_nomem(err);
        *finding = (struct finding){
            .rule = &valid_waivers_rule,
            .severity = severity,
            .at = waiver->at,
            .message = message,
            .remedy = waiver->used ? "ask whoever owns the policy to waive it there, or mend the finding"
                                   : "remove the waiver",
        };
    }
    return 0;
}
