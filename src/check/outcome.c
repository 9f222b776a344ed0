/* SPDX-License-Identifier: Apache-2.0 */
#include "check/outcome.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/vec.h"
#include "rules/families.h"

#include <stdlib.h>
#include <string.h>

int outcome_init(struct outcome *outcome, const struct op_ctx *ctx, const struct policy *policy,
                 const struct check_input *input, struct err *err)
{
    *outcome = (struct outcome){.ctx = ctx, .policy = policy, .input = input, .arena = ARENA_INIT};
    outcome->file.surface = input->surface;
    bool context = input->context && input->override_count > 0;
    struct str name = context ? input->overrides[input->override_count - 1].name : input->name;
    outcome->file.name = arena_str(&outcome->arena, name);
    outcome->policy_used = ARENA_ARRAY(&outcome->arena, policy->waiver_count + 1, bool);
    outcome->policy_met = ARENA_ARRAY(&outcome->arena, policy->waiver_count + 1, bool);
    if (outcome->file.name.ptr && outcome->policy_used && outcome->policy_met) {
        struct str path = input->path.len ? input->path : input->name;
        for (size_t i = 0; i < policy->waiver_count; i++)
            outcome->policy_met[i] = policy_waiver_covers(policy, &policy->waivers[i], path);
        return 0;
    }
    outcome_done(outcome);
    return err_nomem(err);
}

void outcome_done(struct outcome *outcome)
{
    mem_free(outcome->findings.ptr);
    arena_done(&outcome->arena);
    *outcome = (struct outcome){0};
}

int outcome_not_judged(struct outcome *outcome, const char *reason, struct err *err)
{
    outcome->file.reason = arena_str(&outcome->arena, str_z(reason));
    if (!outcome->file.reason.ptr)
        return err_nomem(err);
    outcome->file.state = REPORT_NOT_JUDGED;
    return 0;
}

/* --- places ------------------------------------------------------------------------------------------------- */

static void move_cursor(struct outcome *outcome, const struct source *source, uint32_t offset)
{
    if (outcome->cursor.source != source || outcome->cursor.offset > offset) {
        outcome->cursor.source = source;
        outcome->cursor.offset = outcome->cursor.line_start = 0;
        outcome->cursor.counted_line = outcome->cursor.counted_to = outcome->cursor.counted = 0;
        outcome->cursor.line = source->line;
    }
    const char *bytes = source->bytes.ptr;
    const char *end = bytes + offset;
    const char *at = bytes + outcome->cursor.offset;
    while (at < end) {
        const char *line_break = memchr(at, '\n', (size_t)(end - at));
        if (!line_break)
            break;
        at = line_break + 1;
        outcome->cursor.line++;
        outcome->cursor.line_start = (uint32_t)(at - bytes);
    }
    outcome->cursor.offset = offset;
}

/* Characters from FROM to TO; a byte order mark at the start of a file counts as none. */
static uint32_t characters(const struct source *source, size_t from, size_t to)
{
    if (source->offset == 0 && from == 0 && str_starts(source->bytes, STR("\xEF\xBB\xBF")))
        from = to < 3 ? to : 3;
    uint32_t count = 0;
    while (from < to) {
        struct str rest = str_of(source->bytes.ptr + from, to - from);
        size_t valid = str_utf8_valid(str_head(rest, 256));
        if (valid == 0) {
            from++;
            count++;
            continue;
        }
        for (size_t i = 0; i < valid; i++)
            count += ((unsigned char)rest.ptr[i] & 0xC0) != 0x80;
        from += valid;
    }
    return count;
}

/*
 * Characters of the cursor's line before OFFSET. Places come in their order, so that a long line (a manifest in JSON
 * may be one) is walked through once, not once for each finding.
 */
static uint32_t characters_before(struct outcome *outcome, const struct source *source, uint32_t offset)
{
    if (outcome->cursor.counted_line != outcome->cursor.line_start || outcome->cursor.counted_to > offset) {
        outcome->cursor.counted_line = outcome->cursor.counted_to = outcome->cursor.line_start;
        outcome->cursor.counted = 0;
    }
    outcome->cursor.counted += characters(source, outcome->cursor.counted_to, offset);
    outcome->cursor.counted_to = offset;
    return outcome->cursor.counted;
}

