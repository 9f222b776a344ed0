/* SPDX-License-Identifier: Apache-2.0 */
#include "python/pth.h"
#include "base/limits.h"
#include "base/vec.h"

#include <string.h>

#define EDITABLE STR("__editable___")

static bool is_word(char c)
{
    return char_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* "__editable___demo_0_1_finder" in "import __editable___demo_0_1_finder; ...install()". */
static struct str finder_in(struct str code)
{
    struct str at = str_skip(code, str_find(code, EDITABLE));
    size_t len = 0;
    while (len < at.len && is_word(at.ptr[len]))
        len++;
    at = str_head(at, len);
    return str_ends(at, STR("_finder")) ? at : STR_NONE;
}

static void read_line(struct str line, struct python_pth_line *ret)
{
    ret->text = str_trim_right(line);
    ret->kind = PYTHON_PTH_PATH;
    if (!str_starts(line, STR("import ")) && !str_starts(line, STR("import\t")))
        return;
    ret->finder = finder_in(ret->text);
    ret->kind = ret->finder.len ? PYTHON_PTH_FINDER : PYTHON_PTH_IMPORT;
}

static int too_large(struct str text, const char *what, struct err *err)
{
    if (text.len <= LIMIT_PYTHON_TEXT_BYTES)
        return 0;
    return err_set(err, ERR_LIMIT, "%s of more than %llu bytes", what, LIMIT_PYTHON_TEXT_BYTES);
}

int python_pth_read(struct str text, struct arena *arena, struct python_pth_line **ret_lines, size_t *ret_count,
                    struct err *err)
{
    int r = too_large(text, "a .pth file", err);
    if (r)
        return r;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_skip(text, 3);
    size_t count = 0, at = 0;
    struct str line, rest = text;
    while (str_next_line(&rest, &line))
        count += str_trim(line).len && line.ptr[0] != '#';
    if (count > LIMIT_PYTHON_LINES)
        return err_set(err, ERR_LIMIT, "a .pth file of more than %u lines", LIMIT_PYTHON_LINES);
    struct python_pth_line *lines = ARENA_ARRAY(arena, count + 1, struct python_pth_line);
    if (!lines)
        return err_nomem(err);
    for (unsigned number = 1; str_next_line(&text, &line); number++) {
        if (!str_trim(line).len || line.ptr[0] == '#')
            continue;
        lines[at].line = number;
        read_line(line, &lines[at++]);
    }
    *ret_lines = lines;
    *ret_count = count;
    return 0;
}

enum python_path_file python_path_file(struct str name)
{
    if (str_ends(name, STR(".egg-link")))
        return PYTHON_FILE_EGG_LINK;
    if (str_starts(name, EDITABLE) && str_ends(name, STR("_finder.py")))
        return PYTHON_FILE_FINDER;
    if (!str_ends(name, STR(".pth")))
        return PYTHON_FILE_OTHER;
    if (name.ptr[0] == '.')
        return PYTHON_FILE_PTH_IGNORED;
    if (str_starts(name, STR("__editable__.")))
        return PYTHON_FILE_PTH_EDITABLE;
    return str_eq(name, STR("easy-install.pth")) ? PYTHON_FILE_PTH_EASY_INSTALL : PYTHON_FILE_PTH;
}

struct str python_egg_link(struct str text)
{
    struct str line;
    while (str_next_line(&text, &line)) {
        line = str_trim(line);
        if (line.len)
            return line;
    }
    return STR_NONE;
}

/* A string literal without prefix; false when REST does not begin with one. */
static bool take_literal(struct str *rest, struct str *ret)
{
    struct str text = str_trim_left(*rest);
    if (text.len == 0 || (text.ptr[0] != '\'' && text.ptr[0] != '"'))
        return false;
    for (size_t i = 1; i < text.len && text.ptr[i] != '\n'; i++) {
        if (text.ptr[i] == '\\') {
            i++;
        } else if (text.ptr[i] == text.ptr[0]) {
            *ret = str_of(text.ptr + 1, i - 1);
            *rest = str_skip(text, i + 1);
            return true;
        }
    }
    return false;
}

static bool take_char(struct str *rest, char c)
{
    struct str text = str_trim_left(*rest);
    if (text.len == 0 || text.ptr[0] != c)
        return false;
    *rest = str_skip(text, 1);
    return true;
}

/* Behind "MAPPING ... = {", where a line begins with it. */
static struct str mapping_of(struct str text)
{
    struct str line, from = text;
    for (; str_next_line(&text, &line); from = text) {
        size_t at = str_find(line, STR("= {"));
        if (str_starts(line, STR("MAPPING")) && at < line.len)
            return str_skip(from, at + 3);
    }
    return STR_NONE;
}

int python_finder_read(struct str text, struct arena *arena, struct python_finder_entry **ret_entries,
                       size_t *ret_count, struct err *err)
{
    VEC(struct python_finder_entry) entries = {0};
    int r = too_large(text, "a finder of an editable install", err);
    struct str rest = r ? STR_NONE : mapping_of(text), package, path;
    while (!r && take_literal(&rest, &package) && take_char(&rest, ':') && take_literal(&rest, &path)) {
        struct python_finder_entry entry = {package, path};
        if (entries.len == LIMIT_PYTHON_LINES)
            r = err_set(err, ERR_LIMIT, "a finder of more than %u packages", LIMIT_PYTHON_LINES);
        else if (!VEC_PUSH(&entries, entry))
            r = err_nomem(err);
        if (!take_char(&rest, ','))
            break;
    }
    struct python_finder_entry *kept = r ? NULL : ARENA_ARRAY(arena, entries.len + 1, struct python_finder_entry);
    if (!r && !kept)
        r = err_nomem(err);
    if (!r) {
        if (entries.len)
            memcpy(kept, entries.ptr, entries.len * sizeof(*kept));
        *ret_entries = kept;
        *ret_count = entries.len;
    }
    VEC_DONE(&entries);
    return r;
}
