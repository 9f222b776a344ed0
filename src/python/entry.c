/* SPDX-License-Identifier: Apache-2.0 */
#include "python/entry.h"
#include "base/limits.h"
#include "base/vec.h"

static bool is_word(char c)
{
    return char_is_alnum(c) || c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

static struct str take_words(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && is_word(rest->ptr[len]))
        len++;
    struct str words = str_head(*rest, len);
    *rest = str_trim_left(str_skip(*rest, len));
    return words;
}

/* "module:attr [extras]" */
static bool parse_value(struct python_entry *entry)
{
    struct str rest = entry->value, attr = STR_NONE, extras = STR_NONE;
    struct str module = take_words(&rest);
    if (module.len == 0)
        return false;
    if (rest.len && rest.ptr[0] == ':') {
        rest = str_trim_left(str_skip(rest, 1));
        attr = take_words(&rest);
        if (attr.len == 0)
            return false;
    }
    if (rest.len) {
        if (rest.ptr[0] != '[' || rest.ptr[rest.len - 1] != ']')
            return false;
        extras = str_trim(str_of(rest.ptr + 1, rest.len - 2));
    }
    entry->module = module;
    entry->attr = attr;
    entry->extras = extras;
    return true;
}

static void parse_line(struct str line, struct python_entry *entry)
{
    size_t at = str_find_char(line, '=');
    entry->name = str_trim(str_head(line, at));
    entry->value = str_trim(str_skip(line, at + 1));
    entry->valid = at < line.len && entry->name.len && parse_value(entry);
}

int python_entries_read(struct str text, struct arena *arena, struct python_entry **ret_entries, size_t *ret_count,
                        struct err *err)
{
    VEC(struct python_entry) entries = {0};
    struct str line, group = STR_NONE;
    int r = 0;
    if (text.len > LIMIT_PYTHON_TEXT_BYTES)
        return err_set(err, ERR_LIMIT, "an entry_points.txt of more than %llu bytes", LIMIT_PYTHON_TEXT_BYTES);
    for (unsigned number = 1; str_next_line(&text, &line); number++) {
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            group = str_trim(str_of(line.ptr + 1, line.len - 2));
            continue;
        }
        if (!group.ptr)
            continue;
        if (entries.len == LIMIT_PYTHON_LINES) {
            r = err_set(err, ERR_LIMIT, "an entry_points.txt with more than %u entries", LIMIT_PYTHON_LINES);
            break;
        }
        struct python_entry *entry = VEC_ADD(&entries);
        if (!entry) {
            r = err_nomem(err);
            break;
        }
        entry->group = group;
        entry->line = number;
        parse_line(line, entry);
    }
    struct python_entry *kept = r ? NULL : ARENA_ARRAY(arena, entries.len + 1, struct python_entry);
    if (!r && !kept)
        r = err_nomem(err);
    if (!r) {
        for (size_t i = 0; i < entries.len; i++)
            kept[i] = entries.ptr[i];
        *ret_entries = kept;
        *ret_count = entries.len;
    }
    VEC_DONE(&entries);
    return r;
}

const struct python_entry *python_entry_find(const struct python_entry *entries, size_t count, struct str group,
                                             struct str name)
{
    for (size_t i = count; i > 0; i--)
        if (entries[i - 1].valid && str_eq(entries[i - 1].group, group) && str_eq(entries[i - 1].name, name))
            return &entries[i - 1];
    return NULL;
}
