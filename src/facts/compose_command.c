/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "facts/compose_read.h"

#include <string.h>

static struct place script_place(const void *self, size_t offset, size_t len)
{
    return value_map_place(self, offset, len);
}

/* Marks the words that hang on a variable of the platform: the shell's own are written with "$$". */
static const struct command_word *mark_unknown(struct compose_reader *reader, const struct command_word *words,
                                               size_t count)
{
    struct command_word *marked = COMPOSE_ARRAY(reader, count, struct command_word);
    if (!marked)
        return words;
    for (size_t i = 0; i < count; i++) {
        marked[i] = words[i];
        if (compose_has_variable(words[i].text))
            marked[i].unknown = true;
    }
    return marked;
}

static void mark_script(struct compose_reader *reader, struct shell_script *script)
{
    struct shell_command *commands = COMPOSE_ARRAY(reader, script->count, struct shell_command);
    if (!commands)
        return;
    for (size_t i = 0; i < script->count; i++) {
        commands[i] = script->commands[i];
        commands[i].words = mark_unknown(reader, commands[i].words, commands[i].word_count);
    }
    script->commands = commands;
}

/* The text of SCALAR as a shell reads it. */
static void read_script(struct compose_reader *reader, const struct compose_scalar *scalar,
                        struct shell_script *ret_script)
{
    struct shell_map map = {.place = script_place, .self = &scalar->map};
    if (shell_script_read(scalar->text, &map, reader->arena, ret_script, NULL) != 0) {
        reader->nomem = true;
        *ret_script = (struct shell_script){0};
    }
    if (scalar->node->flags & DATA_UNKNOWN)
        mark_script(reader, ret_script);
}

void compose_shell_of(struct compose_reader *reader, const struct data_node *text, struct fact_command *command)
{
    struct compose_scalar scalar;
    command->form = COMMAND_SHELL;
    if (!compose_scalar(reader, text, &scalar))
        return;
    command->text = scalar.text;
    read_script(reader, &scalar, &command->script);
    if (command->script.count) {
        command->words = command->script.commands[0].words;
        command->word_count = command->script.commands[0].word_count;
    }
    if (command->word_count && command->words[0].unknown)
        command->fact.state = FACT_UNKNOWN;
}

void compose_exec_of(struct compose_reader *reader, const struct data_node *first, struct fact_command *command)
{
    size_t count = 0;
    for (const struct data_node *item = first; item; item = item->next)
        count++;
    command->form = COMMAND_EXEC;
    struct command_word *words = COMPOSE_ARRAY(reader, count, struct command_word);
    const struct data_node **nodes = COMPOSE_ARRAY(reader, count, const struct data_node *);
    if (!words || !nodes)
        return;
    for (const struct data_node *item = first; item; item = item->next) {
        if (item->kind == DATA_ARRAY || item->kind == DATA_OBJECT)
            continue;
        nodes[command->word_count] = item;
        words[command->word_count++] = (struct command_word){
            .text = item->value,
            .at = place_of(reader->sources, item),
            .unknown = item->flags & DATA_UNKNOWN,
        };
    }
    command->words = words;
    if (command->word_count == 0)
        return;
    if (words[0].unknown)
        command->fact.state = FACT_UNKNOWN;
    size_t script = command_script_of(words, command->word_count);
    struct compose_scalar scalar;
    command->shell_in_exec = script < command->word_count;
    if (command->shell_in_exec && compose_scalar(reader, nodes[script], &scalar))
        read_script(reader, &scalar, &command->script);
}

/* --- a text that is split without a shell --------------------------------------------------------------------- */

