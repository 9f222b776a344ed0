/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/scan.h"

#include "base/num.h"
#include "base/path.h"

#include <stdio.h>

unsigned scan_port(struct str text)
{
    unsigned value = 0, digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '_' || c == '\'')
            continue;
        if (!char_is_digit(c)) {
            /* 8080u16 */
            struct str suffix = str_skip(text, i);
            return digits > 0 && (str_eq_z(suffix, "u16") || str_eq_z(suffix, "u") || str_eq_z(suffix, "U")) ? value
                                                                                                             : 0;
        }
        if (++digits > 5)
            return 0;
        value = value * 10 + (unsigned)(c - '0');
    }
    return value < 65535 && text.len > 0 && text.ptr[0] != '0' ? value : 0; /* 65535 is a bound, not a choice */
}

enum scan_host scan_host(struct str text)
{
    static const char *const any[] = {"", "0.0.0.0", "::", "[::]", "*", "0"};
    static const char *const loopback[] = {"127.0.0.1", "localhost", "::1", "[::1]"};
    for (size_t i = 0; i < ARRAY_LEN(any); i++)
        if (str_eq_z(text, any[i]))
            return SCAN_HOST_ANY;
    for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
        if (str_eq_z(text, loopback[i]))
            return SCAN_HOST_LOOPBACK;
    return SCAN_HOST_NONE;
}

unsigned scan_address(struct str text, enum scan_host *ret_host)
{
    size_t scheme = str_find(text, STR("://"));
    if (scheme < text.len)
        text = str_skip(text, scheme + 3);
    if (str_ends(text, STR("/")))
        text.len--;
    size_t colon = str_rfind_char(text, ':');
    if (colon >= text.len)
        return 0;
    *ret_host = scan_host(str_head(text, colon));
    struct str digits = str_skip(text, colon + 1);
    for (size_t i = 0; i < digits.len; i++)
        if (!char_is_digit(digits.ptr[i]))
            return 0;
    return *ret_host == SCAN_HOST_NONE ? 0 : scan_port(digits);
}

enum scan_role scan_role(struct str name)
{
    static const char *const listen[] = {
        "port",       "httpport",      "listenport",     "serverport",        "webport",         "bindport",
        "appport",    "addr",          "listen",         "listenaddr",        "listenaddress",   "bind",
        "bindaddr",   "bindaddress",   "httpaddr",       "httplisten",        "httplistenaddr",  "weblistenaddress",
        "serveraddr", "serveraddress", "httpaddress",    "httplistenaddress", "httpbindaddress", "listeningport",
        "listenhttp", "apiport",       "httpserverport",
    };
    static const char *const metrics[] = {"metricsport",        "metricsaddr",          "metricsaddress",
                                          "metricsbindaddress", "metricslistenaddress", "prometheusport",
                                          "metricslisten"};
    char plain[32];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '-' || c == '_' || c == '.')
            continue;
        if (!char_is_alnum(c) || len == sizeof(plain))
            return SCAN_ROLE_NONE;
        plain[len++] = char_lower(c);
    }
    struct str text = str_of(plain, len);
    if (str_starts(text, STR("default")))
        text = str_skip(text, 7);
    for (size_t i = 0; i < ARRAY_LEN(listen); i++)
        if (str_eq_z(text, listen[i]))
            return SCAN_ROLE_LISTEN;
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
        if (str_eq_z(text, metrics[i]))
            return SCAN_ROLE_METRICS;
    return SCAN_ROLE_NONE;
}

struct str scan_operand(const struct scanner *scanner, size_t at)
{
    const struct tokens *tokens = scanner->tokens;
    while (token_is(tokens, at, "*") || token_is(tokens, at, "&"))
        at++;
    if (at >= tokens->len)
        return STR_NONE;
    if (tokens->ptr[at].kind == TOKEN_TEXT || tokens->ptr[at].kind == TOKEN_NUMBER)
        return tokens->ptr[at].text;
    if (tokens->ptr[at].kind != TOKEN_WORD || token_is(tokens, at + 1, "("))
        return STR_NONE;
    size_t literal = (size_t)(uintptr_t)map_get(&scanner->constants, tokens->ptr[at].text);
    return literal ? tokens->ptr[literal - 1].text : STR_NONE;
}

