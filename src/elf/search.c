/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/search.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "elf/ldcache.h"

/* A list of paths that grows, and what is in it already. */
struct list {
    const struct elf_search *search;
    struct arena *arena;
    struct map paths;
    struct buf scratch;
};

static int refused(const struct list *list, struct err *err)
{
    if (list->paths.len >= LIMIT_ELF_CANDIDATES)
        return err_set(err, ERR_LIMIT, "more than %d places to look for one library", LIMIT_ELF_CANDIDATES);
    return err_nomem(err);
}

/* Appends the components of PATH, each behind a slash, ".." among them. */
static void add_components(struct buf *out, struct str path)
{
    struct str part;
    while (str_next(&path, '/', &part)) {
        if (part.len == 0 || str_eq(part, STR(".")))
            continue;
        buf_add_char(out, '/');
        buf_add_str(out, part);
    }
}

/* The list gains DIR/NAME; a relative DIR starts from the working directory. False when it is full or memory short. */
static bool add(struct list *list, struct str dir, struct str name)
{
    struct buf *path = &list->scratch;
    buf_reset(path);
    if (dir.len == 0 || dir.ptr[0] != '/')
        add_components(path, list->search->working_dir);
    add_components(path, dir);
    add_components(path, name);
    if (path->failed)
        return false;
    if (path->len > LIMIT_ELF_NAME_BYTES || map_has(&list->paths, buf_str(path)))
        return true;
    if (list->paths.len >= LIMIT_ELF_CANDIDATES)
        return false;
    struct str copy = arena_buf(list->arena, path);
    return copy.ptr && map_set(&list->paths, copy, NULL);
}

/* DIR, below its subdirectories for better processors first. */
static bool add_dir(struct list *list, struct str dir, struct str name)
{
    struct buf sub CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < list->search->hwcap_count; i++) {
        buf_reset(&sub);
        buf_add_str(&sub, dir);
        buf_add_char(&sub, '/');
        buf_add_str(&sub, list->search->hwcaps[i]);
        if (sub.failed || !add(list, buf_str(&sub), name))
            return false;
    }
    return add(list, dir, name);
}

static struct str lib_of(const struct elf_search *search, struct buf *scratch)
{
    const struct elf_machine_info *machine = elf_machine_info(search->machine);
    if (search->style != ELF_SEARCH_DEBIAN)
        return machine->slib.len ? machine->slib : STR("lib");
    buf_add_z(scratch, "lib");
    if (machine->triplet.len) {
        buf_add_char(scratch, '/');
        buf_add_str(scratch, machine->triplet);
    }
    return buf_str(scratch);
}

/* The length of "NAME" or "{NAME}" at the start of TEXT, or 0. */
static size_t token(struct str text, struct str name)
{
    bool braces = text.len > 0 && text.ptr[0] == '{';
    struct str at = str_skip(text, braces);
    if (!str_starts(at, name))
        return 0;
    struct str behind = str_skip(at, name.len);
    char next = behind.len ? behind.ptr[0] : '\0';
    if (braces)
        return next == '}' ? name.len + 2 : 0;
    return char_is_alnum(next) || next == '_' ? 0 : name.len;
}

void elf_search_expand(const struct elf_search *search, struct str origin, struct str text, struct buf *out)
{
    struct buf lib CLEANUP_BUF = BUF_INIT;
    struct str platform = search->platform.len ? search->platform : elf_machine_info(search->machine)->platform;
    const struct {
        struct str name, value;
    } tokens[] = {
        {STR("ORIGIN"), origin},
        {STR("LIB"), lib_of(search, &lib)},
        {STR("PLATFORM"), platform},
    };
    out->failed |= lib.failed;
    while (text.len > 0) {
        size_t plain = str_find_char(text, '$');
        buf_add_str(out, str_head(text, plain));
        text = str_skip(text, plain);
        if (text.len == 0)
            break;
        text = str_skip(text, 1);
        size_t taken = 0;
        for (size_t i = 0; i < ARRAY_LEN(tokens) && !taken; i++) {
            taken = token(text, tokens[i].name);
            if (taken)
                buf_add_str(out, tokens[i].value);
        }
        if (!taken)
            buf_add_char(out, '$');
        text = str_skip(text, taken);
    }
}

/* Each directory of PATHS (colons between), as OWNER means it. */
static bool add_paths(struct list *list, struct str paths, const struct elf_requester *owner, struct str name)
{
    if (paths.len == 0)
        return true;
    struct buf dir CLEANUP_BUF = BUF_INIT;
    struct str part;
    while (str_next(&paths, ':', &part)) {
        buf_reset(&dir);
        elf_search_expand(list->search, path_dir(owner->path), part, &dir);
        if (dir.failed || !add_dir(list, buf_str(&dir), name))
            return false;
    }
    return true;
}

