/* SPDX-License-Identifier: Apache-2.0 */
/* Where a module lies, below which root, and who makes its application object. */
#include "base/path.h"
#include "project/python_entry.h"

#define FOLLOW_DEPTH 8  /* modules that hand an object on to each other */
#define ROOT_DEPTH   16 /* directories above a file that may be its root */

unsigned python_app_version(const struct python_app *app)
{
    const struct python_interpreter *interpreter = &app->program.interpreter;
    return interpreter->major ? interpreter->major << 8 | (interpreter->minor & 0xff) : 0;
}

bool python_has_distribution(const struct python_app *app, struct str_list more, struct str name)
{
    for (size_t i = 0; i < app->distribution_count; i++) {
        if (!app->distributions[i].dropped && str_eq(app->distributions[i].normalized, name))
            return true;
    }
    for (size_t i = 0; i < more.len; i++) {
        if (str_eq(more.ptr[i], name))
            return true;
    }
    return false;
}

size_t python_files_from(const struct project_files *files, struct str prefix)
{
    size_t low = 0, high = files->len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (str_cmp(files->ptr[mid].path, prefix) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The file that ships at "DIR/NAME/MORE" (each may be empty), or NULL. */
static const struct project_file *file_at(const struct project_files *files, struct str dir, struct str name,
                                          const char *more, struct buf *path)
{
    buf_reset(path);
    buf_add_str(path, dir);
    if (dir.len > 0 && (name.len > 0 || more[0] == '/'))
        buf_add_char(path, '/');
    buf_add_str(path, name);
    buf_add_z(path, name.len == 0 && more[0] == '/' ? more + 1 : more);
    if (path->failed)
        return NULL;
    size_t at = python_files_from(files, buf_str(path));
    bool same = at < files->len && str_eq(files->ptr[at].path, buf_str(path));
    return same && !files->ptr[at].dropped && files->ptr[at].type == TREE_FILE ? &files->ptr[at] : NULL;
}

/* True when something that ships lies below DIR/NAME. */
static bool has_below(const struct project_files *files, struct str dir, struct str name, struct buf *path)
{
    buf_reset(path);
    buf_add_str(path, dir);
    if (dir.len > 0)
        buf_add_char(path, '/');
    buf_add_str(path, name);
    buf_add_char(path, '/');
    if (path->failed)
        return false;
    for (size_t at = python_files_from(files, buf_str(path)); at < files->len; at++) {
        if (!str_starts(files->ptr[at].path, buf_str(path)))
            return false;
        if (!files->ptr[at].dropped && str_ends(files->ptr[at].path, STR(".py")))
            return true;
    }
    return false;
}

/* The top-level module TOP lies below ROOT of the project. */
static bool has_top(const struct python_app *app, struct str root, struct str top, struct buf *path)
{
    return file_at(&app->files, root, top, ".py", path) || has_below(&app->files, root, top, path);
}

static int locate_below(const struct project_files *files, struct str root, struct str module, struct arena *arena,
                        bool *ret_found, struct python_located *ret, struct err *err)
{
    CLEANUP_BUF struct buf name = BUF_INIT, path = BUF_INIT;
    for (size_t i = 0; i < module.len; i++)
        buf_add_char(&name, module.ptr[i] == '.' ? '/' : module.ptr[i]);
    const struct project_file *file = file_at(files, root, buf_str(&name), "/__init__.py", &path);
    bool package = file != NULL;
    if (!file)
        file = file_at(files, root, buf_str(&name), ".py", &path);
    bool found = file || has_below(files, root, buf_str(&name), &path);
    if (name.failed || path.failed)
        return err_nomem(err);
    *ret_found = found;
    if (!found)
        return 0;
    ret->file = file;
    ret->path = file ? file->path : STR_NONE;
    ret->package = package || !file;
    ret->root = root;
    ret->module = arena_str(arena, module);
    return ret->module.ptr ? 0 : err_nomem(err);
}

int python_locate(const struct python_app *app, struct str root, struct str module, struct arena *arena,
                  bool *ret_found, struct python_located *ret, struct err *err)
{
    struct str roots[] = {root, STR(""), STR("src")};
    struct python_located located = {0}, bare = {0};
    bool found = false, any = false;
    int result = 0;
    for (size_t i = 0; i < ARRAY_LEN(roots) + 1 && result == 0 && !located.file; i++) {
        bool installed = i == ARRAY_LEN(roots);
        result =
            locate_below(installed ? &app->environment.files : &app->files,
                         installed ? app->environment.site_packages : roots[i], module, arena, &found, &located, err);
        if (result == 0 && found)
            located.installed = installed;
        if (result == 0 && found && !any)
            bare = located;
        any |= result == 0 && found;
    }
    if (result < 0)
        return result;
    *ret_found = any;
    if (any)
        *ret = located.file ? located : bare;
    struct str site = app->environment.site_packages;
    if (any && ret->installed) {
        ret->root = STR_NONE;
        ret->path = str_skip(ret->path, ret->path.len && site.len ? site.len + 1 : 0);
    }
    return 0;
}

/* How well ROOT fits as the root of a file in DIR with IMPORTS; below 0: it does not. */
static int fit(const struct python_app *app, const struct python_imports *imports, struct str settings, struct str root,
               struct str dir, struct buf *path)
{
    struct str inside = str_skip(dir, root.len ? root.len + 1 : 0);
    uint32_t depth = inside.len > 0 ? 1 : 0;
    int score = 0;
    for (size_t i = 0; i < inside.len; i++) {
        depth += inside.ptr[i] == '/' ? 1 : 0;
        if (inside.ptr[i] == '.')
            return -1;
    }
    for (uint32_t i = 0; i < imports->count; i++) {
        const struct python_import *one = &imports->items[i];
        if (one->level > depth)
            return -1;
        if (one->level == 0 && !(one->context & PYTHON_IMPORT_NEVER))
            score += has_top(app, root, python_module_top(one->module), path) ? 1 : 0;
    }
    if (settings.len > 0) {
        struct str top = python_module_top(settings), rest = str_skip(settings, top.len + 1);
        struct str second = python_module_top(rest);
        CLEANUP_BUF struct buf package = BUF_INIT;
        buf_add_str(&package, root);
        buf_add_z(&package, root.len ? "/" : "");
        buf_add_str(&package, top);
        score += second.len == 0 || has_top(app, buf_str(&package), second, path) ? 1000 : 0;
    }
    return score;
}

/* The root for a file in DIR: what its imports resolve in, above the packages that it is in. */
static struct str choose_root(const struct python_app *app, const struct python_imports *imports, struct str settings,
                              struct str dir)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    struct str best = STR(""), root = dir;
    int best_score = -1;
    while (root.len > 0 && file_at(&app->files, root, STR_NONE, "/__init__.py", &path))
        root = path_dir(root);
    best = root;
    for (unsigned i = 0; i < ROOT_DEPTH; i++) {
        int score = fit(app, imports, settings, root, dir, &path);
        bool kept = str_eq_z(best, "src"); /* stands against "" when nothing tells */
        if (score > best_score || (score == best_score && !kept)) {
            best_score = score;
            best = root;
        }
        if (root.len == 0)
            break;
        root = path_dir(root);
    }
    return best;
}

int python_place(const struct python_app *app, const struct project_file *file, struct arena *arena,
                 struct python_located *ret, struct err *err)
{
    struct python_imports imports;
    struct python_framework framework;
    unsigned version = python_app_version(app);
    int result = python_imports_scan(file->content, version, arena, &imports, err);
    if (result == 0)
        result = python_framework_detect(file->content, STR_NONE, version, arena, &framework, err);
    if (result < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(file->path));
    struct str dir = path_dir(file->path), base = path_base(file->path);
    struct python_located located = {.file = file, .path = file->path};
    located.root = choose_root(app, &imports, framework.settings_module, dir);
    located.package = str_eq_z(base, "__init__.py");
    struct str inside =
        located.package ? dir : str_head(file->path, file->path.len - (str_ends(base, STR(".py")) ? 3 : 0));
    inside = str_skip(inside, located.root.len && inside.len > located.root.len ? located.root.len + 1 : 0);
    char *module = arena_z(arena, inside);
    if (!module)
        return err_nomem(err);
    for (size_t i = 0; i < inside.len; i++)
        module[i] = module[i] == '/' ? '.' : module[i];
    located.module = str_of(module, inside.len);
    *ret = located;
    return 0;
}

/* The module that MAKER, a statement of FROM, takes its name from. */
static int locate_maker(const struct python_app *app, const struct python_located *from,
                        const struct python_framework *framework, struct arena *arena, bool *ret_found,
                        struct python_located *ret, struct err *err)
{
    const struct python_import *maker = framework->maker;
    struct str package = from->package ? from->module : str_head(from->module, str_rfind_char(from->module, '.'));
    struct str module;
    if (!from->package && !str_has_char(from->module, '.'))
        package = STR_NONE;
    *ret_found = false;
    int result = python_import_absolute(maker, package, arena, &module, err);
    if (result == -ERR_INVALID) {
        err_set(err, ERR_NONE, "%s", "");
        return 0;
    }
    if (result < 0)
        return result;
    if (maker->name.len > 0 && !str_eq(maker->name, framework->maker_name)) {
        char *member = arena_printf(arena, "%.*s.%.*s", STR_ARG(module), STR_ARG(maker->name));
        if (!member)
            return err_nomem(err);
        module = str_z(member);
    }
    return python_locate(app, from->root, module, arena, ret_found, ret, err);
}

int python_look(const struct python_app *app, const struct python_located *located, struct str object,
                struct arena *arena, struct python_framework *ret_framework, struct err *err)
{
    struct python_framework framework, inner;
    struct python_located place = *located, next;
    unsigned version = python_app_version(app);
    bool found = true;
    int result = python_framework_detect(located->file->content, object, version, arena, &framework, err);
    if (result < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(located->path));
    inner = framework;
    for (unsigned depth = 0; inner.maker && found; depth++) {
        result = locate_maker(app, &place, &inner, arena, &found, &next, err);
        if (result < 0)
            return result;
        found = found && next.file && next.file->content.ptr && depth < FOLLOW_DEPTH;
        if (!found)
            break;
        result = python_framework_detect(next.file->content, inner.maker_name, version, arena, &inner, err);
        if (result < 0)
            return err_wrap(err, "'%.*s'", STR_ARG(next.path));
        found = inner.object.len > 0;
        place = next;
    }
    if (framework.maker && found) {
        framework.framework = inner.framework;
        framework.interface = inner.interface;
        framework.factory = inner.factory && !framework.maker_called;
        framework.settings_module = framework.settings_module.len ? framework.settings_module : inner.settings_module;
    } else if (framework.maker) {
        framework.object = STR_NONE;
        framework.factory = false;
    }
    *ret_framework = framework;
    return 0;
}
