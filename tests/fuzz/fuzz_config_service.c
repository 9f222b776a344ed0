/* SPDX-License-Identifier: Apache-2.0 */
/* Lines "NAME=value" as an environment, in both modes: what loads writes itself back, and loads the same again. */
#include "base/buf.h"
#include "config/service.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 64, TEXT_MAX = 1 << 16 };

static const char *lines[LINES + 1];

static const char *get(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; lines[i]; i++) {
        if (strncmp(lines[i], name, len) == 0 && lines[i][len] == '=')
            return lines[i] + len + 1;
    }
    return NULL;
}

/* Fit to be shown: text on one line that no terminal acts upon. */
static void check_text(struct str text)
{
    if (str_utf8_valid(text) != text.len)
        abort();
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            abort();
    }
}

static void check_problems(const struct service_problems *problems)
{
    size_t errors = 0;
    for (size_t i = 0; i < problems->len; i++) {
        const struct service_problem *problem = &problems->ptr[i];
        if (problem->variable.len == 0 || problem->message.len == 0)
            abort();
        check_text(problem->message);
        check_text(problem->variable);
        errors += !problem->warning;
    }
    if (errors != problems->errors)
        abort();
}

static const char *formatted(const struct service_config *config, const struct service_var *var, struct arena *arena)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    service_config_format(config, var, &out);
    return arena_z(arena, buf_str(&out));
}

static void check_again(enum service_mode mode, const struct service_config *config, struct arena *arena)
{
    struct service_config again;
    struct service_problems problems;
    static char texts[LINES][TEXT_MAX];
    size_t count = 0;
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (!service_config_is_set(config, var))
            continue;
        const char *text = formatted(config, var, arena);
        size_t name_len = strlen(var->name), len = strlen(text);
        if (name_len + len + 2 > TEXT_MAX)
            return;
        memcpy(texts[count], var->name, name_len);
        texts[count][name_len] = '=';
        memcpy(texts[count] + name_len + 1, text, len + 1);
        lines[count] = texts[count];
        count++;
    }
    lines[count] = NULL;
    if (service_config_load(mode, get, lines, arena, &again, &problems, NULL) || problems.errors > 0)
        abort();
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (strcmp(formatted(config, var, arena), formatted(&again, var, arena)) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    if (size > TEXT_MAX)
        return 0;
    for (enum service_mode mode = SERVICE_HTTP; mode <= SERVICE_STDIO; mode++) {
        memcpy(text, data, size);
        text[size] = '\0';
        size_t count = 0;
        for (char *line = text; line && count < LINES;) {
            char *end = strchr(line, '\n');
            if (end)
                *end = '\0';
            lines[count++] = line;
            line = end ? end + 1 : NULL;
        }
        lines[count] = NULL;
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct service_config config;
        struct service_problems problems;
        if (service_config_load(mode, get, lines, &arena, &config, &problems, NULL))
            abort();
        check_problems(&problems);
        if (problems.errors == 0)
            check_again(mode, &config, &arena);
    }
    return 0;
}
