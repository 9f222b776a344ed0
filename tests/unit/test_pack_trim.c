/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pack/trim.h"

static void test_slim(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool slim, full;
    } cases[] = {
        {"usr/lib/x86_64-linux-gnu/libx.la", false, true},
        {"usr/lib/x86_64-linux-gnu/ImageMagick-6.9.11/modules-Q16/coders/png.la", true, true},
        {"usr/lib/x86_64-linux-gnu/libssl.so.3", true, true},
        {"lib/x86_64-linux-gnu/libc.so.6", true, true},
        {"usr/share/doc/libc6/copyright", true, true},
        {"usr/share/doc/libgcc-s1", true, true}, /* a link to another package's directory */
        {"usr/share/doc/libc6/changelog.gz", false, true},
        {"usr/share/doc/libc6/examples/copyright", false, true},
        {"usr/share/man/man1/jq.1.gz", false, true},
        {"usr/share/manpages", true, true},
        {"usr/share/locale/de/LC_MESSAGES/x.mo", false, true},
        {"usr/share/lintian/overrides/libc6", false, true},
        {"usr/lib/x86_64-linux-gnu/gconv/UTF-16.so", false, true},
        {"usr/lib/x86_64-linux-gnu/gconv-modules.cache", false, true},
        {"usr/include/stdio.h", false, true},
        {"usr/lib/x86_64-linux-gnu/libz.a", false, true},
        {"usr/lib/x86_64-linux-gnu/pkgconfig/zlib.pc", false, true},
        {"etc/init.d/nginx", false, true},
        {"etc/nginx/nginx.conf", true, true},
        {"usr/share/zoneinfo/Europe/Berlin", true, true},
        {"usr/share/zoneinfo/right/UTC", false, true},
        {"var/lib/dpkg/info/x", false, false},
        {"etc/apt/apt.conf", false, false},
        {"usr/lib/os-release", true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (trim_keeps(str_z(cases[i].path), TRIM_SLIM, false) != cases[i].slim)
            fail_msg("slim: %s", cases[i].path);
        if (trim_keeps(str_z(cases[i].path), TRIM_FULL, false) != cases[i].full)
            fail_msg("full: %s", cases[i].path);
    }
    assert_true(trim_keeps(STR("usr/lib/x86_64-linux-gnu/gconv/UTF-16.so"), TRIM_SLIM, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
