/* SPDX-License-Identifier: Apache-2.0 */
/* Files that name the directory where they were made. */
#include "pack/python_place.h"

#include "base/limits.h"
#include "base/path.h"
#include "python/pth.h"
#include "python/shebang.h"

#include <stdlib.h>

/* True when C may stand in a path's last name: then "/src/app" is not named by "/src/application". */
static bool continues_name(char c)
{
    return char_is_alnum(c) || c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* True when a path may begin at AT: behind no other name, but behind "-L" and "-I" of a command. */
static bool begins_path(struct str text, size_t at)
{
    if (text.ptr[at] != '/')
        return false;
    if (at == 0 || (!continues_name(text.ptr[at - 1]) && text.ptr[at - 1] != '/'))
        return true;
    return at > 1 && text.ptr[at - 2] == '-' && text.ptr[at - 1] >= 'A' && text.ptr[at - 1] <= 'Z';
}

/* Appends TEXT with every directory that moves at its new place. Returns how many were named. */
static size_t replace_places(const struct python_placing *placing, struct str text, struct buf *out)
{
    size_t count = 0, done = 0;
    for (size_t at = 0; at < text.len; at++) {
        if (!begins_path(text, at))
            continue;
        struct str rest = str_skip(text, at);
        for (size_t i = 0; i < placing->move_count; i++) {
            const struct python_move *move = &placing->moves[i];
            if (move->from.len < 2 || !str_starts(rest, move->from) ||
                (rest.len > move->from.len && continues_name(rest.ptr[move->from.len])))
                continue;
            if (str_eq(move->from, move->to))
                break;
            buf_add_str(out, str_of(text.ptr + done, at - done));
            buf_add_str(out, move->to);
            done = at + move->from.len;
            at = done - 1;
            count++;
            break;
        }
    }
    buf_add_str(out, str_skip(text, done));
    return count;
}

static int keep(struct python_placing *placing, struct buf *text, struct python_placed *placed, struct err *err)
{
    int r = buf_check(text, err);
    if (r < 0)
        return r;
    placed->content = arena_buf(placing->ctx->arena, text);
    return placed->content.ptr ? 0 : err_nomem(err);
}

/* --- scripts */

/* "python", "python3", "python3.11", "python3.13t": links of an environment to its interpreter. */
static bool is_interpreter_name(struct str name)
{
    if (!str_starts(name, STR("python")))
        return false;
    name = str_skip(name, 6);
    while (name.len && (char_is_digit(name.ptr[0]) || name.ptr[0] == '.'))
        name = str_skip(name, 1);
    return name.len == 0 || str_eq(name, STR("t")) || str_eq(name, STR("d"));
}

static int place_script(struct python_placing *placing, const struct project_file *file, struct str interpreter,
                        struct python_placed *placed, struct err *err)
{
    struct str text;
    struct python_script script;
    if (file->type != TREE_FILE || file->is_elf || file->size_bytes > LIMIT_PYTHON_TEXT_BYTES)
        return 0;
    int r = python_place_text(placing, file, LIMIT_PYTHON_TEXT_BYTES, &text, err);
    if (r == 0)
        r = python_script_read(text, &script, err);
    if (r < 0)
        return r;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct buf moved CLEANUP_BUF = BUF_INIT;
    if (script.kind == PYTHON_SHEBANG_NONE || script.kind == PYTHON_SHEBANG_OTHER) {
        bool named = !str_has_char(text, '\0') && replace_places(placing, text, &out) > 0;
        return named || out.failed ? keep(placing, &out, placed, err) : 0;
    }
    struct err why = ERR_INIT;
    r = python_script_rewrite(text, &script, interpreter, &out, &why);
    if (r < 0 && why.code != ERR_INVALID) {
        if (err)
            *err = why;
        return r;
    }
    if (r < 0) {
        op_warn(placing->ctx, "'/%.*s' is left out, as it can't be started in the image: %s", STR_ARG(placed->path),
                why.message);
        placed->left_out = true;
        return 0;
    }
    (void)replace_places(placing, buf_str(&out), &moved);
    return moved.failed || !str_eq(buf_str(&moved), text) ? keep(placing, &moved, placed, err) : 0;
}

/* --- .pth */

/* PATH (absolute) of a .pth file, in the image; empty when it is not there. */
static int place_of_line(struct python_placing *placing, struct str path, struct str *ret_place, struct err *err)
{
    char *given = arena_z(placing->ctx->arena, path);
    if (!given)
        return err_nomem(err);
    char *real = str_has_char(path, '\0') ? NULL : realpath(given, NULL);
    int r = real ? python_place_of(placing, str_z(real), ret_place, err) : 0;
    free(real);
    if (r < 0 || (real && ret_place->len))
        return r;
    struct buf normal CLEANUP_BUF = BUF_INIT;
    bool clean = path_normalize(&normal, STR("/"), path);
    if (normal.failed)
        return err_nomem(err);
    r = clean ? python_place_of(placing, buf_str(&normal), ret_place, err) : 0;
    if (r == 0 && clean && ret_place->len == 0 && application_is_system_path(path))
        *ret_place = path; /* of Debian's packages */
    return r;
}

static int place_pth_line(struct python_placing *placing, const struct python_pth_line *line, struct str path,
                          struct buf *out, struct err *err)
{
    if (line->kind != PYTHON_PTH_PATH) {
        (void)replace_places(placing, line->text, out);
    } else if (!str_starts(line->text, STR("/"))) {
        buf_add_str(out, line->text);
    } else {
        struct str place = STR_NONE;
        int r = place_of_line(placing, line->text, &place, err);
        if (r < 0)
            return r;
        if (place.len == 0) {
            op_warn(placing->ctx, "'/%.*s' adds '%.*s' to the search path, which is not in the image: it is left out",
                    STR_ARG(path), STR_ARG(line->text));
            return 0;
        }
        buf_add_str(out, place);
    }
    buf_add_char(out, '\n');
    return buf_check(out, err);
}

/* Comments and blank lines go; a file that says the same as before stays byte for byte. */
static int place_pth(struct python_placing *placing, const struct project_file *file, struct python_placed *placed,
                     struct err *err)
{
    struct str text;
    struct python_pth_line *lines;
    size_t count;
    int r = python_place_text(placing, file, LIMIT_PYTHON_TEXT_BYTES, &text, err);
    if (r == 0)
        r = python_pth_read(text, placing->ctx->arena, &lines, &count, err);
    if (r < 0)
        return err_wrap(err, "'/%.*s'", STR_ARG(placed->path));
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct buf same CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; r == 0 && i < count; i++) {
        buf_add_str(&same, lines[i].text);
        buf_add_char(&same, '\n');
        r = place_pth_line(placing, &lines[i], placed->path, &out, err);
    }
    if (r == 0)
        r = buf_check(&same, err);
    return r == 0 && !str_eq(buf_str(&out), buf_str(&same)) ? keep(placing, &out, placed, err) : r;
}

