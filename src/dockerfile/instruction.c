/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/instruction.h"

#include "dockerfile/internal.h"

/* How the words behind the flags are read. */
enum shape { SHAPE_WORDS, SHAPE_MAYBE_JSON, SHAPE_PAIRS, SHAPE_COMMAND, SHAPE_HEALTHCHECK, SHAPE_ONE, SHAPE_TRIGGER };

static const struct {
    const char *name;
    enum shape shape;
    bool expands;
    uint8_t least; /* arguments */
} kinds[DOCKERFILE_KINDS] = {
    [DOCKERFILE_UNKNOWN] = {"", SHAPE_WORDS, false, 0},
    [DOCKERFILE_ADD] = {"ADD", SHAPE_MAYBE_JSON, true, 2},
    [DOCKERFILE_ARG] = {"ARG", SHAPE_PAIRS, true, 1},
    [DOCKERFILE_CMD] = {"CMD", SHAPE_COMMAND, false, 0},
    [DOCKERFILE_COPY] = {"COPY", SHAPE_MAYBE_JSON, true, 2},
    [DOCKERFILE_ENTRYPOINT] = {"ENTRYPOINT", SHAPE_COMMAND, false, 0},
    [DOCKERFILE_ENV] = {"ENV", SHAPE_PAIRS, true, 1},
    [DOCKERFILE_EXPOSE] = {"EXPOSE", SHAPE_WORDS, true, 1},
    [DOCKERFILE_FROM] = {"FROM", SHAPE_WORDS, true, 1},
    [DOCKERFILE_HEALTHCHECK] = {"HEALTHCHECK", SHAPE_HEALTHCHECK, false, 1},
    [DOCKERFILE_LABEL] = {"LABEL", SHAPE_PAIRS, true, 1},
    [DOCKERFILE_MAINTAINER] = {"MAINTAINER", SHAPE_ONE, false, 1},
    [DOCKERFILE_ONBUILD] = {"ONBUILD", SHAPE_TRIGGER, false, 1},
    [DOCKERFILE_RUN] = {"RUN", SHAPE_COMMAND, false, 1},
    [DOCKERFILE_SHELL] = {"SHELL", SHAPE_COMMAND, false, 1},
    [DOCKERFILE_STOPSIGNAL] = {"STOPSIGNAL", SHAPE_ONE, true, 1},
    [DOCKERFILE_USER] = {"USER", SHAPE_ONE, true, 1},
    [DOCKERFILE_VOLUME] = {"VOLUME", SHAPE_MAYBE_JSON, true, 1},
    [DOCKERFILE_WORKDIR] = {"WORKDIR", SHAPE_ONE, true, 1},
};

#define NAME_MAX_BYTES 11 /* HEALTHCHECK */

const char *dockerfile_kind_name(enum dockerfile_kind kind)
{
    return kinds[kind].name;
}

bool dockerfile_kind_expands(enum dockerfile_kind kind)
{
    return kinds[kind].expands;
}

enum dockerfile_kind dockerfile_kind_of(struct str name)
{
    if (name.len < 3 || name.len > NAME_MAX_BYTES)
        return DOCKERFILE_UNKNOWN;
    for (unsigned kind = 1; kind < DOCKERFILE_KINDS; kind++)
        if (char_lower(kinds[kind].name[0]) == char_lower(name.ptr[0]) && str_eq_fold(name, str_z(kinds[kind].name)))
            return (enum dockerfile_kind)kind;
    return DOCKERFILE_UNKNOWN;
}

int dockerfile_complain(struct dockerfile_reading *reading, struct data_span span, const char *message,
                        const char *hint, struct err *err)
{
    reading->out->broken = true;
    return dockerfile_diagnose(reading->arena, reading->diagnostics, span, message, hint, err);
}

