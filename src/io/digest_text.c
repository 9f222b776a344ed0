/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as values and texts: nothing here computes one, so that who only reads references needs no libcrypto. */
#include "io/digest.h"

#include "base/num.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size;
} algorithms[] = {
    [DIGEST_SHA256] = {"sha256", 32},
    [DIGEST_SHA512] = {"sha512", 64},
    [DIGEST_MD5] = {"md5", 16},
};

size_t digest_size(enum digest_algorithm algorithm)
{
    return algorithms[algorithm].size;
}

const char *digest_name(enum digest_algorithm algorithm)
{
    return algorithms[algorithm].name;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return a->algorithm == b->algorithm && memcmp(a->bytes, b->bytes, digest_size(a->algorithm)) == 0;
}

bool digest_parse_hex(enum digest_algorithm algorithm, struct str hex, struct digest *ret_digest)
{
    for (size_t i = 0; i < hex.len; i++)
        if (hex.ptr[i] != char_lower(hex.ptr[i]))
            return false;
    struct digest digest = {.algorithm = algorithm};
    if (!num_parse_hex_bytes(hex, digest.bytes, digest_size(algorithm)))
        return false;
    *ret_digest = digest;
    return true;
}

bool digest_parse(struct str text, struct digest *ret_digest)
{
    if (str_starts(text, STR("sha256:")))
        return digest_parse_hex(DIGEST_SHA256, str_skip(text, 7), ret_digest);
    if (str_starts(text, STR("sha512:")))
        return digest_parse_hex(DIGEST_SHA512, str_skip(text, 7), ret_digest);
    return false;
}

static const char *write_text(const struct digest *digest, const char *prefix, char *out)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = strlen(prefix);
    memcpy(out, prefix, at);
    if (at)
        out[at++] = ':';
    for (size_t i = 0; i < digest_size(digest->algorithm); i++) {
        out[at++] = hex[digest->bytes[i] >> 4];
        out[at++] = hex[digest->bytes[i] & 15];
    }
    out[at] = '\0';
    return out;
}

const char *digest_text(const struct digest *digest, char out[static DIGEST_TEXT_MAX])
{
    return write_text(digest, digest_name(digest->algorithm), out);
}

const char *digest_hex(const struct digest *digest, char out[static DIGEST_TEXT_MAX])
{
    return write_text(digest, "", out);
}
