/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/shell.h"

struct here_document {
    struct str delimiter;
    bool strip_tabs;
};

/* Commands between two brackets. */
struct list {
    const char *joined; /* the operator before the command that comes next */
    size_t command;     /* being read, or SHELL_NO_COMMAND */
    bool in_case;       /* ;; and esac end it */
    bool in_test;       /* between [[ and ]] */
    bool ended;
    char end;
    size_t document_count;
    struct here_document documents[LIMIT_SHELL_HEREDOCS];
};

static void read_commands(struct shell_reading *reading, struct list *list);

static void end_command(struct list *list, const char *joined)
{
    list->command = SHELL_NO_COMMAND;
    list->in_test = false;
    list->joined = joined;
}

static bool start_command(struct shell_reading *reading, struct list *list)
{
    if (list->command != SHELL_NO_COMMAND)
        return true;
    struct shell_draft_command *fresh = VEC_ADD(&reading->commands);
    if (!fresh) {
        reading->nomem = true;
        return false;
    }
    fresh->joined = list->joined;
    list->command = reading->commands.len - 1;
    list->joined = ";";
    return true;
}

static bool is_assignment(struct str word)
{
    size_t at = 0;
    while (at < word.len && (char_is_alnum(word.ptr[at]) || word.ptr[at] == '_'))
        at++;
    if (at == 0 || char_is_digit(word.ptr[0]) || at == word.len)
        return false;
    return word.ptr[at] == '=' || (word.ptr[at] == '+' && at + 1 < word.len && word.ptr[at + 1] == '=');
}

static void add_word(struct shell_reading *reading, struct list *list)
{
    struct command_word word;
    size_t start = reading->at;
    if (reading->words.len >= LIMIT_SHELL_WORDS) {
        shell_read_word(reading, &word);
        return;
    }
    if (!start_command(reading, list))
        return;
    size_t command = list->command;
    shell_read_word(reading, &word);
    struct str written = str_of(reading->text.ptr + start, reading->at - start);
    struct shell_draft_word *fresh = reading->nomem ? NULL : VEC_ADD(&reading->words);
    if (!fresh) {
        reading->nomem = true;
        return;
    }
    struct shell_draft_command *draft = &reading->commands.ptr[command];
    *fresh = (struct shell_draft_word){command, draft->words == 0 && is_assignment(written), word};
    *(fresh->assignment ? &draft->assignments : &draft->words) += 1;
    reading->expands = reading->expands || word.expanded;
    if (str_eq_z(written, "[[") && draft->words == 1)
        list->in_test = true;
    else if (str_eq_z(written, "]]"))
        list->in_test = false;
}

/* A word that is none of a command's: a redirection's target, a pattern. */
static struct str drop_word(struct shell_reading *reading)
{
    struct command_word word = {0};
    shell_skip_blanks(reading);
    if (!shell_done(reading) && !shell_delimiter(shell_peek(reading, 0)) &&
        !(shell_peek(reading, 0) == '`' && reading->backticks)) {
        shell_read_word(reading, &word);
        reading->expands = reading->expands || word.expanded;
    }
    return word.text;
}

/* --- redirections ------------------------------------------------------------------------------------------- */

static void read_documents(struct shell_reading *reading, struct list *list)
{
    for (size_t i = 0; i < list->document_count; i++) {
        struct str rest = str_skip(reading->text, reading->at);
        struct str line;
        while (str_next_line(&rest, &line)) {
            while (list->documents[i].strip_tabs && str_starts(line, STR("\t")))
                line = str_skip(line, 1);
            if (str_eq(line, list->documents[i].delimiter))
                break;
        }
        reading->at = rest.ptr ? (size_t)(rest.ptr - reading->text.ptr) : reading->text.len;
    }
    list->document_count = 0;
}

static void nest(struct shell_reading *reading, const char *joined)
{
    reading->operators = true;
    reading->at++;
    if (reading->depth >= LIMIT_SHELL_DEPTH)
        return;
    reading->depth++;
    shell_read_list(reading, ')', joined);
    reading->depth--;
}

static void read_here(struct shell_reading *reading, struct list *list)
{
    bool strip = shell_peek(reading, 0) == '-';
    reading->at += strip;
    struct str delimiter = drop_word(reading);
    if (list->document_count < LIMIT_SHELL_HEREDOCS && delimiter.ptr)
        list->documents[list->document_count++] = (struct here_document){delimiter, strip};
}

