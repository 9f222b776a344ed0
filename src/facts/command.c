/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/command.h"

struct str command_base_name(struct str program)
{
    return str_has_char(program, '/') ? str_skip(program, str_rfind_char(program, '/') + 1) : program;
}

static bool one_of(struct str word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(word, names[i]))
            return true;
    return false;
}

bool command_is_shell(struct str program)
{
    static const char *const names[] = {"sh",  "bash", "dash", "ash",  "ksh",     "ksh93",  "mksh",
                                        "zsh", "fish", "csh",  "tcsh", "busybox", "toybox", "rbash"};
    return one_of(command_base_name(program), names, ARRAY_LEN(names));
}

/* Programs that start another one. */
struct starter {
    const char *name;
    const char *valued; /* short options that take a value in the next word */
    unsigned operands;  /* before the program: a duration, a user */
    bool assignments;   /* NAME=VALUE may stand there too */
};

static const struct starter *find_starter(struct str program)
{
    static const struct starter starters[] = {
        {"env", "uCS", 0, true},     {"exec", "a", 0, false},          {"command", "", 0, false},
        {"builtin", "", 0, false},   {"sudo", "ugpCDhRrTtU", 0, true}, {"doas", "uC", 0, false},
        {"time", "fo", 0, false},    {"nice", "n", 0, false},          {"ionice", "cnp", 0, false},
        {"nohup", "", 0, false},     {"setsid", "", 0, false},         {"stdbuf", "ioe", 0, false},
        {"timeout", "ks", 1, false}, {"gosu", "", 1, false},           {"su-exec", "", 1, false},
        {"chroot", "", 1, false},    {"tini", "pe", 0, false},         {"dumb-init", "r", 0, false},
        {"catatonit", "", 0, false}, {"eatmydata", "", 0, false},
    };
    struct str name = command_base_name(program);
    for (size_t i = 0; i < ARRAY_LEN(starters); i++)
        if (str_eq_z(name, starters[i].name))
            return &starters[i];
    return NULL;
}

/* Behind the options of STARTER, which is the word before AT. */
static size_t skip_options(const struct starter *starter, const struct command_word *words, size_t count, size_t at)
{
    for (; at < count; at++) {
        struct str word = words[at].text;
        if (str_eq_z(word, "--"))
            return at + 1;
        if (word.len > 1 && word.ptr[0] == '-') {
            bool valued = word.len == 2 && str_has_char(str_z(starter->valued), word.ptr[1]);
            at += valued && at + 1 < count;
        } else if (!starter->assignments || !str_has_char(word, '=')) {
            return at;
        }
    }
    return at;
}

size_t command_program_of(const struct command_word *words, size_t count)
{
    size_t at = 0;
    while (at < count) {
        const struct starter *starter = find_starter(words[at].text);
        if (!starter)
            return at;
        at = skip_options(starter, words, count, at + 1);
        at = at + starter->operands < count ? at + starter->operands : count;
    }
    return count;
}

struct str command_program(const struct fact_command *command)
{
    return command->word_count > 0 ? command->words[0].text : STR_NONE;
}

int command_set_text(struct fact_command *command, struct str text, const struct shell_map *map, struct arena *arena,
                     struct err *err)
{
    int r = shell_script_read(text, map, arena, &command->script, err);
    if (r < 0)
        return r;
    command->text = text;
    command->words = command->script.count ? command->script.commands[0].words : NULL;
    command->word_count = command->script.count ? command->script.commands[0].word_count : 0;
    return 0;
}

size_t command_script_of(const struct command_word *words, size_t count)
{
    size_t at = command_program_of(words, count);
    if (at == count || !command_is_shell(words[at].text))
        return count;
    struct str name = command_base_name(words[at].text);
    if ((str_eq_z(name, "busybox") || str_eq_z(name, "toybox")) && (++at == count || !command_is_shell(words[at].text)))
        return count;
    for (at++; at < count; at++) {
        struct str word = words[at].text;
        if (word.len < 2 || (word.ptr[0] != '-' && word.ptr[0] != '+') || str_eq_z(word, "--"))
            return count;
        if (word.ptr[0] == '-' && word.ptr[1] != '-' && str_has_char(word, 'c'))
            return at + 1 < count ? at + 1 : count;
        at += word.ptr[1] != '-' && (word.ptr[word.len - 1] == 'o' || word.ptr[word.len - 1] == 'O');
    }
    return count;
}

/* Where a part of a word's text stands: exact when the word is written as it is, in quotes or not. */
static struct place place_in_word(const void *self, size_t offset, size_t len)
{
    const struct command_word *word = self;
    struct str written = place_text(word->at);
    size_t quote = written.len > 0 && (written.ptr[0] == '"' || written.ptr[0] == '\'');
    if (!str_starts(str_skip(written, quote), word->text) || written.len != word->text.len + 2 * quote)
        return word->at;
    struct data_span span = word->at.span;
    return (struct place){word->at.source, {span.offset + (uint32_t)(quote + offset), (uint32_t)len}};
}

int command_set_words(struct fact_command *command, const struct command_word *words, size_t count, struct arena *arena,
                      struct err *err)
{
    size_t at = command_script_of(words, count);
    struct shell_script script = {0};
    if (at < count && !words[at].unknown) {
        struct shell_map map = {place_in_word, &words[at]};
        int r = shell_script_read(words[at].text, &map, arena, &script, err);
        if (r < 0)
            return r;
    }
    command->words = words;
    command->word_count = count;
    command->shell_in_exec = at < count;
    command->script = script;
    return 0;
}
