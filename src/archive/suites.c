/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/suites.h"

#include "base/path.h"

/* What the choice works with; results grow in the arena. */
struct choice {
    const struct archive_options *options;
    struct arena *arena;
    struct archive_place *places;
    size_t count, cap;
    struct err *err;
};

static struct str joined(struct choice *choice, struct str a, struct str b, struct str c)
{
    char *text = arena_printf(choice->arena, "%.*s%.*s%.*s", STR_ARG(a), STR_ARG(b), STR_ARG(c));
    return text ? str_z(text) : STR_NONE;
}

static int add_place(struct choice *choice, const struct archive_place *place)
{
    if (choice->count == choice->cap) {
        size_t cap = choice->cap ? 2 * choice->cap : 8;
        struct archive_place *longer = ARENA_ARRAY(choice->arena, cap, struct archive_place);
        if (!longer)
            return err_nomem(choice->err);
        for (size_t i = 0; i < choice->count; i++)
            longer[i] = choice->places[i];
        choice->places = longer;
        choice->cap = cap;
    }
    struct archive_place *fresh = &choice->places[choice->count];
    *fresh = *place;
    fresh->suite = arena_str(choice->arena, place->suite);
    fresh->dist_uri = str_ends(place->suite, STR("/")) ? joined(choice, place->base_uri, place->suite, STR_NONE)
                                                       : joined(choice, place->base_uri, STR("dists/"),
                                                                joined(choice, place->suite, STR("/"), STR_NONE));
    char shown[1024];
    fresh->name = arena_str(choice->arena, str_z(transport_public_url(fresh->dist_uri, shown, sizeof(shown))));
    if (!fresh->suite.ptr || !fresh->dist_uri.ptr || !fresh->name.ptr)
        return err_nomem(choice->err);
    choice->count++;
    return 0;
}

static bool is_usable_uri(struct str uri)
{
    return str_starts(uri, STR("http://")) || str_starts(uri, STR("https://")) || str_starts(uri, STR("file:/"));
}

/* "sid" and suites such as "bookworm-backports" stand alone. */
static bool has_companions(struct str suite)
{
    return !str_has_char(suite, '-') && !str_has_char(suite, '/') && !str_eq_z(suite, "sid") &&
           !str_eq_z(suite, "unstable") && !str_eq_z(suite, "experimental");
}

/* A suite's name goes into addresses and file names. */
static int check_suite(struct choice *choice, struct str suite)
{
    struct str path = str_ends(suite, STR("/")) ? str_head(suite, suite.len - 1) : suite;
    bool fine = path_is_clean_relative(path);
    for (size_t i = 0; i < path.len; i++)
        fine = fine && (char_is_alnum(path.ptr[i]) || str_has_char(STR("._+~-/"), path.ptr[i]));
    return fine ? 0 : err_set(choice->err, ERR_INVALID, "'%.*s' is not the name of a suite", STR_ARG(suite));
}

static int split_words(struct choice *choice, struct str text, struct source_words *ret_words)
{
    size_t count = 0;
    struct str rest = text, word;
    while (str_next_word(&rest, &word))
        count++;
    struct str *words = ARENA_ARRAY(choice->arena, count + 1, struct str);
    if (!words)
        return err_nomem(choice->err);
    rest = text;
    for (size_t i = 0; i < count && str_next_word(&rest, &word); i++)
        words[i] = word;
    *ret_words = (struct source_words){words, count};
    return 0;
}

/* --- mirrors that were named ----------------------------------------------------------------------------------- */

static bool mirrors_name_security(const struct archive_options *options)
{
    for (size_t i = 0; i < options->mirror_count; i++) {
        struct str rest = options->mirrors[i], word;
        (void)str_next_word(&rest, &word);
        while (str_next_word(&rest, &word))
            if (str_ends(word, STR("-security")))
                return true;
    }
    return false;
}

static int no_suite(struct err *err, struct str uri)
{
    err_set(err, ERR_NO_SOURCES, "mirror '%.*s' was given without a suite", STR_ARG(uri));
    return err_hint(err, "name the Debian release: --suite bookworm or --suite trixie");
}

static int add_mirror_suite(struct choice *choice, struct archive_place *place, struct str suite,
                            bool security_elsewhere)
{
    place->suite = suite;
    place->companion = false;
    int rc = check_suite(choice, suite);
    if (rc == 0)
        rc = add_place(choice, place);
    if (rc != 0 || !has_companions(suite))
        return rc;
    place->companion = true;
    place->suite = joined(choice, suite, STR("-updates"), STR_NONE);
    rc = place->suite.ptr ? add_place(choice, place) : err_nomem(choice->err);
    if (rc != 0 || security_elsewhere)
        return rc;
    place->suite = joined(choice, suite, STR("-security"), STR_NONE);
    place->base_uri = joined(choice, str_head(place->base_uri, place->base_uri.len - 1), STR("-security/"), STR_NONE);
    return place->suite.ptr && place->base_uri.ptr ? add_place(choice, place) : err_nomem(choice->err);
}

