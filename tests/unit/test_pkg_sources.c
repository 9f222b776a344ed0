/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/sources.h"

#include "base/buf.h"
#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void print_words(struct buf *out, const char *title, const struct source_words *words)
{
    buf_add_z(out, title);
    for (size_t i = 0; i < words->len; i++)
        buf_addf(out, "%s%.*s", i > 0 ? "," : "", STR_ARG(words->ptr[i]));
}

static void print_sources(struct buf *out, const struct source_list *list)
{
    static const char choices[] = "?-+";
    for (size_t i = 0; i < list->len; i++) {
        const struct source *source = &list->ptr[i];
        buf_addf(out, "%.*s %.*s", STR_ARG(source->uri), STR_ARG(source->suite));
        print_words(out, " ", &source->components);
        print_words(out, " by=", &source->signed_by);
        print_words(out, " arch=", &source->architectures);
        print_words(out, "-", &source->architectures_removed);
        buf_addf(out, " %c%c%c %.*s:%zu\n", choices[source->trusted], choices[source->check_valid_until],
                 choices[source->check_date], STR_ARG(source->file), source->line);
    }
}

static void reads(const char *file, const char *text, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct err err = ERR_INIT;
    if (sources_parse(str_z(text), str_z(file), STR("amd64"), &arena, &list, &err))
        fail_msg("%s", err.message);
    print_sources(&out, &list);
    assert_string_equal(buf_z(&out), expected);
}

static void refuses(const char *file, const char *text, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
    struct buf CLEANUP_BUF before = BUF_INIT;
    struct buf CLEANUP_BUF after = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(
        sources_parse(STR("deb http://m/d s main\n"), STR("first.list"), STR("amd64"), &arena, &list, &err), 0);
    print_sources(&before, &list);
    assert_int_not_equal(sources_parse(str_z(text), str_z(file), STR("amd64"), &arena, &list, &err), 0);
    assert_string_equal(err.message, message);
    print_sources(&after, &list);
    assert_string_equal(buf_z(&after), buf_z(&before));
}

static void test_lines(void **state)
{
    (void)state;
    reads("a.list",
          "# comment\n"
          "\n"
          "deb http://m.example/debian bookworm main contrib # trailing\r\n"
          "deb-src http://m.example/debian bookworm main\n"
          "deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main\n"
          "  deb\t[ arch=amd64,arm64 signed-by=/k/a.gpg,/k/b.gpg trusted=yes lang=de ]\thttp://n.example/x/ ./\n"
          "deb [check-valid-until=no check-date=off arch-=i386] http://o.example stable main\n"
          "deb http://p.example/$(ARCH)/x $(ARCH)/\n",
          "http://m.example/debian/ bookworm main,contrib by= arch=- ??? a.list:3\n"
          "http://n.example/x/ ./  by=/k/a.gpg,/k/b.gpg arch=amd64,arm64- +?? a.list:6\n"
          "http://o.example/ stable main by= arch=-i386 ?-- a.list:7\n"
          "http://p.example/amd64/x/ amd64/  by= arch=- ??? a.list:8\n");
}

static void test_bad_lines(void **state)
{
    (void)state;
    refuses("a.list", "deb http://m s main\nrpm http://m s main\n", "'a.list' line 2: the type 'rpm' is not known");
    refuses("a.list", "deb\n", "'a.list' line 1: no URI is given");
    refuses("a.list", "deb http://m\n", "'a.list' line 1: no suite is given");
    refuses("a.list", "deb http://m s\n", "'a.list' line 1: no component is given for the suite 's'");
    refuses("a.list", "deb http://m ./ main\n", "'a.list' line 1: the exact path './' can't have components");
    refuses("a.list", "deb /srv/m s main\n", "'a.list' line 1: '/srv/m' is not a URI");
    refuses("a.list", "deb http://m\x01 s main\n", "'a.list' line 1: a control character in a URI or a suite");
    refuses("a.list", "deb [arch=amd64 http://m s main\n", "'a.list' line 1: the options have no closing bracket");
    refuses("a.list", "deb [arch] http://m s main\n", "'a.list' line 1: the option 'arch' is not name=value");
    refuses("a.list", "deb [arch=] http://m s main\n", "'a.list' line 1: the option 'arch=' is not name=value");
    refuses("a.list", "deb \"http://m\" s main\n", "'a.list' line 1: quoted words are not supported");
}