size_t scan_chain_end(const struct tokens *tokens, size_t open)
{
    size_t end = token_close(tokens, open);
    while (end < open + SCAN_CHAIN_TOKENS) {
        if (token_is(tokens, end, "?")) /* Rust */
            end++;
        if (!token_is(tokens, end, ".") || !token_is_kind(tokens, end + 1, TOKEN_WORD) ||
            !token_is(tokens, end + 2, "("))
            return end;
        end = token_close(tokens, end + 2);
    }
    return end;
}

int scan_hint(struct scanner *scanner, enum hint_kind kind, int weight, struct str value, size_t at, const char *why,
              struct err *err)
{
    return hint_add(scanner->surveying, kind, weight, value, scanner->path, scanner->tokens->ptr[at].line, why, err);
}

int scan_hint_port(struct scanner *scanner, enum hint_kind kind, int weight, unsigned port, size_t at, const char *why,
                   struct err *err)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "%u", port);
    return scan_hint(scanner, kind, weight, str_of(text, (size_t)len), at, why, err);
}

static bool is_literal(const struct tokens *tokens, size_t at)
{
    return token_is_kind(tokens, at, TOKEN_TEXT) || token_is_kind(tokens, at, TOKEN_NUMBER);
}

/* The name that the "=" at AT gives a value to, in any of the languages: the first of "NAME: type", else the nearest.
 */
static size_t assigned_name(const struct tokens *tokens, size_t at)
{
    size_t name = at > 0 && token_is_kind(tokens, at - 1, TOKEN_WORD) ? at - 1 : tokens->len;
    if (at > 1 && token_is(tokens, at - 1, "]")) { /* char name[] = */
        size_t open = at - 1;
        while (open > 0 && at - open < 6 && !token_is(tokens, open, "["))
            open--;
        name = open > 0 && token_is_kind(tokens, open - 1, TOKEN_WORD) ? open - 1 : tokens->len;
    }
    for (size_t back = 2; back < 8 && back <= at; back++) {
        const struct token *token = &tokens->ptr[at - back];
        if (token->line != tokens->ptr[at].line || token_is(tokens, at - back, "(") || token_is(tokens, at - back, ";"))
            break;
        if (token->kind == TOKEN_WORD && token_is(tokens, at - back + 1, ":"))
            return at - back;
        /* const port int = 8080 */
        if (token->kind == TOKEN_WORD && (token_is(tokens, at - back, "const") || token_is(tokens, at - back, "var")) &&
            back == 3)
            return at - 2;
    }
    return name;
}

/* NAME = literal; and `addr := flag.String("listen", ":8080", ...)`, whose value is its second argument. */
static int add_constant(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    size_t name, literal;
    if (token_is(tokens, at, "#") && token_is(tokens, at + 1, "define")) {
        name = at + 2;
        literal = token_is(tokens, at + 3, "(") ? at + 4 : at + 3;
        if (!is_literal(tokens, literal) || tokens->ptr[literal].line != tokens->ptr[at].line)
            return 0;
    } else if (token_is(tokens, at, "=") || token_is(tokens, at, ":=")) {
        name = assigned_name(tokens, at);
        literal = at + 1;
        if (token_is(tokens, literal, "flag") || token_is(tokens, literal, "pflag"))
            literal = token_is(tokens, at + 4, "(") && token_is(tokens, at + 6, ",") ? at + 7 : tokens->len;
    } else {
        return 0;
    }
    if (name >= tokens->len || !is_literal(tokens, literal))
        return 0;
    return map_set(&scanner->constants, tokens->ptr[name].text, (void *)(uintptr_t)(literal + 1)) ? 0 : err_nomem(err);
}

/* A name that is given two values stands for the last; only "" is never one. */
static int read_constants(struct scanner *scanner, struct err *err)
{
    int r = 0;
    for (size_t i = 0; i < scanner->tokens->len && r == 0; i++) {
        if (scanner->tokens->ptr[i].kind != TOKEN_SIGN)
            continue;
        r = add_constant(scanner, i, err);
    }
    return r;
}

