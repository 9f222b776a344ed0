/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/resolve.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define REST                                                                                                           \
    "\nArchitecture: amd64\nFilename: f\nSize: 1\nSHA256: "                                                            \
    "0000000000000000000000000000000000000000000000000000000000000000\n"
/* FIELDS are separated from one another by newlines. */
#define PACKAGE(name, version, fields) "Package: " name "\nVersion: " version REST fields "\n\n"

struct archive_fixture {
    struct buf block;
    struct packages index;
};

static void fixture_open(struct archive_fixture *fixture, const char *text)
{
    const struct packages_input input = {.text = str_z(text), .name = "test"};
    struct err err = ERR_INIT;
    fixture->block = BUF_INIT;
    if (packages_build(&input, 1, &fixture->block, &err))
        fail_msg("%s", err.message);
    assert_int_equal(packages_open(buf_str(&fixture->block), &fixture->index, &err), 0);
}

/* REQUEST: names with blanks between them; "-name" is excluded. */
static int resolve(struct archive_fixture *fixture, const char *request, struct arena *arena,
                   struct resolution *resolution, struct err *err)
{
    struct str wanted[16];
    struct str excluded[16];
    struct resolve_request asked = {
        .index = &fixture->index, .architecture = STR("amd64"), .wanted = wanted, .excluded = excluded};
    struct str rest = str_z(request);
    for (struct str word; str_next_word(&rest, &word);) {
        if (word.ptr[0] == '-')
            excluded[asked.excluded_count++] = str_skip(word, 1);
        else
            wanted[asked.wanted_count++] = word;
    }
    return resolve_packages(&asked, arena, resolution, err);
}

static void gives(const char *text, const char *request, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct archive_fixture fixture;
    struct resolution resolution;
    struct err err = ERR_INIT;
    fixture_open(&fixture, text);
    if (resolve(&fixture, request, &arena, &resolution, &err)) {
        buf_done(&fixture.block);
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < resolution.count; i++) {
        const struct package *package = &resolution.packages[i].package;
        buf_addf(&out, "%s%.*s=%.*s", i > 0 ? " " : "", STR_ARG(package->name), STR_ARG(package->version));
    }
    buf_done(&fixture.block);
    assert_string_equal(buf_z(&out), expected);
}

static void refuses(const char *text, const char *request, enum err_code code, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct archive_fixture fixture;
    struct resolution resolution = {.count = 77};
    struct err err = ERR_INIT;
    fixture_open(&fixture, text);
    int rc = resolve(&fixture, request, &arena, &resolution, &err);
    buf_done(&fixture.block);
    assert_int_equal(rc, -(int)code);
    assert_string_equal(err.message, message);
    assert_int_equal(resolution.count, 77);
}

static void test_chains(void **state)
{
    (void)state;
    static const char text[] =
        PACKAGE("app", "1", "Depends: lib (>= 2), libc\nPre-Depends: pre") PACKAGE("lib", "2", "Depends: libc")
            PACKAGE("libc", "2.36", "Depends: libgcc") PACKAGE("libgcc", "12", "Depends: libc")
                PACKAGE("pre", "1", "Recommends: never\nSuggests: never") PACKAGE("never", "1", "Essential: yes");
    gives(text, "app", "pre=1 libgcc=12 libc=2.36 lib=2 app=1");
    gives(text, "libgcc", "libc=2.36 libgcc=12");
    gives(text, "lib app", "libgcc=12 libc=2.36 lib=2 pre=1 app=1");
    gives(text, "app -libc", "pre=1 lib=2 app=1");
    gives(text, "app -lib -pre -libc -not-there", "app=1");
    gives(text, "", "");
}

static void test_versions(void **state)
{
    (void)state;
    static const char text[] = PACKAGE("a", "1", "Depends: old") PACKAGE("a", "2", "Depends: new")
        PACKAGE("old", "1", "") PACKAGE("new", "1", "") PACKAGE("other", "1", "Depends: a (<< 2)");
    gives(text, "a", "new=1 a=2");
    gives(text, "a=1", "old=1 a=1");
    gives(text, "other a=1", "old=1 a=1 other=1");
    refuses(text, "a=3", ERR_PACKAGE_MISSING, "the archive has no 'a' 3");
    refuses(text, "other", ERR_DEPENDENCY, "'other' needs 'a (<< 2)', and the archive has 'a' 2");
}

