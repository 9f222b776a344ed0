/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/suites.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct source_list list;

static int done(void **state)
{
    (void)state;
    source_list_done(&list);
    arena_done(&arena);
    return 0;
}

static struct archive_options with_sources(const char *text, const char *file, const char *suite)
{
    struct err err = ERR_INIT;
    source_list_done(&list);
    assert_int_equal(sources_parse(str_z(text), str_z(file), STR("amd64"), &arena, &list, &err), 0);
    return (struct archive_options){
        .sources = list.ptr, .source_count = list.len, .suite = str_z(suite), .architecture = STR("amd64")};
}

/* "DIST [COMPONENTS] c|-" a line. */
static const char *chosen(const struct archive_options *options)
{
    static char text[2048];
    struct err err = ERR_INIT;
    struct archive_places places = {0};
    text[0] = '\0';
    int rc = archive_places_choose(options, &arena, &places, &err);
    if (rc != 0) {
        snprintf(text, sizeof(text), "%s: %s (%s)", err_name(err.code), err.message, err.hint);
        return text;
    }
    for (size_t i = 0; i < places.len; i++) {
        struct archive_place *place = &places.ptr[i];
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%.*s", STR_ARG(place->dist_uri));
        for (size_t c = 0; c < place->components.len; c++) {
            len = strlen(text);
            snprintf(text + len, sizeof(text) - len, " %.*s", STR_ARG(place->components.ptr[c]));
        }
        len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%s\n", place->companion ? " (companion)" : "");
        assert_int_equal(place->named, options->mirror_count > 0);
        assert_true(str_starts(place->dist_uri, place->base_uri));
    }
    return text;
}

#define DEBIAN                                                                                                         \
    "Types: deb\nURIs: http://d/debian\nSuites: bookworm bookworm-updates bookworm-backports\nComponents: main\n"      \
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"                                                    \
    "Types: deb\nURIs: http://d/debian-security\nSuites: bookworm-security\nComponents: main contrib\n"                \
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
#define OTHERS                                                                                                         \
    "Types: deb\nURIs: http://node/\nSuites: nodistro\nComponents: main\n"                                             \
    "Signed-By: /usr/share/keyrings/nodesource.gpg\n\n"                                                                \
    "Types: deb\nURIs: http://docker/\nSuites: bookworm\nComponents: stable\n"                                         \
    "Signed-By: /etc/apt/keyrings/docker.asc\n\n"                                                                      \
    "Types: deb\nURIs: http://inline/\nSuites: bookworm\nComponents: main\nSigned-By:\n"                               \
    " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n YQ==\n -----END PGP PUBLIC KEY BLOCK-----\n\n"                        \
    "Types: deb\nURIs: http://google/\nSuites: cloud-sdk-bookworm\nComponents: main\n\n"

static void test_machine(void **state)
{
    (void)state;
    struct archive_options options = with_sources(OTHERS DEBIAN, "d.sources", "");
    const char *expected = "http://d/debian/dists/bookworm/ main\n"
                           "http://d/debian/dists/bookworm-updates/ main\n"
                           "http://d/debian-security/dists/bookworm-security/ main contrib\n";
    assert_string_equal(chosen(&options), expected);
    options.suite = STR("bookworm");
    assert_string_equal(chosen(&options), expected);
    options.suite = STR("trixie");
    assert_string_equal(chosen(&options), "http://d/debian/dists/trixie/ main\n"
                                          "http://d/debian/dists/trixie-updates/ main (companion)\n"
                                          "http://d/debian-security/dists/trixie-security/ main contrib (companion)\n");
    options.suite = STR("sid");
    assert_string_equal(chosen(&options), "http://d/debian/dists/sid/ main\n");
    options.suite = STR("bookworm-backports");
    assert_string_equal(chosen(&options), "http://d/debian/dists/bookworm-backports/ main\n");
    options.suite = STR("../evil");
    assert_string_equal(chosen(&options), "invalid-input: '../evil' is not the name of a suite ()");
    options = with_sources(DEBIAN, "d.sources", "");
    options.architecture = STR("arm64");
    assert_string_equal(chosen(&options), expected);
}

static void test_one_line(void **state)
{
    (void)state;
    struct archive_options options =
        with_sources("deb http://x/debian stable main\ndeb http://x/debian-security stable-security main\n"
                     "deb [arch=i386] http://i/debian stable main\ndeb [trusted=no] http://no/debian stable main\n"
                     "deb ftp://f/debian stable main\ndeb http://flat/ ./\n"
                     "deb [check-valid-until=no signed-by=B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8] http://s/ stable "
                     "main\n",
                     "sources.list", "");
    assert_string_equal(chosen(&options), "http://x/debian/dists/stable/ main\n"
                                          "http://x/debian-security/dists/stable-security/ main\n"
                                          "http://s/dists/stable/ main\n");
    struct err err = ERR_INIT;
    struct archive_places places;
    assert_int_equal(archive_places_choose(&options, &arena, &places, &err), 0);
    assert_false(places.ptr[0].ignore_valid_until);
    assert_true(places.ptr[2].ignore_valid_until);
    assert_true(str_eq_z(places.suite, "stable"));
}

