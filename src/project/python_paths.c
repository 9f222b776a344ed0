/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python_reading.h"

#include "base/vec.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct str python_join(struct arena *arena, struct str dir, struct str name)
{
    if (dir.len == 0)
        return arena_str(arena, name);
    if (name.len == 0)
        return arena_str(arena, dir);
    return str_z(
        arena_printf(arena, "%.*s%s%.*s", STR_ARG(dir), dir.ptr[dir.len - 1] == '/' ? "" : "/", STR_ARG(name)));
}

/* Without memory of its own, so that a lack of it is no answer. */
static bool has_mode(struct str dir, struct str name, mode_t mode)
{
    char path[PATH_MAX];
    const char *slash = name.len && dir.len && dir.ptr[dir.len - 1] != '/' ? "/" : "";
    int len = snprintf(path, sizeof(path), "%.*s%s%.*s", STR_ARG(dir), slash, STR_ARG(name));
    struct stat st;
    return len > 0 && (size_t)len < sizeof(path) && sys_stat(AT_FDCWD, path, &st, 0) == 0 &&
           (st.st_mode & S_IFMT) == mode;
}

bool python_is_directory(struct str dir, struct str name)
{
    return has_mode(dir, name, S_IFDIR);
}

bool python_is_file(struct str dir, struct str name)
{
    return has_mode(dir, name, S_IFREG);
}

struct str python_real(struct arena *arena, struct str path)
{
    char real[PATH_MAX];
    struct str found = STR_NONE, copy = arena_str(arena, path);
    if (copy.ptr && !realpath(copy.ptr, real))
        return STR_NONE;
    if (copy.ptr)
        found = arena_str(arena, str_z(real));
    if (!found.ptr)
        errno = ENOMEM;
    return found;
}

int python_names(const struct op_ctx *ctx, struct str dir, struct str_list *ret_names, struct err *err)
{
    VEC(struct str) names = {0};
    int fd = sys_open(AT_FDCWD, dir.ptr, O_RDONLY | O_DIRECTORY, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        int errnum = errno;
        if (fd >= 0)
            close(fd);
        err_errno(err, errnum, "cannot read the directory '%.*s'", STR_ARG(dir));
        return errnum == EACCES ? err_hint(err, "make it readable for you") : err_hint(err, "check the path");
    }
    int r = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        struct str name = arena_str(ctx->arena, str_z(entry->d_name));
        if (!name.ptr || !VEC_PUSH(&names, name))
            r = err_nomem(err);
    }
    closedir(stream);
    struct str *list = r == 0 ? ARENA_ARRAY(ctx->arena, names.len + 1, struct str) : NULL;
    if (r == 0 && !list)
        r = err_nomem(err);
    if (r == 0) {
        if (names.len) {
            memcpy(list, names.ptr, names.len * sizeof(*list));
            str_sort(list, names.len);
        }
        *ret_names = (struct str_list){list, names.len};
    }
    VEC_DONE(&names);
    return r;
}

int python_read_text(const struct op_ctx *ctx, struct str dir, struct str name, uint64_t limit, struct str *ret_text,
                     struct err *err)
{
    struct str path = python_join(ctx->arena, dir, name);
    if (!path.ptr)
        return err_nomem(err);
    struct buf text CLEANUP_BUF = BUF_INIT;
    int r = file_read_all(AT_FDCWD, path.ptr, limit, &text, err);
    if (r < 0)
        return r;
    struct str taken = arena_take_buf(ctx->arena, &text);
    if (!taken.ptr)
        return err_nomem(err);
    *ret_text = taken;
    return 0;
}
