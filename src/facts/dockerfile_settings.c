/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "facts/dockerfile_read.h"
#include "facts/quantity.h"

#define NS_PER_S 1000000000

/* --- user --------------------------------------------------------------------------------------------------- */

static void read_user(struct build_reading *reading)
{
    struct build *build = reading->build;
    const struct stage_fact *final = build->final_fact;
    build->user = build_text(reading, &build->final->user, build->at);
    if (build->user.fact.state != FACT_ABSENT || !fact_said(&final->image.fact))
        return;
    if (final->image_name.nonroot == IMAGE_NO)
        build->user = (struct fact_text){.fact = {.state = FACT_DEFAULT, .at = build->at}, .value = STR_INIT("root")};
    else if (final->image_name.nonroot == IMAGE_YES)
        build->user = (struct fact_text){.fact = {.state = FACT_INHERITED, .at = final->image_at},
                                         .value = final->image_name.user};
}

/* --- commands ----------------------------------------------------------------------------------------------- */

static struct str shell_at(const struct build_reading *reading, const struct dockerfile_instruction *instruction)
{
    for (size_t i = 0; i < reading->step_count; i++)
        if (reading->steps[i].instruction == instruction)
            return reading->steps[i].shell;
    return STR("/bin/sh");
}

static int read_command(const struct build_reading *reading, const struct dockerfile_setting *setting,
                        struct fact_command *command, struct err *err)
{
    command->fact.at = reading->build->at;
    if (setting->state == DOCKERFILE_STATE_ABSENT)
        return 0;
    int r = build_command(reading, setting->instruction, shell_at(reading, setting->instruction), command, err);
    if (r == 0 && setting->state == DOCKERFILE_STATE_INHERITED && command->fact.state == FACT_KNOWN)
        command->fact.state = FACT_INHERITED;
    return r;
}

/* --- HEALTHCHECK -------------------------------------------------------------------------------------------- */

static struct fact_number read_option(const struct build_reading *reading,
                                      const struct dockerfile_instruction *instruction, const char *name,
                                      int64_t otherwise)
{
    const struct dockerfile_flag *flag = dockerfile_flag(instruction, name);
    struct fact_number number = {.fact = {.state = FACT_DEFAULT, .at = build_place(reading, instruction->name.span)},
                                 .value = otherwise};
    if (!flag || !flag->has_value)
        return number;
    number.fact.state = FACT_KNOWN;
    number.fact.at = build_place(reading, flag->value.span);
    number.fact.key = build_place(reading, flag->word.span);
    uint64_t count = 0;
    int64_t ns = 0;
    if (str_has_char(flag->value.text, '$'))
        number.fact.state = FACT_UNKNOWN;
    else if (str_eq_z(STR("retries"), name) ? num_parse_u64(flag->value.text, &count) && count <= INT32_MAX
                                            : duration_parse(flag->value.text, DURATION_GO, &ns) && ns >= 0)
        number.value = str_eq_z(STR("retries"), name) ? (int64_t)count : ns / NS_PER_S;
    else
        number.fact.state = FACT_INVALID;
    return number;
}

static int read_health(struct build_reading *reading, struct err *err)
{
    const struct dockerfile_setting *setting = &reading->build->final->healthcheck;
    const struct dockerfile_instruction *instruction = setting->instruction;
    struct probe_fact *health = &reading->build->health;
    health->fact.at = reading->build->at;
    if (setting->state == DOCKERFILE_STATE_ABSENT)
        return 0;
    health->fact.state = setting->state == DOCKERFILE_STATE_INHERITED ? FACT_INHERITED : FACT_KNOWN;
    health->fact.at = build_place(reading, instruction->rest.span);
    health->fact.key = build_place(reading, instruction->name.span);
    if (instruction->health_none)
        return 0;
    health->action = PROBE_UNKNOWN;
    health->period_s = read_option(reading, instruction, "interval", 30);
    health->timeout_s = read_option(reading, instruction, "timeout", 30);
    health->initial_delay_s = read_option(reading, instruction, "start-period", 0);
    health->failure_threshold = read_option(reading, instruction, "retries", 3);
    if (!instruction->command)
        return 0;
    health->action = PROBE_EXEC;
    return read_command(reading, setting, &health->command, err);
}

/* --- lists -------------------------------------------------------------------------------------------------- */

typedef const struct dockerfile_entries *(*entries_of)(const struct dockerfile_stage *stage);