static size_t character_start(struct str text, size_t at)
{
    size_t back = 0;
    while (at - back > 0 && at < text.len && back < 3 && ((unsigned char)text.ptr[at - back] & 0xC0) == 0x80)
        back++;
    return at - back;
}

static struct str source_name(struct outcome *outcome, const struct source *source)
{
    if (str_eq(source->name, outcome->file.name))
        return outcome->file.name;
    if (!str_eq(source->name, outcome->cursor.name) || !outcome->cursor.name.ptr)
        outcome->cursor.name = arena_str(&outcome->arena, source->name);
    return outcome->cursor.name;
}

static int resolve(struct outcome *outcome, struct place place, struct report_place *ret, struct err *err)
{
    const struct source *source = place.source;
    if (!source) {
        *ret =
            (struct report_place){.file = outcome->file.name, .line = 1, .column = 1, .end_line = 1, .end_column = 1};
        return 0;
    }
    size_t start = place.span.offset < source->bytes.len ? place.span.offset : source->bytes.len;
    size_t end = start + place.span.len < source->bytes.len ? start + place.span.len : source->bytes.len;
    move_cursor(outcome, source, (uint32_t)start);
    *ret = (struct report_place){
        .file = source_name(outcome, source),
        .line = outcome->cursor.line,
        .column = characters_before(outcome, source, (uint32_t)start) + 1,
        .offset = source->offset + start,
        .len = end - start,
    };
    size_t line_start = outcome->cursor.line_start;
    ret->end_line = ret->line;
    for (size_t at = start; at < end; at++)
        if (source->bytes.ptr[at] == '\n') {
            line_start = at + 1;
            ret->end_line++;
        }
    ret->end_column =
        line_start > start ? characters(source, line_start, end) + 1 : ret->column + characters(source, start, end);
    struct str text = str_of(source->bytes.ptr + start, end - start);
    if (text.len > REPORT_TEXT_MAX)
        text = str_head(text, character_start(text, REPORT_TEXT_MAX));
    ret->text = arena_str(&outcome->arena, text);
    return ret->file.ptr && ret->text.ptr ? 0 : err_nomem(err);
}

/* The line of the place that was resolved last. */
static int excerpt(struct outcome *outcome, const struct source *source, uint32_t offset,
                   struct report_finding *finding, struct err *err)
{
    finding->excerpt_column = 1;
    finding->excerpt = STR("");
    if (!source)
        return 0;
    /* No more of the line than is shown: it may be as long as the file. */
    size_t line_start = outcome->cursor.line_start, at = offset - line_start;
    struct str rest = str_head(str_skip(source->bytes, offset), (size_t)2 * REPORT_EXCERPT_MAX);
    struct str line = str_head(str_skip(source->bytes, line_start), at + str_find_char(rest, '\n'));
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len > REPORT_EXCERPT_MAX) {
        size_t from = at > REPORT_EXCERPT_MAX / 4 ? character_start(line, at - REPORT_EXCERPT_MAX / 4) : 0;
        size_t to = from + REPORT_EXCERPT_MAX < line.len ? character_start(line, from + REPORT_EXCERPT_MAX) : line.len;
        finding->excerpt_column =
            1 + characters_before(outcome, source, offset) - characters(source, line_start + from, line_start + at);
        line = str_of(line.ptr + from, to - from);
    }
    finding->excerpt = arena_str(&outcome->arena, line);
    return finding->excerpt.ptr ? 0 : err_nomem(err);
}

/* --- findings ----------------------------------------------------------------------------------------------- */

static int rule_order(const struct rule *rule)
{
    int order = 0;
    while (rules[order] && rules[order] != rule)
        order++;
    return order;
}

