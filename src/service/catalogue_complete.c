/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalogue.h"
#include "service/catalogue_words.h"

/* Who begins with what was typed comes first, then who has it inside; each in the order offered. */
struct offer {
    struct str typed;
    struct str *values;
    size_t len, cap;
};

static bool folds_at(struct str text, size_t at, struct str part)
{
    return at + part.len <= text.len && str_eq_fold(str_head(str_skip(text, at), part.len), part);
}

static bool has_inside(struct str text, struct str part)
{
    for (size_t at = 1; at + part.len <= text.len; at++)
        if (folds_at(text, at, part))
            return true;
    return false;
}

static void offer_word(struct offer *offer, struct str word, bool inside)
{
    bool begins = folds_at(word, 0, offer->typed);
    if (offer->len < offer->cap && (inside ? !begins && has_inside(word, offer->typed) : begins))
        offer->values[offer->len++] = word;
}

/* --- the words of each argument --------------------------------------------------------------------------------- */

typedef void words_function(const struct mcp_completion *completion, struct offer *offer, bool inside);

/* A member of context.arguments, or nothing. */
static struct str given(const struct mcp_completion *completion, const char *name)
{
    const struct data_node *node = data_get(completion->given, name);
    return node && node->kind == DATA_STRING ? node->value : STR_NONE;
}

static void rule_words(const struct mcp_completion *completion, struct offer *offer, bool inside)
{
    enum surface surface;
    bool one_surface = catalogue_surface_of(given(completion, "surface"), &surface);
    for (size_t i = 0; rules[i]; i++)
        if (!one_surface || catalogue_is_judged(rules[i], surface))
            offer_word(offer, str_z(rules[i]->id), inside);
}

static void surface_words(const struct mcp_completion *completion, struct offer *offer, bool inside)
{
    const struct rule *rule = rule_find(given(completion, "rule"));
    for (unsigned bit = 0; bit < SURFACES; bit++)
        if (catalogue_is_judged(rule, (enum surface)bit))
            offer_word(offer, str_z(surface_name((enum surface)bit)), inside);
}

static void language_words(const struct mcp_completion *completion UNUSED, struct offer *offer, bool inside)
{
    for (size_t i = 0; catalogue_languages[i].name; i++)
        offer_word(offer, str_z(catalogue_languages[i].name), inside);
}

static void platform_words(const struct mcp_completion *completion UNUSED, struct offer *offer, bool inside)
{
    for (size_t i = 0; catalogue_platforms[i]; i++)
        offer_word(offer, str_z(catalogue_platforms[i]), inside);
}

static const struct {
    enum mcp_reference kind;
    const char *name, *argument;
    words_function *words;
} completed[] = {
    {MCP_REFERENCE_PROMPT, "explain-finding", "rule", rule_words},
    {MCP_REFERENCE_PROMPT, "explain-finding", "surface", surface_words},
    {MCP_REFERENCE_PROMPT, "harden-service", "language", language_words},
    {MCP_REFERENCE_PROMPT, "harden-service", "platform", platform_words},
    {MCP_REFERENCE_RESOURCE, "barehull://rules/{id}", "id", rule_words},
};

static words_function *words_of(const struct mcp_completion *completion)
{
    for (size_t i = 0; i < ARRAY_LEN(completed); i++)
        if (completed[i].kind == completion->kind && str_eq_z(completion->name, completed[i].name) &&
            str_eq_z(completion->argument, completed[i].argument))
            return completed[i].words;
    return NULL;
}

int catalogue_complete(void *self UNUSED, const struct mcp_completion *completion, struct arena *arena,
                       struct str_list *ret_values, struct err *err)
{
    words_function *words = words_of(completion);
    struct offer offer = {.typed = completion->value, .cap = MCP_COMPLETIONS_MAX};
    if (words) {
        offer.values = ARENA_ARRAY(arena, offer.cap, struct str);
        if (!offer.values)
            return err_nomem(err);
        words(completion, &offer, false);
        words(completion, &offer, true);
    }
    *ret_values = (struct str_list){offer.values, offer.len};
    return 0;
}
