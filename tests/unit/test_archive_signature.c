/* SPDX-License-Identifier: Apache-2.0 */
/* The files come from tests/data/archive/signature/make. */
#include "archive/signature.h"

#include "base/fault.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>

#define SIGS TEST_DATA "/archive/signature/"

static const struct op_ctx plain = {0};

static void load(const char *path, struct buf *out)
{
    struct err err = ERR_INIT;
    assert_int_equal(file_read_all(AT_FDCWD, path, 1 << 20, out, &err), 0);
}

struct outcome {
    int rc;
    struct err err;
    struct gpg_verdict verdict;
    char text[256];
};

static struct outcome verify(const char *keyring_path, const char *signed_path, const struct str *fingerprint)
{
    struct outcome outcome = {0};
    struct buf keyring CLEANUP_BUF = BUF_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(keyring_add_file(keyring_path, &keyring, &outcome.err), 0);
    load(signed_path, &bytes);
    struct signature_trust trust = {
        .keyring = buf_str(&keyring), .fingerprints = fingerprint, .fingerprint_count = fingerprint != NULL};
    outcome.rc = signature_verify(buf_str(&bytes), "F", &trust, &plain, &out, &outcome.verdict, &outcome.err);
    assert_true(out.len < sizeof(outcome.text));
    memcpy(outcome.text, buf_z(&out), out.len);
    return outcome;
}

static void accepted(const char *keyring, const char *file)
{
    struct outcome outcome = verify(keyring, file, NULL);
    assert_string_equal(outcome.err.message, "");
    assert_int_equal(outcome.rc, 0);
    assert_string_equal(outcome.text, "Origin: Test\nCodename: bookworm\n- a line that begins with a dash\n");
}

static void refused(const char *keyring, const char *file, const char *part)
{
    struct outcome outcome = verify(keyring, file, NULL);
    assert_int_equal(outcome.rc, -ERR_SIGNATURE);
    assert_non_null(strstr(outcome.err.message, part));
    assert_string_equal(outcome.text, "");
    assert_string_equal(outcome.verdict.signer, "");
}

static void test_accepted(void **state)
{
    (void)state;
    accepted(SIGS "alpha.gpg", SIGS "alpha.in");
    accepted(SIGS "alpha.asc", SIGS "alpha.in");
    accepted(SIGS "both.asc", SIGS "alpha.in");
    accepted(SIGS "two.gpg", SIGS "three.in");
    accepted(SIGS "lapsed.gpg", SIGS "lapsed-and-alpha.in");
    struct outcome outcome = verify(SIGS "two.gpg", SIGS "three.in", NULL);
    assert_int_equal(outcome.verdict.valid, 2);
    assert_int_equal(outcome.verdict.missing, 1);
}

static void test_refused(void **state)
{
    (void)state;
    refused(SIGS "alpha.gpg", SIGS "tampered.in", "does not fit its content");
    refused(SIGS "revoked.gpg", SIGS "alpha.in", "which is not in the keyring");
    refused(SIGS "revoked.gpg", SIGS "revoked.in", "was revoked");
    refused(SIGS "lapsed.gpg", SIGS "lapsed.in", "has expired");
    refused(SIGS "alpha.gpg", SIGS "sha1.in", "of a kind that is not trusted");
    refused(SIGS "alpha.gpg", SIGS "text", "'F' is not signed");
}

static void test_fingerprint(void **state)
{
    (void)state;
    struct buf lines CLEANUP_BUF = BUF_INIT;
    load(SIGS "fingerprints", &lines);
    struct str rest = buf_str(&lines), first, second;
    assert_true(str_next_line(&rest, &first) && str_next_line(&rest, &second));
    assert_int_equal(verify(SIGS "two.gpg", SIGS "alpha.in", &first).rc, 0);
    struct outcome outcome = verify(SIGS "two.gpg", SIGS "alpha.in", &second);
    assert_int_equal(outcome.rc, -ERR_SIGNATURE);
    assert_non_null(strstr(outcome.err.message, "which its source does not name"));
}

static void framed(struct str bytes, const char *message)
{
    struct err err = ERR_INIT;
    struct str text = STR("untouched");
    assert_int_equal(signature_frame(bytes, "F", &text, &err), -ERR_SIGNATURE);
    assert_string_equal(err.message, message);
    assert_true(str_eq(text, STR("untouched")));
}