static int compare_findings(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;
    uint64_t x_source = x->at.source ? x->at.source->offset : 0;
    uint64_t y_source = y->at.source ? y->at.source->offset : 0;
    int names = str_cmp(x->at.source ? x->at.source->name : STR(""), y->at.source ? y->at.source->name : STR(""));
    if (names != 0)
        return names;
    if (x_source != y_source)
        return x_source < y_source ? -1 : 1;
    if (x->at.span.offset != y->at.span.offset)
        return x->at.span.offset < y->at.span.offset ? -1 : 1;
    if (x->at.span.len != y->at.span.len)
        return x->at.span.len < y->at.span.len ? -1 : 1;
    if (x->rule != y->rule)
        return rule_order(x->rule) - rule_order(y->rule);
    return strcmp(x->message, y->message);
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
    return a->rule == b->rule && a->at.source == b->at.source && a->at.span.offset == b->at.span.offset &&
           a->at.span.len == b->at.span.len && strcmp(a->message, b->message) == 0;
}

static bool strings_hold(const struct rule_strings *strings, struct str text)
{
    for (size_t i = 0; i < strings->count; i++)
        if (str_eq(strings->items[i], text) || str_eq_z(strings->items[i], "*"))
            return true;
    return false;
}

/* The path, as the policy sees it, of a source of the input: it lies beside the input's own file. */
static int policy_path(struct outcome *outcome, const struct source *source, struct str *ret_path, struct err *err)
{
    const struct check_input *input = outcome->input;
    struct str own = input->path.len ? input->path : input->name;
    struct str shown = path_dir(input->name);
    *ret_path = own;
    if (!source || str_eq(source->name, input->name))
        return 0;
    *ret_path = source->name;
    size_t skip = shown.len ? shown.len + 1 : 0;
    if (input->path.len == 0 || str_eq(input->path, input->name) || source->name.len <= skip ||
        !str_starts(source->name, shown))
        return 0;
    struct str beside = path_dir(own);
    const char *path = arena_printf(&outcome->arena, "%.*s%s%.*s", STR_ARG(beside), beside.len ? "/" : "",
                                    STR_ARG(str_skip(source->name, skip)));
    if (!path)
        return err_nomem(err);
    *ret_path = str_z(path);
    return 0;
}

static int policy_waiver(struct outcome *outcome, const struct finding *finding,
                         const struct policy_waiver **ret_waiver, struct err *err)
{
    const struct policy *policy = outcome->policy;
    struct str path;
    *ret_waiver = NULL;
    if (policy->waiver_count == 0)
        return 0;
    int r = policy_path(outcome, finding->at.source, &path, err);
    for (size_t i = 0; r == 0 && i < policy->waiver_count; i++) {
        if (!strings_hold(&policy->waivers[i].rules, str_z(finding->rule->id)) ||
            !policy_waiver_covers(policy, &policy->waivers[i], path))
            continue;
        outcome->policy_used[i] = outcome->policy_met[i] = true;
        *ret_waiver = &policy->waivers[i];
        return 0;
    }
    return r;
}

static int waive(struct outcome *outcome, const struct finding *finding, struct waivers *waivers,
                 struct report_finding *out, struct err *err)
{
    struct str reason = STR_NONE;
    const struct policy_waiver *from_policy = NULL;
    int r = policy_waiver(outcome, finding, &from_policy, err);
    if (r != 0)
        return r;
    struct waiver *inline_waiver = waivers ? waivers_match(waivers, finding) : NULL;
    if (from_policy)
        reason = from_policy->reason;
    else if (inline_waiver && !outcome->policy->locked)
        reason = inline_waiver->reason;
    else if (!outcome->policy->locked)
        reason = finding->waived_why;
    if (!reason.ptr)
        return 0;
    out->verdict = REPORT_WAIVED;
    out->waiver_in_policy = from_policy != NULL;
    out->waiver_reason = arena_str(&outcome->arena, reason);
    return out->waiver_reason.ptr ? 0 : err_nomem(err);
}

static struct str keep(struct outcome *outcome, const char *text, bool *nomem)
{
    if (!text)
        return STR("");
    struct str copy = arena_str(&outcome->arena, str_z(text));
    *nomem |= copy.ptr == NULL;
    return copy;
}

