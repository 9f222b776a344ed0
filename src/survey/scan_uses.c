/* SPDX-License-Identifier: Apache-2.0 */
/* What it asks of its surroundings: variables that it reads, files that it writes. */
#include "survey/scan.h"

#include "base/path.h"

static bool is_variable(struct str text)
{
    if (text.len < 2 || text.len > 64 || text.ptr[0] < 'A' || text.ptr[0] > 'Z')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') && !char_is_digit(text.ptr[i]) && text.ptr[i] != '_')
            return false;
    return true;
}

/* What every system has, or what tells of a terminal or a build. */
static bool is_common(struct str name)
{
    static const char *const names[] = {
        "HOME",
        "PATH",
        "PWD",
        "USER",
        "SHELL",
        "TERM",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "EDITOR",
        "TZ",
        "TMP",
        "TEMP",
        "PAGER",
        "DISPLAY",
        "HOSTNAME",
        "NO_COLOR",
        "CARGO_PKG_VERSION",
        "OUT_DIR",
        "COLUMNS",
        "CARGO_MANIFEST_DIR",
        "LOGNAME",
        "LISTEN_FDS",
        "LISTEN_PID",
        "NOTIFY_SOCKET",
        "XDG_CONFIG_HOME",
        "LINES",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_RUNTIME_DIR",
        "DJANGO_SETTINGS_MODULE",
        "POSIXLY_CORRECT",
        "VISUAL",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}

/* True for calls and subscripts that read a variable: getenv(, LookupEnv(, environ[, env::var(, envOr(. */
static bool reads_environment(const struct scanner *scanner, size_t at)
{
    const struct tokens *tokens = scanner->tokens;
    if (at < 2 || !(token_is(tokens, at - 1, "(") || token_is(tokens, at - 1, "[")))
        return false;
    if (!token_is_kind(tokens, at - 2, TOKEN_WORD))
        return false;
    struct str word = tokens->ptr[at - 2].text;
    if (token_is(tokens, at - 1, "[") && (!str_eq_z(word, "environ") || token_is(tokens, at + 2, "=")))
        return false;
    if ((str_eq_z(word, "get") || str_eq_z(word, "var") || str_eq_z(word, "var_os")) && at >= 4)
        return token_is(tokens, at - 4, "environ") || token_is(tokens, at - 4, "env");
    bool set =
        str_find(word, STR("et")) < word.len && (char_lower(word.ptr[0]) == 's' || char_lower(word.ptr[0]) == 'u');
    for (size_t i = 0; i + 3 <= word.len && !set; i++)
        if (char_lower(word.ptr[i]) == 'e' && word.ptr[i + 1] == 'n' && word.ptr[i + 2] == 'v')
            return true;
    return !set && scanner->syntax == TOKEN_PYTHON && str_eq_z(word, "config");
}

static int variable(struct scanner *scanner, size_t at, struct str name, struct err *err)
{
    if (!is_variable(name) || is_common(name))
        return 0;
    int r = scan_hint(scanner, HINT_ENV, HINT_CALL, name, at, "reads it", err);
    if (r < 0 || !str_ends(name, STR("PORT")) || scan_role(name) != SCAN_ROLE_LISTEN)
        return r;
    return scan_hint(scanner, HINT_PORT_VARIABLE, str_eq_z(name, "PORT") ? HINT_CALL : HINT_DEFAULT, name, at,
                     "reads its port from it", err);
}

/* Go's tags: `env:"PORT" envDefault:"8080"`. */
static int tag(struct scanner *scanner, size_t at, struct err *err)
{
    struct str text = scanner->tokens->ptr[at].text;
    size_t start = str_find(text, STR("env:\""));
    if (scanner->syntax != TOKEN_GO || start >= text.len || (start > 0 && char_is_alnum(text.ptr[start - 1])))
        return 0;
    struct str name = str_skip(text, start + 5);
    name = str_head(name, str_find_char(name, '"'));
    name = str_head(name, str_find_char(name, ','));
    int r = variable(scanner, at, name, err);
    size_t value = str_find(text, STR("efault:\""));
    if (r < 0 || value >= text.len || scan_role(name) != SCAN_ROLE_LISTEN)
        return r;
    struct str literal = str_skip(text, value + 8);
    literal = str_head(literal, str_find_char(literal, '"'));
    enum scan_host host;
    unsigned port = scan_port(literal);
    if (port == 0)
        port = scan_address(literal, &host);
    return port ? scan_hint_port(scanner, HINT_PORT, HINT_DEFAULT, port, at, "the default of a variable", err) : 0;
}

/* Calls that write: the first argument is a file's path, or a directory's. */
struct writing {
    enum token_syntax syntax;
    const char *word;
    bool directory;
    bool by_mode; /* only with a mode that writes */
};

static const struct writing writings[] = {
    {TOKEN_GO, "MkdirAll", true, false},     {TOKEN_GO, "Mkdir", true, false},
    {TOKEN_GO, "WriteFile", false, false},   {TOKEN_GO, "Create", false, false},
    {TOKEN_C, "mkdir", true, false},         {TOKEN_C, "fopen", false, true},
    {TOKEN_C, "sqlite3_open", false, false}, {TOKEN_C, "sqlite3_open_v2", false, false},
    {TOKEN_C, "ofstream", false, false},     {TOKEN_C, "create_directories", true, false},
    {TOKEN_C, "open", false, true},          {TOKEN_RUST, "create_dir_all", true, false},
    {TOKEN_RUST, "create_dir", true, false}, {TOKEN_RUST, "create", false, false},
    {TOKEN_RUST, "write", false, false},     {TOKEN_PYTHON, "makedirs", true, false},
    {TOKEN_PYTHON, "mkdir", true, false},    {TOKEN_PYTHON, "open", false, true},
    {TOKEN_PYTHON, "connect", false, false},
};

/* "w", "ab+", O_WRONLY | O_CREAT: what stands behind the path, up to the call's end. */
static bool mode_writes(const struct tokens *tokens, size_t from, size_t end)
{
    for (size_t i = from; i < end && i < from + 12; i++) {
        struct str text = tokens->ptr[i].text;
        if (tokens->ptr[i].kind == TOKEN_TEXT && text.len > 0 && text.len <= 4 &&
            (text.ptr[0] == 'w' || text.ptr[0] == 'a' || text.ptr[0] == 'x' || str_has_char(text, '+')))
            return true;
        if (token_is(tokens, i, "O_CREAT") || token_is(tokens, i, "O_WRONLY") || token_is(tokens, i, "O_RDWR"))
            return true;
    }
    return false;
}

/* A directory's path that a container may lack; never what a system has. */
static int writable(struct scanner *scanner, size_t at, struct str path, bool directory, struct err *err)
{
    static const char *const never[] = {"/", "/tmp", "/dev", "/proc", "/sys", "/run/systemd", "/etc", "/usr", "/bin"};
    CLEANUP_BUF struct buf clean = BUF_INIT;
    if (!str_starts(path, STR("/")) || path.len > 200 || str_has_char(path, '%') || str_has_char(path, '{') ||
        str_has_char(path, '\\') || str_has_char(path, ' ') || str_utf8_valid(path) < path.len)
        return 0;
    bool ok = path_normalize(&clean, STR("/"), path);
    if (clean.failed)
        return err_nomem(err);
    if (!ok)
        return 0;
    struct str dir = directory ? buf_str(&clean) : path_dir(buf_str(&clean));
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (str_eq_z(dir, never[i]) || (i > 0 && path_is_below(dir, str_z(never[i]))))
            return 0;
    return scan_hint(scanner, HINT_WRITABLE, HINT_CALL, dir, at, "writes there", err);
}

static int writes(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (tokens->ptr[at].kind != TOKEN_WORD || !token_is(tokens, at + 1, "("))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(writings); i++) {
        const struct writing *writing = &writings[i];
        if (writing->syntax != scanner->syntax || !token_is(tokens, at, writing->word))
            continue;
        size_t end = token_close(tokens, at + 1);
        struct str path = scan_operand(scanner, at + 2);
        if (!path.ptr || (writing->by_mode && !mode_writes(tokens, at + 3, end)))
            return 0;
        return writable(scanner, at + 2, path, writing->directory, err);
    }
    return 0;
}

