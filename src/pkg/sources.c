/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/sources.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/vec.h"
#include "pkg/deb822.h"
#include "pkg/internal.h"

#include <string.h>

void source_list_done(struct source_list *list)
{
    VEC_DONE(list);
}

static size_t count_words(struct str text)
{
    size_t count = 0;
    for (struct str word; str_next_word(&text, &word);)
        count++;
    return count;
}

static bool words_have(const struct source_words *words, struct str word)
{
    for (size_t i = 0; i < words->len; i++)
        if (str_eq(words->ptr[i], word))
            return true;
    return false;
}

/* Adds the words of TEXT that WORDS doesn't have. The array is made anew: others may share the old one. */
static int add_words(struct arena *arena, struct source_words *words, struct str text, struct err *err)
{
    struct source_words all = {ARENA_ARRAY(arena, words->len + count_words(text), struct str), words->len};
    if (!all.ptr)
        return err_nomem(err);
    if (words->len > 0)
        memcpy(all.ptr, words->ptr, words->len * sizeof(*words->ptr));
    for (struct str word; str_next_word(&text, &word);)
        if (!words_have(&all, word))
            all.ptr[all.len++] = word;
    *words = all;
    return 0;
}

/* A copy of TEXT in which commas are blanks, so that its items are words. */
static struct str comma_words(struct arena *arena, struct str text)
{
    char *copy = arena_z(arena, text);
    for (size_t i = 0; copy && i < text.len; i++)
        if (copy[i] == ',')
            copy[i] = ' ';
    return str_of(copy, copy ? text.len : 0);
}

static enum source_choice choice(struct str value)
{
    return deb822_bool(value, false) ? SOURCE_YES : SOURCE_NO;
}

/* The armoured block of a stanza, unfolded: blanks off, "." is an empty line (deb822(5), sources.list(5)). */
static int set_inline_keyring(struct arena *arena, struct str value, struct str *ret_keyring, struct err *err)
{
    char *text = arena_alloc(arena, value.len + 2);
    if (!text)
        return err_nomem(err);
    size_t len = 0;
    struct str line;
    for (size_t offset = 0; deb822_value_line(value, &offset, &line);) {
        if (line.len > 0)
            memcpy(text + len, line.ptr, line.len);
        len += line.len;
        if (len > 0)
            text[len++] = '\n';
    }
    *ret_keyring = str_of(text, len);
    return 0;
}

static int set_signed_by(struct arena *arena, struct source *options, struct str value, struct err *err)
{
    if (str_find(value, STR("-----BEGIN PGP PUBLIC KEY BLOCK-----")) < value.len) {
        if (str_find(value, STR("-----END PGP PUBLIC KEY BLOCK-----")) == value.len)
            return err_set(err, ERR_INVALID, "the key block in Signed-By has no end");
        return set_inline_keyring(arena, value, &options->inline_keyring, err);
    }
    struct str words = comma_words(arena, value);
    return words.ptr ? add_words(arena, &options->signed_by, words, err) : err_nomem(err);
}

int source_set_option(const struct source_reader *reader, struct source_entry *entry, struct str key, struct str value,
                      struct err *err)
{
    struct source *options = &entry->options;
    if (str_eq(key, STR("signed-by")))
        return set_signed_by(reader->arena, options, value, err);
    if (str_eq(key, STR("trusted")))
        options->trusted = choice(value);
    else if (str_eq(key, STR("check-valid-until")))
        options->check_valid_until = choice(value);
    else if (str_eq(key, STR("check-date")))
        options->check_date = choice(value);
    else if (str_starts(key, STR("arch"))) {
        struct str words = comma_words(reader->arena, value);
        if (!words.ptr)
            return err_nomem(err);
        if (str_eq(key, STR("arch")) || str_eq(key, STR("arch+")))
            return add_words(reader->arena, &options->architectures, words, err);
        if (str_eq(key, STR("arch-")))
            return add_words(reader->arena, &options->architectures_removed, words, err);
    }
    return 0;
}

/* WORD with "$(ARCH)" replaced and, for a URI, a slash at its end. */
static struct str substitute(const struct source_reader *reader, struct str word, bool is_uri)
{
    const struct str variable = STR("$(ARCH)");
    size_t at = str_find(word, variable);
    struct str tail = str_skip(word, at + variable.len);
    const char *slash = is_uri && !str_ends(word, STR("/")) ? "/" : "";
    if (at == word.len)
        return *slash ? str_z(arena_printf(reader->arena, "%.*s/", STR_ARG(word))) : word;
    return str_z(arena_printf(reader->arena, "%.*s%.*s%.*s%s", STR_ARG(str_head(word, at)),
                              STR_ARG(reader->architecture), STR_ARG(tail), slash));
}

