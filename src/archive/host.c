/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/host.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct name_list {
    char **ptr;
    size_t len, cap;
};

static void names_done(struct name_list *names)
{
    for (size_t i = 0; i < names->len; i++)
        mem_free(names->ptr[i]);
    VEC_DONE(names);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* File names as apt takes them: letters, digits, "_-.", and not a hidden file. */
static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && !str_has_char(STR("_-."), name.ptr[i]))
            return false;
    return name.len > 0 && name.ptr[0] != '.';
}

static bool has_suffix(struct str name, const char *const *suffixes)
{
    for (; *suffixes; suffixes++)
        if (str_ends(name, str_z(*suffixes)))
            return true;
    return false;
}

/* Names in DIR that end in one of SUFFIXES, in byte order; none when it is not there. */
static int list_dir(const char *dir, const char *const *suffixes, struct name_list *names, struct err *err)
{
    DIR *handle = opendir(dir);
    if (!handle)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, errno, "can't read '%s'", dir);
    int rc = 0;
    for (struct dirent *entry; rc == 0 && (entry = readdir(handle));) {
        struct str name = str_z(entry->d_name);
        if (!is_plain_name(name) || !has_suffix(name, suffixes))
            continue;
        char *copy = mem_dup(name.ptr, name.len);
        if (!copy || !VEC_PUSH(names, copy)) {
            mem_free(copy);
            rc = err_nomem(err);
        }
    }
    closedir(handle);
    if (rc == 0 && names->len > 1)
        qsort(names->ptr, names->len, sizeof(*names->ptr), compare_names);
    return rc;
}

/* The text of PATH, in ARENA; empty when it is not there. */
static int read_text(const char *path, struct arena *arena, struct str *ret_text, struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    *ret_text = STR_NONE;
    int rc = file_read_all(AT_FDCWD, path, LIMIT_SOURCES_BYTES, &text, err);
    if (rc == -ERR_NOT_FOUND)
        return 0;
    if (rc != 0)
        return rc;
    *ret_text = arena_buf(arena, &text);
    return ret_text->ptr ? 0 : err_nomem(err);
}

/* Calls FN with the text of FILE and of each file of DIR, DIR first when DIR_FIRST. */
struct reading {
    const char *root;
    struct str architecture;
    struct arena *arena;
    struct host_sources *host;
};
typedef int take_fn(struct reading *reading, const char *path, struct str text, struct err *err);

static int take_file(struct reading *reading, const char *path, take_fn *take, struct err *err)
{
    struct str text;
    int rc = read_text(path, reading->arena, &text, err);
    return rc == 0 && text.len > 0 ? take(reading, path, text, err) : rc;
}

static int take_dir(struct reading *reading, const char *dir, const char *const *suffixes, take_fn *take,
                    struct err *err)
{
    struct name_list names CLEANUP(names_done) = {0};
    const char *path = arena_printf(reading->arena, "%s/%s", reading->root, dir);
    int rc = path ? list_dir(path, suffixes, &names, err) : err_nomem(err);
    for (size_t i = 0; i < names.len && rc == 0; i++) {
        const char *file = arena_printf(reading->arena, "%s/%s", path, names.ptr[i]);
        rc = file ? take_file(reading, file, take, err) : err_nomem(err);
    }
    return rc;
}

static int take_root_file(struct reading *reading, const char *name, take_fn *take, struct err *err)
{
    const char *path = arena_printf(reading->arena, "%s/%s", reading->root, name);
    return path ? take_file(reading, path, take, err) : err_nomem(err);
}

static int take_sources(struct reading *reading, const char *path, struct str text, struct err *err)
{
    return sources_parse(text, str_z(path), reading->architecture, reading->arena, &reading->host->sources, err);
}

/* --- apt.conf -------------------------------------------------------------------------------------------------- */

/* One token of apt.conf(5): a word, a quoted text, or one of "{ } ;"; comments are passed over. */
static bool next_token(struct str *rest, struct str *ret_token, bool *ret_quoted)
{
    *ret_quoted = false;
    for (;;) {
        *rest = str_trim_left(*rest);
        if (rest->len == 0)
            return false;
        bool line = rest->ptr[0] == '#' || str_starts(*rest, STR("//"));
        if (str_starts(*rest, STR("/*"))) {
            struct str comment = str_skip(*rest, 2);
            *rest = str_skip(comment, str_find(comment, STR("*/")) + 2);
        } else if (line) {
            *rest = str_skip(*rest, str_find_char(*rest, '\n'));
        } else {
            break;
        }
    }
    size_t len = 1;
    if (rest->ptr[0] == '"') {
        *ret_quoted = true;
        struct str text = str_skip(*rest, 1);
        *ret_token = str_head(text, str_find_char(text, '"'));
        *rest = str_skip(text, ret_token->len + 1);
        return true;
    }
    if (!str_has_char(STR("{};"), rest->ptr[0]))
        while (len < rest->len && !char_is_space(rest->ptr[len]) && !str_has_char(STR("{};\""), rest->ptr[len]))
            len++;
    *ret_token = str_head(*rest, len);
    *rest = str_skip(*rest, len);
    return true;
}