static void test_alternatives(void **state)
{
    (void)state;
    static const char text[] = PACKAGE("app", "1", "Depends: first | second") PACKAGE("first", "1", "")
        PACKAGE("second", "1", "") PACKAGE("third", "1", "Depends: second") PACKAGE("gone", "1", "Depends: x | second")
            PACKAGE("broken", "1", "Depends: bad | second") PACKAGE("bad", "1", "Depends: missing");
    gives(text, "app", "first=1 app=1");
    gives(text, "app second", "second=1 app=1");
    gives(text, "third app", "second=1 third=1 app=1");
    gives(text, "app third", "first=1 second=1 app=1 third=1");
    gives(text, "app -second", "app=1");
    gives(text, "gone", "second=1 gone=1");
    gives(text, "broken", "second=1 broken=1");
}

static void test_virtual_packages(void **state)
{
    (void)state;
    /* Of equals the one that is mentioned last, as in apt. */
    gives(PACKAGE("app", "1", "Depends: mta") PACKAGE("x", "1", "Provides: mta") PACKAGE("y", "1", "Provides: mta"),
          "app", "y=1 app=1");
    gives(PACKAGE("app", "1", "Depends: mta") PACKAGE("x", "1", "Provides: mta\nPriority: optional")
              PACKAGE("y", "1", "Provides: mta\nPriority: extra"),
          "app", "x=1 app=1");
    gives(PACKAGE("app", "1", "Depends: mta") PACKAGE("x", "1", "Provides: mta\nEssential: yes\nPriority: extra")
              PACKAGE("y", "1", "Provides: mta\nPriority: required"),
          "app", "x=1 app=1");
    gives(PACKAGE("app", "1", "Depends: mta") PACKAGE("mta", "1", "Priority: extra")
              PACKAGE("y", "1", "Provides: mta\nEssential: yes\nPriority: required"),
          "app", "mta=1 app=1");
    static const char versioned[] = PACKAGE("app", "1", "Depends: api (>= 2)") PACKAGE("x", "9", "Provides: api")
        PACKAGE("y", "9", "Provides: api (= 2.1)") PACKAGE("z", "9", "Provides: api (= 1)");
    gives(versioned, "app", "y=9 app=1");
    refuses(versioned, "api", ERR_PACKAGE_MISSING, "'api' is a virtual package that several packages provide");
    gives(PACKAGE("x", "9", "Provides: api"), "api", "x=9");
    refuses(PACKAGE("x", "9", "Provides: api"), "nothing", ERR_PACKAGE_MISSING, "the archive has no package 'nothing'");
    /* A version that isn't the candidate provides nothing. */
    refuses(PACKAGE("x", "1", "Provides: api") PACKAGE("x", "2", ""), "api", ERR_PACKAGE_MISSING,
            "the archive has no package 'api'");
    gives(PACKAGE("app", "1", "Depends: mta") PACKAGE("x", "1", "Provides: mta"), "app -x", "app=1");
}

static void test_qualifiers(void **state)
{
    (void)state;
    static const char text[] = PACKAGE("any", "1", "Depends: py:any") PACKAGE("py", "3", "Multi-Arch: allowed")
        PACKAGE("any2", "1", "Depends: lib:any") PACKAGE("lib", "3", "Multi-Arch: same")
            PACKAGE("native", "1", "Depends: lib:native, py:amd64") PACKAGE("foreign", "1", "Depends: lib:i386");
    gives(text, "any", "py=3 any=1");
    refuses(text, "any2", ERR_DEPENDENCY, "'any2' needs 'lib:any', and the archive has 'lib' 3");
    gives(text, "native", "lib=3 py=3 native=1");
    refuses(text, "foreign", ERR_DEPENDENCY, "'foreign' needs 'lib:i386', and the archive has 'lib' 3");
}

static void test_conflicts(void **state)
{
    (void)state;
    static const char text[] = PACKAGE("app", "1", "Depends: one | two, other") PACKAGE("one", "1", "Conflicts: other")
        PACKAGE("two", "1", "") PACKAGE("other", "1", "Breaks: one (<< 2)")
            PACKAGE("self", "1", "Provides: s\nConflicts: s") PACKAGE("enemy", "1", "Conflicts: app");
    gives(text, "app", "two=1 other=1 app=1");
    gives(text, "self", "self=1");
    refuses(text, "app enemy", ERR_DEPENDENCY, "'enemy' can't be installed together with 'app'");
    refuses(PACKAGE("c", "1", "Depends: d | e") PACKAGE("d", "1", "Conflicts: c") PACKAGE("e", "1", "Depends: no"), "c",
            ERR_DEPENDENCY, "'c' needs 'd | e', which can't be installed together with 'c'");
    refuses(text, "one other", ERR_DEPENDENCY, "'one' can't be installed together with 'other'");
}

