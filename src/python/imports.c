/* SPDX-License-Identifier: Apache-2.0 */
#include "python/imports.h"

#include "python/imports_internal.h"

#include <string.h>

static void statements(struct scan *scan);

static bool is_import_function(const struct scan *scan)
{
    const struct python_token *token = &scan->token;
    return (token->len == 13 || token->len == 10) && (scan_is(scan, "import_module") || scan_is(scan, "__import__"));
}

/* Follows `import_module("x"`, `import_module(name="x"`. */
static void follow_call(struct scan *scan)
{
    const struct python_token *token = &scan->token;
    enum call_state state = scan->call;
    scan->call = CALL_NONE;
    if (token->kind == PYTHON_NAME && is_import_function(scan)) {
        scan->call = scan->behind_def ? CALL_NONE : CALL_NAME;
    } else if (state == CALL_NAME) {
        scan->call = scan_is_op(scan, '(') ? CALL_OPEN : CALL_NONE;
    } else if (state == CALL_OPEN) {
        if (scan_is(scan, "name") || scan_is_op(scan, '=')) {
            scan->call = CALL_OPEN;
        } else if (token->kind == PYTHON_STRING && !(token->string & (PYTHON_STRING_FORMAT | PYTHON_STRING_BYTES))) {
            scan->literal = *token;
            scan->call = CALL_LITERAL;
        } else if (!scan_is_op(scan, ')')) {
            scan->computed++;
        }
    } else if (state == CALL_LITERAL) {
        if (scan_is_op(scan, ',') || scan_is_op(scan, ')'))
            scan_add_call(scan);
        else
            scan->computed++;
    }
    scan->behind_def = scan_is(scan, "def");
}

bool scan_advance(struct scan *scan)
{
    if (scan->failed) {
        scan->token.kind = PYTHON_ERROR;
        return false;
    }
    python_lexer_next(&scan->lexer, &scan->token);
    if (scan->call != CALL_NONE || scan->token.kind == PYTHON_NAME)
        follow_call(scan);
    if (scan->failed)
        scan->token.kind = PYTHON_ERROR;
    return scan->token.kind > PYTHON_END;
}

static void enter(struct scan *scan, unsigned context, uint32_t functions)
{
    scan->frames[++scan->depth] = (struct frame){.context = context, .functions = functions};
}

/*
 * One simple statement, up to a semicolon or colon outside brackets, which is passed over, or the end of the line.
 * A colon is that of a header that is not known by its first word (`case`), or of an annotation.
 */
static void simple(struct scan *scan)
{
    uint32_t lambdas = 0;
    bool import = scan_is(scan, "import"), from = !import && scan_is(scan, "from");
    if (import || from) {
        scan_advance(scan);
        if (!(import ? scan_import(scan) : scan_from(scan)))
            return;
    }
    while (scan->token.kind > PYTHON_NEWLINE) {
        if (scan->lexer.bracket_count == 0) {
            bool colon = scan_is_op(scan, ':');
            if (scan_is_op(scan, ';') || (colon && lambdas == 0)) {
                scan_advance(scan);
                return;
            }
            lambdas += scan_is(scan, "lambda") ? 1 : 0;
            lambdas -= colon ? 1 : 0;
        }
        scan_advance(scan);
    }
}

/* The indented block behind the line end at hand, if there is one. */
static void block(struct scan *scan, unsigned context, uint32_t functions)
{
    if (scan->token.kind != PYTHON_NEWLINE)
        return;
    scan_advance(scan);
    if (scan->token.kind != PYTHON_INDENT)
        return;
    scan_advance(scan);
    enter(scan, context, functions);
    statements(scan);
    scan->depth--;
}

/* The suite behind the colon of a header: a block, or the rest of the line. */
static void suite(struct scan *scan, unsigned context, uint32_t functions)
{
    if (!scan_is_op(scan, ':'))
        return;
    scan_advance(scan);
    if (scan->token.kind == PYTHON_NEWLINE) {
        block(scan, context, functions);
        return;
    }
    enter(scan, context, functions);
    while (scan->token.kind > PYTHON_NEWLINE)
        simple(scan);
    scan->depth--;
}

/* What a header names on its way to the colon. */
struct named {
    bool suppress, import_error;
    uint32_t count;
};

