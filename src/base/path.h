/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/path.h - paths as text; nothing here touches a file system.
 */
#include "base/buf.h"
#include "base/str.h"

/* The part behind the last slash ("a/b/" gives "b", "/" gives ""). */
struct str path_base(struct str path);

/* The part before the last component, without a trailing slash ("a" gives "", "/a" gives "/"). */
struct str path_dir(struct str path);

/*
 * Appends the lexical normal form of DIR/PATH: PATH alone when it is absolute; no "." or "..", no double or trailing
 * slashes; ".." at the root stays at the root. An absolute result starts with "/", a relative one never escapes:
 * false when ".." would climb above a relative start, or when one holds a NUL; OUT is as before then.
 */
bool path_normalize(struct buf *out, struct str dir, struct str path);

/* True for a non-empty relative path in normal form: no empty, "." or ".." component, no NUL, no leading slash. */
bool path_is_clean_relative(struct str path);

/* True when PATH equals DIR or lies below it (both in normal form; "/" and "" contain everything). */
bool path_is_below(struct str path, struct str dir);

/* Appends the relative path that leads from directory FROM to TO, both absolute and in normal form. */
void path_relative(struct buf *out, struct str from_dir, struct str to);

/*
 * Shell-style match of the whole of PATH against PATTERN, byte by byte: "*" and "?" stay within a component, "**" spans
 * them ("**" + "/" at the start of a component also matches nothing), "[a-z]" and "[!a-z]" never match a slash, a "\"
 * takes the next byte as it is. A "[" that is not closed stands for itself.
 */
bool path_glob(struct str pattern, struct str path);