static void test_no_sources(void **state)
{
    (void)state;
    struct archive_options options = with_sources("", "sources.list", "");
    assert_string_equal(chosen(&options),
                        "no-sources: this machine has no apt sources (name a Debian mirror: --mirror URL --suite "
                        "bookworm, and --keyring FILE if the Debian archive keyring is not installed)");
    options = with_sources("deb [signed-by=/usr/share/keyrings/ubuntu-archive-keyring.gpg] http://u/ noble main\n",
                           "sources.list", "bookworm");
    assert_non_null(strstr(chosen(&options), "no-sources: none of this machine's apt sources is Debian's own"));
}

static const char *mirrors(const char *suite, const struct str *mirror, size_t count)
{
    struct archive_options options = with_sources(DEBIAN, "d.sources", suite);
    options.mirrors = mirror;
    options.mirror_count = count;
    return chosen(&options);
}
#define MIRRORS(suite, ...)                                                                                            \
    mirrors(suite, (const struct str[]){__VA_ARGS__}, sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

static void test_mirrors(void **state)
{
    (void)state;
    assert_string_equal(MIRRORS("trixie", STR("http://m/debian")),
                        "http://m/debian/dists/trixie/ main\nhttp://m/debian/dists/trixie-updates/ main (companion)\n"
                        "http://m/debian-security/dists/trixie-security/ main (companion)\n");
    assert_string_equal(MIRRORS("", STR(" file:///srv/debian/ ")),
                        "file:///srv/debian/dists/bookworm/ main\n"
                        "file:///srv/debian/dists/bookworm-updates/ main (companion)\n"
                        "file:///srv/debian-security/dists/bookworm-security/ main (companion)\n");
    assert_string_equal(MIRRORS("trixie", STR("http://m/debian"), STR("http://s/sec trixie-security")),
                        "http://m/debian/dists/trixie/ main\nhttp://m/debian/dists/trixie-updates/ main (companion)\n"
                        "http://s/sec/dists/trixie-security/ main\n");
    assert_string_equal(MIRRORS("trixie", STR("http://m/debian one  two/"), STR("http://n/ three")),
                        "http://m/debian/dists/one/ main\nhttp://m/debian/two/ main\nhttp://n/dists/three/ main\n");
    assert_string_equal(MIRRORS("sid", STR("http://m/debian")), "http://m/debian/dists/sid/ main\n");
    assert_non_null(strstr(MIRRORS("x", STR("ftp://m/debian")),
                           "invalid-input: mirror 'ftp://m/debian' is not an address that can be used"));
    assert_non_null(strstr(MIRRORS("x", STR("")), "invalid-input: mirror ''"));
    assert_non_null(strstr(MIRRORS("x", STR("http://m ../up")), "invalid-input: '../up' is not the name of a suite"));
    struct archive_options options = with_sources("", "sources.list", "");
    struct str mirror = STR("http://me:secret@m/debian sid");
    struct err err = ERR_INIT;
    struct archive_places places;
    options.mirrors = &mirror;
    options.mirror_count = 1;
    assert_int_equal(archive_places_choose(&options, &arena, &places, &err), 0);
    assert_true(str_eq_z(places.ptr[0].dist_uri, "http://me:secret@m/debian/dists/sid/"));
    assert_true(str_eq_z(places.ptr[0].name, "http://m/debian/dists/sid/"));
    mirror = STR("http://m/debian");
    options.components = STR("main contrib");
    assert_string_equal(chosen(&options), "no-sources: mirror 'http://m/debian' was given without a suite (name the "
                                          "Debian release: --suite bookworm or --suite trixie)");
    options.suite = STR("sid");
    assert_string_equal(chosen(&options), "http://m/debian/dists/sid/ main contrib\n");
}

static void test_faults(void **state)
{
    (void)state;
    struct archive_options options = with_sources(OTHERS DEBIAN, "d.sources", "trixie");
    struct str mirror = STR("http://m/debian");
    for (size_t mirror_count = 0; mirror_count <= 1; mirror_count++) {
        options.mirrors = &mirror;
        options.mirror_count = mirror_count;
        for (uint64_t n = 1;; n++) {
            struct err err = ERR_INIT;
            struct arena own CLEANUP_ARENA = ARENA_INIT;
            struct archive_places places = {0};
            fault_arm(FAULT_ALLOC, n);
            int rc = archive_places_choose(&options, &own, &places, &err);
            uint64_t passed = fault_count(FAULT_ALLOC);
            fault_disarm();
            if (passed < n) {
                assert_int_equal(rc, 0);
                break;
            }
            assert_int_equal(rc, -ERR_NOMEM);
            assert_null(places.ptr);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine), cmocka_unit_test(test_one_line), cmocka_unit_test(test_no_sources),
        cmocka_unit_test(test_mirrors), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
