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
    {"apiflask", "APIFlask", "Flask", PYTHON_INTERFACE_WSGI},
    {"flask_openapi3", "OpenAPI", "Flask", PYTHON_INTERFACE_WSGI},
    {"connexion", "AsyncApp", "Connexion", PYTHON_INTERFACE_ASGI},
    {"esmerald", "Esmerald", "Esmerald", PYTHON_INTERFACE_ASGI},
    {"socketio", "ASGIApp", "Socket.IO", PYTHON_INTERFACE_ASGI},
    {"socketio", "WSGIApp", "Socket.IO", PYTHON_INTERFACE_WSGI},
    {"strawberry.asgi", "GraphQL", "Strawberry", PYTHON_INTERFACE_ASGI},
    {"ariadne.asgi", "GraphQL", "Ariadne", PYTHON_INTERFACE_ASGI},
    {"channels.routing", "ProtocolTypeRouter", "Django", PYTHON_INTERFACE_ASGI},
    {"asgiref.wsgi", "WsgiToAsgi", "asgiref", PYTHON_INTERFACE_ASGI},
    {"a2wsgi", "WSGIMiddleware", "a2wsgi", PYTHON_INTERFACE_ASGI},
    {"a2wsgi", "ASGIMiddleware", "a2wsgi", PYTHON_INTERFACE_WSGI},
    {"whitenoise", "WhiteNoise", "WhiteNoise", PYTHON_INTERFACE_WSGI},
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

/* Functions that give an application, by their names. */
static const char *const factories[] = {
    "create_app", "make_app",        "create_application", "make_application", "get_app",      "get_application",
    "build_app",  "create_asgi_app", "create_wsgi_app",    "get_asgi_app",     "get_wsgi_app",
};

/* How sure it is that the object is the one meant; a better one takes its place. */
enum rank {
    RANK_NONE,
    RANK_FACTORY,
    RANK_GUESS, /* "app" of a call that is not known */
    RANK_OTHER, /* of a known maker, under a name of its own */
    RANK_KNOWN, /* the same under a name that servers look for */
};

struct detect {
    struct python_lexer lexer;
    const struct python_imports *imports;
    struct python_framework *out;
    struct str wanted;             /* empty: any */
    struct str words[LINE_TOKENS]; /* of the logical line, from its start */
    uint32_t word_count;
    enum rank rank;
};

/* What brings the local NAME; NULL: no import. */
static const struct python_import *brings(const struct python_imports *imports, struct str local)
{
    for (uint32_t i = imports->count; i-- > 0;) {
        const struct python_import *one = &imports->items[i];
        struct str known = one->alias.len > 0 ? one->alias : one->name.len > 0 ? one->name : one->module;
        if (str_eq(known, local) && !(one->context & PYTHON_IMPORT_DYNAMIC))
            return one;
    }
    return NULL;
}

/* The full name that the local NAME stands for: "fastapi" "FastAPI"; of `import fastapi as f` "fastapi" "". */
static bool resolve(const struct python_imports *imports, struct str local, struct str *module, struct str *name)
{
    const struct python_import *one = brings(imports, local);
    if (!one || one->level > 0)
        return false;
    *module = one->module;
    *name = one->name;
    return true;
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

static bool is_wanted(const struct detect *detect, struct str name)
{
    if (detect->wanted.len > 0)
        return str_eq(name, detect->wanted);
    return str_eq_z(name, "app") || str_eq_z(name, "application");
}

/* Takes NAME for the object unless a better one is known. */
static bool set_object(struct detect *detect, struct str name, enum rank rank)
{
    struct python_framework *out = detect->out;
    bool same = str_eq(out->object, name) && rank >= RANK_GUESS;
    bool allowed = detect->wanted.len == 0 || str_eq(name, detect->wanted);
    if (!allowed || (!same && rank <= detect->rank))
        return false;
    if (same && rank == RANK_GUESS && detect->rank > RANK_GUESS)
        return false; /* wrapped by what is not known: the same interface, most likely */
    out->object = name;
    out->factory = rank == RANK_FACTORY;
    out->maker = NULL;
    out->maker_name = STR_NONE;
    out->maker_called = false;
    detect->rank = rank > detect->rank ? rank : detect->rank;
    return true;
}

/* The parameters from word I on, behind the bracket, can all be left out, as far as the first one tells. */
static bool callable_without(const struct detect *detect, uint32_t i)
{
    uint32_t depth = 0;
    if (i < detect->word_count && (str_eq_z(detect->words[i], ")") || str_starts(detect->words[i], STR("*"))))
        return true;
    for (; i < detect->word_count; i++) {
        char c = detect->words[i].len == 1 ? detect->words[i].ptr[0] : '\0';
        if (depth == 0 && (c == ',' || c == ')'))
            return false;
        if (depth == 0 && c == '=')
            return true;
        depth += c == '[' || c == '(' ? 1 : 0;
        depth -= (c == ']' || c == ')') && depth > 0 ? 1 : 0;
    }
    return true;
}

static bool is_factory(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(factories); i++) {
        if (str_eq_z(name, factories[i]))
            return true;
    }
    return false;
}

