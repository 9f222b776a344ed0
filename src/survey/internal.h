/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/internal.h - the parts of survey_directory, for the sources of this module only.
 *
 *   tree      which files there are (names alone), and the text of one
 *   languages survey_c.c, survey_go.c ... read what the build says, and choose the program
 *   scan      reads the sources of that language, literal by literal, into hints
 *   hints     the answers among them
 *
 * A hint has a weight: how sure its kind of evidence is. The heaviest decides; equals that differ are rivals.
 */
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "survey/survey.h"
#include "survey/token.h"

struct survey_file {
    struct str path; /* below the root */
    bool aside;      /* tests, examples, documentation, scripts of developers */
};

enum hint_kind {
    HINT_PORT,
    HINT_LOOPBACK, /* value: the port */
    HINT_PORT_VARIABLE,
    HINT_HEALTH,
    HINT_READY,
    HINT_LIVE,
    HINT_METRICS,
    HINT_METRICS_PORT,
    HINT_FRAMEWORK,
    HINT_WRITABLE,
    HINT_VOLUME,
    HINT_ENV,
    HINT_PACKAGE, /* value: Debian's -dev package */
    HINT_LISTENS, /* it is a server; value: what it calls */
    HINT_KINDS,
};

/* Weights. */
enum {
    HINT_SAID = 100,    /* a file that is there to say it: Dockerfile, Procfile */
    HINT_CALL = 90,     /* the argument of a call that does it */
    HINT_DEFAULT = 80,  /* what is taken when a variable or an option is not given */
    HINT_OWN = 55,      /* what the framework does by itself */
    HINT_CONSTANT = 50, /* a name that says so, anywhere */
};

struct hint {
    enum hint_kind kind;
    int weight;
    struct str value, path;
    uint32_t line;
    const char *why;
};

struct surveying {
    const struct op_ctx *ctx;
    struct survey *survey;
    int rootfd;
    struct str root; /* absolute, real */
    struct str base; /* the directory's name */
    VEC(struct survey_file) files;
    VEC(struct hint) hints;
    /* Of a source: hints of one that is another program's do not count. Set by the language; may be NULL. */
    bool (*counts)(const struct surveying *surveying, struct str path);
    VEC(struct str) others; /* for `counts`: sorted */
    uint64_t left_bytes;    /* of LIMIT_SURVEY_BYTES */
    bool told_limit;
};

/* tree.c */
int survey_tree_read(struct surveying *surveying, struct err *err);
bool survey_has(const struct surveying *surveying, const char *path);
/* The whole text of PATH below the root, in the arena. False: not there, unreadable, too large or no text (warned). */
int survey_text(struct surveying *surveying, struct str path, struct buf *text, bool *ret_ok, struct err *err);
int survey_text_z(struct surveying *surveying, const char *path, struct str *ret_text, bool *ret_ok, struct err *err);
bool survey_is_aside(struct str path);

/* hint.c */
int hint_add(struct surveying *surveying, enum hint_kind kind, int weight, struct str value, struct str path,
             uint32_t line, const char *why, struct err *err);
int hints_answer(struct surveying *surveying, enum hint_kind kind, struct survey_answer *ret_answer, struct err *err);
int hints_found(struct surveying *surveying, enum hint_kind kind, struct survey_found *ret_found, struct err *err);
bool hints_has(const struct surveying *surveying, enum hint_kind kind);
/* Copies VALUE and PATH. WHY is static. */
int survey_say(struct surveying *surveying, struct survey_answer *answer, struct str value, struct str path,
               uint32_t line, const char *why, struct err *err);
/* A DNS label of TEXT; empty when nothing is left of it. */
int survey_label(struct surveying *surveying, struct str text, struct str *ret_label, struct err *err);
int survey_rivals(struct surveying *surveying, struct survey_answer *answer, struct str *values, size_t count,
                  struct err *err);

/* scan.c */
int survey_scan(struct surveying *surveying, enum token_syntax syntax, struct err *err);
/* One source, for its tests: PATH is what hints are told of. */
int survey_scan_source(struct surveying *surveying, struct str source, enum token_syntax syntax, struct str path,
                       struct err *err);

/* package.c: Debian 12's packages of a library; false: not known. */
enum package_name { PACKAGE_PKG_CONFIG, PACKAGE_CMAKE, PACKAGE_LINKED };
bool package_find(enum package_name kind, struct str name, const char **ret_package);
int package_add(struct surveying *surveying, enum package_name kind, struct str name, struct str path, uint32_t line,
                struct err *err);

/* The languages. Each fills what the build says; *RET_IS false: there is none of it here. */
int survey_go(struct surveying *surveying, bool *ret_is, struct err *err);
int survey_rust(struct surveying *surveying, bool *ret_is, struct err *err);
int survey_python(struct surveying *surveying, bool *ret_is, struct err *err);
int survey_c(struct surveying *surveying, bool *ret_is, struct err *err);
int survey_other(struct surveying *surveying, struct err *err);
/* What an existing Dockerfile and Procfile say. */
int survey_deployed(struct surveying *surveying, struct err *err);