static struct named header(struct scan *scan)
{
    struct named named = {0};
    uint32_t lambdas = 0;
    for (; scan->token.kind > PYTHON_NEWLINE; scan_advance(scan)) {
        if (scan_header_ends(scan) && lambdas-- == 0)
            break;
        if (scan->token.kind != PYTHON_NAME)
            continue;
        named.count++;
        lambdas += scan->lexer.bracket_count == 0 && scan_is(scan, "lambda") ? 1 : 0;
        named.suppress |= scan_is(scan, "suppress");
        named.import_error |= scan_is(scan, "ImportError") || scan_is(scan, "ModuleNotFoundError") ||
                              scan_is(scan, "Exception") || scan_is(scan, "BaseException");
    }
    return named;
}

static void read_def(struct scan *scan)
{
    header(scan);
    /* It is not called where it stands: what catches errors there does not catch its own. */
    suite(scan, scan_frame(scan)->context & ~(unsigned)PYTHON_IMPORT_OPTIONAL, scan_frame(scan)->functions + 1);
}

static void read_plain(struct scan *scan)
{
    header(scan);
    suite(scan, scan_frame(scan)->context, scan_frame(scan)->functions);
}

static void read_loop(struct scan *scan)
{
    header(scan);
    suite(scan, scan_frame(scan)->context | PYTHON_IMPORT_CONDITIONAL, scan_frame(scan)->functions);
}

static void read_with(struct scan *scan)
{
    struct named named = header(scan);
    unsigned optional = named.suppress && named.import_error ? PYTHON_IMPORT_OPTIONAL : 0;
    suite(scan, scan_frame(scan)->context | optional, scan_frame(scan)->functions);
}

/* A branch behind conditions of which SEEN is known, with its own. */
static void branch(struct scan *scan, struct condition own)
{
    struct frame *frame = scan_frame(scan);
    enum truth truth = own.truth;
    if (frame->seen == TRUTH_TRUE)
        truth = TRUTH_FALSE;
    else if (frame->seen == TRUTH_UNKNOWN && truth == TRUTH_TRUE)
        truth = TRUTH_UNKNOWN;
    unsigned about = (frame->about & ~(unsigned)PYTHON_IMPORT_MAIN) | own.about;
    unsigned context = about & (PYTHON_IMPORT_PLATFORM | PYTHON_IMPORT_VERSION);
    if (truth == TRUTH_FALSE)
        context |= PYTHON_IMPORT_NEVER | (about & PYTHON_IMPORT_TYPE_CHECKING);
    else if (truth == TRUTH_UNKNOWN)
        context |= PYTHON_IMPORT_CONDITIONAL | (about & PYTHON_IMPORT_MAIN);
    if (own.truth == TRUTH_TRUE || frame->seen == TRUTH_TRUE)
        frame->seen = TRUTH_TRUE;
    else if (own.truth == TRUTH_UNKNOWN)
        frame->seen = TRUTH_UNKNOWN;
    frame->about = about;
    frame->chain = CHAIN_IF;
    suite(scan, frame->context | context, frame->functions);
}

static void read_if(struct scan *scan)
{
    scan_frame(scan)->seen = TRUTH_FALSE;
    scan_frame(scan)->about = 0;
    branch(scan, scan_condition(scan));
}

static void read_elif(struct scan *scan)
{
    if (scan_frame(scan)->chain == CHAIN_IF)
        branch(scan, scan_condition(scan));
    else
        read_if(scan);
}

static void read_else(struct scan *scan)
{
    if (scan_frame(scan)->chain == CHAIN_IF)
        branch(scan, (struct condition){TRUTH_TRUE, 0});
    else if (scan_frame(scan)->chain == CHAIN_TRY)
        read_plain(scan);
    else
        read_loop(scan);
}

static void read_try(struct scan *scan)
{
    struct frame *frame = scan_frame(scan);
    frame->chain = CHAIN_TRY;
    frame->try_first = (uint32_t)scan->imports.len;
    read_plain(scan);
    frame->try_end = (uint32_t)scan->imports.len;
}

static void read_except(struct scan *scan)
{
    struct frame *frame = scan_frame(scan);
    struct named named = header(scan);
    bool caught = named.import_error || named.count == 0;
    for (uint32_t i = frame->try_first; caught && frame->chain == CHAIN_TRY && i < frame->try_end; i++) {
        if (scan->imports.ptr[i].functions == frame->functions)
            scan->imports.ptr[i].context |= PYTHON_IMPORT_OPTIONAL;
    }
    suite(scan, frame->context | (caught ? PYTHON_IMPORT_FALLBACK : 0), frame->functions);
}

