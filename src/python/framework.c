/* SPDX-License-Identifier: Apache-2.0 */
#include "python/framework.h"

#include <string.h>

#define LINE_TOKENS 12 /* of a logical line that are looked at together */

/* What frameworks export that makes an application. */
static const struct {
    const char *module, *name, *framework;
    enum python_interface interface;
} makers[] = {
    {"fastapi", "FastAPI", "FastAPI", PYTHON_INTERFACE_ASGI},
    {"fastapi.applications", "FastAPI", "FastAPI", PYTHON_INTERFACE_ASGI},
    {"starlette.applications", "Starlette", "Starlette", PYTHON_INTERFACE_ASGI},
    {"quart", "Quart", "Quart", PYTHON_INTERFACE_ASGI},
    {"litestar", "Litestar", "Litestar", PYTHON_INTERFACE_ASGI},
    {"blacksheep", "Application", "BlackSheep", PYTHON_INTERFACE_ASGI},
    {"falcon.asgi", "App", "Falcon", PYTHON_INTERFACE_ASGI},
    {"django.core.asgi", "get_asgi_application", "Django", PYTHON_INTERFACE_ASGI},
    {"django.core.wsgi", "get_wsgi_application", "Django", PYTHON_INTERFACE_WSGI},
    {"flask", "Flask", "Flask", PYTHON_INTERFACE_WSGI},
    {"bottle", "Bottle", "Bottle", PYTHON_INTERFACE_WSGI},
    {"bottle", "default_app", "Bottle", PYTHON_INTERFACE_WSGI},
    {"falcon", "App", "Falcon", PYTHON_INTERFACE_WSGI},
    {"falcon", "API", "Falcon", PYTHON_INTERFACE_WSGI},
    {"aiohttp.web", "Application", "aiohttp", PYTHON_INTERFACE_OWN},
    {"sanic", "Sanic", "Sanic", PYTHON_INTERFACE_OWN},
    {"tornado.web", "Application", "Tornado", PYTHON_INTERFACE_OWN},
};

struct detect {
    struct python_lexer lexer;
    const struct python_imports *imports;
    struct python_framework *out;
    struct str words[LINE_TOKENS]; /* of the logical line, from its start */
    uint32_t word_count;
    bool strong; /* the object has a name that servers look for */
};

/* The full name that the local NAME stands for: "fastapi" "FastAPI"; of `import fastapi as f` "fastapi" "". */
static bool resolve(const struct python_imports *imports, struct str local, struct str *module, struct str *name)
{
    for (uint32_t i = imports->count; i-- > 0;) {
        const struct python_import *one = &imports->items[i];
        struct str known = one->alias.len > 0 ? one->alias : one->name.len > 0 ? one->name : one->module;
        if (one->level > 0 || !str_eq(known, local))
            continue;
        *module = one->module;
        *name = one->name;
        return true;
    }
    return false;
}

static bool dotted_eq(struct str first, struct str second, const char *dotted)
{
    struct str whole = str_z(dotted);
    if (second.len == 0)
        return str_eq(first, whole);
    return whole.len == first.len + 1 + second.len && str_starts(whole, first) && whole.ptr[first.len] == '.' &&
           str_ends(whole, second);
}

/* The maker that the words from I on call: "FastAPI (", "fastapi . FastAPI (". */
static int maker_at(const struct detect *detect, uint32_t i)
{
    struct str module = STR_NONE, name = STR_NONE;
    const struct str *words = detect->words;
    if (i + 1 >= detect->word_count || !resolve(detect->imports, words[i], &module, &name))
        return -1;
    bool member = str_eq_z(words[i + 1], ".") && i + 3 < detect->word_count && str_eq_z(words[i + 3], "(");
    if (!member && !str_eq_z(words[i + 1], "("))
        return -1;
    for (size_t k = 0; k < ARRAY_LEN(makers); k++) {
        bool same = member ? str_eq_z(words[i + 2], makers[k].name) && dotted_eq(module, name, makers[k].module)
                           : str_eq_z(name, makers[k].name) && str_eq_z(module, makers[k].module);
        if (same)
            return (int)k;
    }
    return -1;
}

static void set_object(struct detect *detect, struct str name, bool factory)
{
    bool strong = str_eq_z(name, "app") || str_eq_z(name, "application");
    if (detect->out->object.len > 0 && !detect->out->factory && (factory || detect->strong || !strong))
        return;
    if (detect->out->object.len > 0 && factory)
        return;
    detect->out->object = name;
    detect->out->factory = factory;
    detect->strong = strong && !factory;
}

/* "def NAME ( A , B": a callable of one of the interfaces, or a factory. */
static void look_at_def(struct detect *detect, uint32_t i)
{
    const struct str *words = detect->words;
    if (i + 4 > detect->word_count)
        return;
    struct str name = words[i + 1], first = words[i + 3];
    if (str_eq_z(name, "create_app") || str_eq_z(name, "make_app")) {
        set_object(detect, name, true);
    } else if (i == 0 && str_eq_z(first, "environ") && detect->word_count > i + 5) {
        set_object(detect, name, false);
        detect->out->interface = detect->out->interface ? detect->out->interface : PYTHON_INTERFACE_WSGI;
    } else if (i == 1 && str_eq_z(first, "scope") && detect->word_count > i + 5) {
        set_object(detect, name, false);
        detect->out->interface = detect->out->interface ? detect->out->interface : PYTHON_INTERFACE_ASGI;
    }
}

