/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void test_nearest(void **state)
{
    (void)state;
    static const char *const known[] = {"build", "check", "explain", "inspect", "init", "cache", "platform", NULL};
    static const struct {
        const char *typed, *best;
    } cases[] = {
        {"biuld", "build"},
        {"buidl", "build"},
        {"BUILD", "build"},
        {"bulid", "build"},
        {"ispect", "inspect"},
        {"insp", "inspect"},
        {"plattform", "platform"},
        {"chekc", "check"},
        {"in", ""},
        {"ini", "init"},
        {"x", ""},
        {"", ""},
        {"completely-other", ""},
        {"bui", "build"},
        {"cach", "cache"},
        {"pltfrm", "platform"},
        {"zuild", "build"},
        {"zzild", ""},
        {"expl", "explain"},
        {"explainxx", "explain"},
        {"explainxxx", "explain"},
        {"explainxxxx", ""},
        {"pltfrmxxx", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct suggest suggest = suggest_begin(str_z(cases[i].typed));
        for (size_t k = 0; known[k]; k++)
            suggest_offer(&suggest, str_z(known[k]));
        if (!str_eq_z(suggest.best, cases[i].best))
            fail_msg("'%s' gives '%.*s', not '%s'", cases[i].typed, STR_ARG(suggest.best), cases[i].best);
    }
}

static void test_long_words(void **state)
{
    (void)state;
    char typed[65], known[65];
    memset(typed, 'a', sizeof(typed));
    memset(known, 'a', sizeof(known));
    struct suggest suggest = suggest_begin(str_of(typed, 64));
    known[63] = 'b';
    suggest_offer(&suggest, str_of(known, 64));
    assert_int_equal(suggest.best.len, 64);
    suggest = suggest_begin(str_of(typed, 65));
    suggest_offer(&suggest, str_of(known, 65));
    assert_int_equal(suggest.best.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nearest), cmocka_unit_test(test_long_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
