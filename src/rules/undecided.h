/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/undecided.h - facts that a rule can neither pass nor fail.
 *
 * A value that hangs on a variable is told as unknown. A value of a wrong type is never taken by the platform: by our
 * own standard that is the rule `known-keys`, which says it better, so that nothing is told here; the Pod Security
 * profiles do without that rule, and an unknown is told instead.
 */
#include "rules/judge.h"

/* True when FACT can't be judged, and all that is to be told of it is told. NAME: what the platform calls it. */
bool fact_undecided(struct judge *judge, const struct fact *fact, const char *name);

/*
 * True when FACT of WORKLOAD is its own: not what its pod says (FROM_POD) and holds for it too. A Compose service has
 * only its own, whatever it took from others by `extends`.
 */
bool fact_own(const struct workload *workload, const struct fact *fact, const struct fact *from_pod);

/* A profile that is written as a mapping without a type ("seccompProfile: {}"): FACT, its type, is absent. */
bool profile_without_type(const struct fact *fact, const char *key);

/* True when TEXT is one of the NULL-terminated NAMES. */
bool name_among(struct str text, const char *const *names);

/* A profile of the Pod Security Standards is in force, and it is `restricted`. */
bool judge_restricted(const struct judge *judge);
