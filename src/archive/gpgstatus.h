/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/gpgstatus.h - what the status lines of gpgv say (GnuPG's doc/DETAILS, "Format of the --status-fd output").
 *
 * gpgv's exit status says too much (2 when one of several keys is missing) and its output too little (it is written
 * for a bad signature too). A signature counts when its GOODSIG was followed by its VALIDSIG; one by an expired or
 * revoked key, or one that expired itself, gets a VALIDSIG too and does not count. A single BADSIG spoils all.
 * Nothing here runs a program.
 */
#include "base/err.h"
#include "base/str.h"

#define GPG_FINGERPRINT_MAX 65 /* 64 hex digits (version 6 keys) and a NUL */

struct gpg_verdict {
    unsigned valid;   /* signatures that count */
    unsigned bad;     /* BADSIG */
    unsigned missing; /* keys that are not in the keyring */
    unsigned expired; /* signatures by expired keys, or expired ones */
    unsigned revoked;
    unsigned foreign;                      /* good ones, but by none of the keys that were asked for */
    unsigned weak;                         /* made with MD5, SHA-1 or RIPEMD-160, or refused for another reason */
    char signer[GPG_FINGERPRINT_MAX];      /* primary key of the first signature that counts; "" when none does */
    char missing_key[GPG_FINGERPRINT_MAX]; /* the first one */
    char other_key[GPG_FINGERPRINT_MAX];   /* the first one that is bad, expired, revoked or foreign */
};

/*
 * Reads STATUS. With FINGERPRINTS (hex, either case; "!" behind one means that very key, not its primary key) only
 * signatures by these keys count.
 */
void gpg_status_read(struct str status, const struct str *fingerprints, size_t count, struct gpg_verdict *ret_verdict);

/* 0 when at least one signature counts and none is bad; else ERR_SIGNATURE saying why 'NAME' is not trusted. */
int gpg_verdict_check(const struct gpg_verdict *verdict, const char *name, struct err *err);
