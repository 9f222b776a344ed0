/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The low-level functions of libcrypto, deprecated in favour of EVP, are used on purpose: they pull in a handful of
 * objects instead of four megabytes and need no initialisation, yet take the processor's SHA instructions.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "io/digest.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "io/writer.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct digester *)NULL)->state), "state holds SHA-256");
_Static_assert(sizeof(SHA512_CTX) <= sizeof(((struct digester *)NULL)->state), "state holds SHA-512");
_Static_assert(sizeof(MD5_CTX) <= sizeof(((struct digester *)NULL)->state), "state holds MD5");

_Static_assert(SHA512_DIGEST_LENGTH == DIGEST_BYTES_MAX, "room for the longest");

void digester_init(struct digester *digester, enum digest_algorithm algorithm)
{
    digester->algorithm = algorithm;
    digester->size_bytes = 0;
    void *state = &digester->state;
    switch (algorithm) {
    case DIGEST_SHA256:
        SHA256_Init(state);
        break;
    case DIGEST_SHA512:
        SHA512_Init(state);
        break;
    case DIGEST_MD5:
        MD5_Init(state);
        break;
    }
}

void digester_update(struct digester *digester, const void *data, size_t size)
{
    if (size == 0)
        return;
    digester->size_bytes += size;
    void *state = &digester->state;
    switch (digester->algorithm) {
    case DIGEST_SHA256:
        SHA256_Update(state, data, size);
        break;
    case DIGEST_SHA512:
        SHA512_Update(state, data, size);
        break;
    case DIGEST_MD5:
        MD5_Update(state, data, size);
        break;
    }
}

struct digest digester_final(struct digester *digester)
{
    struct digest digest = {.algorithm = digester->algorithm};
    void *state = &digester->state;
    switch (digester->algorithm) {
    case DIGEST_SHA256:
        SHA256_Final(digest.bytes, state);
        break;
    case DIGEST_SHA512:
        SHA512_Final(digest.bytes, state);
        break;
    case DIGEST_MD5:
        MD5_Final(digest.bytes, state);
        break;
    }
    return digest;
}

struct digest digest_of(enum digest_algorithm algorithm, struct str bytes)
{
    struct digester digester;
    digester_init(&digester, algorithm);
    digester_update(&digester, bytes.ptr, bytes.len);
    return digester_final(&digester);
}

/* ---- streams */

struct digest_reader {
    struct reader base;
    struct reader *source;
    struct digester *digester;
};

static int digest_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct digest_reader *reader = (struct digest_reader *)base;
    int r = reader_read(reader->source, data, size, ret_got, err);
    if (r == 0)
        digester_update(reader->digester, data, *ret_got);
    return r;
}

static void digest_reader_free(struct reader *base)
{
    reader_free(((struct digest_reader *)base)->source);
    mem_free(base);
}

static const struct reader_ops reader_ops = {digest_read, digest_reader_free};

int digest_reader_new(struct reader *source, struct digester *digester, struct reader **ret_reader, struct err *err)
{
    struct digest_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->base.ops = &reader_ops;
    reader->source = source;
    reader->digester = digester;
    *ret_reader = &reader->base;
    return 0;
}

struct digest_writer {
    struct writer base;
    struct writer *below;
    struct digester *digester;
};

static int digest_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct digest_writer *writer = (struct digest_writer *)base;
    digester_update(writer->digester, data, size);
    return writer_write(writer->below, data, size, err);
}

static int digest_close(struct writer *base, struct err *err)
{
    int r = writer_close(((struct digest_writer *)base)->below, err);
    mem_free(base);
    return r;
}

static void digest_cancel(struct writer *base)
{
    writer_cancel(((struct digest_writer *)base)->below);
    mem_free(base);
}

static const struct writer_ops writer_ops = {digest_write, digest_close, digest_cancel};

int digest_writer_new(struct writer *below, struct digester *digester, struct writer **ret_writer, struct err *err)
{
    struct digest_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &writer_ops;
    writer->below = below;
    writer->digester = digester;
    *ret_writer = &writer->base;
    return 0;
}
