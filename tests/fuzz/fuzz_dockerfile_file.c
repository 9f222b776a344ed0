/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever bytes come in: every span lies in the text, the spans of lines and comments are in order, a word without a
 * continuation is exactly its bytes, and parents are earlier stages.
 */
#include "dockerfile/file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_span(const struct dockerfile *file, struct data_span span)
{
    require((size_t)span.offset + span.len <= file->lines.source.len);
}

/* RAW: the text was not decoded. */
static void check_word(const struct dockerfile *file, const struct dockerfile_word *word, bool raw)
{
    check_span(file, word->span);
    if (raw)
        require(word->text.len <= word->span.len);
    if (raw && word->text.len == word->span.len && word->text.len > 0)
        require(memcmp(word->text.ptr, file->lines.source.ptr + word->span.offset, word->text.len) == 0);
}

static void check_words(const struct dockerfile *file, const struct dockerfile_words *words, bool raw)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < words->count; i++) {
        check_word(file, &words->items[i], raw);
        require(words->items[i].span.offset >= end);
        end = words->items[i].span.offset + words->items[i].span.len;
    }
}

static void check_pairs(const struct dockerfile *file, const struct dockerfile_pairs *pairs)
{
    for (uint32_t i = 0; i < pairs->count; i++) {
        check_word(file, &pairs->items[i].key, true);
        check_word(file, &pairs->items[i].value, true);
        require(pairs->items[i].key.span.offset <= pairs->items[i].value.span.offset);
    }
}

static void check_instruction(const struct dockerfile *file, const struct dockerfile_instruction *instruction)
{
    check_span(file, instruction->span);
    check_word(file, &instruction->name, true);
    check_word(file, &instruction->rest, true);
    check_word(file, &instruction->image, true);
    check_word(file, &instruction->stage_name, true);
    check_words(file, &instruction->args, !instruction->json);
    check_pairs(file, &instruction->pairs);
    for (uint32_t i = 0; i < instruction->flag_count; i++) {
        check_word(file, &instruction->flags[i].word, true);
        check_word(file, &instruction->flags[i].value, true);
        check_pairs(file, &instruction->flags[i].fields);
    }
    if (instruction->command) {
        check_word(file, &instruction->command->text, true);
        check_words(file, &instruction->command->words, !instruction->command->exec);
    }
    if (instruction->trigger)
        check_instruction(file, instruction->trigger);
}

static void check_value(const struct dockerfile *file, const struct dockerfile_value *value)
{
    for (uint32_t i = 0; i < value->origin_count; i++)
        check_span(file, value->origins[i]);
}

static void check_entries(const struct dockerfile *file, const struct dockerfile_entries *entries)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        check_value(file, &entries->items[i].key);
        check_value(file, &entries->items[i].value);
        require(entries->items[i].position < file->instruction_count);
    }
}

static void check_stage(const struct dockerfile *file, const struct dockerfile_stage *stage)
{
    require(stage->first + stage->count <= file->instruction_count && stage->root);
    require((stage->base == DOCKERFILE_BASE_STAGE) == (stage->parent != NULL));
    require(!stage->parent || stage->parent->index < stage->index);
    require(!stage->root->parent);
    check_value(file, &stage->image);
    check_value(file, &stage->user);
    check_value(file, &stage->workdir);
    check_entries(file, &stage->args);
    check_entries(file, &stage->env);
    check_entries(file, &stage->labels);
    check_entries(file, &stage->ports);
    check_entries(file, &stage->volumes);
}

static void check_lines(const struct dockerfile *file)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < file->lines.line_count; i++) {
        const struct dockerfile_line *line = &file->lines.lines[i];
        check_span(file, line->span);
        require(line->span.offset >= end && line->text.len > 0);
        end = line->span.offset + line->span.len;
        for (uint32_t k = 0; k < line->heredoc_count; k++) {
            const struct dockerfile_heredoc *heredoc = &line->heredocs[k];
            check_span(file, heredoc->body);
            check_span(file, heredoc->terminator);
            require(heredoc->body.offset >= end && heredoc->name.len > 0);
            end = heredoc->terminator.offset + heredoc->terminator.len;
        }
    }
    for (uint32_t i = 0; i < file->lines.comment_count; i++) {
        check_span(file, file->lines.comments[i]);
        require(file->lines.source.ptr[file->lines.comments[i].offset] == '#');
        require(i == 0 || file->lines.comments[i].offset > file->lines.comments[i - 1].offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct dockerfile file = {0};
    if (dockerfile_read(str_of((const char *)data, size), &arena, &file, &err) != 0) {
        require(err.code == ERR_LIMIT);
        return 0;
    }
    check_lines(&file);
    for (uint32_t i = 0; i < file.diagnostics.count; i++) {
        check_span(&file, file.diagnostics.items[i].span);
        require(i == 0 || file.diagnostics.items[i].span.offset >= file.diagnostics.items[i - 1].span.offset);
        require(file.diagnostics.items[i].message[0] != '\0');
    }
    for (uint32_t i = 0; i < file.instruction_count; i++) {
        check_instruction(&file, &file.instructions[i]);
        struct dockerfile_expansion expansion;
        require(dockerfile_expand_at(&file, i, &file.instructions[i].rest, &arena, &expansion, &err) == 0);
    }
    for (uint32_t i = 0; i < file.stage_count; i++)
        check_stage(&file, &file.stages[i]);
    return 0;
}
