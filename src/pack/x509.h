/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/x509.h - what an X.509 certificate says of itself, and whether it is one (RFC 5280 section 4.1, in DER).
 *
 * The whole structure is walked with its tags, minimal lengths and nothing left over, so that what is accepted here is
 * accepted by TLS libraries; signatures, keys and names are not judged. Views point into the bytes.
 */
#include "base/str.h"

struct x509_certificate {
    struct str name;                   /* common name of the subject, else its organisation's; may be empty */
    int64_t not_before_s, not_after_s; /* Unix time */
    bool has_authority_bit;            /* basicConstraints with cA, or version 1, which has no extensions */
    bool self_issued;                  /* issuer and subject are the same */
};

/* False when DER is no certificate; *ret_problem (static) then says what is wrong. */
bool x509_read(struct str der, struct x509_certificate *ret_certificate, const char **ret_problem);