/* SQLAlchemy's and Django's: "sqlite:////data/app.db"; UPLOAD_FOLDER = "/data/uploads"; Path("/data").mkdir(). */
static int stores(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (token_is(tokens, at, "UPLOAD_FOLDER") || token_is(tokens, at, "MEDIA_ROOT")) {
        struct str path = token_is(tokens, at + 1, "=") ? scan_operand(scanner, at + 2) : STR_NONE;
        return path.ptr ? writable(scanner, at + 2, path, true, err) : 0;
    }
    if (!token_is_kind(tokens, at, TOKEN_TEXT))
        return 0;
    struct str text = tokens->ptr[at].text;
    if (str_starts(text, STR("sqlite:////")))
        return writable(scanner, at, str_head(str_skip(text, 10), str_find_char(str_skip(text, 10), '?')), false, err);
    if (str_eq_z(text, "UPLOAD_FOLDER") && token_is(tokens, at + 1, "]") && token_is(tokens, at + 2, "=")) {
        struct str path = scan_operand(scanner, at + 3);
        return path.ptr ? writable(scanner, at + 3, path, true, err) : 0;
    }
    bool made = token_is(tokens, at + 1, ")") && token_is(tokens, at + 2, ".") && token_is(tokens, at + 4, "(") &&
                (token_is(tokens, at + 3, "mkdir") || token_is(tokens, at + 3, "write_text"));
    return made ? writable(scanner, at, text, token_is(tokens, at + 3, "mkdir"), err) : 0;
}

/* prometheus_client's start_http_server(8001): metrics at a port of their own, under any path. */
static int exports(struct scanner *scanner, size_t at, struct err *err)
{
    const struct tokens *tokens = scanner->tokens;
    if (scanner->syntax != TOKEN_PYTHON || !token_is(tokens, at, "start_http_server") || !token_is(tokens, at + 1, "("))
        return 0;
    size_t operand = token_is(tokens, at + 2, "port") && token_is(tokens, at + 3, "=") ? at + 4 : at + 2;
    struct str text = scan_operand(scanner, operand);
    unsigned port = text.ptr ? scan_port(text) : 0;
    if (port == 0)
        return 0;
    int r = scan_hint_port(scanner, HINT_METRICS_PORT, HINT_CALL, port, operand, "serves metrics at it", err);
    return r < 0 ? r : scan_hint(scanner, HINT_METRICS, HINT_OWN, STR("/metrics"), at, "prometheus_client's own", err);
}

int scan_uses(struct scanner *scanner, size_t at, struct err *err)
{
    int r = 0;
    if (token_is_kind(scanner->tokens, at, TOKEN_TEXT)) {
        r = reads_environment(scanner, at) ? variable(scanner, at, scanner->tokens->ptr[at].text, err)
                                           : tag(scanner, at, err);
    }
    if (r == 0)
        r = writes(scanner, at, err);
    if (r == 0)
        r = stores(scanner, at, err);
    return r == 0 ? exports(scanner, at, err) : r;
}
