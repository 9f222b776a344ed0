/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream that is held against what was promised of it: one byte too many fails at once, one too few or another
 * digest at the end.
 */
#include "base/alloc.h"
#include "io/reader.h"
#include "oci/internal.h"

#include <string.h>

struct verify_reader {
    struct reader base;
    struct reader *source;
    struct digester digester;
    struct digest digest;
    bool has_digest;
    uint64_t size_bytes; /* UINT64_MAX: not known */
    char *what;
};

static int verify_end(struct verify_reader *reader, struct err *err)
{
    if (reader->size_bytes != UINT64_MAX && reader->digester.size_bytes != reader->size_bytes) {
        err_set(err, ERR_DIGEST, "%s has %llu bytes, not %llu", reader->what,
                (unsigned long long)reader->digester.size_bytes, (unsigned long long)reader->size_bytes);
        err_hint(err, "the image is damaged or was tampered with; fetch or build it again");
        return -(int)ERR_DIGEST;
    }
    if (!reader->has_digest)
        return 0;
    struct digest found = digester_final(&reader->digester);
    return digest_eq(&found, &reader->digest) ? 0 : oci_digest_mismatch(&reader->digest, &found, reader->what, err);
}

static int verify_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct verify_reader *reader = (struct verify_reader *)base;
    size_t got = 0;
    int r = reader_read(reader->source, data, size, &got, err);
    if (r != 0)
        return r;
    if (got == 0)
        r = verify_end(reader, err);
    else if (got > reader->size_bytes - reader->digester.size_bytes)
        r = err_set(err, ERR_DIGEST, "%s has more than %llu bytes", reader->what,
                    (unsigned long long)reader->size_bytes);
    else
        digester_update(&reader->digester, data, got);
    if (r == 0)
        *ret_got = got;
    return r;
}

static void verify_free(struct reader *base)
{
    struct verify_reader *reader = (struct verify_reader *)base;
    reader_free(reader->source);
    mem_free(reader->what);
    mem_free(reader);
}

static const struct reader_ops verify_ops = {verify_read, verify_free};

int oci_verify_reader_new(struct reader *source, const struct digest *digest, uint64_t size_bytes, const char *what,
                          struct reader **ret_reader, struct err *err)
{
    struct verify_reader *reader = mem_calloc(1, sizeof(*reader));
    char *copy = mem_dup(what, strlen(what));
    if (!reader || !copy) {
        mem_free(reader);
        mem_free(copy);
        return err_nomem(err);
    }
    reader->base.ops = &verify_ops;
    reader->source = source;
    reader->has_digest = digest != NULL;
    if (digest)
        reader->digest = *digest;
    reader->size_bytes = size_bytes;
    reader->what = copy;
    digester_init(&reader->digester, digest ? digest->algorithm : DIGEST_SHA256);
    *ret_reader = &reader->base;
    return 0;
}
