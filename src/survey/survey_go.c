/* SPDX-License-Identifier: Apache-2.0 */
/* go.mod and the main packages. The package at the root is what a module of one program has; else cmd/NAME. */
#include "survey/choose.h"

#include "base/path.h"

static const struct choose_framework frameworks[] = {
    {"github.com/gin-gonic/gin", "Gin"},         {"github.com/labstack/echo", "Echo"},
    {"github.com/gofiber/fiber", "Fiber"},       {"github.com/go-chi/chi", "chi"},
    {"github.com/gorilla/mux", "gorilla/mux"},   {"google.golang.org/grpc", "gRPC"},
    {"github.com/valyala/fasthttp", "fasthttp"}, {"github.com/caddyserver/caddy", "Caddy"},
};

/* "// indirect" and all behind "//" goes. */
static struct str uncommented(struct str line)
{
    return str_trim(str_head(line, str_find(line, STR("//"))));
}

static int read_module_line(struct surveying *surveying, struct str line, uint32_t number, struct err *err)
{
    struct survey *survey = surveying->survey;
    struct str word, path = STR("go.mod"), rest = uncommented(line);
    bool indirect = str_find(line, STR("// indirect")) < line.len;
    if (!str_next_word(&rest, &word))
        return 0;
    struct str value;
    if (str_eq_z(word, "module") && str_next_word(&rest, &value)) {
        if (value.len > 2 && str_has_char(STR("\"`"), value.ptr[0]))
            value = str_of(value.ptr + 1, value.len - 2);
        struct str base = path_base(value), label;
        uint64_t major;
        if (base.len > 1 && base.ptr[0] == 'v' && char_is_digit(base.ptr[1]) &&
            choose_number(str_skip(base, 1), &major))
            base = path_base(path_dir(value));
        int r = survey_label(surveying, base, &label, err);
        return r < 0 ? r : survey_say(surveying, &survey->name, label, path, number, "the module's name", err);
    }
    if (str_eq_z(word, "go") && str_next_word(&rest, &value)) {
        size_t dot = str_find_char(value, '.'); /* 1.22.1 needs 1.22 of an image, which is the newest of it */
        size_t second = dot < value.len ? dot + 1 + str_find_char(str_skip(value, dot + 1), '.') : value.len;
        return survey_say(surveying, &survey->language_version, str_head(value, second), path, number,
                          "the module asks for it", err);
    }
    if (str_eq_z(word, "require") && !str_next_word(&rest, &word))
        return 0;
    if (indirect)
        return 0;
    if (str_starts(word, STR("github.com/mattn/go-sqlite3")))
        survey->uses_c = true;
    for (size_t i = 0; i < ARRAY_LEN(frameworks); i++)
        if (str_starts(word, str_z(frameworks[i].dependency)))
            return hint_add(surveying, HINT_FRAMEWORK, HINT_SAID - (int)i, str_z(frameworks[i].name), path, number,
                            "the module requires it", err);
    return 0;
}

static bool has_line(struct str text, const char *wanted)
{
    struct str line;
    while (str_next_line(&text, &line))
        if (str_starts(line, str_z(wanted)))
            return true;
    return false;
}

/* Is this source of `package main` with a func main that is built? */
static bool is_main(struct str text)
{
    return has_line(text, "package main") && has_line(text, "func main(") && !has_line(text, "//go:build ignore") &&
           !has_line(text, "// +build ignore");
}

static int find_mains(struct surveying *surveying, struct choose *choose, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < surveying->files.len; i++) {
        struct str path = surveying->files.ptr[i].path;
        bool ok = false;
        if (surveying->files.ptr[i].aside || !str_ends(path, STR(".go")))
            continue;
        int r = op_check(surveying->ctx, err);
        if (r == 0)
            r = survey_text(surveying, path, &text, &ok, err);
        if (r < 0)
            return r;
        if (!ok)
            continue;
        if (has_line(buf_str(&text), "import \"C\""))
            surveying->survey->uses_c = true;
        if (!is_main(buf_str(&text)))
            continue;
        struct str dir = path_dir(path);
        const char *package = dir.len ? arena_printf(surveying->ctx->arena, "./%.*s", STR_ARG(dir)) : ".";
        if (!package)
            return err_nomem(err);
        int score = dir.len == 0 ? 10 : str_eq_z(str_head(dir, str_find_char(dir, '/')), "cmd") ? 5 : 0;
        /* cmd/shop of module shop; a module of "shop-server" has cmd/server */
        if (str_eq(path_base(dir), surveying->survey->name.value))
            score += 3;
        else if (str_eq_z(path_base(dir), "server"))
            score += 1;
        r = choose_add(choose, str_z(package), dir, path, 0, score, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Sources below another main package than the chosen one. */
static bool counts(const struct surveying *surveying, struct str path)
{
    struct str dir = path_dir(path);
    for (size_t i = 0; i < surveying->others.len; i++)
        if (surveying->others.ptr[i].len > 0 ? path_is_below(dir, surveying->others.ptr[i]) : dir.len == 0)
            return false;
    return true;
}

int survey_go(struct surveying *surveying, bool *ret_is, struct err *err)
{
    struct survey *survey = surveying->survey;
    struct str text, line;
    int r = survey_text_z(surveying, "go.mod", &text, ret_is, err);
    if (r < 0 || !*ret_is)
        return r;
    survey->language = INIT_GO;
    survey->noun = STR("a Go module");
    survey->build = INIT_BUILD_GO;
    r = survey_say(surveying, &survey->built_by, STR("go"), STR("go.mod"), 0, "a Go module", err);
    uint32_t number = 0;
    while (r == 0 && str_next_line(&text, &line))
        r = read_module_line(surveying, line, ++number, err);
    struct choose choose = {.surveying = surveying};
    if (r == 0)
        r = find_mains(surveying, &choose, err);
    if (r == 0)
        r = choose_program(&choose, &survey->program, "its main package", err);
    choose_done(&choose);
    surveying->counts = counts;
    if (r == 0)
        r = survey_scan(surveying, TOKEN_GO, err);
    if (r == 0 && !hints_has(surveying, HINT_FRAMEWORK) && hints_has(surveying, HINT_LISTENS))
        r = choose_framework_listens(surveying, "net/http", err);
    return r;
}
