/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/digest.h - SHA-256, SHA-512 and MD5 of bytes, in one go, as streams, and as text.
 *
 * Text form: "sha256:" and lower-case hex (OCI image-spec 1.1, descriptor.md "Digests"). MD5 serves only the
 * md5sums files of packages, never to verify.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum digest_algorithm { DIGEST_SHA256, DIGEST_SHA512, DIGEST_MD5 };

#define DIGEST_BYTES_MAX 64
#define DIGEST_TEXT_MAX  136 /* "sha512:" + 128 hex + NUL */

struct digest {
    enum digest_algorithm algorithm;
    uint8_t bytes[DIGEST_BYTES_MAX]; /* digest_size() of them count */
};

struct digester {
    enum digest_algorithm algorithm;
    uint64_t size_bytes; /* taken so far */
    union {
        uint64_t align;
        char space[256];
    } state;
};

size_t digest_size(enum digest_algorithm algorithm); /* bytes: 32, 64, 16 */
const char *digest_name(enum digest_algorithm algorithm);

void digester_init(struct digester *digester, enum digest_algorithm algorithm);
void digester_update(struct digester *digester, const void *data, size_t size);
struct digest digester_final(struct digester *digester);

struct digest digest_of(enum digest_algorithm algorithm, struct str bytes);
bool digest_eq(const struct digest *a, const struct digest *b);

/* "sha256:…" or "sha512:…", hex of the exact length, lower case. */
bool digest_parse(struct str text, struct digest *ret_digest);
bool digest_parse_hex(enum digest_algorithm algorithm, struct str hex, struct digest *ret_digest);

/* "sha256:…" / hex alone, NUL-terminated, into OUT; returns OUT. */
const char *digest_text(const struct digest *digest, char out[static DIGEST_TEXT_MAX]);
const char *digest_hex(const struct digest *digest, char out[static DIGEST_TEXT_MAX]);

/*
 * Pass everything on and digest it. DIGESTER is the caller's, initialised by the caller, outlives the stream, and has
 * seen all when the end was read or the close returned: the caller then takes digester_final.
 */
int digest_reader_new(struct reader *source, struct digester *digester, struct reader **ret_reader, struct err *err);
int digest_writer_new(struct writer *below, struct digester *digester, struct writer **ret_writer, struct err *err);
