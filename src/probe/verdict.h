/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/verdict.h - what an answer means, as a status and as one line for people.
 *
 * Docker reserves exit status 2, so that it is never given; 3 to 5 only where they were asked for.
 */
#include "probe/ask.h"
#include "probe/settings.h"

enum verdict {
    VERDICT_HEALTHY = 0,
    VERDICT_BROKEN = 1,    /* answers wrongly, says that it is not live, can't be reached; or a mistake in the call */
    VERDICT_NOT_READY = 3, /* 503, unless it was asked whether it is live: ask again later */
    VERDICT_REFUSED = 4,
    VERDICT_TIMED_OUT = 5,
};

/* Adds the line, without its end, to LINE. */
enum verdict verdict_of_answer(const struct settings *settings, const struct answer *answer, struct line *line);
void verdict_of_mistake(const struct settings *settings, struct line *line);
