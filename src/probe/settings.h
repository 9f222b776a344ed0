/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/settings.h - the probe's command line and environment.
 *
 *     healthcheck [live|ready|startup] [URL | /PATH] [--timeout T] [--detailed-exit-code]
 *
 * Without a URL the server of HOST and PORT is asked: /livez for 'live', /readyz for 'ready' (the default) and
 * 'startup'. A URL with a path is asked as it stands; one without gets the path of the question, if one was given.
 */
#include "probe/target.h"

enum question {
    QUESTION_READY, /* may it get traffic? */
    QUESTION_LIVE,  /* can it make progress? */
    QUESTION_STARTUP,
};

enum settings_action {
    SETTINGS_ASK,
    SETTINGS_HELP,
    SETTINGS_VERSION,
    SETTINGS_WRONG, /* fault holds */
};

struct settings {
    enum settings_action action;
    enum question question;
    bool detailed; /* exit statuses */
    uint64_t timeout_ms;
    struct target target;
    struct target_fault fault;
};

/* ARGV and ENVP end with NULL and outlive the settings. */
void settings_read(char *const *argv, char *const *envp, struct settings *ret_settings);

/* "2", "1.5", "2s", "800ms": more than 0, at most PROBE_TIMEOUT_MAX_MS. */
bool settings_duration(struct text text, uint64_t *ret_ms);
