/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where it listens. A number is a port only where a call that listens, a name that says so or an address around it
 * makes it one: a wrong port is worse than none.
 */
#include "survey/scan.h"

enum argument {
    ARGUMENT_ADDRESS, /* an address in one text, or a host and behind it a port */
    ARGUMENT_FIRST,   /* the first argument may be the port alone */
    ARGUMENT_SECOND,
};

struct listener {
    enum token_syntax syntax;
    const char *word;
    enum argument argument;
};

static const struct listener listeners[] = {
    {TOKEN_GO, "ListenAndServe", ARGUMENT_ADDRESS},
    {TOKEN_GO, "ListenAndServeTLS", ARGUMENT_ADDRESS},
    {TOKEN_GO, "Listen", ARGUMENT_ADDRESS},
    {TOKEN_GO, "ListenTLS", ARGUMENT_ADDRESS},
    {TOKEN_GO, "Run", ARGUMENT_ADDRESS},
    {TOKEN_GO, "RunTLS", ARGUMENT_ADDRESS},
    {TOKEN_GO, "Start", ARGUMENT_ADDRESS},
    {TOKEN_GO, "StartTLS", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "bind", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "bind_rustls", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "http", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "listen", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "run", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "serve", ARGUMENT_ADDRESS},
    {TOKEN_RUST, "from", ARGUMENT_ADDRESS},
    {TOKEN_C, "htons", ARGUMENT_FIRST},
    {TOKEN_C, "MHD_start_daemon", ARGUMENT_SECOND},
    {TOKEN_C, "listen", ARGUMENT_ADDRESS},
    {TOKEN_C, "bind_to_port", ARGUMENT_ADDRESS},
    {TOKEN_C, "bind", ARGUMENT_ADDRESS},
    {TOKEN_C, "addListener", ARGUMENT_ADDRESS},
    {TOKEN_C, "port", ARGUMENT_FIRST},
    {TOKEN_C, "Port", ARGUMENT_FIRST},
    {TOKEN_C, "uv_ip4_addr", ARGUMENT_ADDRESS},
    {TOKEN_C, "evhttp_bind_socket", ARGUMENT_ADDRESS},
    {TOKEN_C, "mg_http_listen", ARGUMENT_ADDRESS},
    {TOKEN_C, "mg_bind", ARGUMENT_ADDRESS},
    {TOKEN_C, "endpoint", ARGUMENT_SECOND},
    {TOKEN_C, "AddListeningPort", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "run", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "run_app", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "run_simple", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "serve", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "listen", ARGUMENT_FIRST},
    {TOKEN_PYTHON, "TCPSite", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "HTTPServer", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "ThreadingHTTPServer", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "make_server", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "start_server", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "create_server", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "WSGIServer", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "bind", ARGUMENT_ADDRESS},
    {TOKEN_PYTHON, "Config", ARGUMENT_ADDRESS},
};

static const struct listener *listener_at(const struct scanner *scanner, size_t at)
{
    const struct tokens *tokens = scanner->tokens;
    if (tokens->ptr[at].kind != TOKEN_WORD || !token_is(tokens, at + 1, "("))
        return NULL;
    if (at > 0 &&
        (token_is(tokens, at - 1, "func") || token_is(tokens, at - 1, "fn") || token_is(tokens, at - 1, "def")))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(listeners); i++)
        if (listeners[i].syntax == scanner->syntax && token_is(tokens, at, listeners[i].word))
            return &listeners[i];
    return NULL;
}

static int add_listen(struct scanner *scanner, int weight, enum scan_host host, unsigned port, size_t at,
                      struct err *err)
{
    if (host == SCAN_HOST_LOOPBACK) {
        int r = scan_hint_port(scanner, HINT_LOOPBACK, weight, port, at, "listens on this machine's own address alone",
                               err);
        return r < 0 ? r : scan_hint_port(scanner, HINT_PORT, weight - 5, port, at, "listens on it, on 127.0.0.1", err);
    }
    return scan_hint_port(scanner, HINT_PORT, weight, port, at, "listens on it", err);
}

