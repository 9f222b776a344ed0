/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * config/env.h - the environment, read once, checked, and never changed after that.
 *
 * This is the only place that calls getenv(). config_vars is the table of all variables that barehull knows; help,
 * manual pages and reference docs print it. Variables of our own (BAREHULL_*) and SOURCE_DATE_EPOCH are strict: all
 * that is wrong is told at once. Variables of the desktop (COLUMNS, XDG_CACHE_HOME) that make no sense are passed
 * over, as their specifications ask.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum config_var_type {
    CONFIG_TEXT,
    CONFIG_FLAG,    /* set and not empty */
    CONFIG_BOOL,    /* 1, true, yes; 0, false, no */
    CONFIG_PATH,    /* absolute */
    CONFIG_INTEGER, /* decimal, within min..max */
    CONFIG_URL,     /* http, https or file */
    CONFIG_FOREIGN, /* listed for people; a library reads it */
};

struct config_var {
    const char *name;
    enum config_var_type type;
    bool strict;              /* a wrong value is an error; otherwise it counts as absent */
    const char *default_text; /* what help says, or NULL */
    const char *summary;      /* one line, no full stop */
    const char *commands;     /* names split by blanks; NULL: all */
    uint64_t min, max;
};

/* All of them, in the order that help shows; ends with a NULL name. */
extern const struct config_var config_vars[];

struct config_env {
    struct str cache_dir;      /* absolute; empty when neither BAREHULL_CACHE_DIR, XDG_CACHE_HOME nor HOME helps */
    bool no_color;             /* NO_COLOR */
    bool force_color;          /* CLICOLOR_FORCE */
    bool dumb_terminal;        /* TERM is unset or "dumb" */
    unsigned columns;          /* COLUMNS; 0 when unknown */
    int64_t source_date_epoch; /* 0 when unset */
    unsigned threads;          /* BAREHULL_THREADS; 0 when unset */
    const struct str *values;  /* the values of config_vars, in its order; empty when unset */
    struct err problem;        /* what is wrong, all in one message (ERR_USAGE), or ERR_NONE */
};

typedef const char *config_getter(const char *name);

/*
 * Reads the environment through GET (NULL: the process's). Everything lives in ARENA. Wrong variables don't fail
 * here: they count as absent and fill ret_env->problem, so that help works everywhere. Errors: ERR_NOMEM.
 */
int config_env_load(config_getter *get, struct arena *arena, struct config_env *ret_env, struct err *err);

/* The value of one of config_vars, or the empty view. */
struct str config_env_value(const struct config_env *env, const char *name);
