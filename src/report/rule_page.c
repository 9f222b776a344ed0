/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rule_page.h"

#include <string.h>

static void add_bits(struct buf *out, unsigned bits, unsigned count, const char *(*name)(unsigned bit))
{
    bool begun = false;
    for (unsigned bit = 0; bit < count; bit++) {
        if (!(bits & 1U << bit))
            continue;
        buf_addf(out, "%s%s", begun ? ", " : "", name(bit));
        begun = true;
    }
}

static const char *surface_of_bit(unsigned bit)
{
    return surface_name((enum surface)bit);
}

static const char *profile_of_bit(unsigned bit)
{
    return profile_name((enum profile)bit);
}

void rule_page_surfaces(const struct rule *rule, struct buf *out)
{
    add_bits(out, rule->surfaces, SURFACES, surface_of_bit);
}

void rule_page_profiles(const struct rule *rule, struct buf *out)
{
    add_bits(out, rule->profiles, PROFILES, profile_of_bit);
}

const char *rule_page_surface_title(enum surface surface)
{
    static const char *const titles[SURFACES] = {"Dockerfile", "Compose", "Kubernetes", "Image"};
    return titles[surface];
}

static const char *param_type_name(enum rule_param_type type)
{
    static const char *const names[] = {"number", "size", "true or false", "list of texts"};
    return names[type];
}

static enum surface first_surface(const struct rule *rule)
{
    unsigned bit = 0;
    while (bit + 1 < SURFACES && !(rule->surfaces & 1U << bit))
        bit++;
    return (enum surface)bit;
}

void rule_page_remedies(const struct rule *rule, struct buf *out)
{
    if (rule_has_one_remedy(rule)) {
        buf_add_z(out, rule_remedy(rule, first_surface(rule)));
        return;
    }
    bool begun = false;
    for (unsigned bit = 0; bit < SURFACES; bit++) {
        if (!(rule->surfaces & 1U << bit))
            continue;
        buf_addf(out, "%s%s: %s", begun ? "\n" : "", rule_page_surface_title((enum surface)bit),
                 rule_remedy(rule, (enum surface)bit));
        begun = true;
    }
}

/* --- Markdown --------------------------------------------------------------------------------------------------- */

static void add_code(struct buf *out, enum surface surface, const char *text)
{
    struct str code = str_z(text);
    buf_addf(out, "```%s\n", surface == SURFACE_DOCKERFILE ? "dockerfile" : "yaml");
    buf_add_str(out, code);
    buf_add_z(out, code.len > 0 && code.ptr[code.len - 1] == '\n' ? "```\n" : "\n```\n");
}

