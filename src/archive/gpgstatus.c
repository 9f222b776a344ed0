/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/gpgstatus.h"

#include <string.h>

enum { VALIDSIG_FIELDS = 10, FIELD_HASH = 7, FIELD_PRIMARY = 9 };

/* What the status says of the signature that NEWSIG opened. */
struct state {
    const struct str *fingerprints;
    size_t count;
    struct gpg_verdict *verdict;
    bool good;
};

static void keep_key(char out[static GPG_FINGERPRINT_MAX], struct str key)
{
    if (out[0] != '\0' || key.len >= GPG_FINGERPRINT_MAX)
        return;
    for (size_t i = 0; i < key.len; i++)
        if (!char_is_alnum(key.ptr[i]))
            return;
    if (key.len > 0)
        memcpy(out, key.ptr, key.len);
    out[key.len] = '\0';
}

static bool is_asked(const struct state *state, struct str key, struct str primary)
{
    for (size_t i = 0; i < state->count; i++) {
        struct str asked = state->fingerprints[i];
        bool exact = str_ends(asked, STR("!"));
        if (exact)
            asked = str_head(asked, asked.len - 1);
        if (asked.len == 0)
            continue;
        if (str_eq_fold(asked, key) || (!exact && str_eq_fold(asked, primary)))
            return true;
    }
    return state->count == 0;
}

/* 40 digits (version 4) or 64 (version 6). */
static bool is_fingerprint(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = char_lower(text.ptr[i]);
        if (!char_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
    }
    return text.len == 40 || text.len == 64;
}

/* RFC 9580 section 9.5: 1 MD5, 2 SHA-1, 3 RIPEMD-160. */
static bool is_weak_hash(struct str id)
{
    return str_eq_z(id, "1") || str_eq_z(id, "2") || str_eq_z(id, "3");
}

static void take_valid(struct state *state, struct str args)
{
    struct gpg_verdict *verdict = state->verdict;
    struct str fields[VALIDSIG_FIELDS] = {0};
    size_t got = 0;
    while (got < VALIDSIG_FIELDS && str_next_word(&args, &fields[got]))
        got++;
    struct str key = fields[0];
    struct str primary = got > FIELD_PRIMARY ? fields[FIELD_PRIMARY] : key;
    if (!state->good || got <= FIELD_HASH || !is_fingerprint(key) || !is_fingerprint(primary))
        return;
    state->good = false; /* one GOODSIG vouches for one VALIDSIG */
    if (is_weak_hash(fields[FIELD_HASH])) {
        verdict->weak++;
        keep_key(verdict->other_key, key);
    } else if (!is_asked(state, key, primary)) {
        verdict->foreign++;
        keep_key(verdict->other_key, key);
    } else {
        verdict->valid++;
        keep_key(verdict->signer, primary);
    }
}

static void take_line(struct state *state, struct str keyword, struct str args)
{
    struct gpg_verdict *verdict = state->verdict;
    struct str key = STR_NONE;
    struct str rest = args;
    (void)str_next_word(&rest, &key);
    unsigned *counter = NULL;
    if (str_eq_z(keyword, "NEWSIG")) {
        state->good = false;
    } else if (str_eq_z(keyword, "GOODSIG")) {
        state->good = true;
    } else if (str_eq_z(keyword, "VALIDSIG")) {
        take_valid(state, args);
    } else if (str_eq_z(keyword, "BADSIG")) {
        counter = &verdict->bad;
    } else if (str_eq_z(keyword, "EXPSIG") || str_eq_z(keyword, "EXPKEYSIG")) {
        counter = &verdict->expired;
    } else if (str_eq_z(keyword, "REVKEYSIG")) {
        counter = &verdict->revoked;
    } else if (str_eq_z(keyword, "NO_PUBKEY")) {
        verdict->missing++;
        keep_key(verdict->missing_key, key);
        state->good = false;
    } else if (str_eq_z(keyword, "ERRSIG")) {
        state->good = false;
        /* The fifth word behind the key is the reason; 9 (no public key) is followed by NO_PUBKEY. */
        struct str reason = STR_NONE;
        for (unsigned i = 0; i < 5; i++)
            (void)str_next_word(&rest, &reason);
        if (!str_eq_z(reason, "9"))
            counter = &verdict->weak;
    }
    if (counter) {
        state->good = false;
        (*counter)++;
        keep_key(verdict->other_key, key);
    }
}

void gpg_status_read(struct str status, const struct str *fingerprints, size_t count, struct gpg_verdict *ret_verdict)
{
    struct gpg_verdict verdict = {0};
    struct state state = {.fingerprints = fingerprints, .count = count, .verdict = &verdict};
    struct str line, keyword;
    while (str_next_line(&status, &line)) {
        if (!str_starts(line, STR("[GNUPG:] ")))
            continue;
        line = str_skip(line, 9);
        if (str_next_word(&line, &keyword))
            take_line(&state, keyword, line);
    }
    *ret_verdict = verdict;
}

int gpg_verdict_check(const struct gpg_verdict *verdict, const char *name, struct err *err)
{
    if (verdict->bad > 0) {
        err_set(err, ERR_SIGNATURE, "signature of '%s' by key '%s' does not fit its content", name, verdict->other_key);
        return err_hint(err, "the mirror or something on the way changed it; try again or name another mirror");
    }
    if (verdict->valid > 0)
        return 0;
    if (verdict->expired > 0)
        return err_set(err, ERR_SIGNATURE, "key '%s' that signed '%s' has expired", verdict->other_key, name);
    if (verdict->revoked > 0)
        return err_set(err, ERR_SIGNATURE, "key '%s' that signed '%s' was revoked", verdict->other_key, name);
    if (verdict->foreign > 0)
        return err_set(err, ERR_SIGNATURE, "'%s' is signed by key '%s', which its source does not name", name,
                       verdict->other_key);
    if (verdict->weak > 0)
        return err_set(err, ERR_SIGNATURE, "signature of '%s' by key '%s' is of a kind that is not trusted", name,
                       verdict->other_key);
    if (verdict->missing > 0) {
        err_set(err, ERR_SIGNATURE, "'%s' is signed by key '%s', which is not in the keyring", name,
                verdict->missing_key);
        return err_hint(err, "give the archive's own keyring with --keyring FILE");
    }
    return err_set(err, ERR_SIGNATURE, "'%s' carries no signature", name);
}
