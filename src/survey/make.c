/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/make.h"

struct make_line {
    struct str text; /* continued lines are one, with blanks for their ends */
    uint32_t line;
    bool recipe;
    bool conditional; /* between ifdef, ifeq ... and endif */
};

struct make_file {
    const struct make_reader *reader;
    VEC(struct make_line) lines;
    struct map variables; /* name to the struct make_line that sets it */
};

/* The next line with those that go on it. */
static int join_line(struct make_file *file, struct str *rest, uint32_t *number, struct err *err)
{
    struct str line;
    CLEANUP_BUF struct buf whole = BUF_INIT;
    struct make_line made = {.line = *number + 1};
    bool more = true;
    while (more && str_next_line(rest, &line)) {
        ++*number;
        more = str_ends(line, STR("\\"));
        if (more)
            line.len--;
        if (whole.len == 0)
            made.recipe = str_starts(line, STR("\t"));
        size_t comment = str_find_char(line, '#');
        buf_add_str(&whole, made.recipe ? line : str_head(line, comment));
        buf_add_char(&whole, ' ');
    }
    made.text = arena_buf(file->reader->surveying->ctx->arena, &whole);
    return made.text.ptr && VEC_PUSH(&file->lines, made) ? 0 : err_nomem(err);
}

static bool is_variable(struct str line, struct str *ret_name, struct str *ret_value, bool *ret_adds)
{
    size_t equals = str_find_char(line, '=');
    if (equals == 0 || equals >= line.len)
        return false;
    size_t end = equals;
    while (end > 0 && str_has_char(STR(":?+!"), line.ptr[end - 1]))
        end--;
    *ret_adds = end < equals && line.ptr[end] == '+';
    *ret_name = str_trim(str_head(line, end));
    *ret_value = str_trim(str_skip(line, equals + 1));
    for (size_t i = 0; i < ret_name->len; i++)
        if (!char_is_alnum(ret_name->ptr[i]) && !str_has_char(STR("_-."), ret_name->ptr[i]))
            return false;
    return ret_name->len > 0;
}

/* Puts variables in, one in the other to DEPTH; what is not known becomes nothing. */
static void expand(const struct make_file *file, struct str text, unsigned depth, struct buf *out)
{
    while (text.len > 0 && out->len < 4096) {
        size_t dollar = str_find_char(text, '$');
        buf_add_str(out, str_head(text, dollar));
        text = str_skip(text, dollar);
        if (text.len < 2)
            break;
        char open = text.ptr[1];
        if (open != '(' && open != '{') {
            text = str_skip(text, 2);
            continue;
        }
        size_t end = str_find_char(text, open == '(' ? ')' : '}');
        struct str name = str_head(str_skip(text, 2), end - 2);
        size_t colon = str_find_char(name, ':');
        const struct str *value = colon < name.len ? NULL : map_get(&file->variables, name);
        if (value && depth > 0)
            expand(file, *value, depth - 1, out);
        text = str_skip(text, end + 1);
    }
}

static int read_variables(struct make_file *file, struct err *err)
{
    for (size_t i = 0; i < file->lines.len; i++) {
        struct str name, value;
        bool adds;
        if (file->lines.ptr[i].recipe || !is_variable(file->lines.ptr[i].text, &name, &value, &adds))
            continue;
        if (adds && map_has(&file->variables, name))
            continue;
        struct str *kept = ARENA_NEW(file->reader->surveying->ctx->arena, struct str);
        if (!kept)
            return err_nomem(err);
        *kept = value;
        if (!map_set(&file->variables, name, kept))
            return err_nomem(err);
    }
    return 0;
}

/* -lNAME, -static, and the names that pkg-config is asked for. */
static int read_libraries(const struct make_file *file, const struct make_line *line, struct err *err)
{
    struct str rest = line->text, word;
    bool asked = false;
    int r = 0;
    while (r == 0 && str_next_word(&rest, &word)) {
        while (word.len > 0 && str_has_char(STR("()`\"'"), word.ptr[word.len - 1]))
            word.len--;
        if (str_find(word, STR("pkg-config")) < word.len || str_find(word, STR("PKG_CONFIG")) < word.len)
            asked = true;
        else if (str_starts(word, STR("-l")) && word.len > 2)
            r = file->reader->library(file->reader->self, str_skip(word, 2), false, line->line, err);
        else if (asked && word.len > 0 && word.ptr[0] != '-')
            r = file->reader->library(file->reader->self, word, true, line->line, err);
        if (str_eq_z(word, "-static"))
            *file->reader->is_static = true;
    }
    return r;
}

