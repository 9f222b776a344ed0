/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/signature.h - who signed an InRelease, and the text that they signed.
 *
 * The signature is checked by gpgv, which apt trusts too; what its answer means is decided by archive/gpgstatus.h.
 * Only the text that gpgv says was signed ever leaves this module: an InRelease with anything before, behind or
 * between (a second message, a line outside) is refused before gpgv sees it. Keyrings are read here, armoured ones
 * are made binary, and several become one, handed to gpgv in anonymous memory. Keybox files are not supported.
 * Limits: LIMIT_RELEASE_BYTES, LIMIT_KEYRING_BYTES.
 */
#include "archive/gpgstatus.h"
#include "base/buf.h"
#include "base/op.h"

/* Whom to believe. Views belong to the caller. */
struct signature_trust {
    struct str keyring;             /* OpenPGP packets, as keyring_add_file makes them */
    const struct str *fingerprints; /* only these keys of the keyring; none: all of them */
    size_t fingerprint_count;
    const char *gpgv;        /* program; NULL: "gpgv" */
    const char *search_path; /* where it is looked up; NULL: PROC_PATH_DEFAULT */
};

/* Appends a keyring's packets, taking off armour. NAME is for messages. Errors: ERR_INVALID, ERR_UNSUPPORTED. */
int keyring_add_bytes(struct str bytes, const char *name, struct buf *keyring, struct err *err);

/* As keyring_add_bytes, from a file. Errors: also ERR_NOT_FOUND, ERR_LIMIT, ERR_PERMISSION, ERR_IO. */
int keyring_add_file(const char *path, struct buf *keyring, struct err *err);

/*
 * Finds the parts of a clear-signed message that is alone in BYTES (RFC 9580 section 7): *ret_text is the text, dash
 * escapes left in. Errors: ERR_SIGNATURE "'NAME' ..." when it is not signed, or when text stands outside.
 */
int signature_frame(struct str bytes, const char *name, struct str *ret_text, struct err *err);

/*
 * Verifies a clear-signed message and appends its text to OUT. RET_VERDICT may be NULL. On failure OUT is untouched.
 * Errors: ERR_SIGNATURE, ERR_UNSUPPORTED (no gpgv, with the package to install), ERR_PROCESS, ERR_CANCELLED.
 */
int signature_verify(struct str bytes, const char *name, const struct signature_trust *trust, const struct op_ctx *ctx,
                     struct buf *out, struct gpg_verdict *ret_verdict, struct err *err);
