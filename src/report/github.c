/* SPDX-License-Identifier: Apache-2.0 */
#include "report/github.h"

#include "op/text.h"
#include "report/groups.h"

/* As the runner undoes it. */
static void add_escaped(struct buf *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            buf_addf(out, "%%%02X", (unsigned)c);
        else
            buf_add_char(out, c);
    }
}

/* What is no text becomes \xNN first; line breaks stay, and are escaped. */
static void add(struct buf *out, struct str text, bool property)
{
    CLEANUP_BUF struct buf clean = BUF_INIT;
    struct text_out cleaner = {.buf = &clean};
    struct str line;
    for (bool more = str_next(&text, '\n', &line), first = true; more; first = false) {
        text_z(&cleaner, first ? "" : "\n");
        text_str(&cleaner, line);
        more = str_next(&text, '\n', &line);
    }
    add_escaped(out, buf_str(&clean), property);
    out->failed = out->failed || clean.failed;
}

static void add_place(struct buf *out, const struct report_place *at)
{
    add(out, report_plain_name(at->file), true);
    if (at->line == 0)
        return;
    uint32_t last = at->end_column > at->column ? at->end_column - 1 : at->column;
    if (at->end_line == at->line)
        buf_addf(out, ",line=%u,col=%u,endLine=%u,endColumn=%u", (unsigned)at->line, (unsigned)at->column,
                 (unsigned)at->line, (unsigned)last);
    else
        buf_addf(out, ",line=%u,endLine=%u", (unsigned)at->line, (unsigned)at->end_line);
}

/* "\nLABEL: TEXT" within a message. */
static void add_line(struct buf *out, const char *label, struct str text)
{
    if (text.len == 0)
        return;
    buf_addf(out, "%%0A%s: ", label);
    add(out, text, false);
}

static void write_finding(const struct report_finding *finding, struct buf *out)
{
    bool fails = finding->verdict == REPORT_FAILS;
    const char *command = fails && finding->severity == SEVERITY_ERROR     ? "error"
                          : fails && finding->severity == SEVERITY_WARNING ? "warning"
                                                                           : "notice";
    buf_addf(out, "::%s file=", command);
    add_place(out, &finding->at);
    buf_addf(out, ",title=%s%s::", finding->rule->id, fails ? "" : " (unknown)");
    add(out, finding->message, false);
    add_line(out, "in", finding->subject);
    add_line(out, "expected", finding->expected);
    add_line(out, "remedy", finding->remedy);
    buf_add_char(out, '\n');
}

static void write_group(const struct report_groups *groups, const struct report_group *group, struct buf *out)
{
    if (group->file && group->file->state == REPORT_NOT_JUDGED) {
        buf_add_z(out, "::warning file=");
        add(out, report_plain_name(group->name), true);
        buf_add_z(out, ",title=not judged::");
        add(out, group->file->reason, false);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct report_finding *finding = groups->findings[group->first + i];
        if (finding->verdict != REPORT_WAIVED)
            write_finding(finding, out);
    }
}

int report_github_write(const struct report *report, struct buf *out, struct err *err)
{
    struct report_groups groups;
    int rc = report_groups_init(&groups, report, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < groups.count; i++)
        write_group(&groups, &groups.items[i], out);
    report_groups_done(&groups);
    return buf_check(out, err);
}