static bool binds(const struct tokens *tokens)
{
    bool bound = false, listens = false;
    for (size_t i = 0; i + 1 < tokens->len; i++) {
        if (tokens->ptr[i].kind != TOKEN_WORD || !token_is(tokens, i + 1, "("))
            continue;
        bound = bound || token_is(tokens, i, "bind") || token_is(tokens, i, "Bind");
        listens = listens || token_is(tokens, i, "listen") || token_is(tokens, i, "Listen");
    }
    return bound && listens;
}

static bool is_health(enum hint_kind kind)
{
    return kind == HINT_HEALTH || kind == HINT_READY || kind == HINT_LIVE;
}

#define MANY_PATHS 7

/* A source that names more such paths than any server has is a list of conventions; its hints begin at FROM. */
static void drop_conventions(struct surveying *surveying, size_t from)
{
    struct str values[MANY_PATHS];
    size_t different = 0, kept = from;
    for (size_t i = from; i < surveying->hints.len && different < MANY_PATHS; i++) {
        bool told = !is_health(surveying->hints.ptr[i].kind);
        for (size_t k = 0; k < different && !told; k++)
            told = str_eq(values[k], surveying->hints.ptr[i].value);
        if (!told)
            values[different++] = surveying->hints.ptr[i].value;
    }
    if (different < MANY_PATHS)
        return;
    for (size_t i = from; i < surveying->hints.len; i++)
        if (!is_health(surveying->hints.ptr[i].kind))
            surveying->hints.ptr[kept++] = surveying->hints.ptr[i];
    surveying->hints.len = kept;
}

int survey_scan_source(struct surveying *surveying, struct str source, enum token_syntax syntax, struct str path,
                       struct err *err)
{
    struct tokens tokens = {0};
    int r = tokens_read(source, syntax, &tokens, err);
    struct scanner scanner = {surveying, &tokens, syntax, path, MAP_INIT, false};
    if (r == -ERR_LIMIT) {
        op_warn(surveying->ctx, "'%.*s' is left out: it has too many words", STR_ARG(path));
        tokens_done(&tokens);
        return 0;
    }
    if (r == 0)
        r = read_constants(&scanner, err);
    size_t hints = surveying->hints.len;
    scanner.binds = syntax != TOKEN_C || binds(&tokens);
    for (size_t i = 0; i < tokens.len && r == 0; i++) {
        r = scan_ports(&scanner, i, err);
        if (r == 0)
            r = scan_routes(&scanner, i, err);
        if (r == 0)
            r = scan_uses(&scanner, i, err);
    }
    drop_conventions(surveying, hints);
    map_done(&scanner.constants);
    tokens_done(&tokens);
    return r;
}

static bool is_source(struct str path, enum token_syntax syntax)
{
    static const char *const c[] = {".c", ".cc", ".cpp", ".cxx", ".C", ".h", ".hh", ".hpp", ".hxx"};
    if (syntax == TOKEN_C) {
        for (size_t i = 0; i < ARRAY_LEN(c); i++)
            if (str_ends(path, str_z(c[i])))
                return true;
        return false;
    }
    return str_ends(path, syntax == TOKEN_GO ? STR(".go") : syntax == TOKEN_RUST ? STR(".rs") : STR(".py"));
}

int survey_scan(struct surveying *surveying, enum token_syntax syntax, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < surveying->files.len; i++) {
        const struct survey_file *file = &surveying->files.ptr[i];
        if (file->aside || !is_source(file->path, syntax))
            continue;
        if (surveying->counts && !surveying->counts(surveying, file->path))
            continue;
        bool ok = false;
        int r = op_check(surveying->ctx, err);
        if (r == 0)
            r = survey_text(surveying, file->path, &text, &ok, err);
        if (r < 0)
            return r;
        if (!ok)
            continue;
        if (text.len > surveying->left_bytes) {
            op_warn(surveying->ctx, "the sources from '%.*s' on are left out: all before it have %llu MB",
                    STR_ARG(file->path), LIMIT_SURVEY_BYTES >> 20);
            return 0;
        }
        surveying->left_bytes -= text.len;
        r = survey_scan_source(surveying, buf_str(&text), syntax, file->path, err);
        if (r < 0)
            return r;
    }
    return 0;
}