static int report_related(struct outcome *outcome, const struct finding *finding, struct report_finding *out,
                          struct err *err)
{
    if (finding->related_count == 0)
        return 0;
    out->related = ARENA_ARRAY(&outcome->arena, finding->related_count, struct report_related);
    if (!out->related)
        return err_nomem(err);
    for (size_t i = 0; i < finding->related_count; i++) {
        bool nomem = false;
        struct report_related *related = &out->related[i];
        related->message = keep(outcome, finding->related[i].message, &nomem);
        if (nomem)
            return err_nomem(err);
        int r = resolve(outcome, finding->related[i].at, &related->at, err);
        if (r != 0)
            return r;
        out->related_count++;
    }
    return 0;
}

static int report_one(struct outcome *outcome, const struct finding *finding, struct waivers *waivers, struct err *err)
{
    struct report_finding out = {
        .rule = finding->rule,
        .verdict = finding->kind == FINDING_UNKNOWN ? REPORT_UNKNOWN : REPORT_FAILS,
        .severity = finding->severity,
    };
    int r = waive(outcome, finding, waivers, &out, err);
    if (r == 0)
        r = resolve(outcome, finding->at, &out.at, err);
    if (r == 0)
        r = excerpt(outcome, finding->at.source, finding->at.span.offset, &out, err);
    if (r == 0)
        r = report_related(outcome, finding, &out, err);
    if (r != 0)
        return r;
    bool nomem = false;
    out.message = keep(outcome, finding->message, &nomem);
    out.expected = keep(outcome, finding->expected, &nomem);
    out.subject = keep(outcome, finding->subject, &nomem);
    out.remedy = finding->remedy ? keep(outcome, finding->remedy, &nomem)
                                 : str_z(rule_remedy(finding->rule, outcome->input->surface));
    return nomem || !VEC_PUSH(&outcome->findings, out) ? err_nomem(err) : 0;
}

static int too_many(const struct outcome *outcome, struct err *err)
{
    return err_set(err, ERR_LIMIT, "more than %zu findings in one check: mend these, or check fewer files at once",
                   outcome->policy->standard.findings_max);
}

static bool has_room(const struct outcome *outcome)
{
    return !outcome->told || atomic_fetch_add(outcome->told, 1) < outcome->policy->standard.findings_max;
}

int outcome_settle(struct outcome *outcome, struct findings *findings, struct waivers *waivers, struct err *err)
{
    if (findings->count)
        qsort(findings->items, findings->count, sizeof(*findings->items), compare_findings);
    int r = 0;
    for (size_t i = 0; r == 0 && i < findings->count; i++)
        if (i == 0 || !same_finding(&findings->items[i - 1], &findings->items[i]))
            r = has_room(outcome) ? report_one(outcome, &findings->items[i], waivers, err) : too_many(outcome, err);
    findings->count = 0;
    return r == 0 && findings->full ? too_many(outcome, err) : r;
}

/* By file, place and rule. */
static int compare_reported(const void *a, const void *b)
{
    const struct report_finding *x = a;
    const struct report_finding *y = b;
    if (x->at.file.ptr != y->at.file.ptr) {
        int names = str_cmp(x->at.file, y->at.file);
        if (names != 0)
            return names;
    }
    if (x->at.offset != y->at.offset)
        return x->at.offset < y->at.offset ? -1 : 1;
    if (x->at.len != y->at.len)
        return x->at.len < y->at.len ? -1 : 1;
    if (x->rule != y->rule)
        return rule_order(x->rule) - rule_order(y->rule);
    return str_cmp(x->message, y->message);
}

void outcome_sort(struct outcome *outcome)
{
    bool sorted = true;
    for (size_t i = 1; sorted && i < outcome->findings.len; i++)
        sorted = compare_reported(&outcome->findings.ptr[i - 1], &outcome->findings.ptr[i]) <= 0;
    if (!sorted)
        qsort(outcome->findings.ptr, outcome->findings.len, sizeof(*outcome->findings.ptr), compare_reported);
}