/* Our own prose: `code` stays, what else Markdown would take for markup is made harmless. */
void rule_page_prose(const char *text, struct buf *out)
{
    bool code = false;
    for (; *text; text++) {
        if (*text == '`' && (code || strchr(text + 1, '`')))
            code = !code;
        else if (*text == '|' || (!code && strchr("*_<`\\[", *text)))
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
}

/* A remedy is an order in lower case; on a page it is a sentence. */
static void add_sentence(struct buf *out, const char *text)
{
    size_t start = out->len;
    rule_page_prose(text, out);
    if (out->failed || out->len == start)
        return;
    char *first = &out->ptr[start];
    if (*first >= 'a' && *first <= 'z')
        *first = (char)(*first - ('a' - 'A'));
    if (out->ptr[out->len - 1] != '.')
        buf_add_char(out, '.');
}

static void add_remedies(const struct rule *rule, struct buf *out)
{
    if (rule_has_one_remedy(rule)) {
        add_sentence(out, rule_remedy(rule, first_surface(rule)));
        buf_add_char(out, '\n');
        return;
    }
    for (unsigned bit = 0; bit < SURFACES; bit++) {
        if (!(rule->surfaces & 1U << bit))
            continue;
        buf_addf(out, "- %s: ", rule_page_surface_title((enum surface)bit));
        add_sentence(out, rule_remedy(rule, (enum surface)bit));
        buf_add_char(out, '\n');
    }
}

static void add_examples(const struct rule *rule, struct buf *out)
{
    for (const struct rule_example *example = rule->examples; example && example->bad; example++) {
        buf_addf(out, "\n## %s\n\nNot so:\n\n", rule_page_surface_title(example->surface));
        add_code(out, example->surface, example->bad);
        if (!example->good)
            continue;
        buf_add_z(out, "\nBut so:\n\n");
        add_code(out, example->surface, example->good);
    }
}

static void add_params(const struct rule *rule, struct buf *out)
{
    if (!rule->params || !rule->params->name)
        return;
    buf_add_z(out, "\n## Parameters\n\nSet under `rules` in `.barehull.yaml`.\n\n");
    for (const struct rule_param *param = rule->params; param->name; param++) {
        buf_addf(out, "- `%s` (%s) - ", param->name, param_type_name(param->type));
        rule_page_prose(param->summary, out);
        if (param->default_text)
            buf_addf(out, " (default: `%s`)", param->default_text);
        buf_add_char(out, '\n');
    }
}

static void add_sources(const struct rule *rule, struct buf *out)
{
    if (!rule->sources || !rule->sources->title)
        return;
    buf_add_z(out, "\n## Sources\n\n");
    for (const struct rule_source *source = rule->sources; source->title; source++) {
        buf_add_z(out, "- [");
        rule_page_prose(source->title, out);
        buf_addf(out, "](%s)\n", source->url);
    }
}

static void add_facts(const struct rule *rule, struct buf *out)
{
    buf_addf(out, "\n| | |\n| --- | --- |\n| Severity | %s |\n| Judged on | ", severity_name(rule->severity));
    rule_page_surfaces(rule, out);
    buf_add_z(out, " |\n| Profiles | ");
    rule_page_profiles(rule, out);
    buf_add_z(out, " |\n");
}

static void add_waiving(const struct rule *rule, enum rule_page_part part, struct buf *out)
{
    buf_addf(out,
             "\n## Exceptions\n\n"
             "Where the rule can't be kept, a waiver says why: a comment on the line or above it,\n\n"
             "```\n# barehull: allow %s -- the reason\n```\n\n"
             "or `.barehull.yaml` for whole paths%s.\n",
             rule->id, part == RULE_PAGE_WHOLE ? "; see [how to check](../check.md)" : "");
}

void rule_page_markdown(const struct rule *rule, enum rule_page_part part, struct buf *out)
{
    if (part == RULE_PAGE_WHOLE)
        buf_add_z(out, "<!-- Generated from the rule's descriptor; edit that, then UPDATE=1 tools/check-docs. -->\n\n");
    if (part != RULE_PAGE_HELP) {
        buf_addf(out, "# %s\n\n", rule->id);
        add_sentence(out, rule->summary);
        buf_add_char(out, '\n');
        add_facts(rule, out);
        buf_add_char(out, '\n');
    }
    buf_add_z(out, "## Why\n\n");
    add_sentence(out, rule->rationale);
    buf_add_z(out, "\n\n## What to do\n\n");
    add_remedies(rule, out);
    add_examples(rule, out);
    add_params(rule, out);
    if (part != RULE_PAGE_HELP)
        add_waiving(rule, part, out);
    add_sources(rule, out);
}

/* --- text ------------------------------------------------------------------------------------------------------- */

enum { LABEL_WIDTH = 11, INDENT = 2, CODE_INDENT = 4 };

static void write_heading(struct text_out *out, const char *text)
{
    text_z(out, "\n");
    text_styled(out, TEXT_BOLD, text);
    text_z(out, "\n");
}

static void write_code(struct text_out *out, const char *label, const char *text)
{
    struct str rest = str_z(text), line;
    text_f(out, "%*s", INDENT, "");
    text_styled(out, TEXT_DIM, label);
    text_z(out, "\n");
    while (rest.len > 0 && str_next_line(&rest, &line)) {
        buf_add_fill(out->buf, ' ', line.len > 0 ? CODE_INDENT : 0);
        text_str(out, line);
        text_z(out, "\n");
    }
}

static void write_label(struct text_out *out, const char *label)
{
    text_f(out, "%*s", INDENT, "");
    text_label(out, label, LABEL_WIDTH);
}

static void write_examples(const struct rule *rule, struct text_out *out)
{
    for (const struct rule_example *example = rule->examples; example && example->bad; example++) {
        write_heading(out, rule_page_surface_title(example->surface));
        write_code(out, "not so:", example->bad);
        if (example->good)
            write_code(out, "but so:", example->good);
    }
}

static void write_params(const struct rule *rule, struct text_out *out)
{
    if (!rule->params || !rule->params->name)
        return;
    write_heading(out, "Parameters (.barehull.yaml)");
    for (const struct rule_param *param = rule->params; param->name; param++) {
        CLEANUP_BUF struct buf text = BUF_INIT;
        buf_addf(&text, "%s (%s): %s", param->name, param_type_name(param->type), param->summary);
        if (param->default_text)
            buf_addf(&text, " (default: %s)", param->default_text);
        text_wrap(out, INDENT, 0, buf_str(&text));
        out->buf->failed = out->buf->failed || text.failed;
    }
}

static void write_remedies(const struct rule *rule, struct text_out *out)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    rule_page_remedies(rule, &text);
    struct str rest = buf_str(&text), line;
    while (rest.len > 0 && str_next_line(&rest, &line))
        text_wrap(out, INDENT, 0, line);
    out->buf->failed = out->buf->failed || text.failed;
}

void rule_page_text(const struct rule *rule, struct text_out *out)
{
    text_styled(out, TEXT_BOLD, rule->id);
    text_f(out, ": %s\n\n", rule->summary);
    write_label(out, "severity");
    text_f(out, "%s\n", severity_name(rule->severity));
    write_label(out, "judged on");
    rule_page_surfaces(rule, out->buf);
    text_z(out, "\n");
    write_label(out, "profiles");
    rule_page_profiles(rule, out->buf);
    text_z(out, "\n");
    write_heading(out, "Why");
    text_wrap(out, INDENT, 0, str_z(rule->rationale));
    write_heading(out, "What to do");
    write_remedies(rule, out);
    write_examples(rule, out);
    write_params(rule, out);
    if (rule->sources && rule->sources->title)
        write_heading(out, "Sources");
    for (const struct rule_source *source = rule->sources; source && source->title; source++)
        text_f(out, "%*s%s\n%*s%s\n", INDENT, "", source->title, CODE_INDENT, "", source->url);
}