/* "def NAME ( A , B": a callable of one of the interfaces, or a factory. */
static void look_at_def(struct detect *detect, uint32_t i)
{
    const struct str *words = detect->words;
    if (i + 4 > detect->word_count)
        return;
    struct str name = words[i + 1], first = words[i + 3];
    enum rank rank = is_wanted(detect, name) ? RANK_KNOWN : RANK_OTHER;
    bool wanted = detect->wanted.len > 0 && str_eq(name, detect->wanted);
    if (i == 0 && str_eq_z(first, "environ") && detect->word_count > i + 5) {
        if (set_object(detect, name, rank))
            detect->out->interface = PYTHON_INTERFACE_WSGI;
    } else if (i == 1 && str_eq_z(first, "scope") && detect->word_count > i + 5) {
        if (set_object(detect, name, rank))
            detect->out->interface = PYTHON_INTERFACE_ASGI;
    } else if (i == 0 && (wanted || is_factory(name)) && callable_without(detect, i + 3)) {
        set_object(detect, name, RANK_FACTORY);
    }
}

/* "NAME = CALL (" with a call that is not known, CALL from word I on: another module's, or one of this module. */
static void look_at_guess(struct detect *detect, struct str name, uint32_t i)
{
    const struct str *words = detect->words;
    uint32_t end = i;
    while (end + 2 < detect->word_count && str_eq_z(words[end + 1], "."))
        end += 2;
    bool call = end + 1 < detect->word_count && str_eq_z(words[end + 1], "(");
    if (!call || !is_wanted(detect, name))
        return;
    if (str_eq_z(words[end], "make_wsgi_app") && set_object(detect, name, RANK_KNOWN)) {
        detect->out->framework = "Pyramid";
        detect->out->interface = PYTHON_INTERFACE_WSGI;
        return;
    }
    if (!set_object(detect, name, RANK_GUESS))
        return;
    detect->out->maker = brings(detect->imports, words[i]);
    if (detect->out->maker) {
        detect->out->maker_name = end > i ? words[end] : detect->out->maker->name;
        detect->out->maker_called = true;
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
    while (value > 0 && value + 2 < detect->word_count && str_eq_z(words[value + 1], "="))
        value += 2;
    int maker = value ? maker_at(detect, value) : -1;
    if (maker < 0) {
        if (value)
            look_at_guess(detect, words[0], value);
    } else if (set_object(detect, words[0], is_wanted(detect, words[0]) ? RANK_KNOWN : RANK_OTHER)) {
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
        if (str_eq_z(last[0], "(") && str_eq_z(last[1], "run") && str_has_char(content, ':'))
            detect->out->served = content;
    } else if (token->op == '(') {
        bool run = str_eq_z(last[0], "run") && str_eq_z(last[1], ".");
        bool loop = str_eq_z(last[2], "asyncio") || str_eq_z(last[2], "anyio") || str_eq_z(last[2], "trio");
        bool other = loop || str_eq_z(last[2], "subprocess");
        detect->out->main_guard |= run && loop;
        detect->out->runs_server |= (run && !other) || str_eq_z(last[0], "run_app") || str_eq_z(last[0], "serve");
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

/* `from .web import app` brings an object when nothing here makes one. */
static void look_at_brought(struct detect *detect)
{
    for (uint32_t i = 0; i < detect->imports->count && detect->rank < RANK_FACTORY; i++) {
        const struct python_import *one = &detect->imports->items[i];
        struct str local = one->alias.len > 0 ? one->alias : one->name;
        bool plain = one->functions == 0 && !(one->context & (PYTHON_IMPORT_NEVER | PYTHON_IMPORT_DYNAMIC));
        if (one->name.len == 0 || !plain || !is_wanted(detect, local) || !set_object(detect, local, RANK_GUESS))
            continue;
        detect->out->maker = one;
        detect->out->maker_name = one->name;
    }
}

/* What is imported says the framework when no object does, and what a factory gives. */
static void look_at_imports(struct detect *detect)
{
    const struct python_imports *imports = detect->imports;
    struct python_framework *out = detect->out;
    if (out->maker) /* it is told there */
        return;
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
    if (!out->interface && (detect->rank == RANK_FACTORY || detect->rank == RANK_GUESS)) {
        out->object = STR_NONE;
        out->factory = false;
    }
}

int python_framework_detect(struct str source, struct str object, unsigned version, struct arena *arena,
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
    detect.wanted = object;
    detect.word_count = 0;
    detect.rank = RANK_NONE;
    result = python_lexer_init(&detect.lexer, source, err);
    if (result < 0)
        return result;
    read_lines(&detect);
    look_at_brought(&detect);
    look_at_imports(&detect);
    *ret_framework = framework;
    return 0;
}
