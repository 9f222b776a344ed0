/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts: what runs them. */
#include "base/path.h"
#include "detect/internal.h"

#define SHOWN_MAX 80 /* bytes of the first line that a message repeats */

static const struct {
    const char *name; /* of the interpreter; a version may follow */
    const char *language, *noun;
} interpreters[] = {
    {"sh", "shell", "a shell script"},
    {"bash", "shell", "a shell script"},
    {"dash", "shell", "a shell script"},
    {"ash", "shell", "a shell script"},
    {"ksh", "shell", "a shell script"},
    {"zsh", "shell", "a shell script"},
    {"fish", "shell", "a shell script"},
    {"busybox", "shell", "a shell script"},
    {"python", "Python", "a Python script"},
    {"pypy", "Python", "a Python script"},
    {"node", "JavaScript", "a Node.js script"},
    {"deno", "JavaScript", "a Deno script"},
    {"bun", "JavaScript", "a Bun script"},
    {"perl", "Perl", "a Perl script"},
    {"ruby", "Ruby", "a Ruby script"},
    {"php", "PHP", "a PHP script"},
    {"lua", "Lua", "a Lua script"},
    {"tclsh", "Tcl", "a Tcl script"},
    {"awk", "awk", "an awk script"},
    {"make", "make", "a makefile"},
    {"java", "Java", "a Java source file"},
};

/* The program that the line starts: of "/usr/bin/env -S VAR=1 python3 -u" it is "python3". */
static struct str interpreter_of(struct str line)
{
    struct str word = STR_NONE;
    if (!str_next_word(&line, &word))
        return STR_NONE;
    if (!str_eq(path_base(word), STR("env")))
        return word;
    struct str next;
    while (str_next_word(&line, &next))
        if (next.ptr[0] != '-' && !str_has_char(next, '='))
            return next;
    return word;
}

/* "python3.12" is python, "pythonic" isn't. */
static bool runs(struct str interpreter, const char *name)
{
    struct str base = path_base(interpreter);
    struct str prefix = str_z(name);
    if (!str_starts(base, prefix))
        return false;
    struct str rest = str_skip(base, prefix.len);
    for (size_t i = 0; i < rest.len; i++)
        if (!char_is_digit(rest.ptr[i]) && rest.ptr[i] != '.' && rest.ptr[i] != '-')
            return false;
    return true;
}

static struct str printable(struct str text, struct arena *arena)
{
    struct str copy = arena_str(arena, str_head(text, SHOWN_MAX));
    char *at = copy.ptr ? arena_z(arena, copy) : NULL;
    if (!at)
        return STR_NONE;
    for (size_t i = 0; i < copy.len; i++)
        if (at[i] < ' ' || at[i] > '~')
            at[i] = '?';
    return str_of(at, copy.len);
}

int detect_script(struct str bytes, struct arena *arena, struct app *app, struct err *err)
{
    struct str line = STR_NONE;
    (void)str_next_line(&bytes, &line);
    line = str_trim(str_skip(line, 2));
    const char *noun = "a script";
    detect_set(app, APP_SCRIPT, noun, REMEDY_SCRIPT);
    app->interpreter = interpreter_of(line);
    for (size_t i = 0; i < ARRAY_LEN(interpreters); i++) {
        if (!runs(app->interpreter, interpreters[i].name))
            continue;
        noun = interpreters[i].noun;
        app->language = str_z(interpreters[i].language);
        break;
    }
    if (app->language.len && !str_eq(app->language, STR("shell")))
        app->remedy = STR("an image needs its interpreter too, which is not packaged yet; give a compiled program");
    struct str shown = printable(line, arena);
    char *text = shown.ptr ? arena_printf(arena, "%s (#!%.*s)", noun, STR_ARG(shown)) : NULL;
    if (!text)
        return err_nomem(err);
    app->noun = str_z(text);
    return 0;
}
