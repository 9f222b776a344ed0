/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/shell_syntax.h"

#include <string.h>

static bool name_start(char c)
{
    return char_is_alpha(c) || c == '_';
}

static bool name_char(char c)
{
    return char_is_alnum(c) || c == '_';
}

static size_t name_len(struct str text, size_t at)
{
    size_t end = at;
    if (at >= text.len || !name_start(text.ptr[at]))
        return 0;
    while (end < text.len && name_char(text.ptr[end]))
        end++;
    return end - at;
}

static bool is_any(struct str word, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (str_eq_z(word, list[i]))
            return true;
    return false;
}

/* --- the line ----------------------------------------------------------------------------------------------- */

static bool is_words(const struct fact_command *command)
{
    return fact_said(&command->fact) && (command->form == COMMAND_EXEC || command->form == COMMAND_SPLIT);
}

/* Behind "-c" of the shell that is word PROGRAM; COUNT when it reads no text from the line. */
static size_t shell_text(const struct command_word *words, size_t count, size_t program)
{
    size_t at = program + 1;
    if (program >= count || !command_is_shell(words[program].text))
        return count;
    struct str name = command_base_name(words[program].text);
    if ((str_eq_z(name, "busybox") || str_eq_z(name, "toybox")) && (at >= count || !command_is_shell(words[at++].text)))
        return count;
    for (; at < count; at++) {
        struct str word = words[at].text;
        if (word.len < 2 || (word.ptr[0] != '-' && word.ptr[0] != '+'))
            return count;
        if (word.ptr[0] == '-' && word.ptr[1] != '-' && str_has_char(word, 'c'))
            return at + 1;
        at += word.ptr[1] != '-' && word.ptr[word.len - 1] == 'o'; /* its name follows */
    }
    return count;
}

int shell_syntax_join(enum surface surface, const struct fact_command *entrypoint, const struct fact_command *command,
                      struct arena *arena, struct shell_syntax_line *ret_line, struct err *err)
{
    bool has_entrypoint = fact_said(&entrypoint->fact);
    size_t first = is_words(entrypoint) ? entrypoint->word_count : 0;
    /* ENTRYPOINT in shell form passes no arguments on. */
    size_t second = is_words(command) && (!has_entrypoint || is_words(entrypoint)) ? command->word_count : 0;
    struct command_word *words = ARENA_ARRAY(arena, first + second + 1, struct command_word);
    if (!words)
        return err_nomem(err);
    if (first)
        memcpy(words, entrypoint->words, first * sizeof(*words));
    if (second)
        memcpy(words + first, command->words, second * sizeof(*words));
    size_t count = first + second;
    size_t program = command_program_of(words, count);
    *ret_line = (struct shell_syntax_line){
        .surface = surface,
        .words = words,
        .count = count,
        .program = program,
        .text = shell_text(words, count, program),
        .complete = first > 0,
    };
    return 0;
}

/* --- programs that understand it themselves ------------------------------------------------------------------ */

/* Languages and patterns of their own, or a shell that they start. */
static const char *const own_all[] = {
    "awk",          "gawk",      "mawk",     "nawk",      "sed",      "jq",      "yq",          "envsubst", "perl",
    "grep",         "egrep",     "rg",       "mongosh",   "mongo",    "psql",    "mysql",       "mariadb",  "redis-cli",
    "nginx",        "openresty", "su",       "runuser",   "ssh",      "watch",   "nodemon",     "flock",    "parallel",
    "concurrently", "entr",      "reflex",   "dockerize", "gomplate", "confd",   "supervisord", "expect",   "tclsh",
    "logstash",     "vector",    "promtool", "influx",    "script",   "setpriv", "fluent-bit",  "fluentd",  NULL};
/* Programs whose text stands behind an option. */
static const char *const own_behind_option[] = {"python", "python3", "node", "ruby", "php", "lua", "deno", "bun", NULL};
static const char *const text_options[] = {"-c", "-e", "-p", "-pe", "-r", "--eval", "--print", "eval", NULL};
/* Programs that take files as they are named: a pattern among them is nobody's but the shell's. */
static const char *const plain_files[] = {"java", "cat",  "cp",   "mv",    "rm",     "chmod",   "chown",
                                          "ln",   "tail", "head", "touch", "python", "python3", "node",
                                          "php",  "ruby", "ls",   "mkdir", NULL};

static struct str program_of(const struct shell_syntax_line *line)
{
    return line->program < line->count ? command_base_name(line->words[line->program].text) : STR_NONE;
}

