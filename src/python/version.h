/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/version.h - versions of Python distributions and what may be asked of them (PEP 440).
 *
 * A version is "[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]" in all the spellings that PEP 440 normalises: "v1.0",
 * "1.0-alpha.1", "1.0-1" (a post-release), any case. Numbers have no upper bound and are compared as text. A specifier
 * set, "~=3.9,!=3.9.1", is the meaning of `Requires-Python`. Nothing allocates; views point into the text given.
 *
 * Held against python3-packaging by tests/matrix/python-facts.sh.
 */
#include "base/err.h"
#include "base/str.h"

enum python_pre { PYTHON_PRE_NONE, PYTHON_PRE_ALPHA, PYTHON_PRE_BETA, PYTHON_PRE_RC };

struct python_version {
    struct str epoch;   /* digits; empty for none */
    struct str release; /* "3.11.2" */
    enum python_pre pre;
    struct str pre_number; /* digits; empty for 0 */
    bool is_post, is_dev;
    struct str post_number, dev_number;
    struct str local; /* behind "+"; ptr NULL for none */
};

/* False when TEXT (white space around it is dropped) is no version of PEP 440. */
bool python_version_parse(struct str text, struct python_version *ret_version);

/* <0, 0, >0 in PEP 440's order: 1.0.dev1, 1.0a1.dev1, 1.0a1, 1.0rc1, 1.0, 1.0+local, 1.0.post1; 1 equals 1.0.0. */
int python_version_cmp(const struct python_version *a, const struct python_version *b);

/*
 * True in *RET_MATCHES when VERSION fulfils every clause of the comma-separated SPECIFIERS (an empty set is fulfilled
 * by all). Pre-releases are judged as any other version, as installers judge the interpreter's.
 * Errors: ERR_INVALID for a VERSION or a clause that PEP 440 does not have.
 */
int python_specifiers_match(struct str specifiers, struct str version, bool *ret_matches, struct err *err);

/* The N-th number of "3.11.2" (0 when there are fewer); false when it is no number below 2^32. */
bool python_release_number(struct str release, unsigned n, unsigned *ret_number);