enum { CONF_DEPTH_MAX = 16 };

bool host_apt_setting(struct str text, struct str key, struct str *ret_value)
{
    /* KEY's part that each open brace stands for; a brace under another name opens a part that can't match. */
    size_t matched[CONF_DEPTH_MAX + 1] = {0};
    size_t depth = 0, too_deep = 0;
    bool found = false, quoted;
    struct str token, name = STR_NONE, value = STR_NONE;
    while (next_token(&text, &token, &quoted)) {
        char sign = !quoted && token.len == 1 ? token.ptr[0] : '\0';
        struct str wanted = matched[depth] <= key.len ? str_skip(key, matched[depth]) : STR_NONE;
        if (sign == '{') {
            bool inside = matched[depth] <= key.len && name.len + 2 < wanted.len &&
                          str_eq_fold(str_head(wanted, name.len), name) &&
                          str_eq_z(str_head(str_skip(wanted, name.len), 2), "::");
            size_t next = inside ? matched[depth] + name.len + 2 : SIZE_MAX;
            if (depth == CONF_DEPTH_MAX) {
                too_deep++;
            } else {
                matched[depth + 1] = name.len > 0 ? next : matched[depth];
                depth++;
            }
            name = STR_NONE;
        } else if (sign == '}') {
            if (too_deep > 0)
                too_deep--;
            else if (depth > 0)
                depth--;
            name = STR_NONE;
        } else if (sign == ';') {
            if (name.len > 0 && wanted.len > 0 && too_deep == 0 && str_eq_fold(name, wanted)) {
                *ret_value = value;
                found = true;
            }
            name = value = STR_NONE;
        } else if (name.len == 0) {
            name = token;
        } else {
            value = token;
        }
    }
    return found;
}

static int take_conf(struct reading *reading, const char *path, struct str text, struct err *err)
{
    (void)err;
    struct str value, name = path_base(str_z(path));
    if (str_has_char(name, '.') && !str_ends(name, STR(".conf")))
        return 0; /* "x.dpkg-old" and the like */
    static const struct str no[] = {STR_INIT("false"), STR_INIT("no"),      STR_INIT("off"),
                                    STR_INIT("0"),     STR_INIT("without"), STR_INIT("disable")};
    if (!host_apt_setting(text, STR("Acquire::Check-Valid-Until"), &value))
        return 0;
    reading->host->ignore_valid_until = false;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_eq_fold(value, no[i]))
            reading->host->ignore_valid_until = true;
    return 0;
}

/* --- mirror+file: ---------------------------------------------------------------------------------------------- */

/* The first address in the file of a "mirror+file:" source takes its place. */
static int resolve_mirror_file(struct reading *reading, struct source *source, struct err *err)
{
    struct str scheme = STR("mirror+file:");
    if (!str_starts(source->uri, scheme))
        return 0;
    struct str path = str_skip(source->uri, scheme.len);
    while (str_ends(path, STR("/")))
        path = str_head(path, path.len - 1);
    const char *file = arena_printf(reading->arena, "%s%.*s", reading->root, STR_ARG(path));
    struct str text, line, word;
    int rc = file ? read_text(file, reading->arena, &text, err) : err_nomem(err);
    if (rc != 0)
        return rc;
    while (str_next_line(&text, &line)) {
        if (!str_next_word(&line, &word) || !str_starts(word, STR("http")))
            continue;
        const char *uri = arena_printf(reading->arena, "%.*s%s", STR_ARG(word), str_ends(word, STR("/")) ? "" : "/");
        if (!uri)
            return err_nomem(err);
        source->uri = str_z(uri);
        return 0;
    }
    return 0;
}

int host_sources_read(const char *root, struct str architecture, struct arena *arena, struct host_sources *ret_host,
                      struct err *err)
{
    static const char *const source_suffixes[] = {".list", ".sources", NULL};
    static const char *const any_suffix[] = {"", NULL};
    struct host_sources host = {.sources = SOURCE_LIST_INIT};
    struct reading reading = {.root = root, .architecture = architecture, .arena = arena, .host = &host};
    int rc = take_root_file(&reading, "etc/apt/sources.list", take_sources, err);
    if (rc == 0)
        rc = take_dir(&reading, "etc/apt/sources.list.d", source_suffixes, take_sources, err);
    for (size_t i = 0; i < host.sources.len && rc == 0; i++)
        rc = resolve_mirror_file(&reading, &host.sources.ptr[i], err);
    if (rc == 0)
        rc = take_dir(&reading, "etc/apt/apt.conf.d", any_suffix, take_conf, err);
    if (rc == 0)
        rc = take_root_file(&reading, "etc/apt/apt.conf", take_conf, err);
    if (rc != 0) {
        source_list_done(&host.sources);
        return rc;
    }
    *ret_host = host;
    return 0;
}
