/* SPDX-License-Identifier: Apache-2.0 */
/* import, from, and calls that import: what they name. */
#include "python/imports_internal.h"

static bool malformed(struct scan *scan)
{
    if (!scan->lexer.problem.message && !scan->failed)
        scan->lexer.problem =
            (struct python_problem){"invalid syntax in an import statement", {scan->token.line, scan->token.column}};
    scan->token.kind = PYTHON_ERROR;
    return false;
}

static bool no_memory(struct scan *scan)
{
    scan->failed = err_nomem(scan->err);
    return false;
}

static bool add(struct scan *scan, struct python_import import)
{
    if (scan->imports.len == LIMIT_PYTHON_IMPORTS) {
        scan->failed = err_set(scan->err, ERR_LIMIT, "Python source has more than %d imports", LIMIT_PYTHON_IMPORTS);
        return false;
    }
    const struct frame *frame = scan_frame(scan);
    import.context |= frame->context;
    import.functions = frame->functions;
    return VEC_PUSH(&scan->imports, import) || no_memory(scan);
}

static struct python_place place_here(const struct scan *scan)
{
    return (struct python_place){scan->token.line, scan->token.column};
}

/* "a", or "a . b" written in any way: a view where it can be. */
static bool dotted_name(struct scan *scan, struct str *ret_name)
{
    CLEANUP_BUF struct buf joined = BUF_INIT;
    struct str name = STR_NONE;
    for (;;) {
        if (scan->token.kind != PYTHON_NAME)
            return malformed(scan);
        struct str part = python_token_text(&scan->lexer, &scan->token);
        if (name.len == 0)
            name = part;
        else if (joined.len == 0 && name.ptr + name.len + 1 == part.ptr)
            name.len += 1 + part.len;
        else {
            if (joined.len == 0)
                buf_add_str(&joined, name);
            buf_add_char(&joined, '.');
            buf_add_str(&joined, part);
        }
        scan_advance(scan);
        if (!scan_is_op(scan, '.'))
            break;
        scan_advance(scan);
    }
    if (joined.len > 0 || joined.failed)
        name = arena_buf(scan->arena, &joined);
    *ret_name = name;
    return name.ptr || no_memory(scan);
}

/* "as c", if it is there. */
static bool alias(struct scan *scan, struct str *ret_alias)
{
    if (!scan_is(scan, "as"))
        return true;
    scan_advance(scan);
    if (scan->token.kind != PYTHON_NAME)
        return malformed(scan);
    *ret_alias = python_token_text(&scan->lexer, &scan->token);
    scan_advance(scan);
    return true;
}

static bool ends(struct scan *scan)
{
    return scan->token.kind == PYTHON_NEWLINE || scan_is_op(scan, ';') || malformed(scan);
}

bool scan_import(struct scan *scan)
{
    for (;;) {
        struct python_import import = {.place = place_here(scan)};
        if (!dotted_name(scan, &import.module) || !alias(scan, &import.alias) || !add(scan, import))
            return false;
        if (!scan_is_op(scan, ','))
            return ends(scan);
        scan_advance(scan);
    }
}

static bool is_dot(const struct scan *scan)
{
    return scan->token.kind == PYTHON_OP && scan->lexer.source.ptr[scan->token.at] == '.';
}

/* The dots of a relative import; the lexer joins three of them. */
static uint32_t level(struct scan *scan)
{
    uint32_t dots = 0;
    while (is_dot(scan)) {
        dots += scan->token.len;
        scan_advance(scan);
    }
    return dots;
}

bool scan_from(struct scan *scan)
{
    struct python_import import = {.level = level(scan)};
    if ((import.level == 0 || !scan_is(scan, "import")) && !dotted_name(scan, &import.module))
        return false;
    if (!scan_is(scan, "import"))
        return malformed(scan);
    scan_advance(scan);
    bool brackets = scan_is_op(scan, '(');
    if (brackets)
        scan_advance(scan);
    for (;;) {
        bool star = !brackets && scan_is_op(scan, '*');
        if (!star && scan->token.kind != PYTHON_NAME)
            return malformed(scan);
        import.place = place_here(scan);
        import.name = python_token_text(&scan->lexer, &scan->token);
        import.alias = STR_NONE;
        scan_advance(scan);
        if (!star && !alias(scan, &import.alias))
            return false;
        if (!add(scan, import))
            return false;
        if (star || !scan_is_op(scan, ','))
            break;
        scan_advance(scan);
        if (brackets && scan_is_op(scan, ')'))
            break;
    }
    if (brackets) {
        if (!scan_is_op(scan, ')'))
            return malformed(scan);
        scan_advance(scan);
    }
    return ends(scan);
}

bool scan_add_call(struct scan *scan)
{
    struct python_import import = {.module = python_token_content(&scan->lexer, &scan->literal)};
    import.place = (struct python_place){scan->literal.line, scan->literal.column};
    import.context = PYTHON_IMPORT_DYNAMIC;
    while (import.module.len > 0 && import.module.ptr[0] == '.') {
        import.module = str_skip(import.module, 1);
        import.level++;
    }
    for (size_t i = 0; i < import.module.len; i++) {
        char c = import.module.ptr[i];
        if (!char_is_alnum(c) && c != '_' && c != '.' && !(c & 0x80)) {
            scan->computed++;
            return true;
        }
    }
    return add(scan, import);
}
