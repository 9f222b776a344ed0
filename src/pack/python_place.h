/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/python_place.h - a Python application's files get their places in the image.
 *
 *   python_place.c          the order of all this; which place is whose
 *   python_place_files.c    lists of files into trees: modes, times, links
 *   python_place_text.c     files that name the place where they were made: scripts, .pth, pyvenv.cfg
 *   python_place_record.c   RECORD and direct_url.json of what is installed
 *   python_place_closure.c  what the ELF files of all of it load
 *
 * Nothing that is written here names a directory of this machine, so that the same application gives the same bytes
 * wherever it lies.
 */
#include "base/map.h"
#include "pack/application_closure.h"
#include "pack/python.h"

/* A directory of this machine, and where its content goes. Both absolute and in normal form. */
struct python_move {
    struct str from, to;
};

#define PYTHON_MOVES_MAX 3

struct python_placing {
    const struct op_ctx *ctx;
    const struct build_options *options;
    struct application *app;
    struct application_python *python;
    struct application_reading *reading;
    struct python_move moves[PYTHON_MOVES_MAX]; /* environment, interpreter, project: what lies deeper comes first */
    size_t move_count;
    struct str environment; /* "/app/.venv"; empty: none */
    struct str prefix;      /* of a brought interpreter: "/usr/local"; empty: none */
    struct map changed;     /* paths in the dependencies whose content is not that of this machine */
    struct str opened;      /* the first file that was private, of OPENED_COUNT */
    struct str closed;      /* the first that anybody could write, or that was setuid, of CLOSED_COUNT */
    size_t opened_count, closed_count;
    bool out_of_memory; /* of a callback that can't say so */
};

/*
 * Places what APP->python->app says; the rest of APP is filled in. READ is python_app_read's result. Errors:
 * ERR_INVALID (two files for one place), ERR_USAGE, ERR_ARCHITECTURE, ERR_LIBRARY_MISSING, ERR_LIMIT, those of reading
 * files.
 */
int python_application_place(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                             struct err *err);

/* --- python_place_files.c */

/* What becomes of one file; all set as for an unchanged one when it is asked for. */
struct python_placed {
    struct str path;    /* in the image, relative */
    struct str content; /* PTR not NULL: this instead of the file's */
    bool left_out;
};

struct python_list {
    const struct project_files *files;
    struct python_move move;
    struct tree *tree;
    bool own; /* the project's: its empty directories ship, its links may lead nowhere */
    /* NULL: nothing is changed. */
    int (*change)(struct python_placing *placing, const struct python_list *list, const struct project_file *file,
                  struct python_placed *placed, struct err *err);
};

int python_place_files(struct python_placing *placing, const struct python_list *list, struct err *err);

/* A file that is made here, or a link when TARGET is not empty; PATH relative. */
int python_place_made(struct python_placing *placing, struct tree *tree, struct str path, struct str content,
                      struct err *err);
int python_place_link(struct python_placing *placing, struct tree *tree, struct str path, struct str target,
                      struct err *err);

/* Removes links of the dependencies whose end is not in the image. */
int python_place_prune(struct python_placing *placing, struct err *err);

/* The place of PATH (absolute, in normal form) of this machine; *ret_place empty when it does not ship. */
int python_place_of(const struct python_placing *placing, struct str path, struct str *ret_place, struct err *err);

/* The whole of a file that was not read yet, as the arena's. */
int python_place_text(const struct python_placing *placing, const struct project_file *file, uint64_t limit,
                      struct str *ret_text, struct err *err);

/* --- python_place_text.c */

int python_place_environment_file(struct python_placing *placing, const struct python_list *list,
                                  const struct project_file *file, struct python_placed *placed, struct err *err);
int python_place_interpreter_file(struct python_placing *placing, const struct python_list *list,
                                  const struct project_file *file, struct python_placed *placed, struct err *err);
/* pyvenv.cfg, and the links of the environment to PROGRAM (absolute): "python", "python3", "python3.11". */
int python_place_environment_made(struct python_placing *placing, struct err *err);
int python_place_interpreter_links(struct tree *tree, const struct application_python *python, int64_t mtime,
                                   struct arena *arena, struct err *err);

/* --- python_place_record.c */

/* Whether a direct_url.json is of a distribution that was installed from a path. ERR_NOMEM is the only error. */
int python_place_is_local(struct arena *arena, struct str direct_url, bool *ret_local, struct err *err);
/* RECORD of each distribution of the environment, once all else is placed. */
int python_place_records(struct python_placing *placing, struct err *err);

/* --- python_place_closure.c */

int python_place_close(struct python_placing *placing, struct err *err);