static bool add_library_path(struct list *list, const struct elf_requester *requester, struct str name)
{
    while (requester->loader)
        requester = requester->loader;
    for (size_t i = 0; i < list->search->library_path_count; i++)
        if (!add_paths(list, list->search->library_path[i], requester, name))
            return false;
    return true;
}

size_t elf_search_default_dirs(const struct elf_search *search, struct arena *arena, struct str ret[4])
{
    const struct elf_machine_info *machine = elf_machine_info(search->machine);
    if (search->style == ELF_SEARCH_MUSL) {
        ret[0] = STR("/lib");
        ret[1] = STR("/usr/local/lib");
        ret[2] = STR("/usr/lib");
        return 3;
    }
    bool debian = search->style == ELF_SEARCH_DEBIAN;
    struct str special = debian ? machine->triplet : machine->slib;
    size_t count = 0;
    if (special.len && !str_eq(special, STR("lib"))) {
        ret[0] = str_z(arena_printf(arena, "/%s%.*s", debian ? "lib/" : "", STR_ARG(special)));
        ret[1] = str_z(arena_printf(arena, "/usr/%s%.*s", debian ? "lib/" : "", STR_ARG(special)));
        if (!ret[0].ptr || !ret[1].ptr)
            return 0;
        count = 2;
    }
    ret[count] = STR("/lib");
    ret[count + 1] = STR("/usr/lib");
    return count + 2;
}

static bool below_any(struct str path, const struct str *dirs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (path_is_below(path, dirs[i]))
            return true;
    return false;
}

/* What ld.so.cache answers: its first entry, or the directories that it will list. */
static bool add_cached(struct list *list, struct str name, const struct str *barred, size_t barred_count)
{
    const struct elf_search *search = list->search;
    size_t cursor = 0;
    const struct elf_ldcache_entry *entry =
        search->cache ? elf_ldcache_find(search->cache, name, elf_machine_info(search->machine)->cache_flags, &cursor)
                      : NULL;
    if (entry && !below_any(entry->path, barred, barred_count) && !add(list, STR("/"), entry->path))
        return false;
    for (size_t i = 0; i < search->cached_dir_count; i++)
        if (!below_any(search->cached_dirs[i], barred, barred_count) && !add_dir(list, search->cached_dirs[i], name))
            return false;
    return true;
}

static bool add_defaults(struct list *list, struct str name, const struct str *dirs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!add_dir(list, dirs[i], name))
            return false;
    return true;
}

static bool search_glibc(struct list *list, const struct elf_requester *requester, struct str name)
{
    struct str dirs[4];
    size_t count = elf_search_default_dirs(list->search, list->arena, dirs);
    if (count == 0)
        return false;
    if (!requester->file->has_runpath)
        for (const struct elf_requester *up = requester; up; up = up->loader)
            if (!up->file->has_runpath && !add_paths(list, up->file->rpath, up, name))
                return false;
    bool barred = requester->file->no_default_dirs;
    return add_library_path(list, requester, name) && add_paths(list, requester->file->runpath, requester, name) &&
           add_cached(list, name, dirs, barred ? count : 0) && (barred || add_defaults(list, name, dirs, count));
}

static bool search_musl(struct list *list, const struct elf_requester *requester, struct str name)
{
    struct str dirs[4];
    size_t count = elf_search_default_dirs(list->search, list->arena, dirs);
    if (!add_library_path(list, requester, name))
        return false;
    for (const struct elf_requester *up = requester; up; up = up->loader)
        if (!add_paths(list, up->file->has_runpath ? up->file->runpath : up->file->rpath, up, name))
            return false;
    return add_defaults(list, name, dirs, count);
}

static bool search_name(struct list *list, const struct elf_requester *requester, struct str name)
{
    if (name.len == 0)
        return true;
    if (str_has_char(name, '/'))
        return add(list, name.ptr[0] == '/' ? STR("/") : STR_NONE, name);
    if (list->search->style == ELF_SEARCH_MUSL)
        return search_musl(list, requester, name);
    return search_glibc(list, requester, name);
}

int elf_search_candidates(const struct elf_search *search, const struct elf_requester *requester, struct str name,
                          struct arena *arena, struct elf_paths *ret, struct err *err)
{
    struct buf expanded CLEANUP_BUF = BUF_INIT;
    elf_search_expand(search, path_dir(requester->path), name, &expanded);
    if (expanded.failed)
        return err_nomem(err);
    struct list list = {.search = search, .arena = arena, .paths = MAP_INIT, .scratch = BUF_INIT};
    bool complete = search_name(&list, requester, buf_str(&expanded));
    struct str *paths = complete ? ARENA_ARRAY(arena, list.paths.len, struct str) : NULL;
    int r = complete ? 0 : refused(&list, err);
    if (complete && !paths)
        r = err_nomem(err);
    for (size_t i = 0; paths && i < list.paths.len; i++)
        paths[i] = list.paths.entries[i].key;
    if (!r)
        *ret = (struct elf_paths){paths, list.paths.len};
    map_done(&list.paths);
    buf_done(&list.scratch);
    return r;
}
