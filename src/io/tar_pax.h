/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/tar_pax.h - the extended headers of pax archives (POSIX.1-2017, pax, "pax Extended Header").
 *
 * Records of "LENGTH KEY=VALUE\n". What barehull uses is kept; an empty value takes a record back; owner names, access
 * times, character sets, comments and the like are passed over; extended attributes are counted; sparse files are
 * refused.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum pax_key { PAX_PATH, PAX_LINKPATH, PAX_SIZE, PAX_UID, PAX_GID, PAX_MTIME, PAX_KEYS };
#define PAX_TEXTS 2 /* the first keys are texts, the others numbers */

enum pax_state { PAX_ABSENT, PAX_SET, PAX_CLEARED };

struct pax_values {
    enum pax_state state[PAX_KEYS];
    struct buf text[PAX_TEXTS];
    int64_t number[PAX_KEYS]; /* times: whole seconds, rounded down */
    uint64_t xattrs;          /* records of extended attributes seen */
};

extern const struct str pax_names[PAX_KEYS];

void pax_done(struct pax_values *values);
void pax_forget(struct pax_values *values); /* all but xattrs; keeps the memory */

/* Takes over what RECORDS say. Errors: ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT (texts above LIMIT_TAR_NAME_BYTES). */
int pax_parse(struct pax_values *values, struct str records, struct err *err);

/* Length of one record with a value of VALUE_LEN bytes, and that record. */
size_t pax_record_len(enum pax_key key, size_t value_len);
void pax_record_add(struct buf *out, enum pax_key key, struct str value);
