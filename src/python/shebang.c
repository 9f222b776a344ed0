/* SPDX-License-Identifier: Apache-2.0 */
#include "python/shebang.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/path.h"

/* "python", "python3.11", "pypy3", "pythonw" are Python; "pythonic" isn't. */
static bool is_python(struct str interpreter)
{
    struct str name = path_base(interpreter);
    if (str_starts(name, STR("python")))
        name = str_skip(name, 6);
    else if (str_starts(name, STR("pypy")))
        name = str_skip(name, 4);
    else
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_digit(name.ptr[i]) && !str_has_char(STR(".-dtw"), name.ptr[i]))
            return false;
    return true;
}

/* "env [-S|-i|-] [NAME=VALUE] python3 -u" */
static void read_env(struct str rest, struct python_script *script)
{
    struct str word;
    script->kind = PYTHON_SHEBANG_ENV;
    while (str_next_word(&rest, &word)) {
        if (str_starts(word, STR("-S")) && word.len > 2)
            word = str_skip(word, 2);
        else if (word.ptr[0] == '-' || str_has_char(word, '='))
            continue;
        script->interpreter = word;
        script->args = str_trim(rest);
        return;
    }
}

/* The word that a shell begins with here: quoted as a whole or up to white space. */
static struct str take_shell_word(struct str *rest)
{
    struct str text = str_trim_left(*rest);
    if (text.len && (text.ptr[0] == '\'' || text.ptr[0] == '"')) {
        struct str inside = str_skip(text, 1);
        struct str word = str_head(inside, str_find_char(inside, text.ptr[0]));
        *rest = str_skip(inside, word.len + 1);
        return word;
    }
    struct str word = STR_NONE;
    (void)str_next_word(&text, &word);
    *rest = text;
    return word;
}

/* Of "$(dirname -- "$(realpath -- "$0")")"/'python3' it is python3. */
static struct str last_component(struct str word)
{
    size_t from = word.len, end = word.len;
    while (end > 0 && (word.ptr[end - 1] == '"' || word.ptr[end - 1] == '\'' || char_is_space(word.ptr[end - 1])))
        end--;
    for (from = end; from > 0 && !str_has_char(STR("/\"' "), word.ptr[from - 1]);)
        from--;
    return str_of(word.ptr + from, end - from);
}

/* The second line of a trampoline; false when it is none. */
static bool read_exec(struct str line, struct python_script *script)
{
    static const struct str heads[] = {STR_INIT("'''exec' "), STR_INIT("''''exec "), STR_INIT("\"exec\" ")};
    struct str command = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(line, heads[i]))
            command = str_skip(line, heads[i].len);
    size_t end = str_find(command, STR(" \"$0\" \"$@\""));
    if (!command.ptr || end == command.len)
        return false;
    command = str_head(command, end);
    script->beside = str_find(command, STR("dirname")) < command.len;
    if (script->beside) {
        script->interpreter = last_component(command);
    } else {
        script->interpreter = take_shell_word(&command);
        script->args = str_trim(command);
    }
    return is_python(script->interpreter);
}

static bool read_trampoline(struct str first, struct str rest, struct python_script *script)
{
    struct str words = str_skip(first, 2), shell = STR_NONE, line;
    struct str left = rest;
    if (!str_next_word(&words, &shell) || !str_ends(path_base(shell), STR("sh")) || !str_next_line(&left, &line))
        return false;
    struct python_script found = *script;
    found.kind = PYTHON_SHEBANG_TRAMPOLINE;
    if (!read_exec(str_trim(line), &found))
        return false;
    struct str after = left;
    if (str_starts(line, STR("'''")) && str_next_line(&after, &line) && str_eq(str_trim(line), STR("' '''")))
        left = after;
    found.body_at += rest.len - left.len;
    *script = found;
    return true;
}

static void read_head(struct str text, struct python_script *script)
{
    struct str rest = text, line, words, program = STR_NONE;
    if (!str_starts(text, STR("#!")) || !str_next_line(&rest, &line))
        return;
    script->body_at = text.len - rest.len;
    script->crlf = line.len < text.len && line.ptr[line.len] == '\r';
    words = str_skip(line, 2);
    if (!str_next_word(&words, &program)) {
        script->kind = PYTHON_SHEBANG_OTHER;
        return;
    }
    if (read_trampoline(line, rest, script))
        return;
    if (str_eq(path_base(program), STR("env"))) {
        read_env(words, script);
    } else {
        script->kind = PYTHON_SHEBANG_DIRECT;
        script->interpreter = program;
        script->args = str_trim(words);
    }
    if (!is_python(script->interpreter))
        script->kind = PYTHON_SHEBANG_OTHER;
}

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '.' &&
            (unsigned char)name.ptr[i] < 0x80)
            return false;
    return name.len > 0;
}

