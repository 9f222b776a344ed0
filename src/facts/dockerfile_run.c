/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/dockerfile_read.h"

#include <string.h>

/* Where bytes of a shell's text stand: in a logical line (continuations run through it), or in a heredoc's body. */
struct text_origin {
    const struct source *source;
    const struct dockerfile_line *line; /* NULL: contiguous from OFFSET on */
    size_t offset;                      /* of the text in the line's text, or in the source */
};

static struct place place_in_text(const void *self, size_t offset, size_t len)
{
    const struct text_origin *origin = self;
    struct data_span span = {(uint32_t)(origin->offset + offset), (uint32_t)len};
    if (origin->line)
        span = dockerfile_line_span(origin->line, origin->offset + offset, len);
    return (struct place){origin->source, span};
}

static int set_text(const struct build_reading *reading, const struct text_origin *origin, struct str text,
                    struct fact_command *command, struct err *err)
{
    struct shell_map map = {place_in_text, origin};
    if (!command_is_shell(command->shell)) {
        command->text = text;
        return 0;
    }
    return command_set_text(command, text, &map, reading->arena, err);
}

static int set_words(const struct build_reading *reading, const struct dockerfile_words *from,
                     struct fact_command *command, struct err *err)
{
    struct command_word *words = ARENA_ARRAY(reading->arena, from->count + 1, struct command_word);
    if (!words)
        return err_nomem(err);
    for (uint32_t i = 0; i < from->count; i++)
        words[i] = (struct command_word){.text = from->items[i].text, .at = build_place(reading, from->items[i].span)};
    return command_set_words(command, words, from->count, reading->arena, err);
}

int build_command(const struct build_reading *reading, const struct dockerfile_instruction *instruction,
                  struct str shell, struct fact_command *ret_command, struct err *err)
{
    const struct dockerfile_command *from = instruction->command;
    struct fact_command command = {.fact = {.state = FACT_KNOWN, .at = build_place(reading, instruction->rest.span)}};
    int r = 0;
    if (!from) {
        command.fact.state = FACT_INVALID;
    } else if (from->exec) {
        command.fact.at = build_place(reading, from->text.span);
        command.form = COMMAND_EXEC;
        r = set_words(reading, &from->words, &command, err);
    } else {
        struct text_origin origin = {reading->source, instruction->line,
                                     (size_t)(from->text.text.ptr - instruction->line->text.ptr)};
        command.fact.at = build_place(reading, from->text.span);
        command.form = from->looks_like_exec ? COMMAND_BROKEN_EXEC : COMMAND_SHELL;
        command.shell = shell;
        r = set_text(reading, &origin, from->text.text, &command, err);
    }
    if (r == 0)
        *ret_command = command;
    return r;
}

/* --- RUN ---------------------------------------------------------------------------------------------------- */

/* The program of a script's first line "#!/usr/bin/env python3", or the empty view. */
static struct str interpreter_of(struct str body, struct str *ret_line)
{
    struct str line = STR_NONE;
    if (!str_starts(body, STR("#!")) || !str_next_line(&body, &line))
        return STR_NONE;
    *ret_line = str_skip(line, 2);
    struct str words = *ret_line;
    struct str word = STR_NONE;
    str_next_word(&words, &word);
    if (str_eq_z(command_base_name(word), "env"))
        do
            if (!str_next_word(&words, &word))
                break;
        while (str_starts(word, STR("-")));
    return word;
}

/* Puts the commands of MORE behind those of SCRIPT. */
static int join(struct shell_script *script, const struct shell_script *more, struct arena *arena, struct err *err)
{
    size_t count = script->count + more->count;
    struct shell_command *commands = ARENA_ARRAY(arena, count + 1, struct shell_command);
    if (!commands)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        commands[i] = i < script->count ? script->commands[i] : more->commands[i - script->count];
    *script = (struct shell_script){.commands = commands,
                                    .count = count,
                                    .operators = true,
                                    .redirects = script->redirects || more->redirects,
                                    .expands = script->expands || more->expands};
    return 0;
}

/* RUN <<EOF: the body is the script, for the shell or for what its first line names. */
static int set_body(const struct build_reading *reading, const struct dockerfile_heredoc *heredoc,
                    struct fact_command *command, struct err *err)
{
    struct str body = data_span_text(reading->file->lines.source, heredoc->body);
    struct str tabs = body;
    while (heredoc->strip_tabs && str_starts(tabs, STR("\t")))
        tabs = str_skip(tabs, 1);
    struct str line = STR_NONE;
    struct str interpreter = interpreter_of(tabs, &line);
    struct text_origin origin = {reading->source, NULL, heredoc->body.offset};
    struct shell_map map = {place_in_text, &origin};
    if (interpreter.len > 0)
        command->shell = interpreter;
    if (interpreter.len == 0 || command_is_shell(interpreter))
        return set_text(reading, &origin, body, command, err);
    origin.offset += (size_t)(line.ptr - body.ptr);
    int r = command_set_text(command, line, &map, reading->arena, err);
    command->text = body;
    return r;
}

/* RUN bash <<EOF: the shell reads the body as well. */
static int add_body(const struct build_reading *reading, const struct dockerfile_heredoc *heredoc,
                    struct fact_command *command, struct err *err)
{
    size_t program = command_program_of(command->words, command->word_count);
    if (program == command->word_count || !command_is_shell(command->words[program].text))
        return 0;
    for (size_t i = program + 1; i < command->word_count; i++)
        if (!str_starts(command->words[i].text, STR("-")) || str_eq_z(command->words[i].text, "-c"))
            return 0;
    struct shell_script script;
    struct text_origin origin = {reading->source, NULL, heredoc->body.offset};
    struct shell_map map = {place_in_text, &origin};
    int r = shell_script_read(data_span_text(reading->file->lines.source, heredoc->body), &map, reading->arena, &script,
                              err);
    if (r == 0)
        r = join(&command->script, &script, reading->arena, err);
    return r;
}

static int read_run(const struct build_reading *reading, const struct build_step *step, struct run_fact *run,
                    struct err *err)
{
    const struct dockerfile_instruction *instruction = step->instruction;
    run->instruction = instruction;
    run->position = step->position;
    run->stage = step->stage;
    run->at = build_place(reading, instruction->span);
    run->ships = build_stage_ships(reading->build, step->stage);
    int r = build_command(reading, instruction, step->shell, &run->command, err);
    if (r < 0 || run->command.form != COMMAND_SHELL || instruction->heredoc_count == 0)
        return r;
    const struct dockerfile_heredoc *heredoc = &instruction->heredocs[0];
    if (str_eq(run->command.text, heredoc->word.text))
        return set_body(reading, heredoc, &run->command, err);
    return add_body(reading, heredoc, &run->command, err);
}

int build_read_runs(struct build_reading *reading, struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < reading->step_count; i++)
        count += reading->steps[i].instruction->kind == DOCKERFILE_RUN;
    struct run_fact *runs = ARENA_ARRAY(reading->arena, count + 1, struct run_fact);
    if (!runs)
        return err_nomem(err);
    count = 0;
    for (size_t i = 0; i < reading->step_count; i++) {
        if (reading->steps[i].instruction->kind != DOCKERFILE_RUN)
            continue;
        int r = read_run(reading, &reading->steps[i], &runs[count++], err);
        if (r < 0)
            return r;
    }
    reading->build->runs = runs;
    reading->build->run_count = count;
    return 0;
}