#define HEAD "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
#define TAIL "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"

static void test_frame(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct str text;
    assert_int_equal(signature_frame(STR(HEAD "a\n- -b\n" TAIL), "F", &text, &err), 0);
    assert_true(str_eq(text, STR("a\n- -b\n")));
    assert_int_equal(signature_frame(STR(HEAD TAIL), "F", &text, &err), 0);
    assert_int_equal(text.len, 0);
    assert_int_equal(signature_frame(STR(HEAD "a\n" TAIL "\n \n"), "F", &text, &err), 0);
    framed(STR(""), "'F' is not signed");
    framed(STR("<html>"), "'F' is not signed");
    framed(STR("Evil: yes\n" HEAD "a\n" TAIL), "'F' has text before the part that is signed");
    framed(STR("\n" HEAD "a\n" TAIL), "'F' has text before the part that is signed");
    framed(STR(HEAD "a\n" TAIL "Evil: yes\n"), "'F' has text behind its signature");
    framed(STR(HEAD "a\n" TAIL HEAD "b\n" TAIL), "'F' has text behind its signature");
    framed(STR(HEAD "a\n" HEAD "b\n" TAIL), "'F' has a line that is not escaped in the part that is signed");
    framed(STR("-----BEGIN PGP SIGNED MESSAGE-----\nEvil: yes\n\na\n" TAIL),
           "'F' has an unknown header before the part that is signed");
    framed(STR("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n"), "'F' is cut short");
    framed(STR(HEAD "a\n"), "'F' is cut short: its signature has no end");
    framed(STR(HEAD "a\n-----BEGIN PGP SIGNATURE-----\n\nAA"), "'F' is cut short: its signature has no end");
    framed(STR(HEAD "a\n-----BEGIN PGP SIGNATURE-----\n-----BEGIN PGP SIGNATURE-----\n"), "signature of 'F' is broken");
    framed(STR(HEAD "a\0b\n" TAIL), "'F' holds a NUL byte");
}

static void test_keyrings(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf keyring CLEANUP_BUF = BUF_INIT;
    assert_int_equal(keyring_add_file(SIGS "box.kbx", &keyring, &err), -ERR_UNSUPPORTED);
    assert_int_equal(keyring_add_file(SIGS "text", &keyring, &err), -ERR_INVALID);
    assert_int_equal(keyring_add_bytes(STR(""), "empty", &keyring, &err), -ERR_INVALID);
    assert_int_equal(keyring_add_file(SIGS "absent", &keyring, &err), -ERR_NOT_FOUND);
    assert_int_equal(keyring.len, 0);
}

static void test_gpgv_problems(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    load(SIGS "alpha.in", &bytes);
    struct signature_trust trust = {.search_path = "/nonexistent"};
    assert_int_equal(signature_verify(buf_str(&bytes), "F", &trust, &plain, &out, NULL, &err), -ERR_UNSUPPORTED);
    assert_string_equal(err.hint, "install the package gpgv");
    trust = (struct signature_trust){.gpgv = "/bin/true"};
    assert_int_equal(signature_verify(buf_str(&bytes), "F", &trust, &plain, &out, NULL, &err), -ERR_PROCESS);
    trust = (struct signature_trust){.keyring = STR("\x99rubbish")};
    assert_int_equal(signature_verify(buf_str(&bytes), "F", &trust, &plain, &out, NULL, &err), -ERR_SIGNATURE);
    assert_int_equal(out.len, 0);
}

static void test_faults(void **state)
{
    (void)state;
    struct buf keyring CLEANUP_BUF = BUF_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    load(SIGS "alpha.gpg", &keyring);
    load(SIGS "alpha.in", &bytes);
    struct signature_trust trust = {.keyring = buf_str(&keyring)};
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        struct buf out CLEANUP_BUF = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = signature_verify(buf_str(&bytes), "F", &trust, &plain, &out, NULL, &err);
        uint64_t passed = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (passed < n) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(out.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted), cmocka_unit_test(test_refused),  cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_frame),    cmocka_unit_test(test_keyrings), cmocka_unit_test(test_gpgv_problems),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
