/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/compose_set.h - which Compose files make one project.
 *
 * `docker compose` reads the default file with its override file by itself; any other file is joined by hand, as
 * `-f compose.yaml -f compose.prod.yaml`. A file that has a service with neither an image nor a build can't stand
 * alone: it is judged on top of the default file.
 */
#include "base/str.h"

/* The directory that a file lies in. */
struct compose_folder {
    bool (*has)(void *self, const char *name);
    void *self;
};

/* The other file of the project, in the same directory; both NULL: the file is one by itself. */
struct compose_set {
    const char *main; /* which the file lies on top of */
    const char *over; /* which lies on top of the file */
    bool is_override; /* the file is what its default file brings along by itself */
};

/* NAME: without directories. BYTES: the file's beginning, all of it when WHOLE. Short memory counts as a file by
 * itself. */
struct compose_set compose_set_of(struct str name, struct str bytes, bool whole, const struct compose_folder *folder);