static bool reads_text_itself(const struct shell_syntax_line *line, size_t at)
{
    struct str program = program_of(line);
    if (is_any(program, own_all))
        return true;
    bool own = is_any(program, own_behind_option);
    for (size_t i = line->program + 1; own && i < at; i++)
        if (is_any(line->words[i].text, text_options))
            return true;
    for (size_t i = 0; i < line->program && i < at; i++) /* env -S splits and expands */
        if (str_eq_z(line->words[i].text, "-S") || str_starts(line->words[i].text, STR("--split-string")) ||
            str_starts(line->words[i].text, STR("-S")))
            return true;
    return false;
}

/* "${NAME}" is a placeholder that the program's own settings know. */
static bool has_own_placeholders(const struct shell_syntax_line *line, struct str word)
{
    struct str program = program_of(line);
    return (str_eq_z(program, "java") && str_starts(word, STR("-"))) || str_starts(program, STR("otel")) ||
           str_eq_z(program, "alloy") || str_starts(program, STR("loki")) || str_eq_z(program, "promtail");
}

/* --- what is in a word --------------------------------------------------------------------------------------- */

/* "${NAME}" or "${NAME" with one of the shell's modifiers. */
static bool braced(struct str word, size_t at, struct str *ret_piece)
{
    size_t name = name_len(word, at + 2);
    size_t end = at + 2 + name;
    if (name == 0 || end >= word.len)
        return false;
    char next = word.ptr[end];
    if (next == ':' && (end + 1 >= word.len || !strchr("-=?+", word.ptr[end + 1])))
        return false;
    if (!strchr("}:-=?+#%/", next) || next == '\0')
        return false;
    size_t close = end;
    while (close < word.len && word.ptr[close] != '}')
        close++;
    if (close == word.len)
        return false;
    *ret_piece = str_of(word.ptr + at, close + 1 - at);
    return true;
}

static bool all_upper(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] >= 'a' && name.ptr[i] <= 'z')
            return false;
    return true;
}

/* "$NAME" where it begins a word or a part of one; a name in lower case only when it is the whole word. */
static bool bare(struct str word, size_t at, struct str *ret_piece)
{
    size_t len = name_len(word, at + 1);
    if (len == 0)
        return false;
    struct str name = str_of(word.ptr + at + 1, len);
    bool whole = at == 0 && len + 1 == word.len;
    bool part = at == 0 || strchr("/:=,@ \"'+", word.ptr[at - 1]);
    bool ends = at + 1 + len == word.len || !strchr("()*[]{}|^$", word.ptr[at + 1 + len]);
    if (!whole && (!part || !ends || !all_upper(name) || len < 2))
        return false;
    *ret_piece = str_of(word.ptr + at, len + 1);
    return true;
}

/* "$(hostname -i)": the shell's, and make's. */
static bool substitution(struct str word, size_t at, struct str *ret_piece)
{
    struct str rest = str_skip(word, at);
    size_t close = str_find_char(rest, ')');
    if (close == rest.len || close < 3 || !name_start(rest.ptr[2]))
        return false;
    *ret_piece = str_head(rest, close + 1);
    return true;
}

static enum shell_syntax dollar(const struct shell_syntax_line *line, struct str word, struct str *ret_piece)
{
    bool kubernetes = line->surface == SURFACE_KUBERNETES;
    bool make = str_eq_z(program_of(line), "make") || str_eq_z(program_of(line), "gmake");
    size_t last_brace = str_rfind_char(word, '}'), last_bracket = str_rfind_char(word, ')');
    for (size_t at = 0; at + 1 < word.len; at++) {
        if (word.ptr[at] != '$' || (at > 0 && word.ptr[at - 1] == '\\'))
            continue;
        char next = word.ptr[at + 1];
        if (next == '$') {
            at++;
            continue;
        }
        if (next == '{' && at < last_brace && last_brace < word.len && !has_own_placeholders(line, word) &&
            braced(word, at, ret_piece))
            return SHELL_SYNTAX_VARIABLE;
        if (next == '(' && at < last_bracket && last_bracket < word.len && !kubernetes && !make &&
            substitution(word, at, ret_piece))
            return SHELL_SYNTAX_SUBSTITUTION;
        if (bare(word, at, ret_piece))
            return SHELL_SYNTAX_VARIABLE;
    }
    if (word.len == 2 && word.ptr[0] == '$' && (word.ptr[1] == '@' || word.ptr[1] == '*')) {
        *ret_piece = word;
        return SHELL_SYNTAX_VARIABLE;
    }
    if (word.len > 2 && word.ptr[0] == '`' && word.ptr[word.len - 1] == '`') {
        *ret_piece = word;
        return SHELL_SYNTAX_SUBSTITUTION;
    }
    return SHELL_SYNTAX_NONE;
}