/* [0, 0, 0, 0], 3000 and ([127, 0, 0, 1], 3000); AT is the bracket. */
static unsigned octets(const struct scanner *scanner, size_t at, enum scan_host *ret_host)
{
    const struct tokens *tokens = scanner->tokens;
    size_t close = token_close(tokens, at);
    if (close != at + 9 || !token_is(tokens, close, ","))
        return 0;
    struct str first = tokens->ptr[at + 1].text, last = tokens->ptr[at + 7].text;
    if (str_eq_z(first, "0") && str_eq_z(last, "0"))
        *ret_host = SCAN_HOST_ANY;
    else if (str_eq_z(first, "127"))
        *ret_host = SCAN_HOST_LOOPBACK;
    else
        return 0;
    struct str operand = scan_operand(scanner, close + 1);
    return operand.ptr ? scan_port(operand) : 0;
}

/* A host's text at AT with its port behind a comma. */
static unsigned host_and_port(const struct scanner *scanner, size_t at, enum scan_host *ret_host)
{
    const struct tokens *tokens = scanner->tokens;
    if (!token_is_kind(tokens, at, TOKEN_TEXT) || !token_is(tokens, at + 1, ","))
        return 0;
    *ret_host = scan_host(tokens->ptr[at].text);
    struct str operand = scan_operand(scanner, at + 2);
    if (*ret_host == SCAN_HOST_NONE || !operand.ptr || token_is_kind(tokens, at + 2, TOKEN_TEXT))
        return 0;
    return scan_port(operand);
}

/* `":" + port`, "%s:%d" with a port behind it: the name of a port that a literal was given to. */
static unsigned composed(const struct scanner *scanner, size_t at, size_t end, size_t *ret_at)
{
    const struct tokens *tokens = scanner->tokens;
    if (!token_is_kind(tokens, at, TOKEN_TEXT))
        return 0;
    struct str text = tokens->ptr[at].text;
    bool joined = str_ends(text, STR(":")) || str_ends(text, STR(":%d")) || str_ends(text, STR(":%s")) ||
                  str_ends(text, STR(":{}")) || str_ends(text, STR(":%v"));
    if (!joined)
        return 0;
    for (size_t i = at + 1; i < end && i < at + 12; i++) {
        if (tokens->ptr[i].kind != TOKEN_WORD || scan_role(tokens->ptr[i].text) != SCAN_ROLE_LISTEN)
            continue;
        struct str operand = scan_operand(scanner, i);
        *ret_at = i;
        return operand.ptr ? scan_port(operand) : 0;
    }
    return 0;
}

/* One argument of a call that listens; 0 when it says nothing. */
static unsigned argument(const struct scanner *scanner, size_t at, size_t end, enum scan_host *ret_host, size_t *ret_at)
{
    const struct tokens *tokens = scanner->tokens;
    *ret_at = at;
    *ret_host = SCAN_HOST_ANY;
    unsigned port = host_and_port(scanner, at, ret_host);
    if (port == 0 && token_is(tokens, at, "["))
        port = octets(scanner, at, ret_host);
    if (port == 0) {
        struct str operand = scan_operand(scanner, at);
        if (operand.ptr)
            port = scan_address(operand, ret_host);
    }
    if (port == 0) {
        *ret_host = SCAN_HOST_ANY;
        port = composed(scanner, at, end, ret_at);
    }
    if (port == 0 && scanner->syntax == TOKEN_PYTHON && token_is(tokens, at, "port") && token_is(tokens, at + 1, "=")) {
        struct str operand = scan_operand(scanner, at + 2);
        port = operand.ptr ? scan_port(operand) : 0;
    }
    return port;
}

static size_t second_argument(const struct tokens *tokens, size_t open, size_t end)
{
    size_t depth = 0;
    for (size_t i = open; i < end; i++) {
        char c = tokens->ptr[i].kind == TOKEN_SIGN ? tokens->ptr[i].text.ptr[0] : '\0';
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if (c == ')' || c == ']' || c == '}')
            depth--;
        else if (c == ',' && depth == 1)
            return i + 1;
    }
    return tokens->len;
}

/* Python's host="127.0.0.1". */
static bool is_kept_in(const struct tokens *tokens, size_t from, size_t end)
{
    for (size_t i = from; i + 2 < end; i++)
        if (token_is(tokens, i, "host") && token_is(tokens, i + 1, "=") && token_is_kind(tokens, i + 2, TOKEN_TEXT) &&
            scan_host(tokens->ptr[i + 2].text) == SCAN_HOST_LOOPBACK)
            return true;
    return false;
}

