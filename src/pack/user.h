/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/user.h - the account that an image runs as, and its account files (passwd(5), group(5)).
 *
 * An image always has root (0), nobody (65534) and nonroot (65532), none with a shell, and the groups root, tty,
 * staff, nobody, nonroot: as distroless has them. A further account is added when the caller names one.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define USER_NONROOT_ID 65532U

struct image_user {
    struct str name; /* empty: no account beyond the usual ones */
    uint32_t uid;
    uint32_t gid;
};

/*
 * Reads "UID", "UID:GID", "NAME:UID" or "NAME:UID:GID"; empty is 65532:65532; GID defaults to UID. Views into TEXT.
 * Errors (ERR_USAGE): not of that form, a bad name, root, an id above 4294967293.
 */
int user_parse(struct str text, struct image_user *ret_user, struct err *err);

/* Append the account files for USER. */
void user_write_passwd(struct buf *out, const struct image_user *user);
void user_write_group(struct buf *out, const struct image_user *user);

/* True when USER needs a line of its own in the account files, or a home. */
bool user_is_extra(const struct image_user *user);

/* Appends the home, relative to the root: "home/NAME" ("home/nonroot" for those without a name). */
void user_write_home(struct buf *out, const struct image_user *user);
