/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/settings.h"

/* What the words said so far. */
struct words {
    struct text url;
    bool has_question, has_url, only_operands;
};

static struct text variable(char *const *envp, struct text name)
{
    for (; *envp; envp++) {
        struct text entry = text_of(*envp);
        if (text_starts(entry, name) && entry.len > name.len && entry.at[name.len] == '=')
            return text_behind(entry, name.len + 1);
    }
    return TEXT("");
}

static bool whole_ms(struct text text, uint64_t *ret_ms)
{
    uint64_t ms = 0;
    if (!text_number(text, PROBE_TIMEOUT_MAX_MS, &ms) || ms == 0)
        return false;
    *ret_ms = ms;
    return true;
}

bool settings_duration(struct text text, uint64_t *ret_ms)
{
    uint64_t seconds = 0;
    uint64_t thousandths = 0;
    if (text.len > 2 && text_eq(text_behind(text, text.len - 2), TEXT("ms")))
        return whole_ms(text_head(text, text.len - 2), ret_ms);
    if (text.len > 1 && text.at[text.len - 1] == 's')
        text.len--;
    size_t point = text_find(text, '.');
    if (!text_number(text_head(text, point), PROBE_TIMEOUT_MAX_MS / 1000, &seconds))
        return false;
    if (point < text.len) {
        struct text decimals = text_behind(text, point + 1);
        if (decimals.len > 3 || !text_number(decimals, 999, &thousandths))
            return false;
        for (size_t i = decimals.len; i < 3; i++)
            thousandths *= 10;
    }
    uint64_t ms = seconds * 1000 + thousandths;
    if (ms == 0 || ms > PROBE_TIMEOUT_MAX_MS)
        return false;
    *ret_ms = ms;
    return true;
}

static void wrong(struct settings *settings, const char *cause, struct text subject)
{
    settings->action = SETTINGS_WRONG;
    settings->fault = (struct target_fault){cause, subject};
}

static void read_operand(struct text word, struct words *words, struct settings *settings)
{
    bool live = text_eq(word, TEXT("live"));
    bool startup = text_eq(word, TEXT("startup"));
    if (live || startup || text_eq(word, TEXT("ready"))) {
        if (words->has_question)
            wrong(settings, "a second question:", word);
        words->has_question = true;
        settings->question = live ? QUESTION_LIVE : startup ? QUESTION_STARTUP : QUESTION_READY;
        return;
    }
    if (words->has_url)
        wrong(settings, "a second URL:", word);
    words->has_url = true;
    words->url = word;
}

/* One word; true if the next one belongs to it. */
static bool read_word(struct text word, const char *next, struct words *words, struct settings *settings)
{
    bool timeout = text_eq(word, TEXT("--timeout"));
    if (words->only_operands || !text_starts(word, TEXT("-"))) {
        read_operand(word, words, settings);
    } else if (text_eq(word, TEXT("--"))) {
        words->only_operands = true;
    } else if (text_eq(word, TEXT("--detailed-exit-code"))) {
        settings->detailed = true;
    } else if (timeout || text_starts(word, TEXT("--timeout="))) {
        struct text value = timeout ? text_of(next ? next : "") : text_behind(word, sizeof "--timeout=" - 1);
        if (!settings_duration(value, &settings->timeout_ms))
            wrong(settings, "--timeout takes seconds ('1.5') or '800ms', up to 300 seconds, not", value);
        return timeout && next;
    } else if (text_eq(word, TEXT("--help"))) {
        settings->action = SETTINGS_HELP;
    } else if (text_eq(word, TEXT("--version"))) {
        settings->action = SETTINGS_VERSION;
    } else {
        wrong(settings, "unknown option", word);
    }
    return false;
}

static struct text path_of(const struct settings *settings, const struct words *words)
{
    if (words->has_url && !words->has_question)
        return TEXT("/");
    return settings->question == QUESTION_LIVE ? TEXT("/livez") : TEXT("/readyz");
}

static struct target_fault find_target(const struct words *words, char *const *envp, struct settings *settings)
{
    bool path_alone = words->has_url && words->url.len > 0 && words->url.at[0] == '/';
    if (words->has_url && !path_alone)
        return target_from_url(words->url, &settings->target);
    struct target_fault bad =
        target_from_server(variable(envp, TEXT("HOST")), variable(envp, TEXT("PORT")), &settings->target);
    return bad.cause || !path_alone ? bad : target_set_path(&settings->target, words->url);
}

void settings_read(char *const *argv, char *const *envp, struct settings *ret_settings)
{
    struct words words = {0};
    struct target *target = &ret_settings->target;
    *ret_settings = (struct settings){.timeout_ms = PROBE_TIMEOUT_DEFAULT_MS};
    for (size_t i = 1; argv[0] && argv[i] && ret_settings->action == SETTINGS_ASK; i++)
        i += read_word(text_of(argv[i]), argv[i + 1], &words, ret_settings);
    if (ret_settings->action != SETTINGS_ASK)
        return;
    struct target_fault bad = find_target(&words, envp, ret_settings);
    if (bad.cause)
        wrong(ret_settings, bad.cause, bad.subject);
    else if (target->path.len == 0)
        target->path = path_of(ret_settings, &words);
}