int dockerfile_add_word(struct dockerfile_reading *reading, struct dockerfile_words *words, struct dockerfile_word word,
                        struct err *err)
{
    if (*reading->word_budget == 0)
        return err_set(err, ERR_LIMIT, "more than %u words in all instructions", LIMIT_DOCKERFILE_WORDS);
    struct dockerfile_word *fresh = DOCKERFILE_ADD_TO(reading->arena, words);
    if (!fresh)
        return err_nomem(err);
    --*reading->word_budget;
    *fresh = word;
    return 0;
}

/* Edits (one byte more, less or other) from A to B; both are short. */
static unsigned distance(struct str a, struct str b)
{
    unsigned row[NAME_MAX_BYTES + 1];
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned change = diagonal + (char_lower(a.ptr[i - 1]) != char_lower(b.ptr[j - 1]));
            diagonal = row[j];
            unsigned step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < step ? change : step;
        }
    }
    return row[b.len];
}

static int complain_unknown(struct dockerfile_reading *reading, struct err *err)
{
    struct str name = reading->out->name.text;
    const char *nearest = NULL;
    unsigned least = 3;
    for (unsigned kind = 1; kind < DOCKERFILE_KINDS && name.len > 1 && name.len <= NAME_MAX_BYTES + 2; kind++) {
        unsigned edits = distance(name, str_z(kinds[kind].name));
        if (edits < least && edits < name.len / 2 + 1) {
            least = edits;
            nearest = kinds[kind].name;
        }
    }
    const char *shown = dockerfile_shown(reading->arena, name);
    if (!shown)
        return err_nomem(err);
    return dockerfile_complain(reading, reading->out->name.span,
                               arena_printf(reading->arena, "unknown instruction '%s'", shown),
                               nearest ? arena_printf(reading->arena, "did you mean '%s'?", nearest)
                                       : "an instruction starts with one of FROM, RUN, COPY, ...",
                               err);
}

