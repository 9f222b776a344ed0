/* SPDX-License-Identifier: Apache-2.0 */
#include "report/junit.h"

#include "check/policy.h"
#include "report/groups.h"

struct counts {
    size_t tests, failures, errors, skipped;
};

/* --- XML -------------------------------------------------------------------------------------------------------- */

static size_t character_len(struct str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    size_t len = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return len <= s.len && str_utf8_valid(str_head(s, len)) == len ? len : 0;
}

/* XML 1.0, production 2: no control characters but tab, LF and CR, and neither U+FFFE nor U+FFFF. */
static bool is_forbidden(struct str character)
{
    unsigned char first = (unsigned char)character.ptr[0];
    if (character.len == 1)
        return first < 0x20 && first != '\t' && first != '\n' && first != '\r';
    return character.len == 3 && first == 0xef && (unsigned char)character.ptr[1] == 0xbf &&
           (unsigned char)character.ptr[2] >= 0xbe;
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t': /* white space in attributes is normalised unless it is a reference */
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static void add_xml(struct buf *out, struct str text, bool attribute)
{
    while (text.len > 0) {
        size_t len = character_len(text);
        const char *entity = len == 1 ? entity_of(text.ptr[0]) : NULL;
        bool layout = text.ptr[0] == '\n' || text.ptr[0] == '\t';
        if (len == 0 || is_forbidden(str_head(text, len)))
            buf_add_z(out, "\xEF\xBF\xBD");
        else if (entity && (attribute || !layout))
            buf_add_z(out, entity);
        else
            buf_add(out, text.ptr, len);
        text = str_skip(text, len > 0 ? len : 1);
    }
}

static void add_attribute(struct buf *out, const char *name, struct str value)
{
    buf_addf(out, " %s=\"", name);
    add_xml(out, value, true);
    buf_add_char(out, '"');
}

static void add_counts(struct buf *out, const struct counts *counts)
{
    buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", counts->tests, counts->failures,
             counts->errors, counts->skipped);
}

/* --- what counts as what ---------------------------------------------------------------------------------------- */

static bool fails_run(const struct policy *policy, const struct report_finding *finding)
{
    static const enum severity least[] = {SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE};
    return finding->verdict == REPORT_FAILS && policy->fail_on != FAIL_ON_NEVER &&
           finding->severity >= least[policy->fail_on];
}

/* An unknown fact that keeps the run from passing. */
static bool is_unanswered(const struct policy *policy, const struct report_finding *finding)
{
    return finding->verdict == REPORT_UNKNOWN && policy->fail_on_unknown;
}

static bool is_asked(const struct policy *policy, const struct rule *rule, enum surface surface)
{
    const struct standard *standard = &policy->standard;
    if (!(rule->surfaces & 1U << surface) || !(rule->profiles & 1U << standard->profile))
        return false;
    return !standard->severity || standard->severity(standard, rule) != SEVERITY_OFF;
}

static bool is_kept(const struct report_groups *groups, const struct report_group *group, const struct rule *rule)
{
    for (size_t i = 0; i < group->count; i++)
        if (groups->findings[group->first + i]->rule == rule)
            return false;
    return true;
}

static bool is_judged(const struct report_group *group)
{
    return group->file && group->file->state == REPORT_JUDGED;
}

static struct counts count_group(const struct report *report, const struct report_groups *groups,
                                 const struct report_group *group)
{
    struct counts counts = {.tests = group->count};
    for (size_t i = 0; i < group->count; i++) {
        const struct report_finding *finding = groups->findings[group->first + i];
        counts.failures += fails_run(report->policy, finding);
        bool unanswered = is_unanswered(report->policy, finding);
        counts.errors += unanswered;
        counts.skipped += finding->verdict != REPORT_FAILS && !unanswered;
    }
    if (group->file && group->file->state == REPORT_NOT_JUDGED) {
        counts.tests++;
        counts.errors++;
    }
    for (size_t i = 0; is_judged(group) && rules[i]; i++)
        counts.tests += is_asked(report->policy, rules[i], group->file->surface) && is_kept(groups, group, rules[i]);
    return counts;
}

/* --- cases ------------------------------------------------------------------------------------------------------ */

static void add_line(struct buf *out, const char *label, struct str text)
{
    if (text.len == 0)
        return;
    buf_addf(out, "%s: ", label);
    add_xml(out, text, false);
    buf_add_char(out, '\n');
}

static void add_body(struct buf *out, const struct report_finding *finding)
{
    add_xml(out, finding->at.file, false);
    buf_addf(out, ":%u:%u: %s: ", (unsigned)finding->at.line, (unsigned)finding->at.column,
             report_finding_word(finding));
    add_xml(out, finding->message, false);
    buf_add_char(out, '\n');
    if (finding->excerpt.len > 0) {
        add_xml(out, finding->excerpt, false);
        buf_add_char(out, '\n');
    }
    add_line(out, "in", finding->subject);
    add_line(out, "expected", finding->expected);
    add_line(out, "remedy", finding->remedy);
}

