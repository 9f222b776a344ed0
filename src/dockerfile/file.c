/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/file.h"

#include "base/num.h"
#include "dockerfile/internal.h"

#include <stdlib.h>

static int complain(struct dockerfile *file, struct arena *arena, struct data_span span, const char *message,
                    const char *hint, struct err *err)
{
    return dockerfile_diagnose(arena, &file->diagnostics, span, message, hint, err);
}

static int read_instructions(struct dockerfile *file, struct arena *arena, struct err *err)
{
    uint32_t count = file->lines.line_count;
    uint32_t word_budget = LIMIT_DOCKERFILE_WORDS;
    struct dockerfile_instruction *instructions = ARENA_ARRAY(arena, count, struct dockerfile_instruction);
    if (!instructions)
        return err_nomem(err);
    for (uint32_t i = 0; i < count; i++) {
        int r = dockerfile_instruction_read(&file->lines.lines[i], file->lines.escape, arena, &word_budget,
                                            &file->diagnostics, &instructions[i], err);
        if (r < 0)
            return r;
    }
    file->instructions = instructions;
    file->instruction_count = count;
    return 0;
}

/* ARG before the first FROM; each sees those before it. */
static int read_global_args(struct dockerfile_evaluation *evaluation, const struct dockerfile_instruction *instruction,
                            uint32_t position, struct err *err)
{
    struct dockerfile_place place = {evaluation->scopes, NULL, 0};
    for (uint32_t i = 0; i < instruction->pairs.count; i++) {
        const struct dockerfile_pair *pair = &instruction->pairs.items[i];
        struct dockerfile_value key;
        struct dockerfile_value value = {.state = DOCKERFILE_STATE_UNKNOWN, .optional = true};
        int r = dockerfile_evaluate_word(evaluation, &place, &pair->key, &key, err);
        if (r == 0 && pair->has_value)
            r = dockerfile_evaluate_word(evaluation, &place, &pair->value, &value, err);
        if (r < 0)
            return r;
        if (!pair->has_value) {
            value.optional = !dockerfile_platform_arg(key.text);
            value.origins = key.origins;
            value.origin_count = key.origin_count;
        }
        struct dockerfile_entry *entry = DOCKERFILE_ADD_TO(evaluation->arena, &evaluation->file->global_args);
        if (!entry)
            return err_nomem(err);
        *entry = (struct dockerfile_entry){key, value, instruction, position};
        r = dockerfile_scopes_define(evaluation->scopes, NULL, position, false, key.text, &value, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool has_from(const struct dockerfile *file)
{
    for (uint32_t i = 0; i < file->instruction_count; i++)
        if (file->instructions[i].kind == DOCKERFILE_FROM)
            return true;
    return false;
}

static int read_preamble(struct dockerfile_evaluation *evaluation, uint32_t *ret_first, struct err *err)
{
    struct dockerfile *file = evaluation->file;
    const bool starts = has_from(file);
    uint32_t i = 0;
    int r = 0;
    for (; i < file->instruction_count && r == 0 && file->instructions[i].kind != DOCKERFILE_FROM; i++) {
        const struct dockerfile_instruction *instruction = &file->instructions[i];
        if (instruction->kind == DOCKERFILE_ARG)
            r = read_global_args(evaluation, instruction, i, err);
        else if (starts && instruction->kind != DOCKERFILE_UNKNOWN)
            r = complain(file, evaluation->arena, instruction->name.span,
                         arena_printf(evaluation->arena, "%s stands before the first FROM",
                                      dockerfile_kind_name(instruction->kind)),
                         "only ARG may stand there; put it behind FROM", err);
    }
    *ret_first = i;
    if (r == 0 && file->instruction_count == 0)
        return complain(file, evaluation->arena, (struct data_span){0, 0}, "the file holds no instruction",
                        "start with FROM", err);
    if (r == 0 && !starts)
        return complain(file, evaluation->arena, file->instructions[0].name.span, "the file holds no FROM",
                        "start with FROM", err);
    return r;
}

static const struct dockerfile_stage *find_stage(const struct dockerfile_stage *stages, uint32_t count, struct str name)
{
    while (count-- > 0)
        if (stages[count].name.text.len > 0 && str_eq_fold(stages[count].name.text, name))
            return &stages[count];
    return NULL;
}

static int choose_base(struct dockerfile_evaluation *evaluation, struct dockerfile_stage *stage, struct err *err)
{
    stage->base = DOCKERFILE_BASE_UNKNOWN;
    stage->root = stage;
    if (stage->from->args.count == 0)
        return 0;
    struct dockerfile_place place = {evaluation->scopes, NULL, 0};
    int r = dockerfile_evaluate_word(evaluation, &place, &stage->from->image, &stage->image, err);
    const struct dockerfile_flag *platform = dockerfile_flag(stage->from, "platform");
    if (r == 0 && platform && platform->has_value)
        r = dockerfile_evaluate_word(evaluation, &place, &platform->value, &stage->platform, err);
    if (r < 0 || stage->image.state != DOCKERFILE_STATE_KNOWN)
        return r;
    struct str image = stage->image.text;
    if (image.len == 0)
        return complain(evaluation->file, evaluation->arena, stage->from->image.span, "the base image's name is empty",
                        "give the ARG a default before the first FROM", err);
    if (str_eq(image, STR("scratch"))) {
        stage->base = DOCKERFILE_BASE_SCRATCH;
        return 0;
    }
    stage->parent = find_stage(evaluation->stages, stage->index, image);
    stage->base = stage->parent ? DOCKERFILE_BASE_STAGE : DOCKERFILE_BASE_IMAGE;
    if (stage->parent)
        stage->root = stage->parent->root;
    return 0;
}

static int read_stage(struct dockerfile_evaluation *evaluation, struct dockerfile_stage *stage, struct err *err)
{
    stage->from = &evaluation->file->instructions[stage->first];
    stage->name = stage->from->stage_name;
    int r = choose_base(evaluation, stage, err);
    if (r == 0 && stage->name.text.len > 0 && find_stage(evaluation->stages, stage->index, stage->name.text)) {
        r = complain(evaluation->file, evaluation->arena, stage->name.span, "two stages have one name",
                     "rename one of them", err);
        if (r == 0) /* BuildKit's DuplicateStageName is a warning, and the later one counts */
            evaluation->file->diagnostics.items[evaluation->file->diagnostics.count - 1].tolerated = true;
    }
    return r < 0 ? r : dockerfile_stage_evaluate(evaluation, stage, err);
}

/* BuildKit takes a number in COPY --from as a stage and as nothing else. */
static int check_stage_numbers(struct dockerfile_evaluation *evaluation, struct err *err)
{
    struct dockerfile *file = evaluation->file;
    int r = 0;
    for (uint32_t s = 0; s < file->stage_count; s++) {
        const struct dockerfile_stage *stage = &file->stages[s];
        for (uint32_t i = 1; r == 0 && i < stage->count; i++) {
            const struct dockerfile_instruction *instruction = &file->instructions[stage->first + i];
            const struct dockerfile_flag *from =
                instruction->kind == DOCKERFILE_COPY ? dockerfile_flag(instruction, "from") : NULL;
            uint32_t number;
            if (!from || !from->has_value || !num_parse_u32(from->value.text, &number))
                continue;
            if (number >= file->stage_count)
                r = complain(file, evaluation->arena, from->value.span, "no stage has this number",
                             "count the FROM instructions from 0, or name the stage", err);
            else if (number == s)
                r = complain(file, evaluation->arena, from->value.span, "a stage can't copy from itself",
                             "name another stage", err);
        }
    }
    return r;
}

static int read_stages(struct dockerfile_evaluation *evaluation, uint32_t first, struct err *err)
{
    struct dockerfile *file = evaluation->file;
    uint32_t count = 0;
    for (uint32_t i = first; i < file->instruction_count; i++)
        count += file->instructions[i].kind == DOCKERFILE_FROM;
    if (count > LIMIT_DOCKERFILE_STAGES)
        return err_set(err, ERR_LIMIT, "more than %d stages", LIMIT_DOCKERFILE_STAGES);
    evaluation->stages = ARENA_ARRAY(evaluation->arena, count, struct dockerfile_stage);
    if (!evaluation->stages)
        return err_nomem(err);
    file->stages = evaluation->stages;
    uint32_t at = first;
    for (uint32_t i = 0; i < count; i++) {
        struct dockerfile_stage *stage = &evaluation->stages[i];
        stage->index = i;
        stage->first = at++;
        while (at < file->instruction_count && file->instructions[at].kind != DOCKERFILE_FROM)
            at++;
        stage->count = at - stage->first;
        int r = read_stage(evaluation, stage, err);
        if (r < 0)
            return r;
        file->stage_count = i + 1;
    }
    return check_stage_numbers(evaluation, err);
}

static int compare_diagnostics(const void *a, const void *b)
{
    const struct dockerfile_diagnostic *x = a;
    const struct dockerfile_diagnostic *y = b;
    if (x->span.offset != y->span.offset)
        return x->span.offset < y->span.offset ? -1 : 1;
    if (x->span.len != y->span.len)
        return x->span.len < y->span.len ? -1 : 1;
    return strcmp(x->message, y->message);
}

static int complain_binary(struct dockerfile *file, struct arena *arena, struct err *err)
{
    size_t nul = str_find_char(file->lines.source, '\0');
    if (nul == file->lines.source.len)
        return 0;
    return complain(file, arena, (struct data_span){(uint32_t)nul, 1}, "a NUL byte stands in the file",
                    "a Dockerfile is text in UTF-8", err);
}

int dockerfile_read(struct str source, struct arena *arena, struct dockerfile *ret_file, struct err *err)
{
    struct dockerfile file = {.instructions = NULL};
    struct dockerfile_budget budget = DOCKERFILE_BUDGET_INIT;
    struct dockerfile_evaluation evaluation = {
        .file = &file, .arena = arena, .budget = &budget, .triggers_left = LIMIT_DOCKERFILE_INSTRUCTIONS};
    int r = dockerfile_lex(source, arena, &file.lines, err);
    if (r < 0)
        return r;
    file.diagnostics = file.lines.diagnostics;
    evaluation.scopes = dockerfile_scopes_new(arena);
    if (!evaluation.scopes)
        return err_nomem(err);
    file.scopes = evaluation.scopes;
    uint32_t first = 0;
    r = complain_binary(&file, arena, err);
    if (r == 0)
        r = read_instructions(&file, arena, err);
    if (r == 0)
        r = read_preamble(&evaluation, &first, err);
    if (r == 0)
        r = read_stages(&evaluation, first, err);
    if (r < 0)
        return r;
    if (file.diagnostics.count > 1)
        qsort(file.diagnostics.items, file.diagnostics.count, sizeof(*file.diagnostics.items), compare_diagnostics);
    *ret_file = file;
    return 0;
}

const struct dockerfile_stage *dockerfile_stage_named(const struct dockerfile *file, struct str name, uint32_t before)
{
    uint32_t count = before < file->stage_count ? before : file->stage_count;
    uint32_t index;
    if (num_parse_u32(name, &index))
        return index < count ? &file->stages[index] : NULL;
    return find_stage(file->stages, count, name);
}

const struct dockerfile_stage *dockerfile_final_stage(const struct dockerfile *file, struct str target)
{
    if (target.len > 0)
        return dockerfile_stage_named(file, target, file->stage_count);
    return file->stage_count ? &file->stages[file->stage_count - 1] : NULL;
}

/* Where instruction number INSTRUCTION looks for variables. */
static struct dockerfile_place place_of(const struct dockerfile *file, uint32_t instruction)
{
    struct dockerfile_place place = {.scopes = file->scopes};
    for (uint32_t i = 0; i < file->stage_count; i++)
        if (instruction > file->stages[i].first && instruction < file->stages[i].first + file->stages[i].count)
            place = (struct dockerfile_place){file->scopes, &file->stages[i], instruction - 1};
    return place;
}

static int expand_at(const struct dockerfile *file, uint32_t instruction, const struct dockerfile_word *word,
                     bool heredoc, struct dockerfile_budget *budget, struct arena *arena,
                     struct dockerfile_expansion *ret_expansion, struct err *err)
{
    struct dockerfile_place place = place_of(file, instruction);
    struct dockerfile_scope scope = {dockerfile_scopes_lookup, &place, file->lines.escape, heredoc, budget};
    return dockerfile_expand(word, &scope, arena, ret_expansion, err);
}

int dockerfile_expand_at(const struct dockerfile *file, uint32_t instruction, const struct dockerfile_word *word,
                         struct arena *arena, struct dockerfile_expansion *ret_expansion, struct err *err)
{
    struct dockerfile_budget budget = DOCKERFILE_BUDGET_INIT;
    return expand_at(file, instruction, word, false, &budget, arena, ret_expansion, err);
}

int dockerfile_expand_within(const struct dockerfile *file, uint32_t instruction, const struct dockerfile_word *word,
                             struct dockerfile_budget *budget, struct arena *arena,
                             struct dockerfile_expansion *ret_expansion, struct err *err)
{
    return expand_at(file, instruction, word, false, budget, arena, ret_expansion, err);
}

int dockerfile_expand_body_at(const struct dockerfile *file, uint32_t instruction,
                              const struct dockerfile_heredoc *heredoc, struct arena *arena,
                              struct dockerfile_expansion *ret_expansion, struct err *err)
{
    struct dockerfile_budget budget = DOCKERFILE_BUDGET_INIT;
    struct dockerfile_word word = {data_span_text(file->lines.source, heredoc->body), heredoc->body};
    struct dockerfile_expansion out = {.value = {.state = DOCKERFILE_STATE_KNOWN, .text = word.text}};
    if (!heredoc->quoted)
        return expand_at(file, instruction, &word, true, &budget, arena, ret_expansion, err);
    out.value.origins = &heredoc->body;
    out.value.origin_count = 1;
    *ret_expansion = out;
    return 0;
}