static void test_stanzas(void **state)
{
    (void)state;
    reads("d.sources",
          "# ours\n"
          "Types: deb deb-src\n"
          "URIs: http://m.example/debian\n"
          "# a comment within\n"
          " https://n.example/debian/\n"
          "Suites: bookworm bookworm-updates\n"
          "Components: main\n"
          " contrib\n"
          "Signed-By: /k/a.gpg\n"
          "X-Unknown: 1\n"
          "\n"
          "Types: deb-src\nURIs: http://m\nSuites: s\nComponents: main\n\n"
          "Enabled: no\nTypes: nonsense\n\n"
          "types: deb\nuris: http://o.example\nsuites: ./\nTrusted: no\nCheck-Valid-Until: no\nCheck-Date: yes\n"
          "Architectures: amd64\nArchitectures-Add: arm64\nArchitectures-Remove: i386 armhf\n",
          "http://m.example/debian/ bookworm main,contrib by=/k/a.gpg arch=- ??? d.sources:2\n"
          "http://m.example/debian/ bookworm-updates main,contrib by=/k/a.gpg arch=- ??? d.sources:2\n"
          "https://n.example/debian/ bookworm main,contrib by=/k/a.gpg arch=- ??? d.sources:2\n"
          "https://n.example/debian/ bookworm-updates main,contrib by=/k/a.gpg arch=- ??? d.sources:2\n"
          "http://o.example/ ./  by= arch=amd64,arm64-i386,armhf --+ d.sources:20\n");
}

static void test_bad_stanzas(void **state)
{
    (void)state;
    refuses("d.sources", "URIs: http://m\n", "'d.sources' line 1: the stanza has no Types");
    refuses("d.sources", "\n\nTypes: rpm\n", "'d.sources' line 3: the type 'rpm' is not known");
    refuses("d.sources", "Types: deb\nSuites: s\nComponents: c\n", "'d.sources' line 1: no URI is given");
    refuses("d.sources", "Types: deb\nURIs: http://m\nComponents: c\n", "'d.sources' line 1: no suite is given");
    refuses("d.sources", "Types: deb\nURIs: http://m\nSuites: s\n",
            "'d.sources' line 1: no component is given for the suite 's'");
    refuses("d.sources", "Types: deb\ngarbage\n", "'d.sources' line 2: no colon in 'garbage'");
    refuses("d.sources", "Types: deb\nTYPES: deb\n", "'d.sources' line 2: field 'TYPES' is given twice");
    refuses("d.sources",
            "Types: deb\nURIs: http://m\nSuites: s\nComponents: c\n"
            "Signed-By: -----BEGIN PGP PUBLIC KEY BLOCK-----\n abc\n",
            "'d.sources' line 1: the key block in Signed-By has no end");
}

static void test_inline_keyring(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
    struct err err = ERR_INIT;
    struct str text = STR("Types: deb\nURIs: http://m\nSuites: s\nComponents: c\nSigned-By:\n"
                          " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n # no comment\n -----END PGP PUBLIC KEY "
                          "BLOCK-----\nTrusted: yes\n");
    assert_int_equal(sources_parse(text, STR("k.sources"), STR("amd64"), &arena, &list, &err), 0);
    assert_int_equal(list.len, 1);
    assert_int_equal(list.ptr[0].signed_by.len, 0);
    assert_true(str_eq_z(list.ptr[0].inline_keyring, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n# no comment\n"
                                                     "-----END PGP PUBLIC KEY BLOCK-----\n"));
    assert_int_equal(list.ptr[0].trusted, SOURCE_YES);
}

static void test_entries_for_one_release(void **state)
{
    (void)state;
    reads("a.list", "deb http://m/ s main\ndeb http://m s contrib main\ndeb http://m t main\n",
          "http://m/ s main,contrib by= arch=- ??? a.list:1\n"
          "http://m/ t main by= arch=- ??? a.list:3\n");
    refuses("a.list", "deb http://m/d s contrib\ndeb [signed-by=/k.gpg] http://m/d s main\n",
            "'a.list' line 2: 's' of 'http://m/d' is signed by other keys than 'first.list' line 1 says");
}

static void test_architectures(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
    struct err err = ERR_INIT;
    struct str text = STR("deb [arch=amd64,arm64] http://m s c\ndeb [arch-=i386] http://n s c\n");
    assert_int_equal(sources_parse(text, STR("a.list"), STR("amd64"), &arena, &list, &err), 0);
    assert_true(source_takes_architecture(&list.ptr[0], STR("arm64")));
    assert_false(source_takes_architecture(&list.ptr[0], STR("i386")));
    assert_true(source_takes_architecture(&list.ptr[1], STR("arm64")));
    assert_false(source_takes_architecture(&list.ptr[1], STR("i386")));
    assert_false(source_is_exact_path(&list.ptr[0]));
}

static void sweep(struct str text, struct str file)
{
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = sources_parse(text, file, STR("amd64"), &arena, &list, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(rc, 0);
            assert_int_equal(list.len, 2);
            return;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(list.len, 0);
    }
}

static void test_memory(void **state)
{
    (void)state;
    sweep(STR("deb [arch=a signed-by=/k] http://m/$(ARCH) s c d\ndeb http://n s c\n"), STR("a.list"));
    sweep(STR("Types: deb\nURIs: http://m\nSuites: s t\nComponents: c\nSigned-By: /k\n"), STR("a.sources"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_stanzas),        cmocka_unit_test(test_bad_stanzas),
        cmocka_unit_test(test_inline_keyring), cmocka_unit_test(test_entries_for_one_release),
        cmocka_unit_test(test_architectures),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