static void begin_case(struct buf *out, const struct report_group *group)
{
    buf_add_z(out, "    <testcase");
    add_attribute(out, "classname", group->name);
    add_attribute(out, "file", group->name);
}

/* Cases have names of their own: how often the rule was broken at the very same place before. */
static size_t times_before(const struct report_groups *groups, size_t index, const struct report_group *group)
{
    const struct report_finding *finding = groups->findings[index];
    size_t times = 0;
    for (size_t i = index; i > group->first; i--) {
        const struct report_finding *other = groups->findings[i - 1];
        if (other->at.line != finding->at.line || other->at.column != finding->at.column)
            break;
        times += other->rule == finding->rule;
    }
    return times;
}

static void write_finding(struct buf *out, const struct report *report, const struct report_groups *groups,
                          const struct report_group *group, size_t index)
{
    const struct report_finding *finding = groups->findings[index];
    size_t times = times_before(groups, index, group);
    begin_case(out, group);
    buf_addf(out, " line=\"%u\" name=\"%s (line %u, column %u", (unsigned)finding->at.line, finding->rule->id,
             (unsigned)finding->at.line, (unsigned)finding->at.column);
    if (times > 0)
        buf_addf(out, ", %zu", times + 1);
    buf_add_z(out, ")\">");
    if (is_unanswered(report->policy, finding)) {
        buf_add_z(out, "<error message=\"unknown: ");
        add_xml(out, finding->message, true);
        buf_add_z(out, "\" type=\"unknown\"/></testcase>\n");
        return;
    }
    if (finding->verdict != REPORT_FAILS) {
        bool waived = finding->verdict == REPORT_WAIVED;
        buf_addf(out, "<skipped message=\"%s: ", waived ? "waived" : "unknown");
        add_xml(out, waived ? finding->waiver_reason : finding->message, true);
        buf_add_z(out, "\"/></testcase>\n");
        return;
    }
    bool fails = fails_run(report->policy, finding);
    buf_add_z(out, fails ? "<failure" : "<system-out>");
    if (fails) {
        add_attribute(out, "message", finding->message);
        buf_addf(out, " type=\"%s\">", severity_name(finding->severity));
    }
    add_body(out, finding);
    buf_addf(out, "</%s></testcase>\n", fails ? "failure" : "system-out");
}

static void write_not_judged(struct buf *out, const struct report_group *group)
{
    begin_case(out, group);
    buf_add_z(out, " name=\"judged\"><error");
    add_attribute(out, "message", group->file->reason);
    buf_add_z(out, " type=\"not-judged\"/></testcase>\n");
}

static void write_suite(struct buf *out, const struct report *report, const struct report_groups *groups,
                        const struct report_group *group)
{
    struct counts counts = count_group(report, groups, group);
    buf_add_z(out, "  <testsuite");
    add_attribute(out, "name", group->name);
    add_counts(out, &counts);
    buf_add_z(out, ">\n");
    if (group->file && group->file->state == REPORT_NOT_JUDGED)
        write_not_judged(out, group);
    for (size_t i = 0; i < group->count; i++)
        write_finding(out, report, groups, group, group->first + i);
    for (size_t i = 0; is_judged(group) && rules[i]; i++) {
        if (!is_asked(report->policy, rules[i], group->file->surface) || !is_kept(groups, group, rules[i]))
            continue;
        begin_case(out, group);
        buf_addf(out, " name=\"%s\"/>\n", rules[i]->id);
    }
    buf_add_z(out, "  </testsuite>\n");
}

static bool is_told(const struct report_group *group)
{
    return !group->file || group->file->state != REPORT_SKIPPED || group->count > 0;
}

int report_junit_write(const struct report *report, struct buf *out, struct err *err)
{
    struct report_groups groups;
    struct counts total = {0};
    int rc = report_groups_init(&groups, report, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < groups.count; i++) {
        struct counts counts =
            is_told(&groups.items[i]) ? count_group(report, &groups, &groups.items[i]) : (struct counts){0};
        total.tests += counts.tests;
        total.failures += counts.failures;
        total.errors += counts.errors;
        total.skipped += counts.skipped;
    }
    buf_add_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"barehull\"");
    add_counts(out, &total);
    buf_add_z(out, ">\n");
    for (size_t i = 0; i < groups.count; i++)
        if (is_told(&groups.items[i]))
            write_suite(out, report, &groups, &groups.items[i]);
    buf_add_z(out, "</testsuites>\n");
    report_groups_done(&groups);
    return buf_check(out, err);
}
