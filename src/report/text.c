/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include "check/check.h"
#include "report/excerpt.h"
#include "report/groups.h"

enum { FILES_SHOWN = 10 /* that were not judged, without --verbose */ };

static enum text_style style_of(const struct report_finding *finding)
{
    if (finding->verdict != REPORT_FAILS)
        return TEXT_DIM;
    return finding->severity == SEVERITY_ERROR     ? TEXT_RED
           : finding->severity == SEVERITY_WARNING ? TEXT_YELLOW
                                                   : TEXT_CYAN;
}

static void write_place(const struct report_place *at, struct text_out *out)
{
    text_str(out, at->file);
    if (at->line > 0)
        text_f(out, ":%u:%u", (unsigned)at->line, (unsigned)at->column);
}

/* "   = remedy: ..." behind the margin, wrapped. TEXT may be of several lines, and of others. */
static void write_detail(unsigned margin, const char *label, struct str text, struct text_out *out)
{
    if (text.len == 0)
        return;
    CLEANUP_BUF struct buf clean = BUF_INIT;
    struct text_out cleaner = {.buf = &clean};
    struct str line;
    while (str_next_line(&text, &line)) {
        text_str(&cleaner, line);
        text_z(&cleaner, "\n");
    }
    text_style(out, TEXT_DIM);
    text_f(out, "%*s= %s:", (int)margin, "", label);
    text_style(out, TEXT_PLAIN);
    text_z(out, " ");
    text_wrap(out, margin + 2, margin + 4 + text_columns(str_z(label)), buf_str(&clean));
    out->buf->failed = out->buf->failed || clean.failed;
}

static void write_related(unsigned margin, const struct report_related *related, struct text_out *out)
{
    CLEANUP_BUF struct buf line = BUF_INIT;
    struct text_out inner = {.buf = &line};
    write_place(&related->at, &inner);
    text_f(&inner, ": ");
    buf_add_str(&line, related->message);
    write_detail(margin, "see", buf_str(&line), out);
    out->buf->failed = out->buf->failed || line.failed;
}

static void write_finding(const struct report_finding *finding, struct text_out *out)
{
    unsigned margin = report_margin(finding);
    text_style(out, TEXT_BOLD);
    write_place(&finding->at, out);
    text_z(out, ": ");
    text_style(out, TEXT_PLAIN);
    text_styled(out, style_of(finding), report_finding_word(finding));
    text_z(out, ": ");
    text_str(out, finding->message);
    text_style(out, TEXT_DIM);
    text_f(out, " [%s]", finding->rule->id);
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    report_excerpt_draw(finding, style_of(finding), out);
    write_detail(margin, "in", finding->subject, out);
    write_detail(margin, "expected", finding->expected, out);
    write_detail(margin, "waived", finding->waiver_reason, out);
    if (finding->verdict != REPORT_WAIVED)
        write_detail(margin, "remedy", finding->remedy, out);
    for (size_t i = 0; i < finding->related_count; i++)
        write_related(margin, &finding->related[i], out);
    text_z(out, "\n");
}

/* What is unknown is told where it keeps the run from passing. */
static bool is_listed(const struct report_finding *finding, const struct report *report, const struct text_out *out)
{
    return finding->verdict == REPORT_FAILS || out->verbose ||
           (finding->verdict == REPORT_UNKNOWN && report->policy->fail_on_unknown);
}

static void write_findings(const struct report_groups *groups, const struct report *report, struct text_out *out)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct report_group *group = &groups->items[i];
        for (size_t k = 0; k < group->count; k++) {
            const struct report_finding *finding = groups->findings[group->first + k];
            if (is_listed(finding, report, out))
                write_finding(finding, out);
        }
    }
}

/* --- what was read -------------------------------------------------------------------------------------------- */

static void write_files(const struct report *report, enum report_file_state state, size_t count, struct text_out *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < report->file_count; i++) {
        const struct report_file *file = &report->files[i];
        if (file->state != state)
            continue;
        if (shown == FILES_SHOWN && !out->verbose) {
            text_f(out, "  and %zu more (--verbose lists them)\n", count - shown);
            return;
        }
        shown++;
        text_z(out, "  ");
        text_str(out, file->name);
        text_z(out, ": ");
        text_str(out, file->reason);
        text_z(out, "\n");
    }
}

static void write_coverage(const struct report *report, struct text_out *out)
{
    uint64_t documents = 0;
    for (size_t i = 0; i < report->file_count; i++)
        documents += report->files[i].state == REPORT_JUDGED ? report->files[i].documents : 0;
    text_count(out, report->judged, "file");
    text_z(out, " judged");
    if (report->judged > 0) {
        text_z(out, " (");
        text_count(out, documents, "document");
        text_z(out, ", ");
        text_size(out, report->bytes);
        text_z(out, ")");
    }
    if (out->verbose && report->skipped > 0) {
        text_f(out, ", %zu skipped:\n", report->skipped);
        write_files(report, REPORT_SKIPPED, report->skipped, out);
    } else {
        if (report->skipped > 0)
            text_f(out, ", %zu skipped", report->skipped);
        text_z(out, "\n");
    }
    if (report->not_judged == 0)
        return;
    text_style(out, TEXT_YELLOW);
    text_count(out, report->not_judged, "file");
    text_z(out, " not judged:");
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    write_files(report, REPORT_NOT_JUDGED, report->not_judged, out);
}

/* --- the verdict ---------------------------------------------------------------------------------------------- */

static void add_part(struct text_out *out, bool *begun, uint64_t count, const char *noun)
{
    if (count == 0)
        return;
    text_z(out, *begun ? ", " : "");
    text_count(out, count, noun);
    *begun = true;
}

static void write_counts(const struct report *report, struct text_out *out)
{
    bool begun = false;
    add_part(out, &begun, report->errors, "error");
    add_part(out, &begun, report->warnings, "warning");
    add_part(out, &begun, report->notes, "note");
    if (!begun)
        text_z(out, "nothing found");
    if (report->waived + report->unknown == 0)
        return;
    text_z(out, "; ");
    if (report->unknown > 0)
        text_f(out, "%zu unknown", report->unknown);
    if (report->waived > 0)
        text_f(out, "%s%zu waived", report->unknown > 0 ? ", " : "", report->waived);
    text_z(out, out->verbose ? "" : " (--verbose lists them)");
}

static void write_verdict(const struct report *report, struct text_out *out)
{
    static const struct {
        const char *word;
        enum text_style style;
    } verdicts[] = {{"pass", TEXT_GREEN}, {"fail", TEXT_RED}, {"incomplete", TEXT_YELLOW}, {"incomplete", TEXT_YELLOW}};
    int status = check_status(report);
    text_style(out, verdicts[status].style);
    text_f(out, "%s:", verdicts[status].word);
    text_style(out, TEXT_PLAIN);
    text_z(out, " ");
    if (report->judged + report->finding_count == 0)
        text_z(out, "nothing was judged");
    else
        write_counts(report, out);
    if (status == 3 && report->judged > 0)
        text_z(out, report->not_judged > 0 ? ", but not everything was judged" : ", but not everything is known");
    text_z(out, "\n");
}

void report_text_write(const struct report *report, struct text_out *out)
{
    struct report_groups groups;
    if (report_groups_init(&groups, report, NULL)) {
        out->buf->failed = true;
        return;
    }
    write_findings(&groups, report, out);
    if (report->errors + report->warnings + report->notes > 0)
        text_z(out, "'barehull explain RULE' tells why a rule is there and shows how it is kept\n");
    write_coverage(report, out);
    write_verdict(report, out);
    report_groups_done(&groups);
}