static int read_words(struct dockerfile_reading *reading, struct err *err)
{
    const struct dockerfile_word *rest = &reading->out->rest;
    size_t at = 0;
    size_t start;
    size_t end;
    while (dockerfile_next_plain(rest->text, &at, &start, &end)) {
        int r = dockerfile_add_word(reading, &reading->out->args,
                                    dockerfile_word_part(reading->line, rest, start, end - start), err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int complain_not_strings(struct dockerfile_reading *reading, struct err *err)
{
    return dockerfile_complain(reading, reading->out->rest.span, "the JSON array holds something else than strings",
                               "put each element in double quotes", err);
}

static int read_maybe_json(struct dockerfile_reading *reading, struct err *err)
{
    if (reading->out->rest.text.ptr[0] != '[')
        return read_words(reading, err);
    struct dockerfile_command command = {0};
    bool strings_only = true;
    int r = dockerfile_command_read(reading, reading->out->rest, &command, &strings_only, err);
    if (r < 0)
        return r;
    if (!strings_only)
        return complain_not_strings(reading, err);
    if (!command.exec)
        return read_words(reading, err);
    reading->out->json = true;
    reading->out->args = command.words;
    return 0;
}

static int read_command(struct dockerfile_reading *reading, struct dockerfile_word text, struct err *err)
{
    struct dockerfile_command *command = ARENA_NEW(reading->arena, struct dockerfile_command);
    if (!command)
        return err_nomem(err);
    bool strings_only = true;
    int r = dockerfile_command_read(reading, text, command, &strings_only, err);
    if (r < 0)
        return r;
    reading->out->command = command;
    reading->out->json = command->exec;
    if (!strings_only)
        return complain_not_strings(reading, err);
    if (reading->out->kind == DOCKERFILE_SHELL && (!command->exec || command->words.count == 0))
        return dockerfile_complain(reading, text.span, "SHELL takes a JSON array of strings",
                                   "write SHELL [\"/bin/sh\", \"-c\"]", err);
    return 0;
}

static int read_healthcheck(struct dockerfile_reading *reading, struct err *err)
{
    struct dockerfile_instruction *out = reading->out;
    size_t at = 0;
    size_t start;
    size_t end;
    dockerfile_next_plain(out->rest.text, &at, &start, &end);
    struct dockerfile_word type = dockerfile_word_part(reading->line, &out->rest, start, end - start);
    struct str left = str_trim_left(str_skip(out->rest.text, end));
    struct dockerfile_word command =
        dockerfile_word_part(reading->line, &out->rest, out->rest.text.len - left.len, left.len);
    if (str_eq_fold(type.text, STR("NONE"))) {
        out->health_none = true;
        if (left.len > 0)
            return dockerfile_complain(reading, command.span, "HEALTHCHECK NONE takes no arguments", "", err);
        return 0;
    }
    if (!str_eq_fold(type.text, STR("CMD")))
        return dockerfile_complain(reading, type.span, "HEALTHCHECK is followed by neither CMD nor NONE",
                                   "write HEALTHCHECK [options] CMD command", err);
    out->health_cmd = true;
    if (left.len == 0)
        return dockerfile_complain(reading, type.span, "HEALTHCHECK CMD has no command", "", err);
    return read_command(reading, command, err);
}

static bool stage_name_valid(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!char_is_alpha(c) && (i == 0 || (!char_is_digit(c) && c != '-' && c != '_' && c != '.')))
            return false;
    }
    return name.len > 0;
}

static int finish_from(struct dockerfile_reading *reading, struct err *err)
{
    struct dockerfile_instruction *out = reading->out;
    out->image = out->args.items[0];
    bool named = out->args.count >= 3 && str_eq_fold(out->args.items[1].text, STR("AS"));
    if (named)
        out->stage_name = out->args.items[2];
    if (out->args.count != 1 && (out->args.count != 3 || !named))
        return dockerfile_complain(reading, out->rest.span, "FROM takes an image, or an image and 'AS' with a name",
                                   "write FROM image AS name", err);
    if (named && !stage_name_valid(out->stage_name.text))
        return dockerfile_complain(reading, out->stage_name.span, "the stage's name is invalid",
                                   "start it with a letter; letters, digits, '-', '_' and '.' may follow", err);
    return 0;
}

static int finish(struct dockerfile_reading *reading, struct err *err)
{
    struct dockerfile_instruction *out = reading->out;
    if (out->kind == DOCKERFILE_FROM && out->args.count > 0)
        return finish_from(reading, err);
    if ((out->kind == DOCKERFILE_COPY || out->kind == DOCKERFILE_ADD) && !out->broken) {
        if (out->args.count < 2)
            return dockerfile_complain(
                reading, out->rest.span,
                arena_printf(reading->arena, "%s needs at least one source and a destination", kinds[out->kind].name),
                "", err);
        const struct dockerfile_word *last = &out->args.items[out->args.count - 1];
        if (!out->json && dockerfile_heredoc_word(last->text))
            return dockerfile_complain(reading, last->span, "a heredoc can't be the destination",
                                       "put the destination behind it", err);
    }
    return 0;
}

static int read_at(struct dockerfile_reading *reading, size_t at, struct err *err);

static int read_trigger(struct dockerfile_reading *reading, struct err *err)
{
    struct dockerfile_instruction *outer = reading->out;
    struct dockerfile_instruction *inner = ARENA_NEW(reading->arena, struct dockerfile_instruction);
    if (!inner)
        return err_nomem(err);
    enum dockerfile_kind kind;
    struct str text = outer->rest.text;
    struct str word;
    str_next_word(&text, &word);
    kind = dockerfile_kind_of(word);
    if (kind == DOCKERFILE_ONBUILD || kind == DOCKERFILE_FROM || kind == DOCKERFILE_MAINTAINER)
        return dockerfile_complain(
            reading, outer->rest.span,
            arena_printf(reading->arena, "%s is not allowed behind ONBUILD", dockerfile_kind_name(kind)), "", err);
    struct dockerfile_reading nested = *reading;
    nested.out = inner;
    int r = read_at(&nested, (size_t)(outer->rest.text.ptr - reading->line->text.ptr), err);
    outer->trigger = inner;
    outer->broken = inner->broken;
    return r;
}

static int read_arguments(struct dockerfile_reading *reading, struct err *err)
{
    struct dockerfile_instruction *out = reading->out;
    switch (kinds[out->kind].shape) {
    case SHAPE_WORDS:
        return read_words(reading, err);
    case SHAPE_MAYBE_JSON:
        return read_maybe_json(reading, err);
    case SHAPE_PAIRS:
        return dockerfile_pairs_read(reading, err);
    case SHAPE_COMMAND:
        return read_command(reading, out->rest, err);
    case SHAPE_HEALTHCHECK:
        return read_healthcheck(reading, err);
    case SHAPE_TRIGGER:
        return read_trigger(reading, err);
    case SHAPE_ONE:
    default:
        return dockerfile_add_word(reading, &out->args, out->rest, err);
    }
}

/* The instruction that starts at byte AT of the logical line. */
static int read_at(struct dockerfile_reading *reading, size_t at, struct err *err)
{
    struct dockerfile_instruction *out = reading->out;
    const struct dockerfile_line *line = reading->line;
    size_t start;
    size_t end;
    out->line = line;
    out->span = at == 0 ? line->span : dockerfile_line_span(line, at, line->text.len - at);
    dockerfile_next_plain(line->text, &at, &start, &end);
    out->name = dockerfile_line_word(line, start, end - start);
    out->kind = dockerfile_kind_of(out->name.text);
    if (out->kind == DOCKERFILE_RUN || out->kind == DOCKERFILE_COPY || out->kind == DOCKERFILE_ADD) {
        out->heredocs = line->heredocs;
        out->heredoc_count = line->heredoc_count;
    }
    int r = out->kind == DOCKERFILE_UNKNOWN ? complain_unknown(reading, err) : dockerfile_flags_read(reading, &at, err);
    if (r < 0)
        return r;
    while (at < line->text.len && char_is_space(line->text.ptr[at]))
        at++;
    out->rest = dockerfile_line_word(line, at, line->text.len - at);
    if (out->rest.text.len == 0) {
        /* An empty CMD or ENTRYPOINT resets it. */
        out->rest.span = (struct data_span){line->span.offset + line->span.len, 0};
        if (kinds[out->kind].least > 0)
            return dockerfile_complain(reading, out->name.span,
                                       arena_printf(reading->arena, "%s has no arguments", kinds[out->kind].name), "",
                                       err);
        if (kinds[out->kind].shape != SHAPE_COMMAND)
            return 0;
    }
    r = read_arguments(reading, err);
    return r < 0 ? r : finish(reading, err);
}

int dockerfile_instruction_read(const struct dockerfile_line *line, char escape, struct arena *arena,
                                uint32_t *word_budget, struct dockerfile_diagnostics *diagnostics,
                                struct dockerfile_instruction *ret_instruction, struct err *err)
{
    struct dockerfile_instruction out = {0};
    struct dockerfile_reading reading = {line, arena, diagnostics, word_budget, &out, escape};
    int r = read_at(&reading, 0, err);
    if (r == 0)
        *ret_instruction = out;
    return r;
}

const struct dockerfile_flag *dockerfile_flag(const struct dockerfile_instruction *instruction, const char *name)
{
    for (uint32_t i = instruction->flag_count; i-- > 0;)
        if (str_eq_z(instruction->flags[i].name, name))
            return &instruction->flags[i];
    return NULL;
}

const struct dockerfile_pair *dockerfile_mount_field(const struct dockerfile_flag *flag, const char *field)
{
    static const char *const others[][2] = {
        {"target", "dst"}, {"target", "destination"}, {"source", "src"}, {"readonly", "ro"}, {"readwrite", "rw"}};
    for (uint32_t i = flag ? flag->fields.count : 0; i-- > 0;) {
        struct str key = flag->fields.items[i].key.text;
        if (str_eq_fold(key, str_z(field)))
            return &flag->fields.items[i];
        for (size_t k = 0; k < ARRAY_LEN(others); k++)
            if (strcmp(field, others[k][0]) == 0 && str_eq_fold(key, str_z(others[k][1])))
                return &flag->fields.items[i];
    }
    return NULL;
}
