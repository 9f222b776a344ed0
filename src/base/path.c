/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

static struct str without_trailing_slashes(struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

struct str path_base(struct str path)
{
    path = without_trailing_slashes(path);
    size_t slash = str_rfind_char(path, '/');
    return slash == path.len ? path : str_skip(path, slash + 1);
}

struct str path_dir(struct str path)
{
    path = without_trailing_slashes(path);
    size_t slash = str_rfind_char(path, '/');
    if (slash == path.len)
        return str_head(path, 0);
    return slash == 0 ? str_head(path, 1) : without_trailing_slashes(str_head(path, slash));
}

/* Adds the components of PATH to OUT, whose normal form starts at START. */
static bool add_components(struct buf *out, size_t start, bool absolute, struct str path)
{
    struct str part;
    while (str_next(&path, '/', &part)) {
        if (part.len == 0 || str_eq(part, STR(".")))
            continue;
        struct str made = str_skip(buf_str(out), start);
        if (str_eq(part, STR(".."))) {
            if (made.len == 0 && !absolute)
                return false;
            size_t slash = str_rfind_char(made, '/');
            buf_truncate(out, start + (slash == made.len ? 0 : slash));
            continue;
        }
        if (made.len > 0 || absolute)
            buf_add_char(out, '/');
        buf_add_str(out, part);
    }
    return true;
}

bool path_normalize(struct buf *out, struct str dir, struct str path)
{
    if (str_has_char(dir, '\0') || str_has_char(path, '\0'))
        return false;
    size_t start = out->len;
    bool alone = path.len > 0 && path.ptr[0] == '/';
    struct str first = alone ? path : dir;
    bool absolute = first.len > 0 && first.ptr[0] == '/';
    if ((!alone && !add_components(out, start, absolute, dir)) || !add_components(out, start, absolute, path)) {
        buf_truncate(out, start);
        return false;
    }
    if (absolute && out->len == start)
        buf_add_char(out, '/');
    return true;
}

bool path_is_clean_relative(struct str path)
{
    if (path.len == 0 || str_has_char(path, '\0'))
        return false;
    struct str part;
    while (str_next(&path, '/', &part))
        if (part.len == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
            return false;
    return true;
}

bool path_is_below(struct str path, struct str dir)
{
    if (dir.len == 0 || str_eq(dir, STR("/")) || str_eq(path, dir))
        return true;
    return path.len > dir.len && str_starts(path, dir) && path.ptr[dir.len] == '/';
}

void path_relative(struct buf *out, struct str from_dir, struct str to)
{
    size_t common = 0; /* length of the shared leading components */
    for (size_t i = 0;; i++) {
        bool from_end = i >= from_dir.len || from_dir.ptr[i] == '/';
        bool to_end = i >= to.len || to.ptr[i] == '/';
        if (from_end && to_end)
            common = i;
        if (i >= from_dir.len || i >= to.len || from_dir.ptr[i] != to.ptr[i])
            break;
    }
    struct str up = str_skip(from_dir, common);
    struct str down = str_skip(to, common);
    size_t start = out->len;
    struct str part;
    while (str_next(&up, '/', &part))
        if (part.len > 0)
            buf_add_z(out, out->len > start ? "/.." : "..");
    while (str_next(&down, '/', &part)) {
        if (part.len == 0)
            continue;
        if (out->len > start)
            buf_add_char(out, '/');
        buf_add_str(out, part);
    }
    if (out->len == start)
        buf_add_char(out, '.');
}

/* Matches the set that opens at PATTERN[0] == '['; *ret_len is its length, 0 when it is not closed. */
static bool match_set(struct str pattern, char c, size_t *ret_len)
{
    size_t i = 1;
    bool negate = i < pattern.len && (pattern.ptr[i] == '!' || pattern.ptr[i] == '^');
    i += negate;
    bool matched = false;
    for (size_t first = i; i < pattern.len && (pattern.ptr[i] != ']' || i == first); i++) {
        char low = pattern.ptr[i];
        char high = low;
        if (i + 2 < pattern.len && pattern.ptr[i + 1] == '-' && pattern.ptr[i + 2] != ']') {
            high = pattern.ptr[i + 2];
            i += 2;
        }
        matched |= (unsigned char)low <= (unsigned char)c && (unsigned char)c <= (unsigned char)high;
    }
    *ret_len = i < pattern.len ? i + 1 : 0;
    return matched != negate && c != '/';
}

/* Length of PATTERN's first element when it matches PATH's first byte, else 0. */
static size_t match_one(struct str pattern, struct str path)
{
    if (path.len == 0)
        return 0;
    char c = path.ptr[0];
    size_t len = 0;
    switch (pattern.ptr[0]) {
    case '?':
        return c != '/';
    case '[': {
        bool matched = match_set(pattern, c, &len);
        if (len)
            return matched ? len : 0;
        return c == '[';
    }
    case '\\':
        if (pattern.len > 1)
            return pattern.ptr[1] == c ? 2 : 0;
        return c == '\\';
    default:
        return pattern.ptr[0] == c;
    }
}

/*
 * False when what stands at an end of PATTERN for itself alone does not stand there in PATH: most patterns of a list
 * fail here. "**" + "/" at the end may match nothing, so that a last slash tells nothing.
 */
static bool ends_agree(struct str pattern, struct str path)
{
    if (pattern.len == 0 || path.len == 0)
        return true;
    char first = pattern.ptr[0], last = pattern.ptr[pattern.len - 1];
    bool first_is_literal = first != '*' && first != '?' && first != '[' && first != '\\';
    bool last_is_literal = last != '*' && last != '?' && last != ']' && last != '\\' && last != '/';
    return (!first_is_literal || first == path.ptr[0]) && (!last_is_literal || last == path.ptr[path.len - 1]);
}

/*
 * Backtracks only to the last star of each sort: a "*" can't pass a slash, so that components match on their own, and
 * whatever an earlier "**" could take a later one can as well. O(n * m) at worst, no recursion.
 */
bool path_glob(struct str pattern, struct str path)
{
    struct str star = STR_NONE, star_path = STR_NONE;   /* where "*" may take one byte more */
    struct str stars = STR_NONE, stars_path = STR_NONE; /* the same for "**" */
    bool starts_component = true;                       /* PATTERN stands at the start of a component */
    if (!ends_agree(pattern, path))
        return false;
    for (;;) {
        if (str_starts(pattern, STR("**"))) {
            pattern = str_skip(pattern, 2);
            stars = pattern;
            stars_path = path;
            star = STR_NONE;
            if (starts_component && pattern.len && pattern.ptr[0] == '/') /* "**" + "/" may match nothing */
                pattern = str_skip(pattern, 1);
            else
                starts_component = false;
            continue;
        }
        if (pattern.len && pattern.ptr[0] == '*') {
            pattern = str_skip(pattern, 1);
            star = pattern;
            star_path = path;
            starts_component = false;
            continue;
        }
        if (pattern.len == 0 && path.len == 0)
            return true;
        size_t used = pattern.len ? match_one(pattern, path) : 0;
        if (used) {
            starts_component = pattern.ptr[0] == '/';
            pattern = str_skip(pattern, used);
            path = str_skip(path, 1);
        } else if (star.ptr && star_path.len && star_path.ptr[0] != '/') {
            star_path = str_skip(star_path, 1);
            path = star_path;
            pattern = star;
            starts_component = false;
        } else if (stars.ptr && stars_path.len) {
            stars_path = str_skip(stars_path, 1);
            path = stars_path;
            pattern = stars;
            star = STR_NONE;
            starts_component = false;
        } else {
            return false;
        }
    }
}
