/* SPDX-License-Identifier: Apache-2.0 */
#include "io/digest.h"

#include "base/fault.h"
#include "io/reader.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

/* FIPS 180-4 and RFC 1321 examples. */
static const struct {
    enum digest_algorithm algorithm;
    struct str bytes;
    const char *text;
} known[] = {
    {DIGEST_SHA256, STR_INIT(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {DIGEST_SHA256, STR_INIT("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {DIGEST_SHA256, STR_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
     "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {DIGEST_SHA512, STR_INIT("abc"),
     "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {DIGEST_SHA512, STR_INIT(""),
     "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {DIGEST_MD5, STR_INIT("message digest"), "md5:f96b697d7cb7938d525a2f31aaf161d0"},
};

static void test_known(void **state)
{
    (void)state;
    char text[DIGEST_TEXT_MAX], hex[DIGEST_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct digest digest = digest_of(known[i].algorithm, known[i].bytes);
        assert_string_equal(digest_text(&digest, text), known[i].text);
        assert_string_equal(digest_hex(&digest, hex), strchr(known[i].text, ':') + 1);
        assert_int_equal(strlen(hex), 2 * digest_size(known[i].algorithm));
        struct digest again;
        bool parsed = digest_parse(str_z(text), &again);
        assert_int_equal(parsed, known[i].algorithm != DIGEST_MD5);
        if (parsed)
            assert_true(digest_eq(&digest, &again));
        assert_true(digest_parse_hex(known[i].algorithm, str_z(hex), &again));
        assert_true(digest_eq(&digest, &again));
    }
}

static void test_pieces(void **state)
{
    (void)state;
    static char data[10000];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 7 + i / 251);
    for (int algorithm = DIGEST_SHA256; algorithm <= DIGEST_MD5; algorithm++) {
        struct digest whole = digest_of((enum digest_algorithm)algorithm, str_of(data, sizeof(data)));
        for (size_t piece = 1; piece < 200; piece += 13) {
            struct digester digester;
            digester_init(&digester, (enum digest_algorithm)algorithm);
            for (size_t at = 0; at < sizeof(data); at += piece)
                digester_update(&digester, data + at, piece < sizeof(data) - at ? piece : sizeof(data) - at);
            digester_update(&digester, NULL, 0);
            assert_int_equal(digester.size_bytes, sizeof(data));
            struct digest pieces = digester_final(&digester);
            assert_true(digest_eq(&whole, &pieces));
        }
    }
}

#define HEX64 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void test_bad_text(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "sha256:",
        "sha256",
        HEX64,
        "sha256:" HEX64 "0",
        "sha256:" HEX64 " ",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015aD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
        "SHA256:" HEX64,
        "sha512:" HEX64,
        "sha384:" HEX64 HEX64,
        "md5:f96b697d7cb7938d525a2f31aaf161d0",
        "sha256:../../../../etc/passwd",
    };
    struct digest digest = {.algorithm = DIGEST_MD5, .bytes = {9}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(digest_parse(str_z(bad[i]), &digest));
    assert_false(digest_parse(str_of("sha256:" HEX64 "\0", 72), &digest));
    assert_int_equal(digest.algorithm, DIGEST_MD5); /* untouched */
    assert_int_equal(digest.bytes[0], 9);
    assert_true(digest_parse(STR("sha512:" HEX64 HEX64), &digest));
    struct digest other = digest_of(DIGEST_SHA256, STR("abc"));
    assert_false(digest_eq(&digest, &other)); /* equal first bytes, another algorithm */
    assert_string_equal(digest_name(DIGEST_SHA512), "sha512");
}

static int streams(struct digest ret[2], struct err *err)
{
    struct digester in, out;
    digester_init(&in, DIGEST_SHA256);
    digester_init(&out, DIGEST_SHA256);
    CLEANUP_BUF struct buf buf = BUF_INIT; /* outlives the writer */
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_WRITER struct writer *writer = NULL;
    struct reader *source = NULL;
    struct writer *below = NULL;
    int r = mem_reader_new(STR("abc"), &source, err);
    if (r == 0 && (r = digest_reader_new(source, &in, &reader, err)) < 0)
        reader_free(source);
    if (r == 0)
        r = buf_writer_new(&buf, &below, err);
    if (r == 0 && (r = digest_writer_new(below, &out, &writer, err)) < 0)
        writer_cancel(below);
    if (r == 0)
        r = reader_copy(reader, writer, NULL, err);
    if (r == 0)
        r = writer_close(TAKE_PTR(writer), err);
    ret[0] = digester_final(&in);
    ret[1] = digester_final(&out);
    assert_true(r < 0 || str_eq(buf_str(&buf), STR("abc")));
    return r;
}

static void test_streams(void **state)
{
    (void)state;
    struct digest expected = digest_of(DIGEST_SHA256, STR("abc")), made[2];
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = streams(made, &err);
        fault_disarm();
        if (r == 0) {
            assert_int_equal(n, 7);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
    }
    assert_true(digest_eq(&made[0], &expected));
    assert_true(digest_eq(&made[1], &expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
