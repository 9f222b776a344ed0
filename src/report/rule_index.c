/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rule_index.h"

#include "report/rule_page.h"

enum rule_family rule_family_of(const struct rule *rule)
{
    if (!rule->build && !rule->pod && !rule->workload)
        return RULE_FAMILY_TEXT;
    return rule->surfaces & RULE_DOCKERFILE ? RULE_FAMILY_IMAGE : RULE_FAMILY_WORKLOAD;
}

const char *rule_family_title(enum rule_family family)
{
    static const char *const titles[RULE_FAMILIES] = {"The checked files", "The image", "The workload"};
    return titles[family];
}

static bool is_first(enum rule_family family, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (rule_family_of(rules[i]) == family)
            return false;
    return true;
}

static void add_markdown_rule(struct buf *out, const struct rule *rule)
{
    buf_addf(out, "| [%s](%s.md) | %s | ", rule->id, rule->id, severity_name(rule->severity));
    rule_page_surfaces(rule, out);
    buf_add_z(out, " | ");
    rule_page_prose(rule->summary, out);
    buf_add_z(out, " |\n");
}

void rule_index_markdown(struct buf *out)
{
    buf_add_z(out, "<!-- Generated from the rules' descriptors; edit those, then UPDATE=1 tools/check-docs. -->\n\n"
                   "# Rules\n\n"
                   "What `barehull check` holds files against; one principle is one rule, wherever it shows. "
                   "`barehull explain RULE` shows the same pages, and [how to check](../check.md) tells how to "
                   "choose rules and how to waive one.\n");
    for (unsigned family = 0; family < RULE_FAMILIES; family++) {
        for (size_t i = 0; rules[i]; i++) {
            if (rule_family_of(rules[i]) != family)
                continue;
            if (is_first((enum rule_family)family, i))
                buf_addf(out, "\n## %s\n\n| Rule | Severity | Judged on | What it holds |\n| --- | --- | --- | --- |\n",
                         rule_family_title((enum rule_family)family));
            add_markdown_rule(out, rules[i]);
        }
    }
}

static size_t widest_id(void)
{
    size_t widest = 0;
    for (size_t i = 0; rules[i]; i++) {
        size_t len = str_z(rules[i]->id).len;
        widest = len > widest ? len : widest;
    }
    return widest;
}

static enum text_style severity_style(enum severity severity)
{
    return severity == SEVERITY_ERROR ? TEXT_RED : severity == SEVERITY_WARNING ? TEXT_YELLOW : TEXT_CYAN;
}

static void write_rule(struct text_out *out, const struct rule *rule, unsigned width)
{
    unsigned used = (unsigned)str_z(rule->id).len;
    text_z(out, "  ");
    text_styled(out, TEXT_BOLD, rule->id);
    text_f(out, "%*s", (int)(width - used + 2), "");
    text_styled(out, severity_style(rule->severity), severity_name(rule->severity));
    used = (unsigned)str_z(severity_name(rule->severity)).len;
    text_f(out, "%*s", (int)(sizeof("warning") + 1 - used), "");
    unsigned indent = 2 + width + 2 + (unsigned)sizeof("warning") + 1;
    text_wrap(out, indent, indent, str_z(rule->summary));
}

void rule_index_text(struct text_out *out)
{
    unsigned width = (unsigned)widest_id();
    bool begun = false;
    for (unsigned family = 0; family < RULE_FAMILIES; family++) {
        for (size_t i = 0; rules[i]; i++) {
            if (rule_family_of(rules[i]) != family)
                continue;
            if (is_first((enum rule_family)family, i)) {
                text_z(out, begun ? "\n" : "");
                text_styled(out, TEXT_BOLD, rule_family_title((enum rule_family)family));
                text_z(out, "\n");
            }
            begun = true;
            write_rule(out, rules[i], width);
        }
    }
    text_z(out, "\n'barehull explain RULE' tells more about one\n");
}