static const struct dockerfile_entries *env_of(const struct dockerfile_stage *stage)
{
    return &stage->env;
}
static const struct dockerfile_entries *labels_of(const struct dockerfile_stage *stage)
{
    return &stage->labels;
}
static const struct dockerfile_entries *ports_of(const struct dockerfile_stage *stage)
{
    return &stage->ports;
}
static const struct dockerfile_entries *volumes_of(const struct dockerfile_stage *stage)
{
    return &stage->volumes;
}

static void mark_inherited(struct fact *fact)
{
    if (fact->state == FACT_KNOWN)
        fact->state = FACT_INHERITED;
}

static struct fact_item item_of(const struct build_reading *reading, const struct dockerfile_entry *entry,
                                bool inherited)
{
    struct fact_item item;
    item.text = build_text(reading, &entry->key, build_place(reading, entry->instruction->rest.span));
    item.value = build_text(reading, &entry->value, item.text.fact.at);
    item.value.fact.key = item.text.fact.at;
    if (inherited) {
        mark_inherited(&item.text.fact);
        mark_inherited(&item.value.fact);
    }
    return item;
}

/* The entries of the final stage and its parents, the farthest first. */
static int read_list(const struct build_reading *reading, entries_of entries, struct fact_list *list, struct err *err)
{
    const struct dockerfile_stage *final = reading->build->final;
    size_t count = 0;
    for (const struct dockerfile_stage *stage = final; stage; stage = stage->parent)
        count += entries(stage)->count;
    struct fact_item *items = ARENA_ARRAY(reading->arena, count + 1, struct fact_item);
    if (!items)
        return err_nomem(err);
    *list = (struct fact_list){.fact = {.at = reading->build->at}, .items = items, .count = count};
    for (const struct dockerfile_stage *stage = final; stage; stage = stage->parent) {
        const struct dockerfile_entries *from = entries(stage);
        for (uint32_t i = from->count; i-- > 0;)
            items[--count] = item_of(reading, &from->items[i], stage != final);
        if (from->count && list->fact.state == FACT_ABSENT) {
            list->fact.state = stage == final ? FACT_KNOWN : FACT_INHERITED;
            list->fact.at = build_place(reading, from->items[0].instruction->rest.span);
        }
    }
    return 0;
}

/* --- ARG ---------------------------------------------------------------------------------------------------- */

/*
 * ARG NAME takes the global one's default, which is no default of its own. Entries stand as their instructions' pairs
 * do.
 */
static size_t add_args(const struct build_reading *reading, const struct dockerfile_entries *from,
                       struct fact_item *items)
{
    size_t count = 0;
    uint32_t pair = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct dockerfile_entry *entry = &from->items[i];
        pair = i > 0 && entry->instruction == entry[-1].instruction ? pair + 1 : 0;
        if (pair >= entry->instruction->pairs.count || !entry->instruction->pairs.items[pair].has_value)
            continue;
        if (items)
            items[count] = item_of(reading, entry, false);
        count++;
    }
    return count;
}

static size_t all_args(const struct build_reading *reading, struct fact_item *items)
{
    const struct dockerfile *file = reading->file;
    size_t count = add_args(reading, &file->global_args, items);
    for (uint32_t i = 0; i < file->stage_count; i++)
        count += add_args(reading, &file->stages[i].args, items ? items + count : NULL);
    return count;
}

static int read_args(struct build_reading *reading, struct err *err)
{
    size_t count = all_args(reading, NULL);
    struct fact_item *items = ARENA_ARRAY(reading->arena, count + 1, struct fact_item);
    if (!items)
        return err_nomem(err);
    all_args(reading, items);
    struct fact_list *list = &reading->build->args;
    *list = (struct fact_list){
        .fact = {.state = count ? FACT_KNOWN : FACT_ABSENT, .at = reading->build->at}, .items = items, .count = count};
    return 0;
}

int build_read_settings(struct build_reading *reading, struct err *err)
{
    struct build *build = reading->build;
    read_user(reading);
    int r = read_command(reading, &build->final->entrypoint, &build->entrypoint, err);
    if (r == 0)
        r = read_command(reading, &build->final->cmd, &build->command, err);
    if (r == 0)
        r = read_health(reading, err);
    if (r == 0)
        r = read_list(reading, env_of, &build->env, err);
    if (r == 0)
        r = read_list(reading, labels_of, &build->labels, err);
    if (r == 0)
        r = read_list(reading, ports_of, &build->ports, err);
    if (r == 0)
        r = read_list(reading, volumes_of, &build->volumes, err);
    if (r == 0)
        r = read_args(reading, err);
    return r;
}
