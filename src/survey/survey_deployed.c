/* SPDX-License-Identifier: Apache-2.0 */
/* What an existing Dockerfile and Procfile say: somebody wrote down how it is run. */
#include "survey/scan.h"

#include "base/path.h"
#include "dockerfile/file.h"

#include <stdio.h>

static uint32_t line_of(struct str text, const struct dockerfile_instruction *instruction)
{
    return data_position_of(text, instruction->span.offset).line;
}

static bool is_known(const struct dockerfile_value *value)
{
    return value->state == DOCKERFILE_STATE_KNOWN || value->state == DOCKERFILE_STATE_INHERITED;
}

static int read_ports(struct surveying *surveying, const struct dockerfile_stage *stage, struct str text,
                      struct str path, struct err *err)
{
    int r = 0;
    bool declared = false;
    for (uint32_t i = 0; i < stage->ports.count && r == 0; i++) {
        const struct dockerfile_entry *entry = &stage->ports.items[i];
        struct str port = entry->key.text;
        size_t slash = str_find_char(port, '/');
        bool tcp = slash >= port.len || str_eq_z(str_skip(port, slash), "/tcp");
        port = str_head(port, slash);
        /* Several: the first is the service, by custom; those that are as likely are told by their own weight. */
        if (is_known(&entry->key) && tcp && scan_port(port) > 0) {
            r = hint_add(surveying, HINT_PORT, HINT_SAID, port, path, line_of(text, entry->instruction),
                         "the Dockerfile exposes it", err);
            declared = true;
        }
    }
    return r < 0 || !declared ? r
                              : hint_add(surveying, HINT_LISTENS, HINT_SAID, STR("EXPOSE"), path, 0, "exposed", err);
}

/* The path of the address in a health check: "http://localhost:8080/health". */
static int read_health(struct surveying *surveying, const struct dockerfile_stage *stage, struct str text,
                       struct str path, struct err *err)
{
    const struct dockerfile_instruction *check = stage->healthcheck.instruction;
    if (!check || check->health_none || !check->command)
        return 0;
    struct str command = check->command->text.text;
    size_t at = str_find(command, STR("http://"));
    if (at >= command.len)
        return 0;
    struct str rest = str_skip(command, at + 7);
    size_t end = 0;
    while (end < rest.len && !char_is_space(rest.ptr[end]) && !str_has_char(STR("\"'|&;)]"), rest.ptr[end]))
        end++;
    rest = str_head(rest, end);
    rest = str_skip(rest, str_find_char(rest, '/'));
    if (rest.len == 0 || str_has_char(rest, '$') || str_utf8_valid(rest) < rest.len)
        return 0;
    return hint_add(surveying, HINT_READY, HINT_SAID, rest, path, line_of(text, check), "the Dockerfile asks it", err);
}

static int read_volumes(struct surveying *surveying, const struct dockerfile_stage *stage, struct str text,
                        struct str path, struct err *err)
{
    int r = 0;
    for (uint32_t i = 0; i < stage->volumes.count && r == 0; i++) {
        const struct dockerfile_entry *entry = &stage->volumes.items[i];
        struct str volume = entry->key.text;
        CLEANUP_BUF struct buf clean = BUF_INIT;
        if (!is_known(&entry->key) || !str_starts(volume, STR("/")) || !path_normalize(&clean, STR("/"), volume))
            continue;
        if (clean.len > 1 && str_utf8_valid(volume) == volume.len)
            r = hint_add(surveying, HINT_VOLUME, HINT_SAID, buf_str(&clean), path, line_of(text, entry->instruction),
                         "the Dockerfile keeps it in a volume", err);
    }
    return r;
}

static int read_dockerfile(struct surveying *surveying, const char *name, struct err *err)
{
    struct str text;
    bool ok = false;
    struct dockerfile file;
    struct err inner = ERR_INIT;
    int r = survey_text_z(surveying, name, &text, &ok, err);
    if (r < 0 || !ok)
        return r;
    r = dockerfile_read(text, surveying->ctx->arena, &file, &inner);
    if (r < 0)
        return r == -ERR_NOMEM ? err_nomem(err) : 0;
    const struct dockerfile_stage *stage = dockerfile_final_stage(&file, STR(""));
    for (; stage && r == 0; stage = stage->parent) {
        r = read_ports(surveying, stage, text, str_z(name), err);
        if (r == 0)
            r = read_volumes(surveying, stage, text, str_z(name), err);
    }
    stage = dockerfile_final_stage(&file, STR(""));
    return r == 0 && stage ? read_health(surveying, stage, text, str_z(name), err) : r;
}

/* "web: uvicorn app:app --port 8000": a number behind an option that says so. */
static int read_procfile(struct surveying *surveying, struct err *err)
{
    struct str text, line, path = STR("Procfile");
    bool ok = false;
    int r = survey_text_z(surveying, path.ptr, &text, &ok, err);
    for (uint32_t number = 1; r == 0 && ok && str_next_line(&text, &line); number++) {
        struct str rest = str_skip(line, 4), word;
        bool named = false;
        if (!str_starts(line, STR("web:")))
            continue;
        while (r == 0 && str_next_word(&rest, &word)) {
            enum scan_host host;
            size_t equals = str_find_char(word, '=');
            struct str value = equals < word.len ? str_skip(word, equals + 1) : word;
            bool says = named || (equals < word.len && scan_role(str_head(word, equals)) == SCAN_ROLE_LISTEN);
            unsigned port = says ? scan_port(value) : 0;
            if (says && port == 0)
                port = scan_address(value, &host);
            char digits[16];
            if (port)
                r = hint_add(surveying, HINT_PORT, HINT_SAID - 1,
                             str_of(digits, (size_t)snprintf(digits, sizeof(digits), "%u", port)), path, number,
                             "the Procfile gives it", err);
            if (r == 0 && str_find(word, STR("$PORT")) < word.len)
                r = hint_add(surveying, HINT_PORT_VARIABLE, HINT_SAID, STR("PORT"), path, number,
                             "the Procfile takes it", err);
            named = word.len > 1 && word.ptr[0] == '-' &&
                    (scan_role(word) == SCAN_ROLE_LISTEN || str_eq_z(word, "-p") || str_eq_z(word, "-b"));
        }
    }
    return r;
}

int survey_deployed(struct surveying *surveying, struct err *err)
{
    int r = 0;
    if (survey_has(surveying, "Dockerfile"))
        r = read_dockerfile(surveying, "Dockerfile", err);
    else if (survey_has(surveying, "Containerfile"))
        r = read_dockerfile(surveying, "Containerfile", err);
    return r == 0 && survey_has(surveying, "Procfile") ? read_procfile(surveying, err) : r;
}