/* htons(port ? atoi(port) : 8080): the number at the end, CLOSE is behind the call. */
static unsigned otherwise(const struct tokens *tokens, size_t open, size_t close, size_t *ret_at)
{
    if (close < open + 5 || close > tokens->len || !token_is_kind(tokens, close - 2, TOKEN_NUMBER) ||
        !token_is(tokens, close - 3, ":"))
        return 0;
    *ret_at = close - 2;
    for (size_t i = open + 1; i < close - 3; i++)
        if (token_is(tokens, i, "?"))
            return scan_port(tokens->ptr[close - 2].text);
    return 0;
}

static int call_that_listens(struct scanner *scanner, const struct listener *listener, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    size_t end = token_close(tokens, at + 1), where = at;
    unsigned port = 0;
    enum scan_host host = SCAN_HOST_ANY;
    if (end > at + 200) /* the body of a closure: calls in it are looked at by themselves */
        end = at + 200 < tokens->len ? at + 200 : tokens->len;
    if (listener->argument != ARGUMENT_ADDRESS && scanner->binds) {
        where = listener->argument == ARGUMENT_FIRST ? at + 2 : second_argument(tokens, at + 1, end);
        struct str operand = scan_operand(scanner, where);
        port = operand.ptr && (token_is_kind(tokens, where, TOKEN_NUMBER) ||
                               scan_role(tokens->ptr[where].text) == SCAN_ROLE_LISTEN)
                   ? scan_port(operand)
                   : 0;
        if (port == 0 && scanner->syntax == TOKEN_C)
            port = otherwise(tokens, at + 1, end, &where);
    }
    /* socket.listen(5) says how many wait; others that are called so take a port. */
    if (scanner->syntax == TOKEN_PYTHON && port < 1024 && port != 80 && port != 443)
        port = 0;
    for (size_t i = at + 2; i < end && port == 0; i++)
        port = argument(scanner, i, end, &host, &where);
    if (port == 0)
        return 0;
    if (scanner->syntax == TOKEN_PYTHON && is_kept_in(tokens, at, end))
        host = SCAN_HOST_LOOPBACK;
    return add_listen(scanner, HINT_CALL, host, port, where, err);
}

/* Words that make a server, whatever they are given. */
static int serves(struct scanner *scanner, size_t at, struct err *err)
{
    static const struct {
        enum token_syntax syntax;
        const char *word;
    } words[] = {
        {TOKEN_GO, "ListenAndServe"},
        {TOKEN_GO, "ListenAndServeTLS"},
        {TOKEN_GO, "Listen"},
        {TOKEN_GO, "Serve"},
        {TOKEN_GO, "RunTLS"},
        {TOKEN_GO, "HandleFunc"},
        {TOKEN_GO, "NewServer"},
        {TOKEN_RUST, "bind"},
        {TOKEN_RUST, "serve"},
        {TOKEN_RUST, "launch"},
        {TOKEN_RUST, "rocket"},
        {TOKEN_C, "listen"},
        {TOKEN_C, "MHD_start_daemon"},
        {TOKEN_C, "mg_http_listen"},
        {TOKEN_C, "mg_bind"},
        {TOKEN_C, "addListener"},
        {TOKEN_C, "evhttp_bind_socket"},
        {TOKEN_C, "CROW_ROUTE"},
        {TOKEN_C, "uv_listen"},
        {TOKEN_C, "acceptor"},
        {TOKEN_C, "async_accept"},
        {TOKEN_PYTHON, "run"},
        {TOKEN_PYTHON, "run_app"},
        {TOKEN_PYTHON, "serve"},
        {TOKEN_PYTHON, "listen"},
        {TOKEN_PYTHON, "serve_forever"},
        {TOKEN_PYTHON, "HTTPServer"},
        {TOKEN_RUST, "http"},
        {TOKEN_PYTHON, "TCPSite"},
        {TOKEN_PYTHON, "make_server"},
        {TOKEN_PYTHON, "start_server"},
    };
    if (!token_is(scanner->tokens, at + 1, "("))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].syntax == scanner->syntax && token_is(scanner->tokens, at, words[i].word))
            return scan_hint(scanner, HINT_LISTENS, HINT_CALL, scanner->tokens->ptr[at].text, at, "serves", err);
    return 0;
}

/* listeners[i].port = 1883: of a listener, whoever makes its socket. */
static bool of_listener(const struct tokens *tokens, size_t at)
{
    for (size_t back = 1; back <= 12 && back <= at; back++) {
        struct str word = tokens->ptr[at - back].text;
        if (token_is(tokens, at - back, ";") || token_is(tokens, at - back, "{") || token_is(tokens, at - back, "}"))
            return false;
        if (str_find(word, STR("listen")) < word.len || str_find(word, STR("server")) < word.len)
            return true;
    }
    return false;
}