/* "# EASY-INSTALL-ENTRY-SCRIPT: 'foo==1.0','console_scripts','foo'" */
static void read_easy_install(struct str rest, struct python_script *script)
{
    struct str *const parts[] = {&script->distribution, &script->group, &script->entry};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct str part;
        if (!str_next(&rest, ',', &part))
            return;
        *parts[i] = take_shell_word(&part);
    }
}

/* "from MODULE import NAME", alone in its line */
static void read_import(struct str line, struct str *module, struct str *name)
{
    struct str word, import, found_module, found_name, rest = line;
    if (!str_next_word(&rest, &word) || !str_eq(word, STR("from")) || !str_next_word(&rest, &found_module) ||
        !str_next_word(&rest, &import) || !str_eq(import, STR("import")) || !str_next_word(&rest, &found_name) ||
        str_trim(rest).len || !is_name(found_module) || !is_name(found_name))
        return;
    *module = found_module;
    *name = found_name;
}

/* "sys.exit(main())", "raise SystemExit(App.run())": what is called. */
static struct str called_in(struct str line)
{
    static const struct str heads[] = {STR_INIT("sys.exit("), STR_INIT("raise SystemExit("), STR_INIT("exit(")};
    line = str_trim(line);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        if (!str_starts(line, heads[i]))
            continue;
        struct str call = str_skip(line, heads[i].len);
        struct str name = str_head(call, str_find_char(call, '('));
        return str_starts(str_skip(call, name.len), STR("())")) && is_name(name) ? name : STR_NONE;
    }
    return STR_NONE;
}

static void read_body(struct str text, struct python_script *script)
{
    struct str line, module = STR_NONE, name = STR_NONE;
    while (str_next_line(&text, &line)) {
        if (str_starts(line, STR("# EASY-INSTALL-ENTRY-SCRIPT:")))
            read_easy_install(str_skip(line, 28), script);
        else if (str_starts(line, STR("from ")))
            read_import(line, &module, &name);
        struct str call = called_in(line);
        if (call.len == 0 || !module.len || !str_eq(str_head(call, str_find_char(call, '.')), name))
            continue;
        script->module = module;
        script->function = call;
        return;
    }
}

int python_script_read(struct str text, struct python_script *ret_script, struct err *err)
{
    struct python_script script = {.kind = PYTHON_SHEBANG_NONE};
    if (text.len > LIMIT_PYTHON_TEXT_BYTES)
        return err_set(err, ERR_LIMIT, "a script of more than %llu bytes", LIMIT_PYTHON_TEXT_BYTES);
    read_head(text, &script);
    if (script.kind != PYTHON_SHEBANG_OTHER)
        read_body(str_skip(text, script.body_at), &script);
    *ret_script = script;
    return 0;
}

static bool has_space(struct str text)
{
    struct str word;
    return str_next_word(&text, &word) && str_trim(text).len;
}

int python_script_rewrite(struct str text, const struct python_script *script, struct str interpreter, struct buf *out,
                          struct err *err)
{
    size_t start = out->len;
    struct str word, rest = interpreter;
    if (script->kind == PYTHON_SHEBANG_NONE || script->kind == PYTHON_SHEBANG_OTHER)
        return err_set(err, ERR_INVALID, "a script that is not run by Python");
    if (interpreter.len == 0 || interpreter.ptr[0] != '/' || !str_next_word(&rest, &word) ||
        word.len != interpreter.len)
        return err_set(err, ERR_INVALID, "'%.*s' can't be named in the first line of a script", STR_ARG(interpreter));
    if (script->kind != PYTHON_SHEBANG_DIRECT && has_space(script->args))
        return err_set(err, ERR_INVALID, "'%.*s' would be one argument in the first line of a script",
                       STR_ARG(str_head(script->args, 200)));
    buf_add_z(out, "#!");
    buf_add_str(out, interpreter);
    if (script->args.len)
        buf_add_char(out, ' ');
    buf_add_str(out, script->args);
    if (out->len - start > LIMIT_SHEBANG_BYTES) {
        buf_truncate(out, start);
        return err_set(err, ERR_INVALID, "the first line of a script would have more than %d bytes",
                       LIMIT_SHEBANG_BYTES);
    }
    buf_add_char(out, '\n');
    buf_add_str(out, str_skip(text, script->body_at));
    return buf_check(out, err);
}
