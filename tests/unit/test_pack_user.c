/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pack/user.h"

#include <string.h>

static void test_accepts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        uint32_t uid, gid;
    } cases[] = {
        {"", "", 65532, 65532},
        {"1000", "", 1000, 1000},
        {"1000:0", "", 1000, 0},
        {"app:10001", "app", 10001, 10001},
        {"app:10001:20002", "app", 10001, 20002},
        {"_a-b.c:1", "_a-b.c", 1, 1},
        {"nonroot:65532", "nonroot", 65532, 65532},
        {"4294967293", "", 4294967293U, 4294967293U},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image_user user;
        struct err err = ERR_INIT;
        assert_int_equal(user_parse(str_z(cases[i].text), &user, &err), 0);
        assert_true(str_eq_z(user.name, cases[i].name));
        assert_int_equal(user.uid, cases[i].uid);
        assert_int_equal(user.gid, cases[i].gid);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "0",           "root",
        "app",         "app:0",
        "app:",        ":1",
        "1:2:3",       "a:1:2:3",
        "-1",          "4294967294",
        "99999999999", "a b:1",
        "1a:5",        "root:5",
        "tty:100",     "staff:100",
        "nobody:7",    "nonroot:7",
        "app:1:",      "app:1:x",
        " 1",          "1 ",
        "\xff:1",      "app:0x10",
        "1:",          "abcdefghijklmnopqrstuvwxyzabcdefg:1",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct image_user user = {.uid = 7};
        struct err err = ERR_INIT;
        if (user_parse(str_z(cases[i]), &user, &err) != -(int)ERR_USAGE)
            fail_msg("'%s' was taken", cases[i]);
        assert_int_equal(user.uid, 7);
        assert_non_null(strstr(err.message, cases[i]));
        assert_true(err.hint[0] != '\0');
    }
}

static void test_files(void **state)
{
    (void)state;
    struct image_user user;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(user_parse(STR("app:10001:20002"), &user, &err), 0);
    user_write_passwd(&out, &user);
    assert_string_equal(buf_z(&out), "root:x:0:0:root:/root:/sbin/nologin\n"
                                     "app:x:10001:20002:app:/home/app:/sbin/nologin\n"
                                     "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
                                     "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
    buf_reset(&out);
    user_write_group(&out, &user);
    assert_string_equal(buf_z(&out),
                        "root:x:0:\ntty:x:5:\nstaff:x:50:\napp:x:20002:\nnobody:x:65534:\nnonroot:x:65532:\n");
    buf_reset(&out);
    user_write_home(&out, &user);
    assert_string_equal(buf_z(&out), "home/app");
    assert_true(user_is_extra(&user));
    assert_int_equal(user_parse(STR_NONE, &user, &err), 0);
    assert_false(user_is_extra(&user));
    buf_reset(&out);
    user_write_home(&out, &user);
    assert_string_equal(buf_z(&out), "home/nonroot");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