/* ">file", "2>/dev/null", "2>&1". */
static bool is_redirection(struct str word)
{
    size_t at = word.len && char_is_digit(word.ptr[0]);
    if (at >= word.len || word.ptr[at] != '>')
        return false;
    at += at + 1 < word.len && word.ptr[at + 1] == '>' ? 2 : 1;
    struct str target = str_skip(word, at);
    return str_starts(target, STR("/")) || (target.len == 2 && target.ptr[0] == '&');
}

static bool is_operator(const struct shell_syntax_line *line, size_t at)
{
    static const char *const certain[] = {"&&", "||", ">>", NULL};
    static const char *const likely[] = {"|", ";", ">", "<", "&", NULL};
    struct str word = line->words[at].text;
    if (at == 0 || at <= line->program)
        return at > 0 && is_any(word, certain);
    if (is_any(word, certain) || is_redirection(word))
        return true;
    if (str_eq_z(program_of(line), "find") || str_starts(line->words[at - 1].text, STR("-")))
        return false; /* find's own ';', or the value of an option */
    return is_any(word, likely);
}

static bool is_glob(const struct shell_syntax_line *line, size_t at)
{
    struct str word = line->words[at].text;
    bool path = str_starts(word, STR("/")) || str_starts(word, STR("./"));
    if (!path || !str_has_char(word, '*') || str_has_char(word, ':') || str_has_char(word, ' '))
        return false;
    if (at == line->program)
        return true;
    struct str program = program_of(line);
    struct str before = at > 0 ? line->words[at - 1].text : STR_NONE;
    if (!is_any(program, plain_files))
        return false;
    return str_eq_z(program, "java") ? str_eq_z(before, "-jar") : !str_starts(before, STR("--"));
}

/* What the first word says, when it is what is started. */
static enum shell_syntax program_syntax(struct str word, struct str *ret_piece)
{
    static const char *const builtins[] = {"cd",    "export", "source", ".",  "set",   "ulimit", "umask",
                                           "unset", "eval",   "exec",   "if", "while", "for",    NULL};
    size_t name = name_len(word, 0);
    *ret_piece = word;
    if (name && name < word.len && word.ptr[name] == '=')
        return SHELL_SYNTAX_ASSIGNMENT;
    return is_any(word, builtins) ? SHELL_SYNTAX_BUILTIN : SHELL_SYNTAX_NONE;
}

enum shell_syntax shell_syntax_of(const struct shell_syntax_line *line, size_t at, struct str *ret_piece)
{
    struct str word = line->words[at].text;
    if (at >= line->text || line->words[at].unknown)
        return SHELL_SYNTAX_NONE;
    if (at == 0 && line->complete) {
        enum shell_syntax syntax = program_syntax(word, ret_piece);
        if (syntax != SHELL_SYNTAX_NONE)
            return syntax;
    }
    if (reads_text_itself(line, at))
        return SHELL_SYNTAX_NONE;
    enum shell_syntax syntax = dollar(line, word, ret_piece);
    if (syntax != SHELL_SYNTAX_NONE)
        return syntax;
    *ret_piece = word;
    if (is_operator(line, at))
        return SHELL_SYNTAX_OPERATOR;
    if (str_starts(word, STR("~/")))
        return SHELL_SYNTAX_HOME;
    return is_glob(line, at) ? SHELL_SYNTAX_GLOB : SHELL_SYNTAX_NONE;
}

bool shell_syntax_next_reference(struct str text, size_t *at, struct str *ret_piece, struct str *ret_name)
{
    for (; *at + 1 < text.len; (*at)++) {
        if (text.ptr[*at] != '$')
            continue;
        char next = text.ptr[*at + 1];
        if (next == '$')
            (*at)++;
        if (next != '(')
            continue;
        struct str rest = str_skip(text, *at);
        size_t close = str_find_char(rest, ')');
        if (close == rest.len)
            return false;
        *ret_piece = str_head(rest, close + 1);
        *ret_name = str_of(rest.ptr + 2, close - 2);
        *at += close + 1;
        return true;
    }
    return false;
}