static bool is_program(struct str word)
{
    static const char *const not [] = {"all",     "clean",     "install",   "default", "test",       "check", "build",
                                       "help",    "dist",      "distclean", "lib",     "doc",        "docs",  "man",
                                       "options", "config",    "run",       "FORCE",   "everything", "deps",  "format",
                                       "lint",    "uninstall", "src",       "release", "debug"};
    for (size_t i = 0; i < ARRAY_LEN(not ); i++)
        if (str_eq_z(word, not [i]))
            return false;
    size_t dot = str_rfind_char(word, '.');
    bool suffixed =
        dot > 0 && dot < word.len && str_rfind_char(word, '/') + 1 != dot && str_rfind_char(word, '/') + 2 != dot;
    for (size_t i = 0; i < word.len; i++)
        if (!char_is_alnum(word.ptr[i]) && !str_has_char(STR("_-./+"), word.ptr[i]))
            return false;
    return word.len > 0 && !suffixed && word.ptr[0] != '-' && word.ptr[0] != '.';
}

static int add_words(const struct make_file *file, struct str words, int score, uint32_t line, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    expand(file, words, 8, &text);
    if (text.failed)
        return err_nomem(err);
    struct str rest = buf_str(&text), word;
    int r = 0;
    while (r == 0 && str_next_word(&rest, &word))
        if (is_program(word)) /* one that lies deeper is a tool of the build's more often */
            r = file->reader->program(file->reader->self, word, score - str_has_char(word, '/'), line, err);
    return r;
}

/* The rule that "all" is for, or the first. */
static int read_default(const struct make_file *file, struct err *err)
{
    const struct make_line *first = NULL;
    for (size_t i = 0; i < file->lines.len; i++) {
        const struct make_line *line = &file->lines.ptr[i];
        struct str name, value;
        bool adds;
        size_t colon = str_find_char(line->text, ':');
        if (line->recipe || colon >= line->text.len || is_variable(line->text, &name, &value, &adds))
            continue;
        struct str target = str_trim(str_head(line->text, colon));
        if (str_eq_z(target, "all") || str_eq_z(target, "default")) {
            int r = add_words(file, str_skip(line->text, colon + 1), 3, line->line, err);
            if (r < 0)
                return r;
        }
        if (!first && target.len > 0 && target.ptr[0] != '.')
            first = line;
    }
    return first ? add_words(file, str_head(first->text, str_find_char(first->text, ':')), 2, first->line, err) : 0;
}

/* $(CC) ... -o NAME */
static int read_output(const struct make_file *file, const struct make_line *line, const struct make_line *rule,
                       struct err *err)
{
    struct str rest = line->text, word;
    bool compiles =
        str_find(line->text, STR(" -c ")) < line->text.len || str_find(line->text, STR("-shared")) < line->text.len;
    while (line->recipe && !compiles && str_next_word(&rest, &word)) {
        if (!str_eq_z(word, "-o") || !str_next_word(&rest, &word))
            continue;
        if (str_eq_z(word, "$@") && rule)
            return add_words(file, str_head(rule->text, str_find_char(rule->text, ':')), 1, rule->line, err);
        return add_words(file, word, 1, line->line, err);
    }
    return 0;
}

/* What stands in a condition is optional: which way it goes is not judged. */
static void note_conditions(struct make_file *file)
{
    size_t open = 0;
    for (size_t i = 0; i < file->lines.len; i++) {
        struct str rest = file->lines.ptr[i].text, word;
        if (!str_next_word(&rest, &word))
            continue;
        if (str_starts(word, STR("ifeq")) || str_starts(word, STR("ifneq")) || str_eq_z(word, "ifdef") ||
            str_eq_z(word, "ifndef") || (str_eq_z(word, "if") && file->reader->automake))
            open++;
        else if (str_starts(word, STR("endif")) && open > 0)
            open--;
        file->lines.ptr[i].conditional = open > 0;
    }
}

static int read_programs(struct make_file *file, struct err *err)
{
    const struct make_line *rule = NULL;
    int r = 0;
    for (size_t i = 0; i < file->lines.len && r == 0; i++) {
        const struct make_line *line = &file->lines.ptr[i];
        struct str name, value;
        bool adds, variable = !line->recipe && is_variable(line->text, &name, &value, &adds);
        if (!line->conditional)
            r = read_libraries(file, line, err);
        if (r == 0 && variable && file->reader->automake &&
            (str_eq_z(name, "bin_PROGRAMS") || str_eq_z(name, "sbin_PROGRAMS")))
            r = add_words(file, value, 3, line->line, err);
        if (!line->recipe && !variable)
            rule = line;
        if (r == 0 && !file->reader->automake)
            r = read_output(file, line, rule, err);
    }
    return r == 0 && !file->reader->automake ? read_default(file, err) : r;
}

int make_read(const struct make_reader *reader, struct str text, struct err *err)
{
    struct make_file file = {.reader = reader, .variables = MAP_INIT};
    uint32_t number = 0;
    int r = 0;
    while (r == 0 && text.len > 0 && text.ptr)
        r = join_line(&file, &text, &number, err);
    if (r == 0)
        r = read_variables(&file, err);
    note_conditions(&file);
    if (r == 0)
        r = read_programs(&file, err);
    VEC_DONE(&file.lines);
    map_done(&file.variables);
    return r;
}
