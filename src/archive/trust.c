/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/trust.h"

void trust_done(struct trust *trust)
{
    buf_done(&trust->keyring);
    trust->keys = (struct signature_trust){0};
}

static int add_debian_keyring(const struct archive_options *options, struct buf *keyring, struct err *err)
{
    const char *first = options->debian_keyring ? options->debian_keyring : ARCHIVE_DEBIAN_KEYRING;
    int rc = keyring_add_file(first, keyring, err);
    if (rc == -ERR_NOT_FOUND && options->debian_keyring_2)
        rc = keyring_add_file(options->debian_keyring_2, keyring, err);
    if (rc == -ERR_NOT_FOUND) {
        err_set(err, ERR_NOT_FOUND, "the Debian archive keyring '%s' is not there", first);
        return err_hint(err, "install the package debian-archive-keyring, or give --keyring FILE");
    }
    return rc;
}

static int add_files(const struct source_words *words, struct arena *arena, struct buf *keyring, struct err *err)
{
    for (size_t i = 0; i < words->len; i++) {
        if (words->ptr[i].len == 0 || words->ptr[i].ptr[0] != '/')
            continue;
        const char *path = arena_z(arena, words->ptr[i]);
        int rc = path ? keyring_add_file(path, keyring, err) : err_nomem(err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int add_fingerprints(const struct source_words *words, struct arena *arena, struct signature_trust *keys,
                            struct err *err)
{
    struct str *fingerprints = ARENA_ARRAY(arena, words->len + 1, struct str);
    if (!fingerprints)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < words->len; i++)
        if (words->ptr[i].len > 0 && words->ptr[i].ptr[0] != '/')
            fingerprints[count++] = words->ptr[i];
    keys->fingerprints = fingerprints;
    keys->fingerprint_count = count;
    return 0;
}

static struct digest digest_trust(const struct trust *trust)
{
    struct digester digester;
    digester_init(&digester, DIGEST_SHA256);
    for (size_t i = 0; i < trust->keys.fingerprint_count; i++) {
        digester_update(&digester, trust->keys.fingerprints[i].ptr, trust->keys.fingerprints[i].len);
        digester_update(&digester, "", 1);
    }
    digester_update(&digester, trust->keyring.ptr, trust->keyring.len);
    return digester_final(&digester);
}

int trust_load(const struct archive_options *options, const struct archive_place *place, struct arena *arena,
               struct trust *ret_trust, struct err *err)
{
    struct trust trust = {.keyring = BUF_INIT, .keys.search_path = options->gpgv_path};
    const struct source *source = place->source;
    int rc = 0;
    for (size_t i = 0; i < options->keyring_count && rc == 0; i++)
        rc = keyring_add_file(options->keyrings[i], &trust.keyring, err);
    if (rc == 0 && options->keyring_count == 0 && source) {
        rc = add_files(&source->signed_by, arena, &trust.keyring, err);
        if (rc == 0)
            rc = add_fingerprints(&source->signed_by, arena, &trust.keys, err);
        if (rc == 0 && source->inline_keyring.len > 0)
            rc = keyring_add_bytes(source->inline_keyring, "Signed-By", &trust.keyring, err);
    }
    if (rc == 0 && trust.keyring.len == 0)
        rc = add_debian_keyring(options, &trust.keyring, err);
    if (rc != 0) {
        trust_done(&trust);
        return rc;
    }
    trust.keys.keyring = buf_str(&trust.keyring);
    trust.digest = digest_trust(&trust);
    *ret_trust = trust;
    return 0;
}
