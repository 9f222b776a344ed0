/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/waiver_text.h"

/* The byte where " -- " begins in TEXT (or "--" at its end); TEXT's length when there is none. */
static size_t find_dashes(struct str text)
{
    for (size_t i = 0; i + 2 <= text.len; i++)
        if (text.ptr[i] == '-' && text.ptr[i + 1] == '-' && (i == 0 || char_is_space(text.ptr[i - 1])) &&
            (i + 2 == text.len || char_is_space(text.ptr[i + 2])))
            return i;
    return text.len;
}

void waiver_text_split(struct str text, struct str *ret_rules, struct str *ret_reason)
{
    size_t dashes = find_dashes(text);
    *ret_reason = str_trim(str_skip(text, dashes + 2));
    *ret_rules = str_trim_right(str_head(text, dashes));
}

bool waiver_text_read(struct str comment, struct str *ret_rules, struct str *ret_reason)
{
    static const struct str words[] = {STR_INIT("barehull:"), STR_INIT("allow ")};
    while (comment.len && comment.ptr[0] == '#')
        comment = str_skip(comment, 1);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        comment = str_trim_left(comment);
        if (!str_starts(comment, words[i]))
            return false;
        comment = str_skip(comment, words[i].len);
    }
    waiver_text_split(str_trim_left(comment), ret_rules, ret_reason);
    return ret_rules->len > 0 && ret_reason->len > 0;
}

bool waiver_text_names(struct str rules, struct str id)
{
    for (struct str name; str_next(&rules, ',', &name);) {
        name = str_trim(name);
        if (str_eq(name, id) || str_eq_z(name, "*"))
            return true;
    }
    return false;
}
