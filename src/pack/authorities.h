/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/authorities.h - certificates of authorities that an image trusts besides Debian's bundle (--ca FILE).
 *
 * A bundle is read whole by every TLS library, and one block that does not parse makes some of them take none of it
 * (X509_load_cert_crl_file(3)): what joins it is read here first (pack/x509.h), and written anew, in the form of
 * RFC 7468 section 5.1, without what stood around it. A file is PEM with any number of certificates (comments and
 * CRLF are fine), or one certificate in DER. Private keys are refused: an image is no place for them.
 * Limits: LIMIT_AUTHORITY_BYTES, LIMIT_AUTHORITIES.
 */
#include "base/op.h"

/*
 * Reads FILES; *ret_pem has each certificate once, in the order met, and is empty without files. Warns of those that
 * are expired, not valid yet, or no authority's. Errors: ERR_NOT_FOUND, ERR_PERMISSION, ERR_IO; ERR_USAGE naming the
 * file, the line and the remedy; ERR_LIMIT.
 */
int authorities_read(const struct op_ctx *ctx, struct str_list files, struct str *ret_pem, struct err *err);

/*
 * The certificates of EXTRA that BUNDLE does not have, appended to OUT. Both are PEM; what is no block of a
 * certificate in BUNDLE is passed over.
 */
int authorities_add_missing(struct str bundle, struct str extra, struct buf *out, struct err *err);
