/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/flavour.h"

static const char *const none[] = {NULL};
static const char *const common[] = {"base-files", "netbase", "tzdata", "media-types", "ca-certificates", NULL};
static const char *const base[] = {"libc6", "libssl3", NULL};
static const char *const cc[] = {"libc6", "libssl3", "libgomp1", "libstdc++6", "libgcc-s1", "gcc-12-base", NULL};
static const char *const python3[] = {"libc6",
                                      "libssl3",
                                      "libgomp1",
                                      "libstdc++6",
                                      "libgcc-s1",
                                      "gcc-12-base",
                                      "libbz2-1.0",
                                      "libdb5.3",
                                      "libexpat1",
                                      "liblzma5",
                                      "libsqlite3-0",
                                      "libuuid1",
                                      "libncursesw6",
                                      "libtinfo6",
                                      "python3-distutils",
                                      "python3-lib2to3",
                                      "python3-gdbm",
                                      "libgdbm6",
                                      "zlib1g",
                                      "libcom-err2",
                                      "libcrypt1",
                                      "libgssapi-krb5-2",
                                      "libk5crypto3",
                                      "libkeyutils1",
                                      "libkrb5-3",
                                      "libkrb5support0",
                                      "libnsl2",
                                      "libreadline8",
                                      "libtirpc3",
                                      "libffi8",
                                      "libpython3.11-minimal",
                                      "libpython3.11-stdlib",
                                      "python3.11-minimal",
                                      NULL};

static const struct flavour table[] = {
    {FLAVOUR_AUTO, "auto", "static, and just the libraries that the program needs", none, false},
    {FLAVOUR_STATIC, "static", "accounts, CA certificates, time zones; for programs without libraries", none, false},
    {FLAVOUR_BASE, "base", "static, libc6 and libssl3", base, false},
    {FLAVOUR_CC, "cc", "base, libstdc++6, libgcc-s1 and libgomp1", cc, false},
    {FLAVOUR_PYTHON3, "python3", "cc, Debian's interpreter and its whole standard library", python3, true},
};

/*
 * From trixie on: the 64-bit time_t transition, the newer compiler, the newer Python, which has neither distutils, nor
 * lib2to3, nor crypt, nor nis with its RPC and Kerberos.
 */
static const struct {
    const char *bookworm;
    const char *trixie;
} renamed[] = {
    {"libssl3", "libssl3t64"},
    {"gcc-12-base", "gcc-14-base"},
    {"libdb5.3", "libdb5.3t64"},
    {"libgdbm6", "libgdbm6t64"},
    {"libreadline8", "libreadline8t64"},
    {"libpython3.11-minimal", "libpython3.13-minimal"},
    {"libpython3.11-stdlib", "libpython3.13-stdlib"},
    {"python3.11-minimal", "python3.13-minimal"},
    {"python3-gdbm", "python3.13-gdbm"},
    {"python3-distutils", NULL},
    {"python3-lib2to3", NULL},
    {"libcrypt1", NULL},
    {"libnsl2", NULL},
    {"libtirpc3", NULL},
    {"libcom-err2", NULL},
    {"libgssapi-krb5-2", NULL},
    {"libk5crypto3", NULL},
    {"libkeyutils1", NULL},
    {"libkrb5-3", NULL},
    {"libkrb5support0", NULL},
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
