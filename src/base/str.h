/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/str.h - a view of bytes that somebody else owns.
 *
 * Not NUL-terminated, may hold any byte. `ptr` may be NULL only when `len` is 0. Passed by value. Comparison is by
 * bytes (unsigned); case folding and the character classes are ASCII only, in every locale.
 */
#include "base/forward.h"

struct str {
    const char *ptr;
    size_t len;
};

/* Several; PTR NULL where the absence of a list means something else than an empty one. */
struct str_list {
    const struct str *ptr;
    size_t len;
};

/* A view of a string literal, usable in static initialisers. */
#define STR(literal) ((struct str){"" literal "", sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                              \
    {                                                                                                                  \
        "" literal "", sizeof(literal) - 1                                                                             \
    }
#define STR_NONE ((struct str){NULL, 0})

/* For printf: printf("%.*s", STR_ARG(s)). Views longer than INT_MAX are cut. */
#define STR_ARG(view) ((int)((view).len > 0x7fffffffU ? 0x7fffffffU : (view).len)), ((view).ptr ? (view).ptr : "")

static inline struct str str_of(const char *ptr, size_t len)
{
    return (struct str){ptr, len};
}

/* A view of a NUL-terminated string; NULL gives the empty view. */
struct str str_z(const char *text);

bool str_eq(struct str a, struct str b);
bool str_eq_z(struct str a, const char *text);
bool str_eq_fold(struct str a, struct str b);   /* ASCII case folded */
int str_cmp(struct str a, struct str b);        /* <0, 0, >0; a prefix comes first */
void str_sort(struct str *items, size_t count); /* in that order */
/* Sorts, keeps each once, returns how many are left. */
size_t str_sort_unique(struct str *items, size_t count);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Index of the first/last BYTE, or s.len when there is none. */
size_t str_find_char(struct str s, char byte);
size_t str_rfind_char(struct str s, char byte);
/* Index of the first NEEDLE, or s.len when there is none. */
size_t str_find(struct str s, struct str needle);
static inline bool str_has_char(struct str s, char byte)
{
    return str_find_char(s, byte) < s.len;
}

/* Without the first N bytes / only the first N bytes (clamped). */
struct str str_skip(struct str s, size_t n);
struct str str_head(struct str s, size_t n);

/* Without ASCII white space (space, tab, CR, LF, VT, FF) at both ends / the left / the right. */
struct str str_trim(struct str s);
struct str str_trim_left(struct str s);
struct str str_trim_right(struct str s);

/*
 * Cuts at the first DELIMITER: *ret_head is what stands before it, *REST what follows. Returns false when REST was
 * exhausted (ptr NULL) - so "a,b," gives "a", "b", "" and then false. Start with *rest = s.
 */
bool str_next(struct str *rest, char delimiter, struct str *ret_head);

/* The next run of non-white-space bytes of *REST; false when there is none. */
bool str_next_word(struct str *rest, struct str *ret_word);

/* The next line without its "\n" or "\r\n"; false at the end. */
bool str_next_line(struct str *rest, struct str *ret_line);

uint64_t str_hash(struct str s); /* seeded per process: never stored, never printed */

static inline bool char_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool char_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool char_is_alnum(char c)
{
    return char_is_digit(c) || char_is_alpha(c);
}
static inline char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Length of the valid UTF-8 prefix (no surrogates, no overlong forms, up to U+10FFFF): s.len when all is valid. */
size_t str_utf8_valid(struct str s);
