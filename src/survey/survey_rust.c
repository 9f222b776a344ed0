/* SPDX-License-Identifier: Apache-2.0 */
/* Cargo.toml, of the root and of what lies below it (a workspace's members), and the binaries that they make. */
#include "survey/choose.h"

#include "base/path.h"
#include "data/toml.h"

static const struct choose_framework frameworks[] = {
    {"axum", "axum"},   {"actix-web", "Actix Web"}, {"rocket", "Rocket"}, {"warp", "warp"},
    {"poem", "Poem"},   {"salvo", "Salvo"},         {"tide", "Tide"},     {"tonic", "tonic"},
    {"hyper", "hyper"}, {"tiny_http", "tiny_http"},
};

struct crate {
    struct str path, dir, text; /* of its Cargo.toml */
    const struct data_node *root;
};

static struct str text_of(const struct data_node *node)
{
    return node && node->kind == DATA_STRING ? node->value : STR("");
}

/* DIR/NAME, or NAME at the root. */
static const char *join(struct surveying *surveying, struct str dir, const char *name)
{
    return arena_printf(surveying->ctx->arena, "%.*s%s%s", STR_ARG(dir), dir.len ? "/" : "", name);
}

static int add_binary(struct choose *choose, const struct crate *crate, struct str name, struct str source,
                      const struct data_node *said, struct err *err)
{
    const struct data_node *package = data_get(crate->root, "package");
    struct str package_name = text_of(data_get(package, "name"));
    int score = crate->dir.len == 0 ? 10 : 0;
    if (choose_is_aside(name) || survey_is_aside(crate->path))
        return 0;
    if (str_eq(name, text_of(data_get(package, "default-run"))))
        score += 5;
    else if (str_eq(name, package_name))
        score += 2;
    if (str_eq(name, choose->surveying->base))
        score += 1;
    return choose_add(choose, name, source, crate->path, said ? toml_line(crate->text, said) : 0, score, err);
}

/* src/main.rs, src/bin/NAME.rs, src/bin/NAME/main.rs */
static int add_found(struct choose *choose, const struct crate *crate, struct err *err)
{
    struct surveying *surveying = choose->surveying;
    const struct data_node *name = data_get(data_get(crate->root, "package"), "name");
    const char *main = join(surveying, crate->dir, "src/main.rs"), *bin = join(surveying, crate->dir, "src/bin/");
    if (!main || !bin)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; i < surveying->files.len && r == 0; i++) {
        struct str path = surveying->files.ptr[i].path;
        if (str_eq_z(path, main)) {
            r = add_binary(choose, crate, text_of(name), path, name, err);
            continue;
        }
        if (!str_starts(path, str_z(bin)) || !str_ends(path, STR(".rs")))
            continue;
        struct str rest = str_skip(path, str_z(bin).len);
        struct str own = str_head(rest, str_find_char(rest, '/'));
        if (own.len == rest.len)
            r = add_binary(choose, crate, str_head(own, own.len - 3), path, NULL, err);
        else if (str_eq_z(str_skip(rest, own.len), "/main.rs"))
            r = add_binary(choose, crate, own, path_dir(path), NULL, err);
    }
    return r;
}

static int add_binaries(struct choose *choose, const struct crate *crate, struct err *err)
{
    int r = 0;
    if (!data_get(crate->root, "package"))
        return 0;
    DATA_EACH(bin, data_get(crate->root, "bin"))
    {
        const struct data_node *name = data_get(bin, "name");
        struct str path = text_of(data_get(bin, "path"));
        const char *source = join(choose->surveying, crate->dir, "");
        if (!source)
            return err_nomem(err);
        if (r == 0 && text_of(name).len > 0) {
            char *whole = arena_printf(choose->surveying->ctx->arena, "%s%.*s", source, STR_ARG(path));
            if (!whole)
                return err_nomem(err);
            r = path.len ? add_binary(choose, crate, text_of(name), str_z(whole), name, err) : 0;
            if (r == 0 && path.len == 0) { /* its source is where Cargo looks for one of that name */
                char *guess =
                    arena_printf(choose->surveying->ctx->arena, "%ssrc/bin/%.*s.rs", source, STR_ARG(text_of(name)));
                if (!guess)
                    return err_nomem(err);
                bool there = survey_has(choose->surveying, guess);
                const char *main = join(choose->surveying, crate->dir, "src/main.rs");
                if (!main)
                    return err_nomem(err);
                r = add_binary(choose, crate, text_of(name), str_z(there ? guess : main), name, err);
            }
        }
    }
    /* A [[bin]] whose path is src/main.rs renames what would be found there. */
    for (size_t i = 0; i < choose->items.len; i++)
        if (str_eq(choose->items.ptr[i].path, crate->path) && str_ends(choose->items.ptr[i].dir, STR("src/main.rs")))
            return r;
    return r == 0 ? add_found(choose, crate, err) : r;
}

