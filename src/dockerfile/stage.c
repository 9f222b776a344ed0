/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/stage.h"

#include "base/path.h"
#include "dockerfile/internal.h"

/* One instruction being applied. */
struct step {
    struct dockerfile_evaluation *evaluation;
    struct dockerfile_stage *stage;
    const struct dockerfile_instruction *instruction;
    uint32_t position;
};

/* What the reader of the instruction said of the word, or of what it is a part of, is not said again. */
static bool is_told(const struct dockerfile_diagnostics *told, struct data_span span)
{
    for (uint32_t i = told->count; i > 0; i--) {
        const struct data_span there = told->items[i - 1].span;
        if (!told->items[i - 1].tolerated && there.len > 0 && there.offset <= span.offset &&
            span.offset + span.len <= there.offset + there.len)
            return true;
    }
    return false;
}

int dockerfile_evaluate_word(struct dockerfile_evaluation *evaluation, struct dockerfile_place *place,
                             const struct dockerfile_word *word, struct dockerfile_value *ret_value, struct err *err)
{
    struct dockerfile_scope scope = {.lookup = dockerfile_scopes_lookup,
                                     .self = place,
                                     .escape = evaluation->file->lines.escape,
                                     .budget = evaluation->budget};
    struct dockerfile_expansion expansion;
    int r = dockerfile_expand(word, &scope, evaluation->arena, &expansion, err);
    if (r < 0)
        return r;
    *ret_value = expansion.value;
    if (!expansion.problem || is_told(&evaluation->file->diagnostics, word->span))
        return 0;
    return dockerfile_diagnose(evaluation->arena, &evaluation->file->diagnostics, word->span, expansion.problem, "",
                               err);
}

static int expand(const struct step *step, const struct dockerfile_word *word, struct dockerfile_value *ret_value,
                  struct err *err)
{
    struct dockerfile_place place = {step->evaluation->scopes, step->stage, step->position};
    return dockerfile_evaluate_word(step->evaluation, &place, word, ret_value, err);
}

static void inherit_value(struct dockerfile_value *value, const struct dockerfile_value *parent)
{
    *value = *parent;
    if (value->state == DOCKERFILE_STATE_KNOWN)
        value->state = DOCKERFILE_STATE_INHERITED;
}

static void inherit_setting(struct dockerfile_setting *setting, const struct dockerfile_setting *parent)
{
    *setting = *parent;
    if (setting->state == DOCKERFILE_STATE_KNOWN)
        setting->state = DOCKERFILE_STATE_INHERITED;
}

static void inherit(struct dockerfile_stage *stage)
{
    const struct dockerfile_stage *parent = stage->parent;
    if (!parent)
        return;
    inherit_value(&stage->user, &parent->user);
    inherit_value(&stage->workdir, &parent->workdir);
    inherit_value(&stage->stopsignal, &parent->stopsignal);
    inherit_setting(&stage->user_from, &parent->user_from);
    inherit_setting(&stage->workdir_from, &parent->workdir_from);
    inherit_setting(&stage->stopsignal_from, &parent->stopsignal_from);
    inherit_setting(&stage->entrypoint, &parent->entrypoint);
    inherit_setting(&stage->cmd, &parent->cmd);
    inherit_setting(&stage->healthcheck, &parent->healthcheck);
    inherit_setting(&stage->shell, &parent->shell);
}

static void set(struct dockerfile_setting *setting, const struct step *step)
{
    *setting = (struct dockerfile_setting){DOCKERFILE_STATE_KNOWN, step->instruction};
}

static int set_value(const struct step *step, struct dockerfile_value *value, struct dockerfile_setting *from,
                     struct err *err)
{
    if (step->instruction->args.count == 0)
        return 0;
    set(from, step);
    return expand(step, &step->instruction->args.items[0], value, err);
}