/* [n]< > >> << <<- <<< <& >& <> >| &> &>>, and bash's <(...) */
static bool read_redirection(struct shell_reading *reading, struct list *list)
{
    size_t digits = 0;
    while (digits < 4 && char_is_digit(shell_peek(reading, digits)))
        digits++;
    char c = shell_peek(reading, digits);
    bool both = digits == 0 && c == '&' && shell_peek(reading, 1) == '>';
    if (c != '<' && c != '>' && !both)
        return false;
    reading->redirects = true;
    reading->at += digits + both;
    c = shell_peek(reading, 0);
    char next = shell_peek(reading, 1);
    if (next == '(') {
        reading->at++;
        nest(reading, "(");
        return true;
    }
    if (c == '<' && next == '<' && shell_peek(reading, 2) != '<') {
        reading->at += 2;
        read_here(reading, list);
        return true;
    }
    reading->at++;
    while (shell_peek(reading, 0) && str_has_char(STR("<>&|"), shell_peek(reading, 0)))
        reading->at++;
    drop_word(reading);
    return true;
}

/* --- reserved words ----------------------------------------------------------------------------------------- */

static bool at_reserved(const struct shell_reading *reading, const char *word)
{
    if (shell_peek(reading, 0) != word[0])
        return false;
    struct str rest = str_skip(reading->text, reading->at);
    struct str wanted = str_z(word);
    return str_starts(rest, wanted) && (rest.len == wanted.len || shell_delimiter(rest.ptr[wanted.len]) ||
                                        (rest.ptr[wanted.len] == '`' && reading->backticks));
}

/* for NAME [in WORD ...] */
static void read_for(struct shell_reading *reading)
{
    drop_word(reading);
    shell_skip_blanks(reading);
    if (!at_reserved(reading, "in"))
        return;
    size_t before;
    do {
        before = reading->at;
        drop_word(reading);
    } while (reading->at > before);
}

/* PATTERN [| PATTERN ...] ) */
static void read_patterns(struct shell_reading *reading)
{
    shell_skip_blanks(reading);
    if (shell_peek(reading, 0) == '(')
        reading->at++;
    drop_word(reading);
    shell_skip_blanks(reading);
    while (shell_peek(reading, 0) == '|') {
        reading->at++;
        drop_word(reading);
        shell_skip_blanks(reading);
    }
    if (shell_peek(reading, 0) == ')')
        reading->at++;
}

static void skip_space(struct shell_reading *reading)
{
    shell_skip_blanks(reading);
    while (shell_peek(reading, 0) == '\n') {
        reading->at++;
        shell_skip_blanks(reading);
    }
}

/* case WORD in [PATTERN) list ;;] ... esac */
static void read_case(struct shell_reading *reading)
{
    drop_word(reading);
    skip_space(reading);
    if (!at_reserved(reading, "in"))
        return;
    reading->at += 2;
    skip_space(reading);
    while (!shell_done(reading) && !at_reserved(reading, "esac")) {
        size_t before = reading->at;
        struct list list = {.joined = ";", .command = SHELL_NO_COMMAND, .in_case = true};
        read_patterns(reading);
        read_commands(reading, &list);
        while (shell_peek(reading, 0) == ';' || shell_peek(reading, 0) == '&')
            reading->at++;
        skip_space(reading);
        if (reading->at == before)
            return; /* a bracket of what is around */
    }
    if (!shell_done(reading))
        reading->at += 4;
}

