/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"
#include "base/path.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/base_python.h"
#include "python/mentions.h"

#include <stdio.h>

/* Changes whenever the same package would be read otherwise. */
#define MENTIONS_FORMAT "barehull-mentions 2"

#define FINDS "ctypes.util.find_library" /* a line of its own among the modules: no top-level name has a dot */

/* What a package mentions is kept as lines: module names, and FINDS. */
struct gathering {
    const struct op_ctx *ctx;
    struct store *store;
    struct supply *supply;
    unsigned version;
    struct map names;
    bool finds_libraries;
};

/* NAME is copied into ARENA. */
static int note(struct map *names, struct arena *arena, struct str name, struct err *err)
{
    if (name.len == 0 || map_has(names, name))
        return 0;
    struct str kept = arena_str(arena, name);
    return kept.ptr && map_set(names, kept, names) ? 0 : err_nomem(err);
}

static int read_source(const struct gathering *gathering, struct str text, struct map *names, struct arena *arena,
                       struct err *err)
{
    struct arena scratch CLEANUP_ARENA = ARENA_INIT;
    struct python_imports imports;
    if (str_find(text, STR("import")) == text.len)
        return 0;
    struct err problem = ERR_INIT;
    int r = python_imports_scan(text, gathering->version, &scratch, &imports, &problem);
    if (r == -(int)ERR_LIMIT) /* a generated table, larger than what anybody writes */
        return 0;
    if (r < 0) {
        if (err)
            *err = problem;
        return r;
    }
    for (uint32_t i = 0; r == 0 && i < imports.count; i++)
        if (python_import_mentions(&imports.items[i]))
            r = note(names, arena, python_module_top(imports.items[i].module), err);
    return r == 0 && python_looks_for_libraries(text, &imports) ? note(names, arena, STR(FINDS), err) : r;
}

static int read_extension(struct str bytes, struct map *names, struct arena *arena, struct err *err)
{
    int r = 0;
    struct str name;
    for (size_t i = 0; r == 0 && (name = python_extension_name(i)).len > 0; i++)
        if (python_extension_mentions(bytes, name))
            r = note(names, arena, name, err);
    return r;
}

/* Programs of packages are Python too: usr/bin/gunicorn. */
static bool is_source(const struct tree_node *entry)
{
    return str_ends(entry->path, STR(".py")) ||
           (path_is_below(entry->path, STR("usr/bin")) && str_starts(entry->content, STR("#!")) &&
            str_find(str_head(entry->content, str_find_char(entry->content, '\n')), STR("python")) < 64);
}

static int sorted(const struct map *names, struct arena *arena, struct str_list *ret_list, struct err *err)
{
    struct str *list = ARENA_ARRAY(arena, names->len + 1, struct str);
    if (!list)
        return err_nomem(err);
    for (size_t i = 0; i < names->len; i++)
        list[i] = names->entries[i].key;
    str_sort(list, names->len);
    *ret_list = (struct str_list){list, names->len};
    return 0;
}

/* Appends what PACKAGE mentions, as lines. */
static int scan_package(const struct gathering *gathering, const struct supplied *package, struct buf *lines,
                        struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct map names CLEANUP_MAP = MAP_INIT;
    struct str_list list = {0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < package->deb.entry_count; i++) {
        const struct tree_node *entry = &package->deb.entries[i];
        if (entry->type != TREE_FILE || !entry->content.ptr)
            continue;
        if (is_source(entry))
            r = read_source(gathering, entry->content, &names, &arena, err);
        else if (str_ends(entry->path, STR(".so")) && str_find(entry->path, STR("/python3")) < entry->path.len)
            r = read_extension(entry->content, &names, &arena, err);
        if (r == 0)
            r = op_check(gathering->ctx, err);
    }
    if (r == 0)
        r = sorted(&names, &arena, &list, err);
    for (size_t i = 0; r == 0 && i < list.len; i++)
        buf_addf(lines, "%.*s\n", STR_ARG(list.ptr[i]));
    return r == 0 ? buf_check(lines, err) : err_wrap(err, "the package '%.*s'", STR_ARG(package->record.name));
}

static void package_key(const struct gathering *gathering, const struct package *package, char hex[DIGEST_TEXT_MAX])
{
    char own[DIGEST_TEXT_MAX], text[DIGEST_TEXT_MAX + 64];
    int len =
        snprintf(text, sizeof(text), MENTIONS_FORMAT " %x %s", gathering->version, digest_hex(&package->digest, own));
    struct digest digest = digest_of(DIGEST_SHA256, str_of(text, (size_t)len));
    digest_hex(&digest, hex);
}

