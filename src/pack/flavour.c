/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/flavour.h"

static const char *const none[] = {NULL};
static const char *const common[] = {"base-files", "netbase", "tzdata", "media-types", "ca-certificates", NULL};
static const char *const base[] = {"libc6", "libssl3", NULL};
static const char *const cc[] = {"libc6", "libssl3", "libgomp1", "libstdc++6", "libgcc-s1", "gcc-12-base", NULL};

static const struct flavour table[] = {
    {FLAVOUR_AUTO, "auto", "static, and just the libraries that the program needs", none},
    {FLAVOUR_STATIC, "static", "accounts, CA certificates, time zones; for programs without libraries", none},
    {FLAVOUR_BASE, "base", "static, libc6 and libssl3", base},
    {FLAVOUR_CC, "cc", "base, libstdc++6, libgcc-s1 and libgomp1", cc},
};

/* From trixie on: the 64-bit time_t transition and the newer compiler. */
static const struct {
    const char *bookworm;
    const char *trixie;
} renamed[] = {
    {"libssl3", "libssl3t64"},
    {"gcc-12-base", "gcc-14-base"},
};

static const char *const script_only[] = {"adduser",
                                          "debconf",
                                          "debconf-2.0",
                                          "cdebconf",
                                          "dpkg",
                                          "init-system-helpers",
                                          "install-info",
                                          "lsb-base",
                                          "passwd",
                                          "perl-base",
                                          "sysvinit-utils",
                                          "ucf",
                                          "systemd",
                                          "systemd-sysv",
                                          "sysv-rc",
                                          "insserv",
                                          "mount",
                                          "coreutils",
                                          "sed",
                                          "grep",
                                          "gawk",
                                          "mawk",
                                          "bash",
                                          "dash",
                                          "findutils",
                                          "debianutils",
                                          "sensible-utils",
                                          "tar",
                                          "gzip",
                                          "util-linux",
                                          "libc-bin",
                                          "procps",
                                          "logrotate",
                                          "cron",
                                          "default-logind",
                                          "logind",
                                          "dbus",
                                          NULL};

const struct flavour *flavour_table(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}

const struct flavour *flavour_of(enum flavour_id id)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].id == id)
            return &table[i];
    return NULL;
}

const char *const *flavour_common_packages(void)
{
    return common;
}

const char *flavour_package_in_suite(const char *package, struct str suite)
{
    if (str_eq(suite, STR("bookworm")))
        return package;
    for (size_t i = 0; i < ARRAY_LEN(renamed); i++)
        if (str_eq(str_z(package), str_z(renamed[i].bookworm)))
            return renamed[i].trixie;
    return package;
}

const char *const *flavour_script_only_packages(void)
{
    return script_only;
}