/* A logical line at the top level. */
static void look_at_line(struct detect *detect)
{
    const struct str *words = detect->words;
    if (detect->word_count < 4)
        return;
    if (str_eq_z(words[0], "def") || (str_eq_z(words[0], "async") && str_eq_z(words[1], "def"))) {
        look_at_def(detect, str_eq_z(words[0], "async") ? 1 : 0);
        return;
    }
    detect->out->main_guard |= str_eq_z(words[0], "if") && str_eq_z(words[1], "__name__") && str_eq_z(words[2], "==");
    uint32_t value = str_eq_z(words[1], "=") ? 2 : 0;
    for (uint32_t i = 2; str_eq_z(words[1], ":") && i < detect->word_count; i++)
        value = str_eq_z(words[i], "=") ? i + 1 : value;
    int maker = value ? maker_at(detect, value) : -1;
    if (maker < 0)
        return;
    set_object(detect, words[0], false);
    if (str_eq(detect->out->object, words[0])) {
        detect->out->framework = makers[maker].framework;
        detect->out->interface = makers[maker].interface;
    }
}

/* Calls wherever they stand; LAST are the texts before the token at hand, the nearest first. */
static void look_at_token(struct detect *detect, const struct python_token *token, const struct str *last)
{
    if (token->kind == PYTHON_STRING) {
        struct str content = python_token_content(&detect->lexer, token);
        bool bracket = str_eq_z(last[0], "(") || str_eq_z(last[0], "[");
        bool read = str_eq_z(last[1], "get") || str_eq_z(last[1], "getenv") || str_eq_z(last[1], "environ");
        detect->out->reads_port |= bracket && read && str_eq_z(content, "PORT");
        bool set = str_eq_z(last[0], ",") || str_eq_z(last[0], "=");
        bool named = str_eq_z(last[1], "'DJANGO_SETTINGS_MODULE'") || str_eq_z(last[1], "\"DJANGO_SETTINGS_MODULE\"") ||
                     str_eq_z(last[2], "'DJANGO_SETTINGS_MODULE'") || str_eq_z(last[2], "\"DJANGO_SETTINGS_MODULE\"");
        if (set && named)
            detect->out->settings_module = content;
    } else if (token->op == '(') {
        bool run = str_eq_z(last[0], "run") && str_eq_z(last[1], ".");
        detect->out->runs_server |= run || str_eq_z(last[0], "run_app") || str_eq_z(last[0], "serve");
    }
}

static void read_lines(struct detect *detect)
{
    struct python_token token;
    struct str last[3] = {STR_NONE, STR_NONE, STR_NONE};
    uint32_t depth = 0;
    while (python_lexer_next(&detect->lexer, &token) > PYTHON_END) {
        if (token.kind == PYTHON_NEWLINE) {
            if (depth == 0)
                look_at_line(detect);
            detect->word_count = 0;
        } else if (token.kind == PYTHON_INDENT) {
            depth++;
        } else if (token.kind == PYTHON_DEDENT) {
            depth--;
        } else {
            look_at_token(detect, &token, last);
            last[2] = last[1];
            last[1] = last[0];
            last[0] = python_token_text(&detect->lexer, &token);
            if (detect->word_count < LINE_TOKENS)
                detect->words[detect->word_count++] = last[0];
        }
    }
}

/* What is imported says the framework when no object does, and what a factory gives. */
static void look_at_imports(const struct python_imports *imports, struct python_framework *out)
{
    for (uint32_t i = 0; i < imports->count && !out->framework; i++) {
        for (size_t k = 0; k < ARRAY_LEN(makers) && !out->framework; k++) {
            if (imports->items[i].level > 0 || !str_eq_z(imports->items[i].module, makers[k].module) ||
                (imports->items[i].name.len > 0 && !str_eq_z(imports->items[i].name, makers[k].name)))
                continue;
            out->framework = makers[k].framework;
            out->interface = out->interface ? out->interface : makers[k].interface;
        }
    }
    if (!out->framework && out->settings_module.len > 0)
        out->framework = "Django";
    if (out->factory && !out->framework) {
        out->object = STR_NONE;
        out->factory = false;
    }
}

int python_framework_detect(struct str source, unsigned version, struct arena *arena,
                            struct python_framework *ret_framework, struct err *err)
{
    struct python_imports imports;
    struct python_framework framework = {0};
    struct detect detect;
    int result = python_imports_scan(source, version, arena, &imports, err);
    if (result < 0)
        return result;
    detect.imports = &imports;
    detect.out = &framework;
    detect.word_count = 0;
    detect.strong = false;
    result = python_lexer_init(&detect.lexer, source, err);
    if (result < 0)
        return result;
    read_lines(&detect);
    look_at_imports(&imports, &framework);
    *ret_framework = framework;
    return 0;
}