/* The source of LIST for the same release, or NULL. */
static struct source *find_release(const struct source_list *list, const struct source *source)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->ptr[i].uri, source->uri) && str_eq(list->ptr[i].suite, source->suite))
            return &list->ptr[i];
    return NULL;
}

static bool same_keys(const struct source *a, const struct source *b)
{
    if (a->signed_by.len != b->signed_by.len || !str_eq(a->inline_keyring, b->inline_keyring))
        return false;
    for (size_t i = 0; i < a->signed_by.len; i++)
        if (!words_have(&b->signed_by, a->signed_by.ptr[i]))
            return false;
    return true;
}

static int add_release(const struct source_reader *reader, const struct source_entry *entry, struct str uri,
                       struct str suite, struct err *err)
{
    struct source source = entry->options;
    source.uri = substitute(reader, uri, true);
    source.suite = substitute(reader, suite, false);
    if (!source.uri.ptr || !source.suite.ptr)
        return err_nomem(err);
    struct source *known = find_release(reader->list, &source);
    if (known && !same_keys(known, &source))
        return err_set(err, ERR_INVALID, "'%.*s' of '%.*s' is signed by other keys than '%.*s' line %zu says",
                       STR_ARG(suite), STR_ARG(uri), STR_ARG(known->file), known->line);
    if (known)
        return add_words(reader->arena, &known->components, entry->components, err);
    int rc = add_words(reader->arena, &source.components, entry->components, err);
    if (rc)
        return rc;
    return VEC_PUSH(reader->list, source) ? 0 : err_nomem(err);
}

static bool has_control_character(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return true;
    return false;
}

static int check_entry(const struct source_entry *entry, struct str uri, struct str suite, struct err *err)
{
    if (has_control_character(uri) || has_control_character(suite))
        return err_set(err, ERR_INVALID, "a control character in a URI or a suite");
    if (!str_has_char(uri, ':'))
        return err_set(err, ERR_INVALID, "'%.*s' is not a URI", STR_ARG(uri));
    bool exact = str_ends(suite, STR("/"));
    bool components = str_trim(entry->components).len > 0;
    if (exact && components)
        return err_set(err, ERR_INVALID, "the exact path '%.*s' can't have components", STR_ARG(suite));
    if (!exact && !components)
        return err_set(err, ERR_INVALID, "no component is given for the suite '%.*s'", STR_ARG(suite));
    return 0;
}

int source_add_entry(const struct source_reader *reader, const struct source_entry *entry, struct err *err)
{
    if (str_trim(entry->uris).len == 0)
        return err_set(err, ERR_INVALID, "no URI is given");
    if (str_trim(entry->suites).len == 0)
        return err_set(err, ERR_INVALID, "no suite is given");
    struct str uris = entry->uris;
    for (struct str uri; str_next_word(&uris, &uri);) {
        struct str suites = entry->suites;
        for (struct str suite; str_next_word(&suites, &suite);) {
            int rc = check_entry(entry, uri, suite, err);
            if (!rc && !str_starts(uri, STR("cdrom:")))
                rc = add_release(reader, entry, uri, suite, err);
            if (rc)
                return rc;
        }
    }
    return 0;
}

bool source_takes_architecture(const struct source *source, struct str architecture)
{
    if (words_have(&source->architectures_removed, architecture))
        return false;
    return source->architectures.len == 0 || words_have(&source->architectures, architecture);
}

/* Puts back the components of sources that were there before: an entry may have added to them. */
static void restore(struct source_list *list, const struct source *before, size_t len)
{
    if (len > 0)
        memcpy(list->ptr, before, len * sizeof(*before));
    list->len = len;
}

int sources_parse(struct str text, struct str file, struct str architecture, struct arena *arena,
                  struct source_list *list, struct err *err)
{
    if (text.len > LIMIT_SOURCES_BYTES)
        return err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(file), LIMIT_SOURCES_BYTES);
    struct source_reader reader = {arena_str(arena, file), arena_str(arena, architecture), arena, list};
    struct str copy = arena_str(arena, text);
    size_t len = list->len;
    struct source *before = ARENA_ARRAY(arena, len, struct source);
    if (!reader.file.ptr || !reader.architecture.ptr || !copy.ptr || !before)
        return err_nomem(err);
    if (len > 0)
        memcpy(before, list->ptr, len * sizeof(*before));
    bool stanzas = str_ends(file, STR(".sources"));
    int rc = stanzas ? source_read_stanzas(&reader, copy, err) : source_read_lines(&reader, copy, err);
    if (rc)
        restore(list, before, len);
    return rc;
}
