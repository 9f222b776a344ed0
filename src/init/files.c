/* SPDX-License-Identifier: Apache-2.0 */
#include "init/files.h"

#include "init/plan.h"

#include <stdlib.h>

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct init_file *)a)->path, ((const struct init_file *)b)->path);
}

int init_write(const struct init_options *options, struct arena *arena, struct init_files *ret_files, struct err *err)
{
    struct init_plan plan;
    int r = init_plan_make(options, arena, &plan, err);
    if (r < 0)
        return r;
    struct init_output output = {.arena = arena};
    if (plan.targets & INIT_DOCKERFILE)
        r = init_write_dockerfile(&plan, &output, err);
    if (r == 0 && plan.targets & INIT_COMPOSE)
        r = init_write_compose(&plan, &output, err);
    if (r == 0 && plan.targets & INIT_KUBERNETES)
        r = init_write_kubernetes(&plan, &output, err);
    if (r < 0)
        return r;
    if (output.file_count > 0)
        qsort(output.files, output.file_count, sizeof(*output.files), by_path);
    *ret_files = (struct init_files){
        .ptr = output.files,
        .len = output.file_count,
        .notes = {output.notes, output.note_count},
    };
    return 0;
}
