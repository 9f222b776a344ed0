/* SPDX-License-Identifier: Apache-2.0 */
#include "check/check.h"

/* Something was read, if only in part. */
static bool has_read(const struct report *report)
{
    bool read = report->judged > 0 || report->templates > 0;
    for (size_t i = 0; i < report->file_count && !read; i++)
        read = report->files[i].documents > 0;
    return read;
}

int check_status(const struct report *report)
{
    static const enum severity least[] = {
        [FAIL_ON_ERROR] = SEVERITY_ERROR, [FAIL_ON_WARNING] = SEVERITY_WARNING, [FAIL_ON_NOTE] = SEVERITY_NOTE};
    enum fail_on fail_on = report->policy->fail_on;
    if (fail_on != FAIL_ON_NEVER) {
        size_t failing = report->errors;
        if (least[fail_on] <= SEVERITY_WARNING)
            failing += report->warnings;
        if (least[fail_on] <= SEVERITY_NOTE)
            failing += report->notes;
        if (failing)
            return 1;
    }
    if (!has_read(report))
        return 2;
    if (report->not_judged || (report->unknown && report->policy->fail_on_unknown))
        return 3;
    return 0;
}
