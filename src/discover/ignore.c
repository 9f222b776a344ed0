/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/ignore.h"

#include "base/limits.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The patterns of the file NAME in DIRFD; none when it is not there. SHOWN: DIRFD's path. */
static int read_list(const struct op_ctx *ctx, int dirfd, const char *name, struct str shown, struct arena *arena,
                     struct gitignore *ret_list, struct err *err)
{
    *ret_list = (struct gitignore){0};
    CLEANUP_FD int fd = sys_open(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    struct stat st;
    const char *reason = NULL;
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (fd < 0)
        reason = errno == ELOOP ? "it is a symbolic link" : strerror(errno);
    else if (sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        reason = "it is no regular file";
    while (!reason) {
        if (text.len > LIMIT_DISCOVER_IGNORE_BYTES)
            reason = "it is larger than 1 MiB";
        else if (!buf_reserve(&text, 4096))
            return err_nomem(err);
        ssize_t got = reason ? 0 : sys_read(fd, text.ptr + text.len, text.cap - text.len - 1);
        if (got == 0)
            break;
        if (got < 0)
            reason = strerror(errno);
        else
            text.len += (size_t)got;
    }
    if (reason) {
        const char *slash = shown.len > 0 && shown.ptr[shown.len - 1] != '/' ? "/" : "";
        op_warn(ctx, "'%.*s%s%s' is passed over: %s", STR_ARG(shown), slash, name, reason);
        return 0;
    }
    return gitignore_parse(buf_str(&text), arena, ret_list, err);
}

/* The bytes of a small file as a C string without its last line break; false when it can't be had. */
static bool read_line(int dirfd, const char *path, char *ret_text, size_t size)
{
    CLEANUP_FD int fd = sys_open(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    ssize_t got = fd < 0 ? -1 : sys_read(fd, ret_text, size - 1);
    if (got < 0)
        return false;
    ret_text[got] = '\0';
    ret_text[strcspn(ret_text, "\r\n")] = '\0';
    return true;
}

/* A .git that is a file names the directory of a work tree or submodule; that one may name the common one. */
static int read_info_exclude(const struct op_ctx *ctx, int dirfd, bool git_is_dir, struct str shown,
                             struct arena *arena, struct gitignore *ret_list, struct err *err)
{
    if (git_is_dir)
        return read_list(ctx, dirfd, ".git/info/exclude", shown, arena, ret_list, err);
    char line[PATH_MAX], common[PATH_MAX];
    if (!read_line(dirfd, ".git", line, sizeof(line)) || strncmp(line, "gitdir: ", 8) != 0)
        return 0;
    CLEANUP_FD int git = sys_open(dirfd, line + 8, O_RDONLY | O_DIRECTORY | O_NOCTTY, 0);
    if (git < 0)
        return 0;
    if (!read_line(git, "commondir", common, sizeof(common)))
        memcpy(common, ".", 2);
    CLEANUP_FD int top = sys_open(git, common, O_RDONLY | O_DIRECTORY | O_NOCTTY, 0);
    return top < 0 ? 0 : read_list(ctx, top, "info/exclude", str_z(line + 8), arena, ret_list, err);
}

int ignore_level_read(const struct op_ctx *ctx, int dirfd, struct str shown, struct arena *arena,
                      struct ignore_level *ret_level, struct err *err)
{
    struct ignore_level level = {0};
    int r = read_list(ctx, dirfd, ".gitignore", shown, arena, &level.list, err);
    if (r < 0)
        return r;
    struct stat st;
    level.root = sys_stat(dirfd, ".git", &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (level.root)
        r = read_info_exclude(ctx, dirfd, S_ISDIR(st.st_mode), shown, arena, &level.own, err);
    if (r == 0)
        *ret_level = level;
    return r;
}

/* The length of the path of the repository that the directory PATH lies in; 0 outside of one. PATH is real. */
static size_t repository_of(const char *path)
{
    char git[PATH_MAX + 8];
    for (size_t len = strlen(path); len > 0;) {
        struct stat st;
        memcpy(git, path, len);
        memcpy(git + len, "/.git", sizeof("/.git"));
        if (sys_stat(AT_FDCWD, git, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return len;
        while (len > 0 && path[len - 1] != '/')
            len--;
        while (len > 0 && path[len - 1] == '/')
            len--;
    }
    return 0;
}

int ignore_above(const struct op_ctx *ctx, const char *start, struct arena *arena, const struct ignore_level **ret_top,
                 struct str *ret_prefix, struct err *err)
{
    *ret_top = NULL;
    *ret_prefix = STR_NONE;
    char real[PATH_MAX];
    if (!realpath(start, real))
        return 0; /* whoever opens it tells why */
    size_t len = strlen(real), root = repository_of(real);
    if (root == 0 || root == len)
        return 0;
    const struct ignore_level *top = NULL;
    for (size_t end = root; end < len; end++) {
        if (real[end] != '/')
            continue;
        char *path = arena_z(arena, str_of(real, end));
        struct ignore_level *level = ARENA_NEW(arena, struct ignore_level);
        if (!path || !level)
            return err_nomem(err);
        CLEANUP_FD int fd = sys_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOCTTY, 0);
        int r = fd < 0 ? 0 : ignore_level_read(ctx, fd, str_of(real, end), arena, level, err);
        if (r < 0)
            return r;
        level->base_len = end == root ? 0 : end + 1 - (root + 1);
        level->up = top;
        top = level;
    }
    char *prefix = arena_printf(arena, "%s/", real + root + 1);
    if (!prefix)
        return err_nomem(err);
    *ret_top = top;
    *ret_prefix = str_z(prefix);
    return 0;
}

bool ignore_is_excluded(const struct ignore_level *level, struct str path, bool is_dir)
{
    for (; level; level = level->root ? NULL : level->up) {
        struct str below = str_skip(path, level->base_len);
        enum gitignore_verdict verdict = gitignore_match(&level->list, below, is_dir);
        if (verdict == GITIGNORE_NONE)
            verdict = gitignore_match(&level->own, below, is_dir);
        if (verdict != GITIGNORE_NONE)
            return verdict == GITIGNORE_EXCLUDED;
    }
    return false;
}

enum gitignore_verdict ignore_sets_match(const struct gitignore *sets, size_t count, struct str path, bool is_dir)
{
    for (size_t i = 0; i < count; i++) {
        enum gitignore_verdict verdict = gitignore_match(&sets[i], path, is_dir);
        if (verdict != GITIGNORE_NONE)
            return verdict;
    }
    return GITIGNORE_NONE;
}