static bool read_reserved(struct shell_reading *reading, struct list *list)
{
    static const char *const skipped[] = {"if", "then", "elif", "else", "fi", "while", "until",
                                          "do", "done", "{",    "}",    "!",  "esac",  "coproc"};
    if (list->in_case && at_reserved(reading, "esac")) {
        list->ended = true;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
        if (at_reserved(reading, skipped[i])) {
            reading->at += str_z(skipped[i]).len;
            reading->operators = true;
            return true;
        }
    if (at_reserved(reading, "for") || at_reserved(reading, "select")) {
        reading->at += shell_peek(reading, 0) == 'f' ? 3 : 6;
        read_for(reading);
    } else if (at_reserved(reading, "function")) {
        reading->at += 8;
        drop_word(reading);
    } else if (at_reserved(reading, "case") && reading->depth < LIMIT_SHELL_DEPTH) {
        reading->at += 4;
        reading->depth++;
        read_case(reading);
        reading->depth--;
    } else {
        return false;
    }
    reading->operators = true;
    return true;
}

/* --- lists -------------------------------------------------------------------------------------------------- */

/* name() */
static bool defines_function(const struct shell_reading *reading, const struct list *list)
{
    if (list->command == SHELL_NO_COMMAND)
        return false;
    const struct shell_draft_command *command = &reading->commands.ptr[list->command];
    if (command->words != 1 || command->assignments)
        return false;
    size_t ahead = 1;
    while (ahead < 8 && shell_peek(reading, ahead) == ' ')
        ahead++;
    return shell_peek(reading, ahead) == ')';
}

static void read_parenthesis(struct shell_reading *reading, struct list *list)
{
    if (defines_function(reading, list)) {
        reading->commands.ptr[list->command].dropped = true;
        reading->operators = true;
        reading->at = reading->at + str_find_char(str_skip(reading->text, reading->at), ')') + 1;
        end_command(list, ";");
        return;
    }
    end_command(list, ";");
    nest(reading, "(");
}

static void take_operator(struct shell_reading *reading, struct list *list, size_t len, const char *joined)
{
    reading->at += len;
    end_command(list, joined);
}

/* False when no operator stands here. */
static bool read_operator(struct shell_reading *reading, struct list *list)
{
    char c = shell_peek(reading, 0);
    char next = shell_peek(reading, 1);
    if (c == ';' && (next == ';' || next == '&') && list->in_case)
        list->ended = true;
    else if (c == ';')
        take_operator(reading, list, 1, ";");
    else if (c == '&' && next == '&')
        take_operator(reading, list, 2, "&&");
    else if (c == '&' && next != '>') {
        take_operator(reading, list, 1, "&");
        reading->operators = true;
    } else if (c == '|' && next == '|')
        take_operator(reading, list, 2, "||");
    else if (c == '|')
        take_operator(reading, list, next == '&' ? 2 : 1, "|");
    else if (c == '(')
        read_parenthesis(reading, list);
    else if (c == ')') {
        list->ended = list->end == ')' || (list->in_case && reading->depth > 1);
        if (list->end == ')' || !list->ended)
            take_operator(reading, list, 1, ";");
    } else
        return false;
    return true;
}

static void read_newline(struct shell_reading *reading, struct list *list)
{
    reading->at++;
    read_documents(reading, list);
    const char *joined = list->command == SHELL_NO_COMMAND ? list->joined : ";";
    end_command(list, joined);
}

static void read_commands(struct shell_reading *reading, struct list *list)
{
    while (!list->ended) {
        shell_skip_blanks(reading);
        if (shell_done(reading))
            return;
        char c = shell_peek(reading, 0);
        if (c == '`' && reading->backticks)
            return;
        if (c == '#')
            reading->at += str_find_char(str_skip(reading->text, reading->at), '\n');
        else if (c == '\n')
            read_newline(reading, list);
        else if (list->in_test && shell_delimiter(c))
            reading->at++;
        else if (read_operator(reading, list) || read_redirection(reading, list))
            continue;
        else if (list->command != SHELL_NO_COMMAND || !read_reserved(reading, list))
            add_word(reading, list);
    }
}

void shell_read_list(struct shell_reading *reading, char end, const char *joined)
{
    struct list list = {.joined = joined, .command = SHELL_NO_COMMAND, .end = end};
    read_commands(reading, &list);
    if (end == '`' && shell_peek(reading, 0) == '`')
        reading->at++;
}

/* --- the script --------------------------------------------------------------------------------------------- */

static void count_places(struct shell_command *commands, const struct shell_reading *reading,
                         struct command_word *words)
{
    for (size_t i = 0; i < reading->commands.len; i++) {
        const struct shell_draft_command *draft = &reading->commands.ptr[i];
        commands[i] = (struct shell_command){.assignments = words, .joined = draft->joined};
        words += draft->assignments;
        commands[i].words = words;
        words += draft->words;
    }
}

static int finish(const struct shell_reading *reading, struct shell_script *ret_script, struct err *err)
{
    size_t word_count = reading->words.len;
    size_t count = reading->commands.len;
    struct command_word *words = ARENA_ARRAY(reading->arena, word_count + 1, struct command_word);
    struct shell_command *commands = ARENA_ARRAY(reading->arena, count + 1, struct shell_command);
    if (reading->nomem || !words || !commands)
        return err_nomem(err);
    count_places(commands, reading, words);
    for (size_t i = 0; i < word_count; i++) {
        const struct shell_draft_word *draft = &reading->words.ptr[i];
        struct shell_command *command = &commands[draft->command];
        size_t first = (size_t)((draft->assignment ? command->assignments : command->words) - words);
        size_t *filled = draft->assignment ? &command->assignment_count : &command->word_count;
        words[first + (*filled)++] = draft->word;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!reading->commands.ptr[i].dropped && commands[i].word_count + commands[i].assignment_count > 0)
            commands[kept++] = commands[i];
    *ret_script = (struct shell_script){.commands = commands,
                                        .count = kept,
                                        .operators = reading->operators || kept > 1,
                                        .redirects = reading->redirects,
                                        .expands = reading->expands};
    return 0;
}

int shell_script_read(struct str text, const struct shell_map *map, struct arena *arena,
                      struct shell_script *ret_script, struct err *err)
{
    struct shell_reading reading = {.text = text, .map = map, .arena = arena};
    while (!shell_done(&reading)) {
        struct list list = {.joined = reading.commands.len ? ";" : "", .command = SHELL_NO_COMMAND};
        read_commands(&reading, &list);
    }
    int r = finish(&reading, ret_script, err);
    VEC_DONE(&reading.words);
    VEC_DONE(&reading.commands);
    return r;
}
