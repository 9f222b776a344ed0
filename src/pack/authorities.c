/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/authorities.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "io/digest.h"
#include "io/file.h"
#include "pack/pem.h"
#include "pack/x509.h"

#include <fcntl.h>

#define CERTIFICATE STR("CERTIFICATE")

struct reading {
    const struct op_ctx *ctx;
    struct str path;  /* of the file at hand */
    struct map known; /* digests of the certificates that are in PEM */
    struct buf pem;
    size_t count;
};

/* The key of a certificate among others. The arena's, since the map keeps views. */
static struct str key_of(struct arena *arena, struct str der)
{
    char hex[DIGEST_TEXT_MAX];
    struct digest digest = digest_of(DIGEST_SHA256, der);
    return arena_str(arena, str_z(digest_hex(&digest, hex)));
}

/* It joins, but may not do what its owner expects. */
static void warn_of(const struct reading *reading, const struct x509_certificate *certificate, size_t line)
{
    int64_t now_s = clock_unix_seconds();
    const char *what = NULL;
    if (certificate->not_after_s < now_s)
        what = "has expired";
    else if (certificate->not_before_s > now_s)
        what = "is not valid yet";
    else if (!certificate->has_authority_bit && !certificate->self_issued)
        what = "is no authority's: what it signed is not trusted by it";
    if (what)
        op_warn(reading->ctx, "'%.*s', line %zu: the certificate '%.*s' %s", STR_ARG(reading->path), line,
                STR_ARG(certificate->name), what);
}

static int take(struct reading *reading, struct str der, size_t line, struct err *err)
{
    struct x509_certificate certificate;
    const char *problem = "";
    if (!x509_read(der, &certificate, &problem)) {
        err_set(err, ERR_USAGE, "'%.*s', line %zu: this is no X.509 certificate: %s", STR_ARG(reading->path), line,
                problem);
        return err_hint(err, "give the authority's certificate as PEM; 'openssl x509 -in FILE -noout -text' shows one");
    }
    struct str key = key_of(reading->ctx->arena, der);
    if (!key.ptr)
        return err_nomem(err);
    if (map_has(&reading->known, key))
        return 0;
    warn_of(reading, &certificate, line);
    if (++reading->count > LIMIT_AUTHORITIES)
        return err_set(err, ERR_LIMIT, "more than %d certificates of authorities", LIMIT_AUTHORITIES);
    pem_write(CERTIFICATE, der, &reading->pem);
    return map_set(&reading->known, key, reading) ? buf_check(&reading->pem, err) : err_nomem(err);
}

/* A block that is something else than a certificate. */
static int refuse_label(const struct reading *reading, const struct pem_block *block, struct err *err)
{
    static const struct {
        const char *label, *remedy;
    } known[] = {
        {"TRUSTED CERTIFICATE", "make it plain: openssl x509 -in FILE -out ca.pem"},
        {"CERTIFICATE REQUEST", "give the certificate that the authority has for itself"},
        {"X509 CRL", "lists of revoked certificates are the application's own affair"},
        {"PKCS7", "take the certificates out: openssl pkcs7 -in FILE -print_certs -out ca.pem"},
        {"CMS", "take the certificates out: openssl pkcs7 -in FILE -print_certs -out ca.pem"},
    };
    const char *remedy = "give a file with certificates alone";
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq_z(block->label, known[i].label))
            remedy = known[i].remedy;
    if (str_ends(block->label, STR("PRIVATE KEY"))) {
        err_set(err, ERR_USAGE, "'%.*s', line %zu: a private key; everybody who can pull the image could read it",
                STR_ARG(reading->path), block->line);
        return err_hint(err, "give a file with the certificate alone: openssl x509 -in FILE -out ca.pem");
    }
    err_set(err, ERR_USAGE, "'%.*s', line %zu: a block '%.*s', not a certificate", STR_ARG(reading->path), block->line,
            STR_ARG(block->label));
    return err_hint(err, "%s", remedy);
}