static int read_dependencies(struct surveying *surveying, const struct crate *crate, struct err *err)
{
    const struct data_node *lists[] = {data_get(crate->root, "dependencies"),
                                       data_get(data_get(crate->root, "workspace"), "dependencies")};
    int r = 0;
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < ARRAY_LEN(frameworks) && r == 0; i++) {
            const struct data_node *found = data_get(lists[l], frameworks[i].dependency);
            if (found)
                r = hint_add(surveying, HINT_FRAMEWORK, HINT_SAID - (int)i - (crate->dir.len ? 20 : 0),
                             str_z(frameworks[i].name), crate->path, toml_line(crate->text, found),
                             "the package depends on it", err);
        }
    return r;
}

/* A version may be the workspace's. */
static const struct data_node *inherited(const struct crate *crate, const struct data_node *workspace, const char *key)
{
    const struct data_node *value = data_get(data_get(crate->root, "package"), key);
    return value && value->kind == DATA_OBJECT ? data_get(data_get(workspace, "package"), key) : value;
}

static int describe(struct surveying *surveying, const struct crate *crate, const struct crate *root, struct err *err)
{
    struct survey *survey = surveying->survey;
    const struct data_node *workspace = data_get(root->root, "workspace");
    const struct data_node *package = data_get(crate->root, "package");
    const struct data_node *name = data_get(package, "name");
    const struct data_node *version = inherited(crate, workspace, "version");
    const struct data_node *rust = inherited(crate, workspace, "rust-version");
    struct str label;
    int r = survey_label(surveying, text_of(name), &label, err);
    if (r == 0 && label.len > 0)
        r = survey_say(surveying, &survey->name, label, crate->path, toml_line(crate->text, name), "the package's name",
                       err);
    bool own = version && data_get(package, "version") == version;
    if (r == 0 && text_of(version).len > 0)
        r = survey_say(surveying, &survey->version, text_of(version), own ? crate->path : root->path,
                       toml_line(own ? crate->text : root->text, version), "the package's version", err);
    own = rust && data_get(package, "rust-version") == rust;
    if (r == 0 && text_of(rust).len > 0)
        r = survey_say(surveying, &survey->language_version, text_of(rust), own ? crate->path : root->path,
                       toml_line(own ? crate->text : root->text, rust), "the package asks for it", err);
    return r;
}

/* Crates that link a library of the system, by Cargo.lock; those that bring its source do not. */
static int read_lock(struct surveying *surveying, bool bundled, struct err *err)
{
    static const struct {
        const char *crate, *brought, *library;
    } systems[] = {
        {"openssl-sys", "openssl-src", "openssl"}, {"pq-sys", "pq-src", "libpq"},
        {"libsqlite3-sys", NULL, "sqlite3"},       {"mysqlclient-sys", "mysqlclient-src", "mysqlclient"},
        {"libdbus-sys", NULL, "dbus-1"},           {"rdkafka-sys", NULL, NULL},
    };
    struct str text, line;
    bool ok;
    int r = survey_has(surveying, "Cargo.lock") ? survey_text_z(surveying, "Cargo.lock", &text, &ok, err) : 0;
    if (r < 0 || !survey_has(surveying, "Cargo.lock") || !ok)
        return r;
    struct map names CLEANUP_MAP = MAP_INIT;
    for (uintptr_t number = 1; str_next_line(&text, &line); number++)
        if (str_starts(line, STR("name = \"")) && line.len > 9 &&
            !map_set(&names, str_of(line.ptr + 8, line.len - 9), (void *)number))
            return err_nomem(err);
    for (size_t i = 0; i < ARRAY_LEN(systems) && r == 0; i++) {
        uintptr_t at = (uintptr_t)map_get(&names, str_z(systems[i].crate));
        if (at == 0 || !systems[i].library || (systems[i].brought && map_has(&names, str_z(systems[i].brought))) ||
            (!systems[i].brought && bundled))
            continue;
        r = package_add(surveying, PACKAGE_PKG_CONFIG, str_z(systems[i].library), STR("Cargo.lock"), (uint32_t)at, err);
    }
    return r;
}

static int read_rocket(struct surveying *surveying, struct err *err)
{
    struct str text;
    bool ok = false;
    const struct data_node *root = NULL;
    int r = survey_has(surveying, "Rocket.toml") ? survey_text_z(surveying, "Rocket.toml", &text, &ok, err) : 0;
    if (r < 0)
        return r;
    if (ok && toml_parse(text, surveying->ctx->arena, &root, NULL) == 0) {
        const char *const profiles[] = {"release", "default", "global"};
        for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
            const struct data_node *port = data_get(data_get(root, profiles[i]), "port");
            if (port && port->kind == DATA_NUMBER)
                return hint_add(surveying, HINT_PORT, HINT_DEFAULT, port->value, STR("Rocket.toml"),
                                toml_line(text, port), "Rocket's settings", err);
        }
    }
    for (size_t i = 0; i < surveying->hints.len; i++) {
        struct hint hint = surveying->hints.ptr[i];
        if (hint.kind != HINT_FRAMEWORK || !str_eq_z(hint.value, "Rocket"))
            continue;
        r = hint_add(surveying, HINT_PORT, HINT_OWN, STR("8000"), hint.path, hint.line, "Rocket's own default", err);
        if (r == 0)
            r = hint_add(surveying, HINT_LISTENS, HINT_OWN, STR("Rocket"), hint.path, hint.line, "it serves", err);
        return r < 0 ? r
                     : hint_add(surveying, HINT_PORT_VARIABLE, HINT_OWN, STR("ROCKET_PORT"), hint.path, hint.line,
                                "Rocket reads it", err);
    }
    return 0;
}

