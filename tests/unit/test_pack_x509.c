/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate_fixture.h"
#include "pack/pem.h"
#include "pack/x509.h"

#include <string.h>

static void decode(const char *pem, struct buf *der)
{
    struct pem_reader blocks = {.rest = str_z(pem)};
    struct pem_block block;
    bool found;
    assert_int_equal(pem_next(&blocks, &block, &found, NULL), 0);
    assert_true(found && pem_decode(block.body, der));
}

static void expect(const char *pem, const char *name, int64_t from_s, int64_t to_s, bool authority, bool self_issued)
{
    struct buf der CLEANUP_BUF = BUF_INIT;
    struct x509_certificate certificate;
    const char *problem = NULL;
    decode(pem, &der);
    if (!x509_read(buf_str(&der), &certificate, &problem))
        fail_msg("%s", problem);
    assert_true(str_eq_z(certificate.name, name));
    assert_int_equal(certificate.not_before_s, from_s);
    assert_int_equal(certificate.not_after_s, to_s);
    assert_int_equal(certificate.has_authority_bit, authority);
    assert_int_equal(certificate.self_issued, self_issued);
}

static void test_read(void **state)
{
    (void)state;
    expect(CERTIFICATE_ROOT, "Test Root", 1577836800, 4733510400, true, true);
    expect(CERTIFICATE_EXPIRED, "Old Company", 946684800, 978307200, true, true);
    expect(CERTIFICATE_LEAF, "leaf.example", 1577836800, 4733510400, false, false);
}

/* Every prefix, and every byte more, is refused; no changed byte leads outside. */
static void test_damaged(void **state)
{
    (void)state;
    struct buf der CLEANUP_BUF = BUF_INIT;
    struct x509_certificate certificate;
    const char *problem = NULL;
    decode(CERTIFICATE_LEAF, &der);
    for (size_t len = 0; len < der.len; len++) {
        problem = NULL;
        assert_false(x509_read(str_of(der.ptr, len), &certificate, &problem));
        assert_non_null(problem);
    }
    for (size_t i = 0; i < der.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            der.ptr[i] = (char)(der.ptr[i] ^ (1 << bit));
            (void)x509_read(buf_str(&der), &certificate, &problem);
            der.ptr[i] = (char)(der.ptr[i] ^ (1 << bit));
        }
    buf_add_char(&der, 0);
    assert_false(x509_read(buf_str(&der), &certificate, &problem));
    assert_string_equal(problem, "something follows its end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
