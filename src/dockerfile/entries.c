/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/internal.h"

/* Which instructions know which flags. */
static const struct {
    const char *name;
    enum dockerfile_kind kind;
    bool valueless; /* alone it means true */
    bool repeats;
} known_flags[] = {
    {"platform", DOCKERFILE_FROM, false, false},
    {"mount", DOCKERFILE_RUN, false, true},
    {"network", DOCKERFILE_RUN, false, false},
    {"security", DOCKERFILE_RUN, false, false},
    {"device", DOCKERFILE_RUN, false, true},
    {"from", DOCKERFILE_COPY, false, false},
    {"chown", DOCKERFILE_COPY, false, false},
    {"chmod", DOCKERFILE_COPY, false, false},
    {"link", DOCKERFILE_COPY, true, false},
    {"parents", DOCKERFILE_COPY, true, false},
    {"exclude", DOCKERFILE_COPY, false, true},
    {"chown", DOCKERFILE_ADD, false, false},
    {"chmod", DOCKERFILE_ADD, false, false},
    {"link", DOCKERFILE_ADD, true, false},
    {"keep-git-dir", DOCKERFILE_ADD, true, false},
    {"checksum", DOCKERFILE_ADD, false, false},
    {"exclude", DOCKERFILE_ADD, false, true},
    {"unpack", DOCKERFILE_ADD, true, false},
    {"interval", DOCKERFILE_HEALTHCHECK, false, false},
    {"timeout", DOCKERFILE_HEALTHCHECK, false, false},
    {"start-period", DOCKERFILE_HEALTHCHECK, false, false},
    {"start-interval", DOCKERFILE_HEALTHCHECK, false, false},
    {"retries", DOCKERFILE_HEALTHCHECK, false, false},
};

struct flags {
    struct dockerfile_flag *items;
    uint32_t count;
    uint32_t cap;
};

static int add_pair(struct dockerfile_reading *reading, struct dockerfile_pairs *pairs, struct dockerfile_pair pair,
                    struct err *err)
{
    if (*reading->word_budget == 0)
        return err_set(err, ERR_LIMIT, "more than %u words in all instructions", LIMIT_DOCKERFILE_WORDS);
    struct dockerfile_pair *fresh = DOCKERFILE_ADD_TO(reading->arena, pairs);
    if (!fresh)
        return err_nomem(err);
    --*reading->word_budget;
    *fresh = pair;
    return 0;
}

/* WORD cut at its first '='. */
static struct dockerfile_pair cut(struct dockerfile_reading *reading, const struct dockerfile_word *word)
{
    size_t equals = str_find_char(word->text, '=');
    struct dockerfile_pair pair = {.has_value = equals < word->text.len};
    pair.key = dockerfile_word_part(reading->line, word, 0, equals);
    if (pair.has_value)
        pair.value = dockerfile_word_part(reading->line, word, equals + 1, word->text.len - equals - 1);
    else
        pair.value = (struct dockerfile_word){str_of(word->text.ptr + word->text.len, 0),
                                              {word->span.offset + word->span.len, 0}};
    if (pair.has_value && pair.value.text.len == 0)
        pair.value.span = (struct data_span){word->span.offset + word->span.len, 0};
    return pair;
}

/* "type=bind,from=build,target=/x" */
static int read_fields(struct dockerfile_reading *reading, struct dockerfile_flag *flag, struct err *err)
{
    size_t at = 0;
    while (flag->has_value && at < flag->value.text.len) {
        size_t len = str_find_char(str_skip(flag->value.text, at), ',');
        struct dockerfile_word field = dockerfile_word_part(reading->line, &flag->value, at, len);
        int r = len ? add_pair(reading, &flag->fields, cut(reading, &field), err) : 0;
        if (r < 0)
            return r;
        at += len + 1;
    }
    return 0;
}

static int check_flag(struct dockerfile_reading *reading, const struct flags *before,
                      const struct dockerfile_flag *flag, struct err *err)
{
    size_t i = 0;
    while (i < ARRAY_LEN(known_flags) &&
           (known_flags[i].kind != reading->out->kind || !str_eq_z(flag->name, known_flags[i].name)))
        i++;
    const char *kind = dockerfile_kind_name(reading->out->kind);
    const char *shown = dockerfile_shown(reading->arena, flag->name);
    if (!shown)
        return err_nomem(err);
    if (i == ARRAY_LEN(known_flags))
        return dockerfile_complain(reading, flag->word.span,
                                   arena_printf(reading->arena, "%s has no flag '--%s'", kind, shown), "", err);
    if (!flag->has_value && !known_flags[i].valueless)
        return dockerfile_complain(
            reading, flag->word.span, arena_printf(reading->arena, "the flag '--%s' has no value", known_flags[i].name),
            arena_printf(reading->arena, "write --%s=value, without white space", known_flags[i].name), err);
    for (uint32_t k = 0; k < before->count && !known_flags[i].repeats; k++)
        if (str_eq(before->items[k].name, flag->name))
            return dockerfile_complain(
                reading, flag->word.span,
                arena_printf(reading->arena, "the flag '--%s' is given twice", known_flags[i].name),
                "keep one of the two", err);
    return 0;
}

