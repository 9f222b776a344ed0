/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/gpgstatus.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define KEY                          "4CB50190207B4758A3F73A796ED0E7B82643E131"
#define PRIMARY                      "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8"
#define OTHER                        "4D64FEC119C2029067D6E791F8D2585B8783D481"
#define NEWSIG                       "[GNUPG:] NEWSIG\n"
#define GOOD                         "[GNUPG:] GOODSIG 6ED0E7B82643E131 Somebody <a@b>\n"
#define VALID_BY(key, hash, primary) "[GNUPG:] VALIDSIG " key " 2026-07-11 1783765031 0 4 0 1 " hash " 01 " primary "\n"
#define VALID                        VALID_BY(KEY, "8", PRIMARY)
#define MISSING                                                                                                        \
    "[GNUPG:] ERRSIG 0123456789ABCDEF 1 8 01 1783765031 9 -\n"                                                         \
    "[GNUPG:] NO_PUBKEY 0123456789ABCDEF\n"
#define BAD     "[GNUPG:] BADSIG 6ED0E7B82643E131 Somebody\n"
#define EXPIRED "[GNUPG:] EXPKEYSIG CBAD9644D03C7D28 Somebody\n"

static struct gpg_verdict read_all(const char *status)
{
    struct gpg_verdict verdict = {0};
    gpg_status_read(str_z(status), NULL, 0, &verdict);
    return verdict;
}

/* 0, or the message. */
static const char *judged(const char *status)
{
    static struct err err;
    err = ERR_INIT;
    struct gpg_verdict verdict = read_all(status);
    int rc = gpg_verdict_check(&verdict, "F", &err);
    assert_int_equal(rc, -(int)err.code);
    return rc == 0 ? NULL : err.message;
}

static void test_accepted(void **state)
{
    (void)state;
    assert_null(judged(NEWSIG GOOD VALID));
    assert_null(judged(GOOD VALID)); /* an old gpgv that says no NEWSIG */
    assert_null(judged(NEWSIG GOOD VALID NEWSIG MISSING));
    assert_null(judged(NEWSIG MISSING NEWSIG GOOD VALID));
    assert_null(judged(NEWSIG EXPIRED VALID_BY(OTHER, "8", OTHER) NEWSIG GOOD VALID));
    struct gpg_verdict verdict = read_all(NEWSIG GOOD VALID NEWSIG MISSING NEWSIG GOOD VALID_BY(OTHER, "10", OTHER));
    assert_int_equal(verdict.valid, 2);
    assert_int_equal(verdict.missing, 1);
    assert_string_equal(verdict.signer, PRIMARY);
    assert_string_equal(verdict.missing_key, "0123456789ABCDEF");
}

static void test_refused(void **state)
{
    (void)state;
    assert_string_equal(judged(""), "'F' carries no signature");
    assert_string_equal(judged("[GNUPG:] NODATA 1\n"), "'F' carries no signature");
    assert_string_equal(judged(NEWSIG MISSING), "'F' is signed by key '0123456789ABCDEF', which is not in the keyring");
    assert_string_equal(judged(NEWSIG BAD), "signature of 'F' by key '6ED0E7B82643E131' does not fit its content");
    assert_string_equal(judged(NEWSIG BAD NEWSIG GOOD VALID),
                        "signature of 'F' by key '6ED0E7B82643E131' does not fit its content");
    assert_string_equal(judged(NEWSIG GOOD VALID NEWSIG BAD),
                        "signature of 'F' by key '6ED0E7B82643E131' does not fit its content");
    assert_string_equal(judged(NEWSIG EXPIRED VALID), "key 'CBAD9644D03C7D28' that signed 'F' has expired");
    assert_string_equal(judged(NEWSIG "[GNUPG:] REVKEYSIG CBAD9644D03C7D28 x\n" VALID),
                        "key 'CBAD9644D03C7D28' that signed 'F' was revoked");
    assert_string_equal(judged(NEWSIG "[GNUPG:] ERRSIG 6ED0E7B82643E131 22 2 01 1768003200 5 -\n"),
                        "signature of 'F' by key '6ED0E7B82643E131' is of a kind that is not trusted");
    assert_string_equal(judged(NEWSIG GOOD VALID_BY(KEY, "2", PRIMARY)),
                        "signature of 'F' by key '" KEY "' is of a kind that is not trusted");
}

static void test_forged(void **state)
{
    (void)state;
    const char *none = "'F' carries no signature";
    assert_string_equal(judged(NEWSIG VALID), none);                                          /* no GOODSIG */
    assert_string_equal(judged(NEWSIG VALID GOOD), none);                                     /* wrong order */
    assert_string_equal(judged(NEWSIG GOOD NEWSIG VALID), none);                              /* of another signature */
    assert_string_equal(judged(" [GNUPG:] GOODSIG 1 x\n" VALID), none);                       /* not a status line */
    assert_string_equal(judged(NEWSIG GOOD "[GNUPG:] VALIDSIG\n"), none);                     /* cut short */
    assert_string_equal(judged(NEWSIG GOOD "[GNUPG:] VALIDSIG ABC 1 2 3 4 5 6 8 9\n"), none); /* no fingerprint */
    assert_string_equal(judged("[GNUPG:] GOODSIGS 1\n[GNUPG:] VALIDSIGS 1\n"), none);
    struct gpg_verdict verdict = read_all(NEWSIG GOOD VALID VALID); /* one GOODSIG, one signature */
    assert_int_equal(verdict.valid, 1);
    verdict = read_all(NEWSIG "[GNUPG:] BADSIG \x1b[31m\n");
    assert_int_equal(verdict.bad, 1);
    assert_string_equal(verdict.other_key, ""); /* nothing that could not be printed */
}

static unsigned count_with(const char *fingerprint, unsigned *ret_foreign)
{
    struct gpg_verdict verdict = {0};
    struct str asked = str_z(fingerprint);
    gpg_status_read(STR(NEWSIG GOOD VALID), &asked, 1, &verdict);
    *ret_foreign = verdict.foreign;
    return verdict.valid;
}

static void test_fingerprints(void **state)
{
    (void)state;
    unsigned foreign;
    assert_int_equal(count_with(PRIMARY, &foreign), 1);
    assert_int_equal(count_with("b8b80b5b623eab6ad8775c45b7c5d7d6350947f8", &foreign), 1);
    assert_int_equal(count_with(KEY, &foreign), 1);
    assert_int_equal(count_with(KEY "!", &foreign), 1);
    assert_int_equal(count_with(PRIMARY "!", &foreign), 0);
    assert_int_equal(foreign, 1);
    assert_int_equal(count_with(OTHER, &foreign), 0);
    assert_int_equal(count_with("", &foreign), 0);
    assert_int_equal(count_with("!", &foreign), 0);
    assert_int_equal(count_with("350947F8", &foreign), 0); /* a short id can be forged */
    struct gpg_verdict verdict = {.foreign = 1, .other_key = KEY};
    struct err err = ERR_INIT;
    assert_int_equal(gpg_verdict_check(&verdict, "F", &err), -ERR_SIGNATURE);
    assert_string_equal(err.message, "'F' is signed by key '" KEY "', which its source does not name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_fingerprints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
