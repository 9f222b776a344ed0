/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/dockerfile_read.h"

static enum fact_state state_of(enum dockerfile_state state)
{
    switch (state) {
    case DOCKERFILE_STATE_KNOWN:
        return FACT_KNOWN;
    case DOCKERFILE_STATE_INHERITED:
        return FACT_INHERITED;
    case DOCKERFILE_STATE_UNKNOWN:
        return FACT_UNKNOWN;
    case DOCKERFILE_STATE_ABSENT:
    default:
        return FACT_ABSENT;
    }
}

struct fact_text build_text(const struct build_reading *reading, const struct dockerfile_value *value,
                            struct place otherwise)
{
    struct fact_text text = {.value = value->text};
    text.fact.state = state_of(value->state);
    text.fact.at = value->origin_count ? build_place(reading, value->origins[0]) : otherwise;
    return text;
}

bool build_stage_ships(const struct build *build, const struct dockerfile_stage *stage)
{
    return stage->index < build->stage_count && build->stages[stage->index].ships;
}

/* --- steps -------------------------------------------------------------------------------------------------- */

static bool is_step(enum dockerfile_kind kind)
{
    return kind == DOCKERFILE_RUN || kind == DOCKERFILE_COPY || kind == DOCKERFILE_ADD || kind == DOCKERFILE_CMD ||
           kind == DOCKERFILE_ENTRYPOINT || kind == DOCKERFILE_HEALTHCHECK;
}

static struct str shell_of(const struct dockerfile_instruction *instruction, struct str before)
{
    const struct dockerfile_command *command = instruction ? instruction->command : NULL;
    return command && command->exec && command->words.count ? command->words.items[0].text : before;
}

struct steps {
    struct build_step *items; /* NULL: only counted */
    size_t count;
};

static void add_step(struct steps *steps, const struct build_step *step)
{
    if (steps->items)
        steps->items[steps->count] = *step;
    steps->count++;
}

static void walk_stage(const struct dockerfile *file, const struct dockerfile_stage *stage, struct steps *steps)
{
    const struct dockerfile_stage *parent = stage->parent;
    struct str shell = shell_of(parent ? parent->shell.instruction : NULL, STR("/bin/sh"));
    struct build_step step = {.stage = stage, .position = stage->first, .trigger = true};
    uint32_t triggers = parent ? parent->trigger_count : 0;
    for (uint32_t i = 0; i < triggers + stage->count; i++) {
        if (i >= triggers) {
            step.trigger = false;
            step.position = stage->first + (i - triggers);
        }
        step.instruction = step.trigger ? parent->triggers[i] : &file->instructions[step.position];
        if (step.instruction->kind == DOCKERFILE_SHELL)
            shell = shell_of(step.instruction, shell);
        step.shell = shell;
        if (is_step(step.instruction->kind))
            add_step(steps, &step);
    }
}

static int read_steps(struct build_reading *reading, struct err *err)
{
    const struct dockerfile *file = reading->file;
    struct steps steps = {0};
    for (uint32_t i = 0; i < file->stage_count; i++)
        walk_stage(file, &file->stages[i], &steps);
    steps.items = ARENA_ARRAY(reading->arena, steps.count + 1, struct build_step);
    if (!steps.items)
        return err_nomem(err);
    steps.count = 0;
    for (uint32_t i = 0; i < file->stage_count; i++)
        walk_stage(file, &file->stages[i], &steps);
    reading->steps = steps.items;
    reading->step_count = steps.count;
    return 0;
}

/* --- stages ------------------------------------------------------------------------------------------------- */

static struct place from_place(const struct build_reading *reading, const struct dockerfile_stage *stage)
{
    const struct dockerfile_instruction *from = stage->from;
    return build_place(reading, from->args.count ? from->image.span : from->name.span);
}

static int read_stage(const struct build_reading *reading, const struct dockerfile_stage *stage,
                      struct stage_fact *fact, struct err *err)
{
    const struct dockerfile_stage *root = stage->root;
    struct str name = stage->name.text;
    fact->stage = stage;
    fact->at = from_place(reading, stage);
    fact->image_at = from_place(reading, root);
    const char *shown = name.len ? arena_printf(reading->arena, "stage '%.*s'", STR_ARG(name))
                                 : arena_printf(reading->arena, "stage %u", stage->index + 1);
    if (!shown)
        return err_nomem(err);
    fact->shown = str_z(shown);
    fact->image = build_text(reading, &root->image, fact->image_at);
    if (root->base == DOCKERFILE_BASE_UNKNOWN)
        fact->image.fact.state = FACT_UNKNOWN;
    else if (root != stage && fact->image.fact.state == FACT_KNOWN)
        fact->image.fact.state = FACT_INHERITED;
    return fact_said(&fact->image.fact) ? image_name_read(fact->image.value, reading->arena, &fact->image_name, err)
                                        : 0;
}

static int read_stages(struct build_reading *reading, struct err *err)
{
    const struct dockerfile *file = reading->file;
    struct stage_fact *stages = ARENA_ARRAY(reading->arena, file->stage_count + 1, struct stage_fact);
    if (!stages)
        return err_nomem(err);
    for (uint32_t i = 0; i < file->stage_count; i++) {
        int r = read_stage(reading, &file->stages[i], &stages[i], err);
        if (r < 0)
            return r;
    }
    for (const struct dockerfile_stage *stage = reading->build->final; stage; stage = stage->parent)
        stages[stage->index].ships = true;
    reading->build->stages = stages;
    reading->build->stage_count = file->stage_count;
    return 0;
}

int facts_of_dockerfile(const struct source *source, const struct dockerfile *file, struct str target,
                        struct arena *arena, struct build *ret_build, struct err *err)
{
    struct build build = {.source = source, .file = file, .final = dockerfile_final_stage(file, target)};
    struct build_reading reading = {
        .source = source, .file = file, .arena = arena, .budget = DOCKERFILE_BUDGET_INIT, .build = &build};
    int r = read_stages(&reading, err);
    if (r == 0)
        r = read_steps(&reading, err);
    if (r == 0)
        r = build_read_runs(&reading, err);
    if (r == 0)
        r = build_read_copies(&reading, err);
    if (r == 0 && build.final) {
        build.final_fact = &build.stages[build.final->index];
        build.at = build.final_fact->at;
        build_find_shell(&reading);
        r = build_read_settings(&reading, err);
    }
    if (r == 0)
        *ret_build = build;
    return r;
}
