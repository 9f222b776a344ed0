/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/version.h - the order of Debian versions.
 *
 * Implements Debian policy 5.6.12 as dpkg does: [epoch:]upstream[-revision]; runs of non-digits and of digits are
 * compared in turn, '~' sorts before everything, even the end, letters before other characters; an absent epoch or
 * revision counts as 0. Comparison takes any bytes and never fails; version_validate says what policy allows.
 * Threads: no state.
 */
#include "base/err.h"
#include "base/str.h"

struct version {
    struct str epoch; /* digits; empty when there is none */
    struct str upstream;
    struct str revision; /* empty when there is none */
};

/* Views into TEXT. The epoch ends at the first colon, the revision starts behind the last hyphen. */
struct version version_split(struct str text);

/* <0, 0, >0. "1.0" and "1.0-0" and "0:1.0" are equal. */
int version_compare(struct str a, struct str b);

/* ERR_INVALID unless TEXT is a version that `dpkg --validate-version` takes without a word. */
int version_validate(struct str text, struct err *err);
