/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/release_judge.h - whether a verified Release is the one that was asked for, and current.
 *
 * In this order: the names (Codename is what counts, because Suite moves: bookworm became oldstable; Suite alone
 * counts where it was asked for by a moving name or there is no Codename), the origin (Debian, unless the archive was
 * named), the date (not ahead of the clock by more than a day, not before one that was accepted), Valid-Until, the
 * components, the architecture. Errors: ERR_INVALID (names), ERR_NO_SOURCES (origin), ERR_EXPIRED, ERR_DOWNGRADE,
 * ERR_NOT_FOUND (a component), ERR_ARCHITECTURE. An expired one that the options let pass is warned about.
 */
#include "archive/suites.h"
#include "pkg/release.h"

#define RELEASE_FUTURE_MAX_S 86400

/* ACCEPTED_S: the date of the one that was accepted before, or INT64_MIN. */
int release_judge(const struct release *release, const struct archive_place *place,
                  const struct archive_options *options, int64_t accepted_s, const struct op_ctx *ctx, struct err *err);
