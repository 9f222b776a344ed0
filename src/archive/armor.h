/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/armor.h - ASCII armour of OpenPGP keys, taken off (RFC 9580 section 6; RFC 4880 section 6).
 *
 * gpgv reads binary keyrings only, apt sources name armoured ones too and carry them inline (deb822 Signed-By, where
 * each line is indented and an empty line is "."). Lines may therefore be indented, and a line of one dot is empty.
 * The checksum is checked when there is one. Nothing here looks into the packets.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* True when TEXT holds the first line of an armoured public key. */
bool armor_is_key(struct str text);

/*
 * Appends the bytes of every block "PGP PUBLIC KEY BLOCK" in TEXT. NAME is for messages. On failure OUT is as before.
 * Errors: ERR_INVALID (no block, no end, a byte that is not base64, padding, a checksum that does not fit).
 */
int armor_decode_keys(struct str text, const char *name, struct buf *out, struct err *err);
