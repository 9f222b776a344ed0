/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/host.h - what this machine says of its archives: apt's sources and the one apt setting that weakens them.
 *
 * Reads ROOT/etc/apt/sources.list and the *.list and *.sources files of ROOT/etc/apt/sources.list.d in apt's order
 * (sources.list first, then byte order of names), and Acquire::Check-Valid-Until from the files of
 * ROOT/etc/apt/apt.conf.d and from ROOT/etc/apt/apt.conf (apt.conf(5): both the dotted and the nested form; the last
 * word counts). "mirror+file:" URIs are replaced by the first address in their file. Nothing is written, no program
 * is run.
 * Limits: LIMIT_SOURCES_BYTES a file.
 */
#include "base/arena.h"
#include "pkg/sources.h"

struct host_sources {
    struct source_list sources; /* empty when the machine has none */
    bool ignore_valid_until;    /* Acquire::Check-Valid-Until "false" */
};

/*
 * ROOT is "/" but in tests. Texts live in ARENA; source_list_done(&ret_host->sources) when done. A file that is not
 * there counts as empty. Errors: ERR_INVALID (the file and line), ERR_PERMISSION, ERR_LIMIT, ERR_IO.
 */
int host_sources_read(const char *root, struct str architecture, struct arena *arena, struct host_sources *ret_host,
                      struct err *err);

/* What TEXT, a file of apt.conf(5), says of KEY ("Acquire::Check-Valid-Until"); false when it says nothing. */
bool host_apt_setting(struct str text, struct str key, struct str *ret_value);