/* A relative WORKDIR goes on from what held before. */
static int set_workdir(const struct step *step, struct err *err)
{
    struct dockerfile_stage *stage = step->stage;
    struct dockerfile_value before = stage->workdir;
    int r = set_value(step, &stage->workdir, &stage->workdir_from, err);
    struct dockerfile_value *value = &stage->workdir;
    if (r < 0 || step->instruction->args.count == 0 || value->state == DOCKERFILE_STATE_UNKNOWN)
        return r;
    bool absolute = str_starts(value->text, STR("/"));
    if (!absolute && before.state == DOCKERFILE_STATE_ABSENT && stage->root->base == DOCKERFILE_BASE_SCRATCH)
        before = (struct dockerfile_value){.state = DOCKERFILE_STATE_KNOWN, .text = STR_INIT("/")};
    bool joins = absolute || before.state == DOCKERFILE_STATE_KNOWN || before.state == DOCKERFILE_STATE_INHERITED;
    struct dockerfile_budget *budget = step->evaluation->budget;
    size_t bytes = value->text.len + (absolute ? 0 : before.text.len + 1);
    if (!joins || bytes > budget->bytes) {
        value->state = DOCKERFILE_STATE_UNKNOWN;
        return 0;
    }
    budget->bytes -= bytes;
    CLEANUP_BUF struct buf path = BUF_INIT;
    if (path_normalize(&path, before.text, value->text)) {
        value->text = arena_str(step->evaluation->arena, buf_str(&path));
        if (path.failed || !value->text.ptr)
            return err_nomem(err);
    }
    if (absolute || before.origin_count == 0)
        return 0;
    struct data_span *origins = ARENA_ARRAY(step->evaluation->arena, LIMIT_DOCKERFILE_ORIGINS, struct data_span);
    if (!origins)
        return err_nomem(err);
    uint32_t count = value->origin_count;
    memcpy(origins, value->origins, count * sizeof(*origins));
    for (uint32_t i = 0; i < before.origin_count && count < LIMIT_DOCKERFILE_ORIGINS; i++)
        origins[count++] = before.origins[i];
    value->origins = origins;
    value->origin_count = count;
    return 0;
}

static struct dockerfile_entry *add_entry(const struct step *step, struct dockerfile_entries *entries)
{
    struct dockerfile_entry *fresh = DOCKERFILE_ADD_TO(step->evaluation->arena, entries);
    if (fresh) {
        fresh->instruction = step->instruction;
        fresh->position = step->position;
    }
    return fresh;
}

