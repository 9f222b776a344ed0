/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/check_policy.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/path.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define POLICY_NAME     ".barehull.yaml"
#define SECONDS_PER_DAY 86400

static int read_policy(struct str shown, const char *path, bool locked, struct arena *arena, struct policy *ret_policy,
                       struct err *err)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int r = file_read_all(AT_FDCWD, path, LIMIT_POLICY_BYTES, &bytes, err);
    if (r != 0)
        return r;
    struct str text = arena_take_buf(arena, &bytes);
    if (!text.ptr)
        return err_nomem(err);
    struct err problem = ERR_INIT;
    r = policy_read(shown, text, arena, ret_policy, &problem);
    if (r == 0)
        ret_policy->locked |= locked;
    else if (err) {
        *err = problem;
        if (problem.code == ERR_INVALID || problem.code == ERR_LIMIT)
            err->code = ERR_USAGE; /* a wrong configuration is wrong usage, as a wrong option is */
    }
    return r == 0 || !err ? r : -(int)err->code;
}

/* Whether DIRECTORY has an entry NAME; false too when memory is short, which the caller tells by *RET_NOMEM. */
static bool exists(const char *directory, const char *name, struct arena *arena, bool *ret_nomem)
{
    const char *path = arena_printf(arena, "%s/%s", directory, name);
    *ret_nomem |= path == NULL;
    return path && access(path, F_OK) == 0;
}

/* The nearest directory at or above DIRECTORY (changed in place) with a policy. */
static int find_policy(char *directory, struct arena *arena, bool *ret_found, struct err *err)
{
    bool nomem = false;
    for (;;) {
        if (exists(directory, POLICY_NAME, arena, &nomem)) {
            *ret_found = true;
            return 0;
        }
        bool end = exists(directory, ".git", arena, &nomem) || directory[0] != '/' || directory[1] == '\0';
        if (nomem)
            return err_nomem(err);
        if (end)
            return 0;
        directory[path_dir(str_z(directory)).len] = '\0';
    }
}

/* The absolute directory of PATH, which is relative to CWD. */
static struct str directory_of(const char *cwd, struct str path, struct arena *arena)
{
    struct buf whole CLEANUP_BUF = BUF_INIT;
    if (!path_normalize(&whole, str_z(cwd), path))
        return STR_NONE;
    return arena_str(arena, path_dir(buf_str(&whole)));
}

static int load_named(struct str path, bool locked, const char *cwd, struct arena *arena, struct policy *policy,
                      struct str *ret_base, struct err *err)
{
    struct str base = directory_of(cwd, path, arena);
    if (!base.ptr)
        return err_nomem(err);
    int r = read_policy(path, path.ptr, locked, arena, policy, err);
    if (r == 0)
        *ret_base = base;
    return r;
}

static int load_nearest(const char *cwd, struct arena *arena, struct policy *policy, struct str *ret_base,
                        struct err *err)
{
    char *directory = arena_z(arena, str_z(cwd));
    struct str here = arena_str(arena, str_z(cwd));
    if (!directory || !here.ptr)
        return err_nomem(err);
    *ret_base = here;
    bool found = false;
    int r = find_policy(directory, arena, &found, err);
    if (r != 0 || !found)
        return r != 0 ? r : policy_default(arena, policy, err);
    *ret_base = str_z(directory);
    struct buf shown CLEANUP_BUF = BUF_INIT;
    const char *path = arena_printf(arena, "%s/%s", directory[1] ? directory : "", POLICY_NAME);
    path_relative(&shown, here, str_z(path ? path : "/"));
    struct str name = arena_buf(arena, &shown);
    return path && name.ptr ? read_policy(name, path, false, arena, policy, err) : err_nomem(err);
}

int check_policy_load(const struct check_policy_choice *choice, struct arena *arena, struct policy *ret_policy,
                      struct str *ret_base, struct err *err)
{
    char cwd[PATH_MAX];
    if (!getcwd(cwd, sizeof(cwd)))
        return err_errno(err, errno, "the current directory can't be told");
    if ((choice->config.len > 0) + (choice->policy.len > 0) + choice->none > 1) {
        err_set(err, ERR_USAGE, "--config, --policy and --no-config exclude each other");
        return err_hint(err, "give one of them");
    }
    struct policy policy;
    int r;
    if (choice->policy.len)
        r = load_named(choice->policy, true, cwd, arena, &policy, ret_base, err);
    else if (choice->config.len)
        r = load_named(choice->config, false, cwd, arena, &policy, ret_base, err);
    else if (!choice->none)
        r = load_nearest(cwd, arena, &policy, ret_base, err);
    else {
        *ret_base = arena_str(arena, str_z(cwd));
        r = ret_base->ptr ? policy_default(arena, &policy, err) : err_nomem(err);
    }
    if (r != 0)
        return r;
    policy.today = clock_unix_seconds() / SECONDS_PER_DAY;
    *ret_policy = policy;
    policy_bind(ret_policy);
    return 0;
}