/* Every place that TEXT names, in code or data that is read as text. */
static int place_text(struct python_placing *placing, const struct project_file *file, struct python_placed *placed,
                      struct err *err)
{
    struct str text;
    int r = python_place_text(placing, file, LIMIT_PYTHON_TEXT_BYTES, &text, err);
    if (r < 0)
        return r;
    struct buf out CLEANUP_BUF = BUF_INIT;
    size_t count = replace_places(placing, text, &out);
    return out.failed || count > 0 ? keep(placing, &out, placed, err) : 0;
}

/* --- which is which */

static struct str script_interpreter(const struct application_python *python)
{
    return python->interpreter.len ? python->interpreter : STR("/usr/bin/python3");
}

int python_place_environment_file(struct python_placing *placing, const struct python_list *list,
                                  const struct project_file *file, struct python_placed *placed, struct err *err)
{
    (void)list;
    const struct python_environment *environment = &placing->python->app.environment;
    bool venv = environment->kind == PYTHON_ENVIRONMENT_VENV;
    struct str dir = path_dir(file->path), name = path_base(file->path);
    struct str site = venv ? environment->site_packages : STR("");
    if (str_eq(dir, STR("bin"))) {
        placed->left_out = venv && file->type != TREE_DIR && is_interpreter_name(name);
        return placed->left_out ? 0 : place_script(placing, file, script_interpreter(placing->python), placed, err);
    }
    if (file->type != TREE_FILE)
        return 0;
    if (venv && str_eq(file->path, STR("pyvenv.cfg"))) {
        placed->left_out = true;
        return 0;
    }
    if (str_eq(dir, site)) {
        enum python_path_file kind = python_path_file(name);
        if (kind == PYTHON_FILE_FINDER)
            return place_text(placing, file, placed, err);
        return kind != PYTHON_FILE_OTHER && kind != PYTHON_FILE_EGG_LINK ? place_pth(placing, file, placed, err) : 0;
    }
    if (!str_ends(dir, STR(".dist-info")) || !str_eq(path_dir(dir), site))
        return 0;
    if (str_eq(name, STR("direct_url.json"))) {
        struct str text;
        int r = python_place_text(placing, file, LIMIT_PYTHON_TEXT_BYTES, &text, err);
        return r == 0 ? python_place_is_local(placing->ctx->arena, text, &placed->left_out, err) : r;
    }
    /* RECORD is written when all else is there; what signs it signs another one. */
    placed->left_out =
        str_eq(name, STR("RECORD")) || str_eq(name, STR("RECORD.jws")) || str_eq(name, STR("RECORD.p7s"));
    return 0;
}