/* Sources of other binaries, and of other members that make some. */
static bool counts(const struct surveying *surveying, struct str path)
{
    for (size_t i = 0; i < surveying->others.len; i++)
        if (path_is_below(path, surveying->others.ptr[i]))
            return false;
    return true;
}

static int read_crates(struct surveying *surveying, struct choose *choose, struct crate *crates, size_t *ret_count,
                       bool *ret_bundled, struct err *err)
{
    size_t count = 0;
    int r = 0;
    for (size_t i = 0; i < surveying->files.len && r == 0 && count < LIMIT_SURVEY_PROGRAMS; i++) {
        const struct survey_file *file = &surveying->files.ptr[i];
        struct crate crate = {.path = file->path, .dir = path_dir(file->path)};
        bool ok = false;
        struct err inner = ERR_INIT;
        if (!str_eq_z(path_base(file->path), "Cargo.toml") || file->aside)
            continue;
        r = survey_text_z(surveying, file->path.ptr, &crate.text, &ok, err);
        if (r < 0 || !ok)
            continue;
        int parsed = toml_parse(crate.text, surveying->ctx->arena, &crate.root, &inner);
        if (parsed == -ERR_NOMEM)
            return err_nomem(err);
        if (parsed < 0) {
            op_warn(surveying->ctx, "'%.*s' is left out: %s", STR_ARG(file->path), inner.message);
            continue;
        }
        *ret_bundled = *ret_bundled || str_find(crate.text, STR("bundled")) < crate.text.len;
        crates[count++] = crate;
        r = add_binaries(choose, &crate, err);
        if (r == 0)
            r = read_dependencies(surveying, &crate, err);
    }
    *ret_count = count;
    return r;
}

static int choose_crate(struct surveying *surveying, struct choose *choose, const struct crate *crates, size_t count,
                        struct err *err)
{
    static const struct crate none = {0};
    struct survey *survey = surveying->survey;
    const struct crate *root = &none, *chosen = NULL;
    int r = choose_program(choose, &survey->program, "the binary's name", err);
    for (size_t i = 0; i < count; i++) {
        if (crates[i].dir.len == 0)
            root = &crates[i];
        if (str_eq(crates[i].path, survey->program.path))
            chosen = &crates[i];
    }
    /* Other members that make binaries are programs of their own, with all their sources. */
    for (size_t i = 0; i < choose->items.len && r == 0; i++) {
        struct str dir = path_dir(choose->items.ptr[i].path);
        if (chosen && !str_eq(choose->items.ptr[i].path, chosen->path) && dir.len > 0 &&
            !path_is_below(chosen->dir, dir) && !VEC_PUSH(&surveying->others, dir))
            r = err_nomem(err);
    }
    if (r == 0 && (chosen || root->root))
        r = describe(surveying, chosen ? chosen : root, root, err);
    return r;
}

int survey_rust(struct surveying *surveying, bool *ret_is, struct err *err)
{
    struct survey *survey = surveying->survey;
    *ret_is = survey_has(surveying, "Cargo.toml");
    if (!*ret_is)
        return 0;
    survey->language = INIT_RUST;
    survey->noun = STR("a Rust project");
    survey->build = INIT_BUILD_CARGO;
    struct crate *crates = ARENA_ARRAY(surveying->ctx->arena, LIMIT_SURVEY_PROGRAMS, struct crate);
    if (!crates)
        return err_nomem(err);
    struct choose choose = {.surveying = surveying};
    size_t count = 0;
    bool bundled = false;
    int r = survey_say(surveying, &survey->built_by, STR("cargo"), STR("Cargo.toml"), 0, "a Cargo package", err);
    if (r == 0)
        r = read_crates(surveying, &choose, crates, &count, &bundled, err);
    if (r == 0)
        r = choose_crate(surveying, &choose, crates, count, err);
    choose_done(&choose);
    if (r == 0)
        r = read_lock(surveying, bundled, err);
    if (r == 0)
        r = read_rocket(surveying, err);
    surveying->counts = counts;
    return r == 0 ? survey_scan(surveying, TOKEN_RUST, err) : r;
}