static int add_mirror(struct choice *choice, struct str mirror, struct str suite)
{
    struct str rest = mirror, uri, word;
    if (!str_next_word(&rest, &uri) || !is_usable_uri(uri)) {
        err_set(choice->err, ERR_INVALID, "mirror '%.*s' is not an address that can be used",
                STR_ARG(str_trim(mirror)));
        return err_hint(choice->err, "give an http:, https: or file: address, and suites behind it if need be");
    }
    struct archive_place place = {.named = true};
    place.base_uri = joined(choice, uri, str_ends(uri, STR("/")) ? STR_NONE : STR("/"), STR_NONE);
    if (!place.base_uri.ptr)
        return err_nomem(choice->err);
    struct str components = choice->options->components;
    int rc = split_words(choice, components.len > 0 ? components : STR("main"), &place.components);
    if (rc != 0)
        return rc;
    if (str_trim(rest).len == 0) {
        if (suite.len == 0)
            return no_suite(choice->err, uri);
        return add_mirror_suite(choice, &place, suite, mirrors_name_security(choice->options));
    }
    while (rc == 0 && str_next_word(&rest, &word)) {
        place.suite = word;
        rc = check_suite(choice, word);
        if (rc == 0)
            rc = add_place(choice, &place);
    }
    return rc;
}

/* --- the machine's sources ------------------------------------------------------------------------------------- */

static bool is_fingerprint(struct str word)
{
    return word.len >= 40 && word.ptr[0] != '/';
}

/* A keyring that belongs to Debian by its name, fingerprints alone, or nothing said. */
static bool claims_debian(const struct source *source)
{
    if (source->inline_keyring.len > 0)
        return false;
    for (size_t i = 0; i < source->signed_by.len; i++) {
        struct str word = source->signed_by.ptr[i];
        if (!is_fingerprint(word) && !str_starts(path_base(word), STR("debian-archive-")))
            return false;
    }
    return true;
}

static bool is_candidate(const struct choice *choice, const struct source *source)
{
    return claims_debian(source) && is_usable_uri(source->uri) && !source_is_exact_path(source) &&
           source->trusted != SOURCE_NO && source_takes_architecture(source, choice->options->architecture);
}

/* The first suite without a dash; one whose keyring is Debian's by name before one that says nothing. */
static struct str first_suite(const struct choice *choice)
{
    struct str second_best = STR_NONE;
    for (size_t i = 0; i < choice->options->source_count; i++) {
        const struct source *source = &choice->options->sources[i];
        if (!is_candidate(choice, source) || str_has_char(source->suite, '-'))
            continue;
        if (source->signed_by.len > 0)
            return source->suite;
        if (second_best.len == 0)
            second_best = source->suite;
    }
    return second_best;
}

/* What SUITE has behind BASE: "" , "-updates" or "-security"; false when it is another family's. */
static bool family_member(struct str suite, struct str base, struct str *ret_rest)
{
    if (!str_starts(suite, base))
        return false;
    *ret_rest = str_skip(suite, base.len);
    return ret_rest->len == 0 || str_eq_z(*ret_rest, "-updates") || str_eq_z(*ret_rest, "-security");
}

/* Takes the sources of BASE's family, asked for SUITE's. */
static int add_sources(struct choice *choice, struct str base, struct str suite)
{
    bool same = str_eq(base, suite);
    for (size_t i = 0; i < choice->options->source_count; i++) {
        const struct source *source = &choice->options->sources[i];
        struct str rest;
        if (!is_candidate(choice, source) || !family_member(source->suite, base, &rest))
            continue;
        if (!same && rest.len > 0 && !has_companions(suite))
            continue;
        struct archive_place place = {
            .base_uri = source->uri,
            .suite = joined(choice, suite, rest, STR_NONE),
            .components = source->components,
            .source = source,
            .companion = !same && rest.len > 0,
            .ignore_valid_until = source->check_valid_until == SOURCE_NO,
            .ignore_date = source->check_date == SOURCE_NO,
        };
        int rc = place.suite.ptr ? add_place(choice, &place) : err_nomem(choice->err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int no_sources(struct choice *choice)
{
    bool any = choice->options->source_count > 0;
    err_set(choice->err, ERR_NO_SOURCES,
            any ? "none of this machine's apt sources is Debian's own" : "this machine has no apt sources");
    return err_hint(choice->err, "name a Debian mirror: --mirror URL --suite bookworm, and --keyring FILE if the "
                                 "Debian archive keyring is not installed");
}

static int add_machine(struct choice *choice, struct str *suite)
{
    struct str base = first_suite(choice);
    if (suite->len == 0)
        *suite = base;
    if (suite->len == 0)
        return no_sources(choice);
    int rc = check_suite(choice, *suite);
    if (rc == 0)
        rc = add_sources(choice, *suite, *suite);
    if (rc == 0 && choice->count == 0 && base.len > 0)
        rc = add_sources(choice, base, *suite);
    return rc == 0 && choice->count == 0 ? no_sources(choice) : rc;
}

int archive_places_choose(const struct archive_options *options, struct arena *arena, struct archive_places *ret_places,
                          struct err *err)
{
    struct choice choice = {.options = options, .arena = arena, .err = err};
    struct str suite = options->suite;
    int rc = 0;
    for (size_t i = 0; i < options->mirror_count && rc == 0; i++)
        rc = add_mirror(&choice, options->mirrors[i], suite.len > 0 ? suite : first_suite(&choice));
    if (options->mirror_count == 0)
        rc = add_machine(&choice, &suite);
    if (rc != 0)
        return rc;
    *ret_places = (struct archive_places){.ptr = choice.places, .len = choice.count, .suite = suite};
    return 0;
}
