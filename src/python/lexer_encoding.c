/* SPDX-License-Identifier: Apache-2.0 */
#include "python/lexer_internal.h"

#include <string.h>

#define ENCODING_NAME_MAX 16

/* What a declaration's line says: "coding", ':' or '=', blanks, the name (PEP 263). */
static struct str declared_in(struct str line)
{
    struct str rest = line;
    for (size_t i; (i = str_find(rest, STR("coding"))) < rest.len;) {
        rest = str_skip(rest, i + 6);
        if (rest.len == 0 || (rest.ptr[0] != ':' && rest.ptr[0] != '='))
            continue;
        size_t start = 1, end;
        while (start < rest.len && (rest.ptr[start] == ' ' || rest.ptr[start] == '\t'))
            start++;
        for (end = start; end < rest.len; end++) {
            char c = rest.ptr[end];
            if (!char_is_alnum(c) && c != '-' && c != '_' && c != '.')
                break;
        }
        if (end > start)
            return str_of(rest.ptr + start, end - start);
    }
    return STR_NONE;
}

/* Cuts a line at any line end. */
static struct str next_line(struct str *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != '\n' && rest->ptr[end] != '\r')
        end++;
    struct str line = str_head(*rest, end);
    size_t skip = end + 1 < rest->len && rest->ptr[end] == '\r' && rest->ptr[end + 1] == '\n' ? 2 : 1;
    *rest = str_skip(*rest, end + skip);
    return line;
}

static bool starts_any(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static enum python_encoding encoding_of(struct str declared)
{
    static const char *const single[] = {"latin", "iso-8859-", "iso8859", "cp125", "windows-125", "koi8-",
                                         "euc-",  "l1",        "cp437",   "cp850", "cp866",       "mac-"};
    char name[ENCODING_NAME_MAX] = "";
    for (size_t i = 0; i < declared.len && i < sizeof(name) - 1; i++)
        name[i] = declared.ptr[i] == '_' ? '-' : char_lower(declared.ptr[i]);
    if (declared.len == 0 || strcmp(name, "utf-8") == 0 || strncmp(name, "utf-8-", 6) == 0 ||
        strcmp(name, "utf8") == 0 || strcmp(name, "u8") == 0)
        return PYTHON_ENCODING_UTF8;
    if (strcmp(name, "ascii") == 0 || strcmp(name, "us-ascii") == 0)
        return PYTHON_ENCODING_ASCII;
    return starts_any(name, single, ARRAY_LEN(single)) ? PYTHON_ENCODING_SINGLE : PYTHON_ENCODING_OTHER;
}

struct python_source python_source_about(struct str source)
{
    struct python_source about = {.byte_order_mark = str_starts(source, STR("\xEF\xBB\xBF"))};
    struct str rest = str_skip(source, about.byte_order_mark ? 3 : 0);
    for (int i = 0; i < 2 && about.declared.len == 0; i++) {
        struct str line = next_line(&rest);
        size_t blank = 0;
        while (blank < line.len && char_in(line.ptr[blank], CHAR_BLANK))
            blank++;
        line = str_skip(line, blank);
        if (line.len > 0 && line.ptr[0] != '#')
            break;
        about.declared = declared_in(line);
    }
    about.encoding = encoding_of(about.declared);
    return about;
}
