/* SPDX-License-Identifier: Apache-2.0 */
/* The one-line format: "deb [ option=value ... ] uri suite component ..." */
#include "pkg/internal.h"

/* LINE without its comment: from the first '#' that is not within "[ ]". */
static struct str strip_comment(struct str line)
{
    int depth = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '[')
            depth++;
        else if (line.ptr[i] == ']')
            depth--;
        else if (line.ptr[i] == '#' && depth <= 0)
            return str_trim(str_head(line, i));
    }
    return str_trim(line);
}

static int read_option(const struct source_reader *reader, struct source_entry *entry, struct str word, struct err *err)
{
    size_t equals = str_find_char(word, '=');
    struct str value = str_skip(word, equals + 1);
    if (equals == word.len || equals == 0 || value.len == 0)
        return err_set(err, ERR_INVALID, "the option '%.*s' is not name=value", STR_ARG(word));
    return source_set_option(reader, entry, str_head(word, equals), value, err);
}

/* Takes "[ ... ]" off *REST when it starts so. */
static int read_options(const struct source_reader *reader, struct source_entry *entry, struct str *rest,
                        struct err *err)
{
    if (rest->len == 0 || rest->ptr[0] != '[')
        return 0;
    size_t end = str_find_char(*rest, ']');
    if (end == rest->len)
        return err_set(err, ERR_INVALID, "the options have no closing bracket");
    struct str options = str_head(str_skip(*rest, 1), end - 1);
    *rest = str_trim_left(str_skip(*rest, end + 1));
    for (struct str word; str_next_word(&options, &word);) {
        int rc = read_option(reader, entry, word, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int read_line(const struct source_reader *reader, struct str line, size_t number, struct err *err)
{
    struct source_entry entry = {.options = {.file = reader->file, .line = number}};
    struct str type;
    if (!str_next_word(&line, &type))
        return 0;
    bool binary = str_eq(type, STR("deb"));
    if (!binary && !str_eq(type, STR("deb-src")))
        return err_set(err, ERR_INVALID, "the type '%.*s' is not known", STR_ARG(str_head(type, 60)));
    line = str_trim_left(line);
    int rc = read_options(reader, &entry, &line, err);
    if (rc || !binary)
        return rc;
    if (line.len > 0 && line.ptr[0] == '"')
        return err_set(err, ERR_UNSUPPORTED, "quoted words are not supported");
    (void)str_next_word(&line, &entry.uris);
    if (str_starts(entry.uris, STR("cdrom:"))) /* its name may hold blanks */
        return 0;
    (void)str_next_word(&line, &entry.suites);
    entry.components = line;
    return source_add_entry(reader, &entry, err);
}

int source_read_lines(const struct source_reader *reader, struct str text, struct err *err)
{
    struct str line;
    for (size_t number = 1; str_next_line(&text, &line); number++) {
        int rc = read_line(reader, strip_comment(line), number, err);
        if (rc)
            return err_wrap(err, "'%.*s' line %zu", STR_ARG(reader->file), number);
    }
    return 0;
}