static int take_block(struct reading *reading, const struct pem_block *block, struct err *err)
{
    if (!str_eq(block->label, CERTIFICATE) && !str_eq(block->label, STR("X509 CERTIFICATE")))
        return refuse_label(reading, block, err);
    struct buf der CLEANUP_BUF = BUF_INIT;
    bool decoded = pem_decode(block->body, &der);
    int r = buf_check(&der, err);
    if (r < 0)
        return r;
    if (decoded)
        return take(reading, buf_str(&der), block->line, err);
    err_set(err, ERR_USAGE, "'%.*s', line %zu: the certificate is damaged: it is no base 64", STR_ARG(reading->path),
            block->line);
    return err_hint(err, "copy the file again as it is");
}

/* A DER certificate begins with a SEQUENCE whose length takes two bytes or more; so do PKCS #7 and #12. */
static bool looks_like_der(struct str text)
{
    return text.len > 4 && (unsigned char)text.ptr[0] == 0x30 && ((unsigned char)text.ptr[1] & 0xf0U) == 0x80;
}

static int take_file(struct reading *reading, struct str text, struct err *err)
{
    if (looks_like_der(text))
        return take(reading, text, 1, err);
    struct pem_reader blocks = {.rest = text};
    size_t count = 0;
    for (;; count++) {
        struct pem_block block;
        bool found;
        int r = op_check(reading->ctx, err);
        if (r == 0)
            r = pem_next(&blocks, &block, &found, err);
        if (r == -(int)ERR_INVALID && err) {
            err->code = ERR_USAGE;
            r = err_wrap(err, "'%.*s'", STR_ARG(reading->path));
        }
        if (r == 0 && found)
            r = take_block(reading, &block, err);
        if (r < 0)
            return r;
        if (!found)
            break;
    }
    if (count > 0)
        return 0;
    err_set(err, ERR_USAGE, "'%.*s' holds no certificate", STR_ARG(reading->path));
    return err_hint(err, "give PEM: '-----BEGIN CERTIFICATE-----', base 64, '-----END CERTIFICATE-----'");
}

static int read_file(struct reading *reading, struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    const char *path = arena_z(reading->ctx->arena, reading->path);
    if (!path)
        return err_nomem(err);
    int r = file_read_all(AT_FDCWD, path, LIMIT_AUTHORITY_BYTES, &text, err);
    if (r < 0)
        return err_wrap(err, "--ca");
    return take_file(reading, buf_str(&text), err);
}

int authorities_read(const struct op_ctx *ctx, struct str_list files, struct str *ret_pem, struct err *err)
{
    struct reading reading = {.ctx = ctx, .known = MAP_INIT, .pem = BUF_INIT};
    int r = 0;
    for (size_t i = 0; r == 0 && i < files.len; i++) {
        reading.path = files.ptr[i];
        r = read_file(&reading, err);
    }
    struct str pem = r == 0 ? arena_take_buf(ctx->arena, &reading.pem) : STR_NONE;
    if (r == 0 && !pem.ptr)
        r = err_nomem(err);
    map_done(&reading.known);
    buf_done(&reading.pem);
    if (r == 0)
        *ret_pem = pem;
    return r;
}

/* Enters the certificates of PEM in KNOWN; those that were not there go to OUT, unless it is NULL. */
static int enter(struct str pem, struct arena *arena, struct map *known, struct buf *out, struct err *err)
{
    struct pem_reader blocks = {.rest = pem};
    for (;;) {
        struct pem_block block;
        bool found;
        int r = pem_next(&blocks, &block, &found, err);
        if (r < 0 || !found)
            return r;
        struct buf der CLEANUP_BUF = BUF_INIT;
        bool decoded = str_eq(block.label, CERTIFICATE) && pem_decode(block.body, &der);
        r = buf_check(&der, err);
        if (r < 0)
            return r;
        struct str key = decoded ? key_of(arena, buf_str(&der)) : STR_NONE;
        if (!decoded || (key.ptr && map_has(known, key)))
            continue;
        if (!key.ptr || !map_set(known, key, known))
            return err_nomem(err);
        if (out)
            pem_write(CERTIFICATE, buf_str(&der), out);
    }
}

int authorities_add_missing(struct str bundle, struct str extra, struct buf *out, struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct map known CLEANUP_MAP = MAP_INIT;
    int r = enter(bundle, &arena, &known, NULL, err);
    if (r == 0)
        r = enter(extra, &arena, &known, out, err);
    return r == 0 ? buf_check(out, err) : r;
}
