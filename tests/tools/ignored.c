/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignored ROOT [SUB] - reads paths relative to ROOT, a line each, and prints those that a walk of ROOT (or of
 * ROOT/SUB, which they must lie below then) passes over because of the files of patterns there.
 */
#include "discover/ignore.h"

#include "base/map.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct map levels; /* by directory with a slash at its end; "" is the root */
static int root_fd;

static void stop(const char *what)
{
    fprintf(stderr, "ignored: %s\n", what);
    exit(3);
}

static const struct ignore_level *level_of(struct str directory, const struct ignore_level *up)
{
    struct ignore_level *level = map_get(&levels, directory);
    if (level)
        return level;
    const struct op_ctx ctx = {0};
    struct str key = arena_str(&arena, directory);
    level = ARENA_NEW(&arena, struct ignore_level);
    int fd = openat(root_fd, key.len > 0 ? key.ptr : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!level || fd < 0 || ignore_level_read(&ctx, fd, directory, &arena, level, NULL) < 0 ||
        !map_set(&levels, key, level))
        stop("cannot read a directory");
    fd_cleanup(&fd);
    level->base_len = directory.len;
    level->up = up;
    return level;
}

static bool is_dir(const char *path)
{
    struct stat st;
    return fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_ignored(struct str path, size_t start, const struct ignore_level *above)
{
    const struct ignore_level *level = level_of(str_head(path, start), above);
    for (size_t at = start; at < path.len; at++) {
        if (path.ptr[at] != '/')
            continue;
        if (ignore_is_excluded(level, str_head(path, at), true))
            return true;
        level = level_of(str_head(path, at + 1), level);
    }
    return ignore_is_excluded(level, path, is_dir(path.ptr));
}

int main(int argc, char **argv)
{
    static char line[8192], start[8192];
    const struct op_ctx ctx = {0};
    const struct ignore_level *above = NULL;
    struct str prefix = STR_NONE;
    if (argc < 2 || (root_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        stop("usage: ignored ROOT [SUB] <PATHS");
    snprintf(start, sizeof(start), "%s/%s", argv[1], argc > 2 ? argv[2] : "");
    if (ignore_above(&ctx, start, &arena, &above, &prefix, NULL) < 0)
        stop("out of memory");
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (is_ignored(str_z(line), prefix.len, above))
            puts(line);
    }
    map_done(&levels);
    arena_done(&arena);
    fd_cleanup(&root_fd);
    return 0;
}
