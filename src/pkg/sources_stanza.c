/* SPDX-License-Identifier: Apache-2.0 */
/* The deb822 format: stanzas of Types, URIs, Suites, Components and options. */
#include "pkg/deb822.h"
#include "pkg/internal.h"

static int read_types(struct str types, bool *ret_binary, struct err *err)
{
    bool any = false;
    bool binary = false;
    for (struct str type; str_next_word(&types, &type); any = true) {
        if (str_eq(type, STR("deb")))
            binary = true;
        else if (!str_eq(type, STR("deb-src")))
            return err_set(err, ERR_INVALID, "the type '%.*s' is not known", STR_ARG(str_head(type, 60)));
    }
    if (!any)
        return err_set(err, ERR_INVALID, "the stanza has no Types");
    *ret_binary = binary;
    return 0;
}

static int read_options(const struct source_reader *reader, const struct deb822_paragraph *stanza,
                        struct source_entry *entry, struct err *err)
{
    static const struct {
        struct str field;
        struct str option;
    } options[] = {
        {STR_INIT("Signed-By"), STR_INIT("signed-by")},
        {STR_INIT("Trusted"), STR_INIT("trusted")},
        {STR_INIT("Check-Valid-Until"), STR_INIT("check-valid-until")},
        {STR_INIT("Check-Date"), STR_INIT("check-date")},
        {STR_INIT("Architectures"), STR_INIT("arch")},
        {STR_INIT("Architectures-Add"), STR_INIT("arch+")},
        {STR_INIT("Architectures-Remove"), STR_INIT("arch-")},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        struct str value = deb822_get(stanza, options[i].field);
        int rc = value.len > 0 ? source_set_option(reader, entry, options[i].option, value, err) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

/* FIELD's value as one line, so that comments between its lines are gone. */
static int get_words(const struct source_reader *reader, const struct deb822_paragraph *stanza, struct str field,
                     struct str *ret_words, struct err *err)
{
    CLEANUP_BUF struct buf words = BUF_INIT;
    deb822_unfold(&words, deb822_get(stanza, field));
    int rc = buf_check(&words, err);
    if (rc)
        return rc;
    struct str copy = arena_buf(reader->arena, &words);
    if (!copy.ptr)
        return err_nomem(err);
    *ret_words = copy;
    return 0;
}

static int read_stanza(const struct source_reader *reader, const struct deb822_paragraph *stanza, size_t line,
                       struct err *err)
{
    struct source_entry entry = {.options = {.file = reader->file, .line = line}};
    bool binary;
    if (!deb822_bool(deb822_get(stanza, STR("Enabled")), true))
        return 0;
    int rc = read_types(deb822_get(stanza, STR("Types")), &binary, err);
    if (rc || !binary)
        return rc;
    rc = read_options(reader, stanza, &entry, err);
    if (!rc)
        rc = get_words(reader, stanza, STR("URIs"), &entry.uris, err);
    if (!rc)
        rc = get_words(reader, stanza, STR("Suites"), &entry.suites, err);
    if (!rc)
        rc = get_words(reader, stanza, STR("Components"), &entry.components, err);
    return rc ? rc : source_add_entry(reader, &entry, err);
}

int source_read_stanzas(const struct source_reader *reader, struct str text, struct err *err)
{
    struct str rest = text;
    struct deb822_paragraph stanza;
    for (;;) {
        int rc = deb822_next(&rest, DEB822_COMMENTS, &stanza, err);
        if (rc)
            return err_wrap(err, "'%.*s' line %zu", STR_ARG(reader->file), deb822_line_number(text, rest.ptr));
        if (stanza.len == 0)
            return 0;
        size_t line = deb822_line_number(text, stanza.fields[0].name.ptr);
        rc = read_stanza(reader, &stanza, line, err);
        if (rc)
            return err_wrap(err, "'%.*s' line %zu", STR_ARG(reader->file), line);
    }
}