static int read_flag(struct dockerfile_reading *reading, struct flags *flags, struct dockerfile_word word,
                     struct err *err)
{
    struct dockerfile_pair pair = cut(reading, &word);
    struct dockerfile_flag flag = {
        .word = word, .name = str_skip(pair.key.text, 2), .value = pair.value, .has_value = pair.has_value};
    int r = check_flag(reading, flags, &flag, err);
    if (r == 0 && str_eq(flag.name, STR("mount")))
        r = read_fields(reading, &flag, err);
    if (r < 0)
        return r;
    if (*reading->word_budget == 0)
        return err_set(err, ERR_LIMIT, "more than %u words in all instructions", LIMIT_DOCKERFILE_WORDS);
    struct dockerfile_flag *fresh = DOCKERFILE_ADD_TO(reading->arena, flags);
    if (!fresh)
        return err_nomem(err);
    --*reading->word_budget;
    *fresh = flag;
    return 0;
}

int dockerfile_flags_read(struct dockerfile_reading *reading, size_t *at, struct err *err)
{
    struct str text = reading->line->text;
    struct flags flags = {0};
    int r = 0;
    while (r == 0) {
        size_t next = *at;
        size_t start;
        size_t end;
        bool open_quote = false;
        if (!dockerfile_next_quoted(text, &next, reading->escape, &start, &end, &open_quote) ||
            !str_starts(str_skip(text, start), STR("--")))
            break;
        *at = next;
        if (end - start == 2) /* "--" alone ends the flags */
            break;
        if (flags.count >= LIMIT_DOCKERFILE_FLAGS)
            return err_set(err, ERR_LIMIT, "more than %d flags in one instruction", LIMIT_DOCKERFILE_FLAGS);
        r = read_flag(reading, &flags, dockerfile_line_word(reading->line, start, end - start), err);
    }
    reading->out->flags = flags.items;
    reading->out->flag_count = flags.count;
    return r;
}

/* ENV and LABEL without '=' in the first word: NAME and, behind white space, all the rest. */
static int read_old_form(struct dockerfile_reading *reading, struct err *err)
{
    const struct dockerfile_word *rest = &reading->out->rest;
    size_t at = 0;
    size_t start;
    size_t end;
    dockerfile_next_plain(rest->text, &at, &start, &end);
    struct str left = str_trim_left(str_skip(rest->text, end));
    if (left.len == 0)
        return dockerfile_complain(
            reading, rest->span,
            arena_printf(reading->arena, "%s has a name without a value", dockerfile_kind_name(reading->out->kind)),
            "write name=value", err);
    struct dockerfile_pair pair = {.has_value = true};
    pair.key = dockerfile_word_part(reading->line, rest, start, end - start);
    pair.value = dockerfile_word_part(reading->line, rest, rest->text.len - left.len, left.len);
    return add_pair(reading, &reading->out->pairs, pair, err);
}

static int read_pair(struct dockerfile_reading *reading, struct dockerfile_word word, struct err *err)
{
    struct dockerfile_pair pair = cut(reading, &word);
    if (!pair.has_value && reading->out->kind != DOCKERFILE_ARG)
        return dockerfile_complain(reading, word.span, "a word has no '='",
                                   "write name=value, and put values with white space in quotes", err);
    if (pair.key.text.len == 0)
        return dockerfile_complain(reading, word.span, "nothing stands before '='", "write name=value", err);
    return add_pair(reading, &reading->out->pairs, pair, err);
}

int dockerfile_pairs_read(struct dockerfile_reading *reading, struct err *err)
{
    const struct dockerfile_word *rest = &reading->out->rest;
    size_t at = 0;
    size_t start;
    size_t end;
    bool open_quote = false;
    bool first = true;
    int r = 0;
    while (r == 0 && dockerfile_next_quoted(rest->text, &at, reading->escape, &start, &end, &open_quote)) {
        struct dockerfile_word word = dockerfile_word_part(reading->line, rest, start, end - start);
        if (first && reading->out->kind != DOCKERFILE_ARG && !str_has_char(word.text, '='))
            return read_old_form(reading, err);
        first = false;
        r = read_pair(reading, word, err);
        if (r == 0 && open_quote)
            r = dockerfile_complain(reading, word.span, "a quote is not closed", "close it", err);
    }
    return r;
}
