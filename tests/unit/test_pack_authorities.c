/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "certificate_fixture.h"
#include "pack/authorities.h"
#include "pack/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    struct arena arena;
    struct op_sink sink;
    struct op_ctx ctx;
    struct err err;
    char warnings[1024];
    char path[64];
    struct str files[2];
    struct str pem;
};

static void note_warning(void *self, struct str message)
{
    struct fixture *f = self;
    size_t len = strlen(f->warnings);
    (void)snprintf(f->warnings + len, sizeof(f->warnings) - len, "%.*s\n", STR_ARG(message));
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.arena = ARENA_INIT, .path = "/tmp/barehull-authorities.XXXXXX"};
    f->sink = (struct op_sink){.warning = note_warning, .self = f};
    f->ctx = (struct op_ctx){.arena = &f->arena, .sink = &f->sink};
    int fd = mkstemp(f->path);
    assert_true(fd >= 0);
    close(fd);
}

static void end(struct fixture *f)
{
    (void)unlink(f->path);
    arena_done(&f->arena);
}

/* Reads a file of TEXT, twice. */
static int read_text(struct fixture *f, struct str text)
{
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    f->files[0] = f->files[1] = str_z(f->path);
    f->warnings[0] = '\0';
    f->err = ERR_INIT;
    return authorities_read(&f->ctx, (struct str_list){f->files, 2}, &f->pem, &f->err);
}

static void expect_pem(struct fixture *f, const char *text, const char *pem)
{
    assert_int_equal(read_text(f, str_z(text)), 0);
    assert_string_equal(f->pem.ptr, pem);
}

/* The file's name is left out of the message. */
static void expect_refused(struct fixture *f, struct str text, const char *message, const char *hint)
{
    assert_int_equal(read_text(f, text), -(int)ERR_USAGE);
    char expected[512];
    (void)snprintf(expected, sizeof(expected), "'%s'%s", f->path, message);
    assert_string_equal(f->err.message, expected);
    if (!strstr(f->err.hint, hint))
        fail_msg("hint: %s", f->err.hint);
}

static void test_forms(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    expect_pem(&f, CERTIFICATE_ROOT, CERTIFICATE_ROOT);
    assert_string_equal(f.warnings, "");
    expect_pem(&f, "# subject=Test Root\n\n" CERTIFICATE_ROOT "text\n" CERTIFICATE_ROOT, CERTIFICATE_ROOT);

    struct buf crlf CLEANUP_BUF = BUF_INIT; /* and a byte order mark of an editor */
    buf_add_z(&crlf, "\xef\xbb\xbf\r\n");
    for (const char *c = CERTIFICATE_ROOT; *c; c++) {
        if (*c == '\n')
            buf_add_char(&crlf, '\r');
        buf_add_char(&crlf, *c);
    }
    expect_pem(&f, buf_z(&crlf), CERTIFICATE_ROOT);

    struct pem_reader blocks = {.rest = STR(CERTIFICATE_ROOT)};
    struct pem_block block;
    bool found;
    struct buf der CLEANUP_BUF = BUF_INIT;
    assert_int_equal(pem_next(&blocks, &block, &found, NULL), 0);
    assert_true(found && pem_decode(block.body, &der));
    assert_int_equal(read_text(&f, buf_str(&der)), 0);
    assert_string_equal(f.pem.ptr, CERTIFICATE_ROOT);

    assert_int_equal(authorities_read(&f.ctx, (struct str_list){0}, &f.pem, NULL), 0);
    assert_int_equal(f.pem.len, 0);
    end(&f);
}

static void test_warnings(void **state)
{
    (void)state;
    struct fixture f;
    char expected[512];
    begin(&f);
    expect_pem(&f, CERTIFICATE_ROOT CERTIFICATE_EXPIRED CERTIFICATE_LEAF,
               CERTIFICATE_ROOT CERTIFICATE_EXPIRED CERTIFICATE_LEAF);
    (void)snprintf(expected, sizeof(expected),
                   "'%s', line 11: the certificate 'Old Company' has expired\n"
                   "'%s', line 21: the certificate 'leaf.example' is no authority's: what it signed is not trusted by "
                   "it\n",
                   f.path, f.path);
    assert_string_equal(f.warnings, expected);
    end(&f);
}

static void test_refused(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    expect_refused(&f, STR(""), " holds no certificate", "BEGIN CERTIFICATE");
    expect_refused(&f, STR("hello\n"), " holds no certificate", "BEGIN CERTIFICATE");
    expect_refused(&f, STR(CERTIFICATE_ROOT "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
                   ", line 11: a private key; everybody who can pull the image could read it", "certificate alone");
    expect_refused(&f, STR("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
                   ", line 1: a private key; everybody who can pull the image could read it", "certificate alone");
    expect_refused(&f, STR("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n"),
                   ", line 1: a block 'PKCS7', not a certificate", "openssl pkcs7");
    expect_refused(&f, STR("-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n"),
                   ", line 1: a block 'TRUSTED CERTIFICATE', not a certificate", "openssl x509");
    expect_refused(&f, STR("-----BEGIN CERTIFICATE-----\nMIIB\n"), ": line 1: '-----BEGIN CERTIFICATE-----' has no end",
                   "");
    expect_refused(&f, STR("-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n"),
                   ", line 1: the certificate is damaged: it is no base 64", "copy");
    expect_refused(&f, STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                   ", line 1: this is no X.509 certificate: it is no DER", "openssl x509");
    expect_refused(&f, STR("0\x82\x01\x01\x02"), ", line 1: this is no X.509 certificate: it ends too early", "PEM");
    (void)unlink(f.path);
    assert_int_equal(authorities_read(&f.ctx, (struct str_list){f.files, 1}, &f.pem, &f.err), -(int)ERR_NOT_FOUND);
    end(&f);
}

static void test_missing(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(authorities_add_missing(STR(CERTIFICATE_ROOT), STR(CERTIFICATE_ROOT), &out, NULL), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(authorities_add_missing(STR(CERTIFICATE_ROOT), STR(CERTIFICATE_ROOT CERTIFICATE_LEAF), &out, NULL),
                     0);
    assert_string_equal(buf_z(&out), CERTIFICATE_LEAF);
}

static void test_faults(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(read_text(&f, STR(CERTIFICATE_ROOT CERTIFICATE_LEAF)), 0);
    int r = -1;
    for (unsigned n = 1; r < 0 && n < 200; n++) {
        fault_arm(FAULT_ALLOC, n);
        r = authorities_read(&f.ctx, (struct str_list){f.files, 2}, &f.pem, &f.err);
        fault_disarm();
        if (r != 0 && r != -(int)ERR_NOMEM)
            fail_msg("%u: %d %s", n, r, f.err.message);
    }
    assert_int_equal(r, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),   cmocka_unit_test(test_warnings), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_missing), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
