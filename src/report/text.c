/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include "check/check.h"
#include "report/excerpt.h"
#include "report/groups.h"

enum { FILES_SHOWN = 10 /* that were not judged, without --verbose */ };

#define UNKNOWN "unknown: "
#define UNKNOWN_MEANS                                                                                                  \
    "the value hangs on what is not to be seen here (a variable, another file, an image); that neither passes nor "    \
    "fails, and with --fail-on-unknown the run is incomplete"

/* The state of a walk through the findings. */
struct listing {
    const struct report_finding *before; /* the last that was listed, or NULL */
    bool containers;                     /* the file is about containers, of which there may be many */
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

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
    buf_add_fill(out->buf, ' ', margin);
    text_z(out, "= ");
    text_z(out, label);
    text_z(out, ":");
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

/* The first sentence of TEXT as one of our messages: lower case, no full stop. */
static struct str first_sentence(struct str text, struct buf *scratch)
{
    for (size_t i = 1; i + 2 < text.len; i++)
        if (text.ptr[i] == '.' && text.ptr[i - 1] != '.' && text.ptr[i + 1] == ' ' && is_upper(text.ptr[i + 2]))
            text = str_head(text, i);
    if (str_ends(text, STR(".")) && !str_ends(text, STR("..")))
        text.len--;
    if (text.len < 2 || !is_upper(text.ptr[0]) || is_upper(text.ptr[1]))
        return text;
    buf_add_char(scratch, (char)(text.ptr[0] + ('a' - 'A')));
    buf_add_str(scratch, str_skip(text, 1));
    return buf_str(scratch);
}

/* One line to act on; with --verbose the remedy as a whole too. */
static void write_help(const struct report_finding *finding, struct text_out *out)
{
    unsigned margin = report_margin(finding);
    if (finding->verdict == REPORT_WAIVED) {
        write_detail(margin, "waived", finding->waiver_reason, out);
        return;
    }
    write_detail(margin, "help", finding->expected, out);
    if (out->verbose) {
        write_detail(margin, finding->expected.len > 0 ? "remedy" : "help", finding->remedy, out);
    } else if (finding->expected.len == 0) {
        CLEANUP_BUF struct buf scratch = BUF_INIT;
        write_detail(margin, "help", first_sentence(finding->remedy, &scratch), out);
        out->buf->failed = out->buf->failed || scratch.failed;
    }
}

static void write_head(const struct report_finding *finding, struct text_out *out)
{
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
}

static bool same_line(const struct report_finding *a, const struct report_finding *b)
{
    return a->at.line == b->at.line && str_eq(a->at.file, b->at.file);
}

static bool same_span(const struct report_finding *a, const struct report_finding *b)
{
    return same_line(a, b) && a->at.offset == b->at.offset && a->at.len == b->at.len;
}

/* What one of several findings about the same bytes has shown is not shown again, nor whose they are until it changes.
 * A Dockerfile has one stage that ships: that need not be said at all. */
static void write_finding(const struct listing *listing, const struct report_finding *finding, struct text_out *out)
{
    const struct report_finding *before = listing->before;
    unsigned margin = report_margin(finding);
    if (before && !same_line(before, finding))
        text_z(out, "\n");
    write_head(finding, out);
    if (!before || !same_span(before, finding))
        report_excerpt_draw(finding, style_of(finding), out);
    bool told = before && str_eq(before->at.file, finding->at.file) && str_eq(before->subject, finding->subject);
    if (out->verbose || (listing->containers && !told))
        write_detail(margin, "in", finding->subject, out);
    write_help(finding, out);
    for (size_t i = 0; i < finding->related_count && (i == 0 || out->verbose); i++)
        write_related(margin, &finding->related[i], out);
}

/* What is unknown is told where it keeps the run from passing. */
static bool is_listed(const struct report_finding *finding, const struct report *report, const struct text_out *out)
{
    return finding->verdict == REPORT_FAILS || out->verbose ||
           (finding->verdict == REPORT_UNKNOWN && report->policy->fail_on_unknown);
}

/* Returns how many files have findings that fail. */
static size_t write_findings(const struct report_groups *groups, const struct report *report, struct text_out *out)
{
    struct listing listing = {NULL, false};
    size_t files = 0;
    for (size_t i = 0; i < groups->count; i++) {
        const struct report_group *group = &groups->items[i];
        bool fails = false;
        listing.containers = !group->file || group->file->surface != SURFACE_DOCKERFILE;
        for (size_t k = 0; k < group->count; k++) {
            const struct report_finding *finding = groups->findings[group->first + k];
            fails |= finding->verdict == REPORT_FAILS;
            if (!is_listed(finding, report, out))
                continue;
            write_finding(&listing, finding, out);
            listing.before = finding;
        }
        files += fails;
    }
    if (listing.before)
        text_z(out, "\n");
    return files;
}

/* --- what was not judged -------------------------------------------------------------------------------------- */

/* A template that a finding was told of, which says why. */
static bool was_told(const struct report_groups *groups, const struct report_file *file)
{
    const struct report_group *group = file->template ? report_groups_find(groups, file->name) : NULL;
    return group && group->count > 0 && groups->findings[group->first]->verdict == REPORT_FAILS;
}

static void write_files(const struct report_groups *groups, const struct report *report, enum report_file_state state,
                        struct text_out *out)
{
    const char *word = state == REPORT_SKIPPED ? "skipped" : "not judged";
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < report->file_count; i++) {
        const struct report_file *file = &report->files[i];
        if (file->state != state || was_told(groups, file))
            continue;
        if (shown == FILES_SHOWN && !out->verbose) {
            left++;
            continue;
        }
        shown++;
        text_style(out, TEXT_BOLD);
        text_str(out, file->name);
        text_z(out, ": ");
        text_style(out, TEXT_PLAIN);
        text_styled(out, state == REPORT_SKIPPED ? TEXT_DIM : TEXT_YELLOW, word);
        text_z(out, ": ");
        text_str(out, file->reason);
        text_z(out, "\n");
    }
    if (left > 0)
        text_f(out, "and %zu more %s (--verbose lists them)\n", left, word);
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

static void write_found(const struct report *report, size_t files, struct text_out *out)
{
    bool begun = false;
    add_part(out, &begun, report->errors, "error");
    add_part(out, &begun, report->warnings, "warning");
    add_part(out, &begun, report->notes, "note");
    if (!begun)
        text_z(out, report->judged + report->finding_count > 0 ? "nothing found" : "nothing was judged");
    if (begun && report->judged > 1) {
        text_z(out, " in ");
        text_count(out, files, "file");
    }
}

static void write_coverage(const struct report *report, struct text_out *out)
{
    uint64_t documents = 0;
    for (size_t i = 0; i < report->file_count; i++)
        documents += report->files[i].state == REPORT_JUDGED ? report->files[i].documents : 0;
    if (report->judged + report->not_judged + report->skipped == 0)
        return;
    text_z(out, "; ");
    text_count(out, report->judged, "file");
    text_z(out, " judged");
    if (report->judged > 0 && out->verbose) {
        text_z(out, " (");
        text_count(out, documents, "document");
        text_z(out, ", ");
        text_size(out, report->bytes);
        text_z(out, ")");
    }
    if (report->not_judged > 0)
        text_f(out, ", %zu not judged", report->not_judged);
    if (report->skipped > 0)
        text_f(out, ", %zu skipped", report->skipped);
}

static void write_unlisted(const struct report *report, struct text_out *out)
{
    bool begun = false;
    if (report->unknown + report->waived == 0)
        return;
    text_z(out, "; ");
    add_part(out, &begun, report->unknown, "value");
    if (report->unknown > 0)
        text_z(out, " unknown");
    if (report->waived > 0)
        text_f(out, "%s%zu waived", begun ? ", " : "", report->waived);
    text_z(out, out->verbose ? "" : " (see --verbose)");
}

static void write_verdict(const struct report *report, size_t files, struct text_out *out)
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
    write_found(report, files, out);
    write_coverage(report, out);
    write_unlisted(report, out);
    text_z(out, "\n");
}

void report_text_write(const struct report *report, struct text_out *out)
{
    struct report_groups groups;
    if (report_groups_init(&groups, report, NULL)) {
        out->buf->failed = true;
        return;
    }
    size_t files = write_findings(&groups, report, out);
    write_files(&groups, report, REPORT_NOT_JUDGED, out);
    if (out->verbose || report->judged == 0)
        write_files(&groups, report, REPORT_SKIPPED, out);
    if (out->verbose && report->unknown > 0) {
        text_z(out, UNKNOWN);
        text_wrap(out, sizeof(UNKNOWN) - 1, sizeof(UNKNOWN) - 1, STR(UNKNOWN_MEANS));
    }
    if (report->errors + report->warnings + report->notes > 0)
        text_z(out, "'barehull explain RULE' tells why a rule is there and shows how it is kept\n");
    write_verdict(report, files, out);
    report_groups_done(&groups);
}
