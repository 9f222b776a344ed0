/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/percent.h - names and values as paths and queries carry them (RFC 3986, section 2.1; the query as forms
 * write it: '+' is a space).
 */
#include "base/buf.h"

/*
 * Appends what TEXT stands for. False, and OUT is of no use, for a '%' without two digits, and for what no name or
 * value of ours holds: control characters but tab, LF and CR, and bytes that are no UTF-8. Memory: buf_check.
 */
bool percent_decode(struct str text, bool form, struct buf *out);