/* go-shellwords, as compose-go calls it: quotes and backslashes, no expansion, an operator ends it. */
struct splitter {
    const struct compose_scalar *scalar;
    struct str text;
    size_t at;
    struct buf word;
    bool broken; /* an open quote, a bracket */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "${...}" of an unresolved value, `...` and $(...): one stretch whatever is in it. */
static bool take_stretch(struct splitter *splitter, char close)
{
    struct str text = splitter->text;
    size_t start = splitter->at, depth = 0;
    char open = close == '`' ? '\0' : close == ')' ? '(' : '{';
    size_t i = close == '`' ? start + 1 : start;
    for (; i < text.len; i++) {
        if (open && text.ptr[i] == open)
            depth++;
        else if (text.ptr[i] == close && (!open || --depth == 0))
            break;
    }
    if (i >= text.len)
        return false;
    buf_add(&splitter->word, text.ptr + start, i + 1 - start);
    splitter->at = i + 1;
    return true;
}

static bool take_quoted(struct splitter *splitter)
{
    struct str text = splitter->text;
    char quote = text.ptr[splitter->at++];
    for (; splitter->at < text.len; splitter->at++) {
        char c = text.ptr[splitter->at];
        if (c == quote) {
            splitter->at++;
            return true;
        }
        if (c == '\\' && quote == '"' && splitter->at + 1 < text.len) {
            c = text.ptr[++splitter->at];
            c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
        }
        buf_add_char(&splitter->word, c);
    }
    return false;
}

/* One word's next piece; false at the word's end. */
static bool take_piece(struct splitter *splitter)
{
    struct str text = splitter->text;
    if (splitter->at >= text.len || is_blank(text.ptr[splitter->at]))
        return false;
    char c = text.ptr[splitter->at];
    char next = splitter->at + 1 < text.len ? text.ptr[splitter->at + 1] : '\0';
    bool fine = true;
    if (memchr(";&|<>", c, 5))
        return false;
    if (c == '\'' || c == '"') {
        fine = take_quoted(splitter);
    } else if (c == '`') {
        fine = take_stretch(splitter, '`');
    } else if (c == '$' && next == '(') {
        fine = take_stretch(splitter, ')');
    } else if (c == '$' && next == '{' && (splitter->scalar->node->flags & DATA_UNKNOWN)) {
        fine = take_stretch(splitter, '}');
    } else if (c == '(' || c == ')' || (c == '\\' && !next)) {
        fine = false;
    } else {
        bool escape = c == '\\';
        if (escape)
            c = next == 't' ? '\t' : next == 'n' ? '\n' : next;
        buf_add_char(&splitter->word, c);
        splitter->at += escape ? 2 : 1;
    }
    splitter->broken |= !fine;
    return fine;
}

/* The next word; false at the end, at an operator, or when what follows can't be split. */
static bool next_word(struct compose_reader *reader, struct splitter *splitter, struct command_word *ret_word)
{
    while (splitter->at < splitter->text.len && is_blank(splitter->text.ptr[splitter->at]))
        splitter->at++;
    size_t start = splitter->at;
    buf_reset(&splitter->word);
    while (take_piece(splitter))
        ;
    if (splitter->broken || splitter->at == start)
        return false;
    struct fact_text part = compose_part(reader, splitter->scalar, start, splitter->at - start);
    *ret_word = (struct command_word){
        .text = arena_buf(reader->arena, &splitter->word),
        .at = part.fact.at,
        .unknown = part.fact.state == FACT_UNKNOWN,
    };
    reader->nomem |= !ret_word->text.ptr;
    return !reader->nomem;
}

/* No more words than blanks and one. */
static size_t words_at_most(struct str text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += is_blank(text.ptr[i]);
    return count < LIMIT_SHELL_WORDS ? count : LIMIT_SHELL_WORDS;
}

static void split_text(struct compose_reader *reader, const struct compose_scalar *scalar, struct fact_command *command)
{
    command->form = COMMAND_SPLIT;
    command->text = scalar->text;
    size_t most = words_at_most(scalar->text);
    struct command_word *words = COMPOSE_ARRAY(reader, most, struct command_word);
    struct splitter splitter = {.scalar = scalar, .text = scalar->text};
    while (words && command->word_count < most && next_word(reader, &splitter, &words[command->word_count]))
        command->word_count++;
    if (words && command_set_words(command, words, command->word_count, reader->arena, NULL) != 0)
        reader->nomem = true;
    if (splitter.broken)
        command->fact.state = FACT_INVALID;
    else if (command->word_count && words[0].unknown)
        command->fact.state = FACT_UNKNOWN;
    buf_done(&splitter.word);
}

struct fact_command compose_command_of(struct compose_reader *reader, struct fact fact, const struct data_node *node)
{
    struct fact_command command = {.fact = fact};
    struct compose_scalar scalar;
    if (fact.state == FACT_ABSENT || fact.state == FACT_INVALID)
        return command;
    if (fact.state == FACT_UNKNOWN) /* the words tell which part is */
        command.fact.state = node->flags & DATA_INHERITED ? FACT_INHERITED : FACT_KNOWN;
    if (node->kind == DATA_ARRAY)
        compose_exec_of(reader, node->first, &command);
    else if (compose_scalar(reader, node, &scalar))
        split_text(reader, &scalar, &command);
    else
        command.fact.state = FACT_INVALID;
    return command;
}

void compose_read_commands(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    struct fact entrypoint = compose_fact_at(reader, "entrypoint");
    struct fact command = compose_fact_at(reader, "command");
    workload->entrypoint = compose_command_of(reader, entrypoint, entrypoint.node);
    workload->command = compose_command_of(reader, command, command.node);
}
