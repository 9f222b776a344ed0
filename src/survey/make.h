/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/make.h - which programs a makefile makes, and what it links: a reading by lines, no make.
 *
 * Variables are put in as they stand at the end of the file (as make's "=" means it); functions are not known, but
 * for `$(shell pkg-config ...)`, whose names are libraries. A program is what "all" (else the first rule) stands for,
 * what -o names in a rule, what bin_PROGRAMS lists (Automake).
 */
#include "survey/internal.h"

struct make_reader {
    struct surveying *surveying;
    int (*program)(void *self, struct str name, int score, uint32_t line, struct err *err);
    int (*library)(void *self, struct str name, bool pkg_config, uint32_t line, struct err *err);
    void *self;
    bool automake;
    bool *is_static;
};

int make_read(const struct make_reader *reader, struct str text, struct err *err);