int python_place_interpreter_file(struct python_placing *placing, const struct python_list *list,
                                  const struct project_file *file, struct python_placed *placed, struct err *err)
{
    (void)list;
    struct str name = path_base(file->path);
    if (file->type != TREE_FILE || file->is_elf)
        return 0;
    if (str_eq(path_dir(file->path), STR("bin")))
        return place_script(placing, file, placing->python->program, placed, err);
    bool describes_build = str_starts(name, STR("_sysconfigdata_")) || str_eq(name, STR("build-details.json"));
    return describes_build && file->size_bytes <= LIMIT_PYTHON_TEXT_BYTES ? place_text(placing, file, placed, err) : 0;
}

int python_place_interpreter_links(struct tree *tree, const struct application_python *python, int64_t mtime,
                                   struct arena *arena, struct err *err)
{
    if (python->app.environment.kind != PYTHON_ENVIRONMENT_VENV)
        return 0;
    struct str library = python->app.environment.library;
    const struct str names[] = {STR("python"), STR("python3"), library.len ? library : STR("python3")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = arena_printf(arena, "%.*s/bin/%.*s", STR_ARG(str_skip(python->environment, 1)), STR_ARG(names[i]));
        if (!path)
            return err_nomem(err);
        struct tree_node node = {.path = str_z(path),
                                 .type = TREE_SYMLINK,
                                 .mode = 0777,
                                 .mtime = mtime,
                                 .target = i == 0 ? python->program : STR("python")};
        int r = tree_put(tree, &node, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int python_place_environment_made(struct python_placing *placing, struct err *err)
{
    const struct application_python *python = placing->python;
    const struct python_environment *environment = &python->app.environment;
    if (environment->kind != PYTHON_ENVIRONMENT_VENV)
        return 0;
    struct arena *arena = placing->ctx->arena;
    struct buf text CLEANUP_BUF = BUF_INIT;
    python_venv_write(&environment->config, path_dir(python->program), &text);
    struct str content = arena_buf(arena, &text);
    char *config = arena_printf(arena, "%.*s/pyvenv.cfg", STR_ARG(str_skip(placing->environment, 1)));
    char *link = arena_printf(arena, "%.*s/bin/python", STR_ARG(str_skip(placing->environment, 1)));
    if (!content.ptr || !config || !link)
        return err_nomem(err);
    struct tree *tree = placing->app->dependencies;
    int r = python_place_made(placing, tree, str_z(config), content, err);
    if (r == 0) /* with the directories above it */
        r = python_place_link(placing, tree, str_z(link), python->program, err);
    return r == 0 ? python_place_interpreter_links(tree, python, placing->options->source_date_epoch, arena, err) : r;
}