static const struct {
    struct str keyword;
    bool continues; /* the statement before it */
    void (*read)(struct scan *scan);
} headers[] = {
    {STR_INIT("def"), false, read_def},      {STR_INIT("class"), false, read_plain},
    {STR_INIT("if"), false, read_if},        {STR_INIT("elif"), true, read_elif},
    {STR_INIT("else"), true, read_else},     {STR_INIT("try"), false, read_try},
    {STR_INIT("except"), true, read_except}, {STR_INIT("finally"), true, read_plain},
    {STR_INIT("with"), false, read_with},    {STR_INIT("for"), false, read_loop},
    {STR_INIT("while"), false, read_loop},
};

/* Statements without a known header; `match` and `case` open blocks too, and may be names. */
static void read_other(struct scan *scan)
{
    const struct frame *frame = scan_frame(scan);
    unsigned context = frame->context | (scan_is(scan, "case") ? PYTHON_IMPORT_CONDITIONAL : 0);
    enter(scan, context, frame->functions);
    while (scan->token.kind > PYTHON_NEWLINE)
        simple(scan);
    scan->depth--;
    block(scan, context, frame->functions);
}

static void statement(struct scan *scan)
{
    struct str word = python_token_text(&scan->lexer, &scan->token);
    if (str_eq_z(word, "async")) {
        scan_advance(scan);
        word = python_token_text(&scan->lexer, &scan->token);
    }
    for (size_t i = 0; word.len <= 7 && i < ARRAY_LEN(headers); i++) {
        if (!str_eq(word, headers[i].keyword))
            continue;
        if (!headers[i].continues)
            scan_frame(scan)->chain = CHAIN_NONE;
        scan_advance(scan);
        headers[i].read(scan);
        return;
    }
    scan_frame(scan)->chain = CHAIN_NONE;
    read_other(scan);
}

/* All of a block, with the DEDENT that ends it. */
static void statements(struct scan *scan)
{
    for (;;) {
        switch (scan->token.kind) {
        case PYTHON_ERROR:
        case PYTHON_END:
            return;
        case PYTHON_DEDENT:
            scan_advance(scan);
            return;
        case PYTHON_NEWLINE:
        case PYTHON_INDENT:
            scan_advance(scan);
            break;
        case PYTHON_NAME:
        case PYTHON_NUMBER:
        case PYTHON_STRING:
        case PYTHON_OP:
            statement(scan);
            break;
        }
    }
}

static int finish(struct scan *scan, struct python_imports *ret_imports)
{
    if (scan->failed)
        return scan->failed;
    struct python_imports imports = {.count = (uint32_t)scan->imports.len, .computed = scan->computed};
    struct python_import *items = ARENA_ARRAY(scan->arena, imports.count, struct python_import);
    if (!items)
        return err_nomem(scan->err);
    if (imports.count > 0)
        memcpy(items, scan->imports.ptr, imports.count * sizeof(*items));
    imports.items = items;
    imports.about = scan->lexer.about;
    imports.problem = scan->lexer.problem;
    *ret_imports = imports;
    return 0;
}

int python_imports_scan(struct str source, unsigned version, struct arena *arena, struct python_imports *ret_imports,
                        struct err *err)
{
    struct scan scan;
    memset(&scan, 0, offsetof(struct scan, frames));
    scan.arena = arena;
    scan.err = err;
    scan.version = version;
    scan.frames[0] = (struct frame){0};
    int result = python_lexer_init(&scan.lexer, source, err);
    if (result < 0)
        return result;
    scan_advance(&scan);
    while (scan.token.kind > PYTHON_END)
        statements(&scan);
    result = finish(&scan, ret_imports);
    VEC_DONE(&scan.imports);
    return result;
}

int python_import_absolute(const struct python_import *import, struct str package, struct arena *arena,
                           struct str *ret_module, struct err *err)
{
    struct str base = package;
    if (import->level == 0) {
        *ret_module = import->module;
        return 0;
    }
    for (uint32_t up = 1; up < import->level && base.len > 0; up++) {
        size_t dot = str_rfind_char(base, '.');
        base = dot < base.len ? str_head(base, dot) : STR_NONE;
    }
    if (base.len == 0)
        return err_set(err, ERR_INVALID, "relative import beyond the top-level package: %u dots in '%.*s'",
                       (unsigned)import->level, STR_ARG(package));
    CLEANUP_BUF struct buf name = BUF_INIT;
    buf_add_str(&name, base);
    if (import->module.len > 0) {
        buf_add_char(&name, '.');
        buf_add_str(&name, import->module);
    }
    struct str module = arena_buf(arena, &name);
    if (!module.ptr)
        return err_nomem(err);
    *ret_module = module;
    return 0;
}

struct str python_module_top(struct str module)
{
    return str_head(module, str_find_char(module, '.'));
}