static int take_lines(struct gathering *gathering, struct str lines, struct err *err)
{
    struct str line;
    int r = 0;
    while (r == 0 && str_next_line(&lines, &line)) {
        if (str_eq(line, STR(FINDS)))
            gathering->finds_libraries = true;
        else
            r = note(&gathering->names, gathering->ctx->arena, line, err);
    }
    return r;
}

static int scan_missing(struct gathering *gathering, const struct package *packages, size_t count, struct err *err)
{
    int r = supply_fetch(gathering->supply, packages, count, err);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct buf lines CLEANUP_BUF = BUF_INIT;
        char key[DIGEST_TEXT_MAX];
        package_key(gathering, &packages[i], key);
        r = scan_package(gathering, supply_get(gathering->supply, packages[i].name), &lines, err);
        if (r == 0)
            r = store_put(gathering->store, "mentions", key, buf_str(&lines), err);
        if (r == 0)
            r = take_lines(gathering, buf_str(&lines), err);
    }
    return r;
}

/* The interpreter's own packages: neither they nor the libraries that they depend on tell what is needed. */
static int interpreter_names(const struct gathering *gathering, struct str_list *ret_names, struct err *err)
{
    static const char *const names[] = {"python3",
                                        "python3-minimal",
                                        "libpython3-stdlib",
                                        "python3.%u",
                                        "python3.%u-minimal",
                                        "libpython3.%u-minimal",
                                        "libpython3.%u-stdlib"};
    struct arena *arena = gathering->ctx->arena;
    struct str *list = ARENA_ARRAY(arena, ARRAY_LEN(names), struct str);
    if (!list)
        return err_nomem(err);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str name = str_z(names[i]);
        size_t mark = str_find_char(name, '%');
        char *text = mark == name.len ? arena_printf(arena, "%s", names[i])
                                      : arena_printf(arena, "%.*s%u%s", (int)mark, name.ptr, gathering->version & 0xffU,
                                                     names[i] + mark + 2);
        if (!text)
            return err_nomem(err);
        list[i] = str_z(text);
    }
    *ret_names = (struct str_list){list, ARRAY_LEN(names)};
    return 0;
}

static bool has_name(struct str_list list, struct str name)
{
    for (size_t i = 0; i < list.len; i++)
        if (str_eq(list.ptr[i], name))
            return true;
    return false;
}

static int gather(struct gathering *gathering, struct str_list packages, struct err *err)
{
    struct resolution resolved = {0};
    struct str_list own;
    int r = interpreter_names(gathering, &own, err);
    if (r == 0)
        r = supply_resolve_beyond(gathering->supply, packages.ptr, packages.len, own, &resolved, err);
    struct package *missing = r == 0 ? ARENA_ARRAY(gathering->ctx->arena, resolved.count + 1, struct package) : NULL;
    if (r == 0 && !missing)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; r == 0 && i < resolved.count; i++) {
        const struct package *package = &resolved.packages[i].package;
        char key[DIGEST_TEXT_MAX];
        struct str lines;
        if (has_name(own, package->name))
            continue;
        package_key(gathering, package, key);
        if (!store_map(gathering->store, "mentions", key, &lines)) {
            missing[count++] = *package;
            continue;
        }
        r = take_lines(gathering, lines, err);
        file_unmap(lines);
    }
    return r == 0 && count ? scan_missing(gathering, missing, count, err) : r;
}

int base_python_mentions(const struct op_ctx *ctx, struct store *store, struct supply *supply, struct str_list packages,
                         unsigned version, struct base_python_mentions *ret_mentions, struct err *err)
{
    struct gathering gathering = {.ctx = ctx, .store = store, .supply = supply, .version = version};
    struct base_python_mentions mentions = {0};
    int r = packages.len ? gather(&gathering, packages, err) : 0;
    if (r == 0)
        r = sorted(&gathering.names, ctx->arena, &mentions.modules, err);
    mentions.finds_libraries = gathering.finds_libraries;
    map_done(&gathering.names);
    if (r == 0)
        *ret_mentions = mentions;
    return r;
}

int base_python_join(struct arena *arena, struct str_list a, struct str_list b, struct str_list *ret_list,
                     struct err *err)
{
    struct str *all = ARENA_ARRAY(arena, a.len + b.len + 1, struct str);
    if (!all)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < a.len; i++)
        all[count++] = a.ptr[i];
    for (size_t i = 0; i < b.len; i++)
        all[count++] = b.ptr[i];
    *ret_list = (struct str_list){all, str_sort_unique(all, count)};
    return 0;
}
