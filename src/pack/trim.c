/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/trim.h"

#include "base/path.h"

/* Directories and files that nothing at run time reads; a directory stands for what is below it. */
static const struct str dropped[] = {
    STR_INIT("usr/share/man"),
    STR_INIT("usr/share/info"),
    STR_INIT("usr/share/lintian"),
    STR_INIT("usr/share/locale"),
    STR_INIT("usr/share/doc-base"),
    STR_INIT("usr/share/bug"),
    STR_INIT("usr/share/menu"),
    STR_INIT("usr/share/groff"),
    STR_INIT("usr/share/linda"),
    STR_INIT("usr/share/gdb"),
    STR_INIT("usr/share/bash-completion"),
    STR_INIT("usr/share/zsh"),
    STR_INIT("usr/share/fish"),
    STR_INIT("usr/share/base-files"),
    STR_INIT("usr/share/pixmaps"),
    STR_INIT("usr/share/applications"),
    STR_INIT("usr/share/aclocal"),
    STR_INIT("usr/share/pkgconfig"),
    STR_INIT("usr/include"),
    STR_INIT("usr/games"),
    STR_INIT("usr/lib/debug"),
    STR_INIT("etc/init.d"),
    STR_INIT("etc/cron.d"),
    STR_INIT("etc/cron.daily"),
    STR_INIT("etc/cron.hourly"),
    STR_INIT("etc/cron.weekly"),
    STR_INIT("etc/cron.monthly"),
    STR_INIT("etc/logrotate.d"),
    STR_INIT("etc/apparmor.d"),
    STR_INIT("etc/bash_completion.d"),
    STR_INIT("etc/update-motd.d"),
    STR_INIT("etc/profile.d"),
    STR_INIT("etc/motd"),
    STR_INIT("etc/issue"),
    STR_INIT("etc/issue.net"),
    STR_INIT("etc/skel"),
    STR_INIT("etc/dpkg"),
    STR_INIT("etc/apt"),
    STR_INIT("etc/default"),
    STR_INIT("etc/ufw"),
    STR_INIT("etc/network"),
    STR_INIT("etc/ld.so.conf.d"),
    STR_INIT("lib/systemd"),
    STR_INIT("usr/lib/systemd"),
    STR_INIT("usr/lib/tmpfiles.d"),
    STR_INIT("usr/lib/sysusers.d"),
    STR_INIT("usr/lib/init"),
    STR_INIT("lib/init"),
    STR_INIT("lib/udev"),
    STR_INIT("usr/lib/udev"),
    STR_INIT("var/lib/dpkg"),
    STR_INIT("var/backups"),
    STR_INIT("var/mail"),
    STR_INIT("var/local"),
    STR_INIT("usr/share/zoneinfo/right"),
    STR_INIT("usr/share/zoneinfo/posix"),
};

/* Dropped even from full packages: the image has its own, or none. */
static const struct str never[] = {STR_INIT("var/lib/dpkg"), STR_INIT("etc/apt"), STR_INIT("etc/dpkg")};

static bool below_any(struct str path, const struct str *dirs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (path_is_below(path, dirs[i]))
            return true;
    return false;
}

static bool is_documentation(struct str path)
{
    static const struct str doc = STR_INIT("usr/share/doc/");
    if (!str_starts(path, doc))
        return false;
    struct str rest = str_skip(path, doc.len);
    size_t slash = str_find_char(rest, '/');
    if (slash == rest.len) /* the package's directory, or a link to another package's */
        return false;
    return !str_eq(str_skip(rest, slash + 1), STR("copyright"));
}

static bool is_gconv(struct str path)
{
    if (!str_starts(path, STR("usr/lib/")) && !str_starts(path, STR("lib/")))
        return false;
    return str_find(path, STR("/gconv")) < path.len;
}

/* Where the linker of a compiler looks: below it, a ".la" is how libltdl finds a module (ImageMagick's formats). */
static bool is_library_directory(struct str dir)
{
    return str_eq_z(dir, "usr/lib") || str_eq_z(path_dir(dir), "usr/lib");
}

static bool is_development_file(struct str path)
{
    if (!str_starts(path, STR("usr/lib/")))
        return false;
    if (str_ends(path, STR(".la")))
        return is_library_directory(path_dir(path));
    return str_ends(path, STR(".a")) || str_ends(path, STR(".pc"));
}

bool trim_keeps(struct str path, enum trim_level level, bool gconv)
{
    if (below_any(path, never, ARRAY_LEN(never)))
        return false;
    if (level == TRIM_FULL)
        return true;
    if (below_any(path, dropped, ARRAY_LEN(dropped)) || is_documentation(path) || is_development_file(path))
        return false;
    return gconv || !is_gconv(path);
}
