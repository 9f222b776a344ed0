/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/status.h"

#include "base/limits.h"
#include "base/vec.h"
#include "pkg/deb822.h"
#include "pkg/version.h"

#include <stdlib.h>

#define MD5_HEX_LEN 32

/* The name becomes the name of a file: policy's characters, so neither a slash nor a leading dot. */
static bool name_is_valid(struct str name)
{
    if (name.len < 2 || name.len > 200 || !char_is_alnum(name.ptr[0]))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && !str_has_char(STR("+-."), name.ptr[i]))
            return false;
    return true;
}

static int read_package(struct str control, struct status_package *package, struct err *err)
{
    struct deb822_paragraph paragraph;
    int rc = deb822_read_one(control, DEB822_PLAIN, "control", &paragraph, err);
    if (rc)
        return rc;
    package->name = deb822_get(&paragraph, STR("Package"));
    package->version = deb822_get(&paragraph, STR("Version"));
    package->architecture = deb822_get(&paragraph, STR("Architecture"));
    if (!name_is_valid(package->name))
        return err_set(err, ERR_INVALID, "bad package name '%.*s' in 'control'", STR_ARG(str_head(package->name, 80)));
    if (!name_is_valid(package->architecture))
        return err_set(err, ERR_INVALID, "bad architecture '%.*s' of package '%.*s'",
                       STR_ARG(str_head(package->architecture, 80)), STR_ARG(package->name));
    rc = version_validate(package->version, err);
    return rc ? err_wrap(err, "package '%.*s'", STR_ARG(package->name)) : 0;
}

int status_record(struct str control, struct buf *out, struct status_package *ret_package, struct err *err)
{
    if (control.len > LIMIT_CONTROL_BYTES)
        return err_set(err, ERR_LIMIT, "'control' is larger than %llu bytes", LIMIT_CONTROL_BYTES);
    struct status_package package;
    int rc = buf_check(out, err);
    if (!rc)
        rc = read_package(control, &package, err);
    if (rc)
        return rc;
    size_t start = out->len;
    for (struct str line; str_next_line(&control, &line);) {
        line = str_trim_right(line);
        if (line.len == 0)
            continue;
        if (line.ptr[0] == '\t') {
            buf_add_char(out, ' ');
            line = str_skip(line, 1);
        }
        buf_add_str(out, line);
        buf_add_char(out, '\n');
    }
    rc = buf_check(out, err);
    if (rc)
        buf_truncate(out, start);
    else
        *ret_package = package;
    return rc;
}

void status_merged_path(struct buf *out, struct str path)
{
    static const struct str moved[] = {STR_INIT("bin"),    STR_INIT("lib"),    STR_INIT("lib32"), STR_INIT("lib64"),
                                       STR_INIT("libo32"), STR_INIT("libx32"), STR_INIT("sbin")};
    struct str top = str_head(path, str_find_char(path, '/'));
    for (size_t i = 0; i < ARRAY_LEN(moved); i++)
        if (str_eq(top, moved[i]))
            buf_add_z(out, "usr/");
    buf_add_str(out, path);
}

/* A line that ships; its path lies in the text of all paths. */
struct shipped {
    struct str md5;
    size_t path;
    size_t path_len;
};

struct shipped_list {
    struct shipped *ptr;
    size_t len;
    size_t cap;
    struct buf paths;
};

static void shipped_done(struct shipped_list *list)
{
    VEC_DONE(list);
    buf_done(&list->paths);
}

static struct str path_of(const struct shipped_list *list, const struct shipped *shipped)
{
    return str_of(list->paths.ptr + shipped->path, shipped->path_len);
}

static int compare_shipped(const void *a, const void *b, void *list)
{
    int order = str_cmp(path_of(list, a), path_of(list, b));
    return order ? order : str_cmp(((const struct shipped *)a)->md5, ((const struct shipped *)b)->md5);
}

/* "<32 hex digits>  <path>", as md5sum(1) writes it. */
static bool split_line(struct str line, struct str *ret_md5, struct str *ret_path)
{
    struct str path = str_skip(line, MD5_HEX_LEN);
    if (path.len < 3 || path.ptr[0] != ' ' || (path.ptr[1] != ' ' && path.ptr[1] != '*'))
        return false;
    for (size_t i = 0; i < MD5_HEX_LEN; i++)
        if (!char_is_digit(line.ptr[i]) && !(char_lower(line.ptr[i]) >= 'a' && char_lower(line.ptr[i]) <= 'f'))
            return false;
    path = str_skip(path, 2);
    while (str_starts(path, STR("./")))
        path = str_skip(path, 2);
    *ret_md5 = str_head(line, MD5_HEX_LEN);
    *ret_path = path;
    return path.len > 0;
}

static int add_line(struct str line, bool merged_usr, status_ships_fn *ships, void *self, struct shipped_list *list,
                    struct err *err)
{
    struct shipped shipped = {.path = list->paths.len};
    struct str path;
    if (!split_line(line, &shipped.md5, &path))
        return err_set(err, ERR_INVALID, "can't understand '%.*s' in 'md5sums'", STR_ARG(str_head(line, 80)));
    if (merged_usr)
        status_merged_path(&list->paths, path);
    else
        buf_add_str(&list->paths, path);
    int rc = buf_check(&list->paths, err);
    if (rc)
        return rc;
    shipped.path_len = list->paths.len - shipped.path;
    if (ships && !ships(self, path_of(list, &shipped))) {
        buf_truncate(&list->paths, shipped.path);
        return 0;
    }
    return VEC_PUSH(list, shipped) ? 0 : err_nomem(err);
}

int status_md5sums(struct str md5sums, bool merged_usr, status_ships_fn *ships, void *self, struct buf *out,
                   struct err *err)
{
    CLEANUP(shipped_done) struct shipped_list list = {0};
    int rc = buf_check(out, err);
    for (struct str line; !rc && str_next_line(&md5sums, &line);)
        if (line.len > 0)
            rc = add_line(line, merged_usr, ships, self, &list, err);
    if (rc)
        return rc;
    if (list.len > 0)
        qsort_r(list.ptr, list.len, sizeof(*list.ptr), compare_shipped, &list);
    size_t start = out->len;
    for (size_t i = 0; i < list.len; i++) {
        buf_add_str(out, list.ptr[i].md5);
        buf_add_z(out, "  ");
        buf_add_str(out, path_of(&list, &list.ptr[i]));
        buf_add_char(out, '\n');
    }
    rc = buf_check(out, err);
    if (rc)
        buf_truncate(out, start);
    return rc;
}
