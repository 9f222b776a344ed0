/* SPDX-License-Identifier: Apache-2.0 */
#include "report/groups.h"

#include "base/alloc.h"

static struct report_group *group_of(struct report_groups *groups, struct str name)
{
    void **slot = map_slot(&groups->by_name, name);
    if (!slot)
        return NULL;
    if (!*slot) {
        *slot = &groups->items[groups->count++];
        *(struct report_group *)*slot = (struct report_group){.name = name};
    }
    return *slot;
}

static bool fill(struct report_groups *groups, const struct report *report)
{
    for (size_t i = 0; i < report->file_count; i++) {
        struct report_group *group = group_of(groups, report->files[i].name);
        if (!group)
            return false;
        group->file = group->file ? group->file : &report->files[i];
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        struct report_group *group = group_of(groups, report->findings[i].at.file);
        if (!group)
            return false;
        group->count++;
    }
    size_t first = 0;
    for (size_t i = 0; i < groups->count; i++) {
        groups->items[i].first = first;
        first += groups->items[i].count;
        groups->items[i].count = 0;
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        struct report_group *group = map_get(&groups->by_name, report->findings[i].at.file);
        groups->findings[group->first + group->count++] = &report->findings[i];
    }
    return true;
}

int report_groups_init(struct report_groups *groups, const struct report *report, struct err *err)
{
    *groups = (struct report_groups){0};
    groups->items = mem_calloc(report->file_count + report->finding_count + 1, sizeof(*groups->items));
    groups->findings = mem_calloc(report->finding_count + 1, sizeof(*groups->findings));
    if (groups->items && groups->findings && fill(groups, report))
        return 0;
    report_groups_done(groups);
    return err_nomem(err);
}

void report_groups_done(struct report_groups *groups)
{
    map_done(&groups->by_name);
    mem_free(groups->items);
    mem_free(groups->findings);
    *groups = (struct report_groups){0};
}

const struct report_group *report_groups_find(const struct report_groups *groups, struct str name)
{
    return map_get(&groups->by_name, name);
}

const char *report_finding_word(const struct report_finding *finding)
{
    if (finding->verdict == REPORT_FAILS)
        return severity_name(finding->severity);
    return finding->verdict == REPORT_UNKNOWN ? "unknown" : "waived";
}

struct str report_plain_name(struct str name)
{
    while (str_starts(name, STR("./")) && name.len > 2)
        name = str_skip(name, 2);
    return name;
}