/* NAME = 8080, NAME: ":8080", #define NAME 8080. */
static int named(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    enum scan_role role = tokens->ptr[at].kind == TOKEN_WORD ? scan_role(tokens->ptr[at].text) : SCAN_ROLE_NONE;
    if (role == SCAN_ROLE_NONE)
        return 0;
    bool defined = at > 1 && token_is(tokens, at - 1, "define");
    bool member = token_is(tokens, at + 1, ":") && scanner->syntax == TOKEN_GO;
    size_t value = at + 1;
    /* C's clients keep the port that they go to in variables of the same names. */
    if (scanner->syntax == TOKEN_C && !defined && !scanner->binds && !of_listener(tokens, at))
        return 0;
    if (!defined) {
        for (size_t i = at + 1; i < at + 6 && i < tokens->len && !member; i++) /* a type may stand between */
            if (token_is(tokens, i, "=") || token_is(tokens, i, ":=")) {
                value = i + 1;
                break;
            } else if (token_is(tokens, i, "(") || token_is(tokens, i, ")") || token_is(tokens, i, ",")) {
                return 0;
            }
        value = member ? at + 2 : value;
        if (value == at + 1)
            return 0;
    }
    struct str operand = token_is_kind(tokens, value, TOKEN_WORD) && !member ? STR_NONE : scan_operand(scanner, value);
    enum scan_host host = SCAN_HOST_ANY;
    unsigned port = operand.ptr ? scan_port(operand) : 0;
    if (port == 0 && operand.ptr)
        port = scan_address(operand, &host);
    size_t where = value;
    if (port == 0 && member)
        port = composed(scanner, value, tokens->len, &where);
    if (port == 0)
        return 0;
    if (role == SCAN_ROLE_METRICS)
        return scan_hint_port(scanner, HINT_METRICS_PORT, HINT_CONSTANT, port, value, "its name says so", err);
    /* http.Server{Addr: ":8080"} */
    if (member && token_is(tokens, at, "Addr"))
        return add_listen(scanner, HINT_CALL, host, port, value, err);
    /* 80 and 443 are what clients take when nobody says, and small numbers are no ports at all. */
    return port < 1024 ? 0 : scan_hint_port(scanner, HINT_PORT, HINT_CONSTANT, port, value, "its name says so", err);
}

/* An option or a variable that says where to listen, with what it is by default in the same call or those chained. */
static int with_default(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (!token_is_kind(tokens, at, TOKEN_TEXT) || at == 0)
        return 0;
    struct str name = tokens->ptr[at].text;
    enum scan_role role = scan_role(name);
    size_t open = at;
    while (open > 0 && at - open < 6 && !token_is(tokens, open, "("))
        open--;
    if (role == SCAN_ROLE_NONE || !token_is(tokens, open, "("))
        return 0;
    size_t end = scan_chain_end(tokens, open);
    if (token_is(tokens, end, "or") || token_is(tokens, end, "?")) /* getenv("PORT") or 8000; p ? atoi(p) : 80 */
        end += 8;
    unsigned port = 0;
    enum scan_host host = SCAN_HOST_ANY;
    size_t where = at;
    for (size_t i = at + 1; i < end && i < tokens->len && i < at + 60 && port == 0; i++) {
        bool literal = token_is_kind(tokens, i, TOKEN_TEXT) || token_is_kind(tokens, i, TOKEN_NUMBER);
        struct str operand = literal                                                        ? tokens->ptr[i].text
                             : token_is(tokens, i - 1, ",") || token_is(tokens, i - 1, "=") ? scan_operand(scanner, i)
                                                                                            : STR_NONE;
        where = i;
        port = operand.ptr ? scan_port(operand) : 0;
        if (port == 0 && operand.ptr)
            port = scan_address(operand, &host);
        if (port == 0 && scan_role(tokens->ptr[i].text) == SCAN_ROLE_NONE && literal && i == at + 2 &&
            token_is_kind(tokens, i, TOKEN_TEXT) && token_is(tokens, at + 3, ")"))
            break; /* two texts, and the second is no port */
    }
    if (port == 0)
        return 0;
    if (role == SCAN_ROLE_METRICS)
        return scan_hint_port(scanner, HINT_METRICS_PORT, HINT_DEFAULT, port, where, "the default of an option", err);
    return scan_hint_port(scanner, HINT_PORT, HINT_DEFAULT, port, where, "the default of an option or variable", err);
}

