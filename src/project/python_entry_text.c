/* SPDX-License-Identifier: Apache-2.0 */
/* What people write to name a module, and how a source that is wrong is shown. */
#include "base/path.h"
#include "project/python_entry.h"

#define EXCERPT_BYTES 80

static bool is_name(struct str text)
{
    if (text.len == 0 || char_is_digit(text.ptr[0]))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!char_is_alnum(c) && c != '_' && (unsigned char)c < 0x80)
            return false;
    }
    return true;
}

static bool is_dotted(struct str text, bool names)
{
    struct str rest = text, part;
    while (str_next(&rest, '.', &part)) {
        if (part.len == 0 || part.ptr[0] == '-' || (names && !is_name(part)))
            return false;
        for (size_t i = 0; i < part.len; i++) {
            char c = part.ptr[i];
            if ((unsigned char)c <= ' ' || c == 0x7f || c == '/' || c == '\\' || c == ':' || c == '(' || c == '=')
                return false;
        }
    }
    return text.len > 0;
}

bool python_spec_read(struct str text, struct python_spec *ret_spec)
{
    struct python_spec spec = {0};
    size_t colon = str_rfind_char(text, ':');
    struct str front = str_head(text, colon);
    if (colon < text.len) {
        spec.object = str_skip(text, colon + 1);
        if (str_ends(spec.object, STR("()"))) {
            spec.called = true;
            spec.object.len -= 2;
        }
        if (!is_dotted(spec.object, true))
            return false;
    }
    if (str_ends(front, STR(".py")) || str_has_char(front, '/')) {
        while (str_starts(front, STR("./")))
            front = str_skip(front, 2);
        if (front.len <= 3 || !str_ends(front, STR(".py")))
            return false;
        spec.path = front;
    } else {
        if (!is_dotted(front, false))
            return false;
        spec.module = front;
    }
    *ret_spec = spec;
    return true;
}

/* Variables other than PORT, with or without a default. */
static bool wants_shell(struct str line)
{
    static const char special[] = "|&;<>`\\*?~!#";
    for (size_t i = 0; i < sizeof(special) - 1; i++) {
        if (str_has_char(line, special[i]))
            return true;
    }
    for (size_t at; (at = str_find_char(line, '$')) < line.len;) {
        line = str_skip(line, at + 1);
        bool brace = str_starts(line, STR("{"));
        line = str_skip(line, brace ? 1 : 0);
        if (!str_starts(line, STR("PORT")))
            return true;
        line = str_skip(line, 4);
        bool ends = line.len == 0 || (!char_is_alnum(line.ptr[0]) && line.ptr[0] != '_');
        if (brace ? !(str_starts(line, STR("}")) || str_starts(line, STR(":-"))) : !ends)
            return true;
    }
    return false;
}

bool python_procfile_read(struct str text, struct python_procfile *ret_line)
{
    struct str line, word;
    while (str_next_line(&text, &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("web:")))
            continue;
        line = str_skip(line, 4);
        ret_line->count = 0;
        if (wants_shell(line))
            return false;
        while (str_next_word(&line, &word) && ret_line->count < ARRAY_LEN(ret_line->words)) {
            char quote = word.ptr[0];
            if (word.len >= 2 && (quote == '"' || quote == '\'') && word.ptr[word.len - 1] == quote)
                word = str_of(word.ptr + 1, word.len - 2);
            if (str_has_char(word, '"') || str_has_char(word, '\''))
                return false;
            ret_line->words[ret_line->count++] = word;
        }
        return ret_line->count > 0;
    }
    return false;
}

bool python_is_aside(struct str path)
{
    static const char *const names[] = {"tests",    "test",    "testing", "docs",         "doc",
                                        "examples", "example", "samples", "benchmarks",   "migrations",
                                        "build",    "dist",    "alembic", "node_modules", "versions"};
    static const char *const files[] = {"setup.py", "conftest.py", "noxfile.py",    "fabfile.py",
                                        "tasks.py", "toxfile.py",  "locustfile.py", "gunicorn.conf.py"};
    struct str rest = path_dir(path), part, base = path_base(path);
    while (str_next(&rest, '/', &part)) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            if (str_eq_z(part, names[i]))
                return true;
        }
        if (str_starts(part, STR(".")))
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (str_eq_z(base, files[i]))
            return true;
    }
    return str_starts(base, STR("test_")) || str_ends(base, STR("_test.py"));
}

/* Line NUMBER of TEXT; lines end at LF, CR LF or CR, as for the lexer. */
static struct str line_of(struct str text, uint32_t number)
{
    size_t at = 0;
    for (uint32_t line = 1; line < number && at < text.len; at++) {
        bool pair = text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n';
        if (text.ptr[at] == '\n' || (text.ptr[at] == '\r' && !pair))
            line++;
    }
    struct str rest = str_skip(text, at);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '\n' && rest.ptr[end] != '\r')
        end++;
    return str_head(rest, end);
}

void python_tell_problem(const struct project_file *file, const struct python_problem *problem, struct buf *out)
{
    struct str line = str_trim(line_of(file->content, problem->place.line));
    bool cut = line.len > EXCERPT_BYTES;
    line = str_head(line, EXCERPT_BYTES);
    line = str_head(line, str_utf8_valid(line));
    buf_addf(out, "'%.*s:%u:%u': %s", STR_ARG(file->path), problem->place.line, problem->place.column,
             problem->message);
    if (line.len == 0)
        return;
    buf_add_z(out, ": ");
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];
        buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
    if (cut)
        buf_add_z(out, "...");
}

int python_check_syntax(const struct python_app *app, const struct project_file *file, struct arena *arena,
                        struct err *err)
{
    struct python_imports imports;
    int result = python_imports_scan(file->content, python_app_version(app), arena, &imports, err);
    if (result < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(file->path));
    if (!imports.problem.message)
        return 0;
    CLEANUP_BUF struct buf text = BUF_INIT;
    python_tell_problem(file, &imports.problem, &text);
    if (buf_check(&text, err) < 0)
        return -ERR_NOMEM;
    err_set(err, ERR_INVALID, "syntax error in %s", buf_z(&text));
    return err_hint(err, "mend the line; python3 -m py_compile %.*s shows the same", STR_ARG(file->path));
}