/* The pairs of one instruction see only what held before it. */
static int add_pairs(const struct step *step, struct dockerfile_entries *entries, bool defines, struct err *err)
{
    const struct dockerfile_pairs *pairs = &step->instruction->pairs;
    uint32_t first = entries->count;
    for (uint32_t i = 0; i < pairs->count; i++) {
        struct dockerfile_value key;
        struct dockerfile_value value;
        int r = expand(step, &pairs->items[i].key, &key, err);
        if (r == 0)
            r = expand(step, &pairs->items[i].value, &value, err);
        if (r < 0)
            return r;
        struct dockerfile_entry *entry = add_entry(step, entries);
        if (!entry)
            return err_nomem(err);
        entry->key = key;
        entry->value = value;
    }
    for (uint32_t i = first; i < entries->count && defines; i++) {
        const struct dockerfile_entry *entry = &entries->items[i];
        int r = entry->key.state != DOCKERFILE_STATE_KNOWN
                    ? 0
                    : dockerfile_scopes_define(step->evaluation->scopes, step->stage, step->position, true,
                                               entry->key.text, &entry->value, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ARG without a default takes the global one's value. */
static int add_args(const struct step *step, struct err *err)
{
    const struct dockerfile_pairs *pairs = &step->instruction->pairs;
    struct dockerfile_entries *entries = &step->stage->args;
    uint32_t first = entries->count;
    for (uint32_t i = 0; i < pairs->count; i++) {
        struct dockerfile_entry fresh = {.instruction = step->instruction};
        int r = expand(step, &pairs->items[i].key, &fresh.key, err);
        if (r == 0 && pairs->items[i].has_value)
            r = expand(step, &pairs->items[i].value, &fresh.value, err);
        else if (r == 0)
            fresh.value = dockerfile_scopes_global(step->evaluation->scopes, fresh.key.text);
        if (r < 0)
            return r;
        if (fresh.value.state == DOCKERFILE_STATE_ABSENT)
            fresh.value = (struct dockerfile_value){.state = DOCKERFILE_STATE_UNKNOWN,
                                                    .optional = true,
                                                    .origin_count = fresh.key.origin_count,
                                                    .origins = fresh.key.origins};
        struct dockerfile_entry *entry = add_entry(step, entries);
        if (!entry)
            return err_nomem(err);
        entry->key = fresh.key;
        entry->value = fresh.value;
    }
    for (uint32_t i = first; i < entries->count; i++) {
        int r = dockerfile_scopes_define(step->evaluation->scopes, step->stage, step->position, false,
                                         entries->items[i].key.text, &entries->items[i].value, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* EXPOSE splits what a variable expands to; VOLUME does not. */
static int add_words(const struct step *step, struct dockerfile_entries *entries, bool split, struct err *err)
{
    for (uint32_t i = 0; i < step->instruction->args.count; i++) {
        struct dockerfile_value value;
        int r = expand(step, &step->instruction->args.items[i], &value, err);
        if (r < 0)
            return r;
        struct str left = value.text;
        struct str word = value.text;
        bool whole = !split || value.state != DOCKERFILE_STATE_KNOWN;
        while (whole || str_next_word(&left, &word)) {
            struct dockerfile_entry *entry = add_entry(step, entries);
            if (!entry)
                return err_nomem(err);
            entry->key = value;
            entry->key.text = word;
            if (whole)
                break;
        }
    }
    return 0;
}

static int add_trigger(const struct step *step, struct err *err)
{
    struct {
        const struct dockerfile_instruction **items;
        uint32_t count, cap;
    } list = {step->stage->triggers, step->stage->trigger_count, step->stage->trigger_cap};
    if (!step->instruction->trigger)
        return 0;
    const struct dockerfile_instruction **fresh = DOCKERFILE_ADD_TO(step->evaluation->arena, &list);
    if (!fresh)
        return err_nomem(err);
    *fresh = step->instruction->trigger;
    step->stage->triggers = list.items;
    step->stage->trigger_count = list.count;
    step->stage->trigger_cap = list.cap;
    return 0;
}

static void set_entrypoint(const struct step *step)
{
    struct dockerfile_stage *stage = step->stage;
    set(&stage->entrypoint, step);
    if (stage->cmd.state != DOCKERFILE_STATE_INHERITED)
        return;
    stage->cmd = (struct dockerfile_setting){DOCKERFILE_STATE_ABSENT, NULL};
    stage->cmd_dropped = true;
}

static int apply(const struct step *step, struct err *err)
{
    struct dockerfile_stage *stage = step->stage;
    switch (step->instruction->kind) {
    case DOCKERFILE_USER:
        return set_value(step, &stage->user, &stage->user_from, err);
    case DOCKERFILE_WORKDIR:
        return set_workdir(step, err);
    case DOCKERFILE_STOPSIGNAL:
        return set_value(step, &stage->stopsignal, &stage->stopsignal_from, err);
    case DOCKERFILE_ENTRYPOINT:
        set_entrypoint(step);
        return 0;
    case DOCKERFILE_CMD:
        set(&stage->cmd, step);
        stage->cmd_dropped = false;
        return 0;
    case DOCKERFILE_HEALTHCHECK:
        set(&stage->healthcheck, step);
        return 0;
    case DOCKERFILE_SHELL:
        set(&stage->shell, step);
        return 0;
    case DOCKERFILE_ENV:
        return add_pairs(step, &stage->env, true, err);
    case DOCKERFILE_LABEL:
        return add_pairs(step, &stage->labels, false, err);
    case DOCKERFILE_ARG:
        return add_args(step, err);
    case DOCKERFILE_EXPOSE:
        return add_words(step, &stage->ports, true, err);
    case DOCKERFILE_VOLUME:
        return add_words(step, &stage->volumes, false, err);
    case DOCKERFILE_ONBUILD:
        return add_trigger(step, err);
    case DOCKERFILE_UNKNOWN:
    case DOCKERFILE_ADD:
    case DOCKERFILE_COPY:
    case DOCKERFILE_FROM:
    case DOCKERFILE_MAINTAINER:
    case DOCKERFILE_RUN:
    case DOCKERFILE_KINDS:
    default:
        return 0;
    }
}

static int run_triggers(struct dockerfile_evaluation *evaluation, struct dockerfile_stage *stage, struct err *err)
{
    const struct dockerfile_stage *parent = stage->parent;
    for (uint32_t i = 0; parent && i < parent->trigger_count; i++) {
        if (evaluation->triggers_left == 0)
            return err_set(err, ERR_LIMIT, "more than %d ONBUILD instructions to run", LIMIT_DOCKERFILE_INSTRUCTIONS);
        evaluation->triggers_left--;
        struct step step = {evaluation, stage, parent->triggers[i], stage->first};
        int r = apply(&step, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int dockerfile_stage_evaluate(struct dockerfile_evaluation *evaluation, struct dockerfile_stage *stage, struct err *err)
{
    inherit(stage);
    int r = run_triggers(evaluation, stage, err);
    for (uint32_t i = 1; i < stage->count && r == 0; i++) {
        struct step step = {evaluation, stage, &evaluation->file->instructions[stage->first + i], stage->first + i};
        r = apply(&step, err);
    }
    return r;
}

static struct dockerfile_value find_entry(const struct dockerfile_stage *stage, bool labels, struct str name)
{
    const struct dockerfile_stage *first = stage;
    for (; stage; stage = stage->parent) {
        const struct dockerfile_entries *entries = labels ? &stage->labels : &stage->env;
        for (uint32_t i = entries->count; i-- > 0;) {
            if (!str_eq(entries->items[i].key.text, name))
                continue;
            struct dockerfile_value value = entries->items[i].value;
            if (stage != first)
                inherit_value(&value, &entries->items[i].value);
            return value;
        }
    }
    return (struct dockerfile_value){.state = DOCKERFILE_STATE_ABSENT};
}

struct dockerfile_value dockerfile_stage_env(const struct dockerfile_stage *stage, struct str name)
{
    return find_entry(stage, false, name);
}

struct dockerfile_value dockerfile_stage_label(const struct dockerfile_stage *stage, struct str name)
{
    return find_entry(stage, true, name);
}
