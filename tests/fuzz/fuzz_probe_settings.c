/* SPDX-License-Identifier: Apache-2.0 */
/* Words (one a line, those with '=' first in them as variables): what may be asked is safe to put into a request. */
#include "probe/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 8, TEXT_MAX = 4096 };

static void check(const struct settings *settings)
{
    const struct target *target = &settings->target;
    if (settings->action == SETTINGS_WRONG && !settings->fault.cause)
        abort();
    if (settings->action != SETTINGS_ASK)
        return;
    if (target->count < 1 || target->count > TARGET_ADDRESSES || target->path.len == 0 ||
        target->path.len > PROBE_URL_BYTES || settings->timeout_ms == 0)
        abort();
    for (size_t i = 0; i < target->path.len; i++) {
        if (target->path.at[i] <= ' ' || target->path.at[i] > '~')
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    char *argv[WORDS + 2] = {"healthcheck"};
    char *envp[WORDS + 1] = {NULL};
    size_t words = 1, variables = 0;
    if (size > TEXT_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *word = text; word; word = word ? word + 1 : NULL) {
        char *line = word;
        word = strchr(word, '\n');
        if (word)
            *word = '\0';
        if ((strncmp(line, "HOST=", 5) == 0 || strncmp(line, "PORT=", 5) == 0) && variables < WORDS)
            envp[variables++] = line;
        else if (words < WORDS + 1)
            argv[words++] = line;
    }
    struct settings settings;
    settings_read(argv, envp, &settings);
    check(&settings);
    return 0;
}