/* port := os.Getenv("PORT"), and a little later port = "8080". */
static int given_later(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    bool variable = token_is_kind(tokens, at, TOKEN_TEXT) && str_ends(tokens->ptr[at].text, STR("PORT")) &&
                    scan_role(tokens->ptr[at].text) == SCAN_ROLE_LISTEN;
    if (!variable || at < 3)
        return 0;
    size_t name = at;
    while (name > 0 && at - name < 10 && !token_is(tokens, name, ":=") && !token_is(tokens, name, "="))
        name--;
    if (name == 0 || !token_is_kind(tokens, name - 1, TOKEN_WORD))
        return 0;
    struct str word = tokens->ptr[name - 1].text;
    for (size_t i = at + 1; i + 2 < tokens->len && i < at + 30; i++) {
        if (!token_is_kind(tokens, i, TOKEN_WORD) || !str_eq(tokens->ptr[i].text, word) ||
            !token_is(tokens, i + 1, "="))
            continue;
        bool literal = token_is_kind(tokens, i + 2, TOKEN_TEXT) || token_is_kind(tokens, i + 2, TOKEN_NUMBER);
        enum scan_host host;
        unsigned port = literal ? scan_port(tokens->ptr[i + 2].text) : 0;
        if (port == 0 && literal)
            port = scan_address(tokens->ptr[i + 2].text, &host);
        if (port)
            return scan_hint_port(scanner, HINT_PORT, HINT_DEFAULT, port, i + 2, "the default of a variable", err);
    }
    return 0;
}

/* #[arg(long, default_value_t = 8080)] port: u16 */
static int derived(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (scanner->syntax != TOKEN_RUST || !token_is(tokens, at + 1, "=") ||
        !(token_is(tokens, at, "default_value_t") || token_is(tokens, at, "default_value")))
        return 0;
    for (size_t i = at + 3; i + 1 < tokens->len && i < at + 24; i++) {
        if (!token_is_kind(tokens, i, TOKEN_WORD) || !token_is(tokens, i + 1, ":"))
            continue;
        enum scan_host host = SCAN_HOST_ANY;
        unsigned port = scan_role(tokens->ptr[i].text) == SCAN_ROLE_LISTEN ? scan_port(tokens->ptr[at + 2].text) : 0;
        if (port == 0)
            port =
                scan_role(tokens->ptr[i].text) == SCAN_ROLE_LISTEN ? scan_address(tokens->ptr[at + 2].text, &host) : 0;
        return port ? scan_hint_port(scanner, HINT_PORT, HINT_DEFAULT, port, at + 2, "the default of an option", err)
                    : 0;
    }
    return 0;
}

/* An address of all networks is nobody's but a server's. */
static int any_address(struct scanner *scanner, size_t at, struct err *err)
{
    struct str text = scanner->tokens->ptr[at].text;
    enum scan_host host;
    if (scanner->tokens->ptr[at].kind != TOKEN_TEXT ||
        str_find(text, STR("0.0.0.0:")) + str_find(text, STR("[::]:")) >= 2 * text.len)
        return 0;
    unsigned port = scan_address(text, &host);
    return port && host == SCAN_HOST_ANY ? add_listen(scanner, HINT_CALL - 2, host, port, at, err) : 0;
}

int scan_ports(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    const struct listener *listener = listener_at(scanner, at);
    int r = listener ? call_that_listens(scanner, listener, at, err) : 0;
    if (r == 0 && token_is(tokens, at, "AddFlags") && token_is(tokens, at + 1, "(")) { /* Prometheus' exporters */
        size_t end = token_close(tokens, at + 1);
        enum scan_host host;
        if (end > at + 4 && end < tokens->len && token_is_kind(tokens, end - 2, TOKEN_TEXT)) {
            unsigned port = scan_address(tokens->ptr[end - 2].text, &host);
            if (port)
                r = scan_hint_port(scanner, HINT_PORT, HINT_DEFAULT, port, end - 2, "the default of an option", err);
        }
    }
    if (r == 0)
        r = serves(scanner, at, err);
    if (r == 0)
        r = named(scanner, at, err);
    if (r == 0)
        r = with_default(scanner, at, err);
    if (r == 0)
        r = given_later(scanner, at, err);
    if (r == 0)
        r = derived(scanner, at, err);
    return r == 0 ? any_address(scanner, at, err) : r;
}