static void test_chains_of_errors(void **state)
{
    (void)state;
    static const char text[] = PACKAGE("app", "1", "Depends: lib") PACKAGE("lib", "1", "Depends: base | b2")
        PACKAGE("base", "1", "Depends: deep (>= 2)") PACKAGE("deep", "1.9", "") PACKAGE("gone", "1", "Depends: void")
            PACKAGE("p", "1", "Depends: virtual (= 3)") PACKAGE("q", "1", "Provides: virtual");
    refuses(text, "app", ERR_DEPENDENCY,
            "'app' needs 'lib', which needs 'base | b2', which needs 'deep (>= 2)', and the archive has 'deep' 1.9");
    refuses(text, "gone", ERR_DEPENDENCY, "'gone' needs 'void', and the archive has no 'void'");
    refuses(text, "p", ERR_DEPENDENCY,
            "'p' needs 'virtual (= 3)', and no package provides 'virtual' in such a version");
}

static void test_foreign_packages_are_passed_over(void **state)
{
    (void)state;
    static const char text[] =
        "Package: a\nVersion: 2\nArchitecture: arm64\nFilename: f\nSize: 1\nSHA256: "
        "0000000000000000000000000000000000000000000000000000000000000000\n\n" PACKAGE("a", "1", "");
    gives(text, "a", "a=1");
}

static void test_who_drew_it_in(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct archive_fixture fixture;
    struct resolution resolution;
    struct err err = ERR_INIT;
    fixture_open(&fixture, PACKAGE("app", "1", "Depends: lib") PACKAGE("lib", "1", ""));
    assert_int_equal(resolve(&fixture, "app", &arena, &resolution, &err), 0);
    assert_int_equal(resolution.count, 2);
    assert_false(resolution.packages[0].wanted);
    assert_true(str_eq_z(resolution.packages[0].drawn_by->name, "app"));
    assert_true(resolution.packages[1].wanted);
    assert_null(resolution.packages[1].drawn_by);
    buf_done(&fixture.block);
}

/* A long chain, and a clique in which everything needs everything: neither runs deep nor long. */
static void test_large_inputs(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct buf CLEANUP_BUF text = BUF_INIT;
    struct archive_fixture fixture;
    struct resolution resolution;
    struct err err = ERR_INIT;
    for (int i = 0; i < 2000; i++)
        buf_addf(&text, "Package: c%d\nVersion: 1" REST "Depends: c%d\n\n", i, (i + 1) % 2000);
    for (int i = 0; i < 60; i++) {
        buf_addf(&text, "Package: k%d\nVersion: 1" REST "Depends: k0", i);
        for (int other = 1; other < 60; other++)
            buf_addf(&text, ", k%d", other);
        buf_add_z(&text, "\n\n");
    }
    fixture_open(&fixture, buf_z(&text));
    assert_int_equal(resolve(&fixture, "c0", &arena, &resolution, &err), 0);
    assert_int_equal(resolution.count, 2000);
    assert_int_equal(resolve(&fixture, "k7", &arena, &resolution, &err), 0);
    assert_int_equal(resolution.count, 60);
    buf_done(&fixture.block);
}

static void test_damage_is_told(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct archive_fixture fixture;
    struct resolution resolution;
    struct err err = ERR_INIT;
    fixture_open(&fixture, PACKAGE("app", "1", "Depends: lib") PACKAGE("lib", "1", ""));
    fixture.index.damaged = true;
    assert_int_equal(resolve(&fixture, "app", &arena, &resolution, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the package index is damaged");
    buf_done(&fixture.block);
}

static void test_memory(void **state)
{
    (void)state;
    struct archive_fixture fixture;
    fixture_open(&fixture, PACKAGE("app", "1", "Depends: a | b, v, z\nConflicts: c") PACKAGE("a", "1", "Depends: no")
                               PACKAGE("b", "1", "") PACKAGE("c", "1", "Provides: v") PACKAGE("d", "1", "Provides: v")
                                   PACKAGE("z", "1", "Depends: app"));
    uint64_t n = 1;
    for (;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct resolution resolution = {.count = 77};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = resolve(&fixture, "app -x", &arena, &resolution, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(rc, 0);
            assert_int_equal(resolution.count, 4);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(resolution.count, 77);
    }
    assert_true(n > 10);
    buf_done(&fixture.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),           cmocka_unit_test(test_versions),
        cmocka_unit_test(test_alternatives),     cmocka_unit_test(test_virtual_packages),
        cmocka_unit_test(test_qualifiers),       cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_chains_of_errors), cmocka_unit_test(test_foreign_packages_are_passed_over),
        cmocka_unit_test(test_who_drew_it_in),   cmocka_unit_test(test_large_inputs),
        cmocka_unit_test(test_damage_is_told),   cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
