/* SPDX-License-Identifier: Apache-2.0 */
#include "report/compact.h"

#include "op/text.h"
#include "report/groups.h"

static void write_finding(const struct report_finding *finding, struct text_out *out)
{
    text_str(out, finding->at.file);
    text_f(out, ":%u:%u: %s: ", (unsigned)finding->at.line, (unsigned)finding->at.column, report_finding_word(finding));
    text_str(out, finding->message);
    text_f(out, " [%s]\n", finding->rule->id);
}

static void write_group(const struct report_groups *groups, const struct report_group *group, struct text_out *out)
{
    if (group->file && group->file->state == REPORT_NOT_JUDGED) {
        text_str(out, group->name);
        text_z(out, ": not judged: ");
        text_str(out, group->file->reason);
        text_z(out, "\n");
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct report_finding *finding = groups->findings[group->first + i];
        if (finding->verdict != REPORT_WAIVED)
            write_finding(finding, out);
    }
}

int report_compact_write(const struct report *report, struct buf *out, struct err *err)
{
    struct report_groups groups;
    struct text_out text = {.buf = out, .width = 80};
    int rc = report_groups_init(&groups, report, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < groups.count; i++)
        write_group(&groups, &groups.items[i], &text);
    report_groups_done(&groups);
    return buf_check(out, err);
}
