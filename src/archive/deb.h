/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/deb.h - reads a Debian binary package (deb(5), format 2.x): its control files, then its files as a tar
 * stream.
 *
 * A package is an ar archive of "debian-binary", "control.tar" and "data.tar", in this order, the latter two plain or
 * compressed as their suffix says (.gz, .xz, .zst). Members whose name starts with "_" may stand between and are
 * passed over, so is everything behind data.tar. Nothing here trusts the package: it is bounded, its names are checked
 * by io/tar.h, and its scripts are never run, only named. Whoever fetched it has checked its digest.
 *
 *     deb_open(source, "libc6.deb", arena, &deb, err);      control files
 *     deb_data(deb)  ... tar_reader_next, _content ...      files
 *     deb_finish(deb, err);                                 all was there, every checksum was right
 *     deb_free(deb);
 *
 * Errors: ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT, each naming the package and the byte, or what SOURCE failed with.
 * Limits: LIMIT_DEB_CONTROL_BYTES, LIMIT_DEB_UNPACKED_BYTES, and those of io/tar.h.
 */
#include "base/arena.h"
#include "io/reader.h"
#include "io/tar.h"

/* The scripts that dpkg would run; barehull doesn't, and may have to say so. */
#define DEB_SCRIPT_TABLE(X)                                                                                            \
    X(DEB_PREINST, "preinst")                                                                                          \
    X(DEB_POSTINST, "postinst")                                                                                        \
    X(DEB_PRERM, "prerm")                                                                                              \
    X(DEB_POSTRM, "postrm")                                                                                            \
    X(DEB_CONFIG, "config")                                                                                            \
    X(DEB_TRIGGERS, "triggers")

enum deb_script {
#define X(script, name) script,
    DEB_SCRIPT_TABLE(X)
#undef X
        DEB_SCRIPTS
};

struct deb_control {
    struct str control;   /* the control file's text; never empty */
    struct str md5sums;   /* text, empty when there is none */
    struct str conffiles; /* text, likewise */
    unsigned scripts;     /* 1 << enum deb_script for each that is there */
};

struct deb;

/*
 * Reads up to the files. Does not own SOURCE. NAME (copied) is for messages. The texts live in ARENA. The caller owns
 * *ret_deb.
 */
int deb_open(struct reader *source, const char *name, struct arena *arena, struct deb **ret_deb, struct err *err);
void deb_free(struct deb *deb); /* NULL is fine */
void deb_cleanup(struct deb **deb);
#define CLEANUP_DEB CLEANUP(deb_cleanup)

/* Valid as long as the arena. */
const struct deb_control *deb_control(const struct deb *deb);

/* The files, as stored and in the order stored; the reader is DEB's. */
struct tar_reader *deb_data(struct deb *deb);

/* Reads what is left of the package, so that its checksums are seen and nothing is missing. */
int deb_finish(struct deb *deb, struct err *err);

/* "preinst", ... */
const char *deb_script_name(enum deb_script script);
