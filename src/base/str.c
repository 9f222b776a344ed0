/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct str str_z(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq_z(struct str a, const char *text)
{
    return str_eq(a, str_z(text));
}

bool str_eq_fold(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (char_lower(a.ptr[i]) != char_lower(b.ptr[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_head(s, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_skip(s, s.len - suffix.len), suffix);
}

size_t str_find_char(struct str s, char byte)
{
    const char *at = s.len ? memchr(s.ptr, byte, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

size_t str_rfind_char(struct str s, char byte)
{
    const char *at = s.len ? memrchr(s.ptr, byte, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void str_sort(struct str *items, size_t count)
{
    if (count > 1)
        qsort(items, count, sizeof(*items), compare);
}

size_t str_sort_unique(struct str *items, size_t count)
{
    size_t kept = 0;
    str_sort(items, count);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !str_eq(items[kept - 1], items[i]))
            items[kept++] = items[i];
    return kept;
}

size_t str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    const char *at = s.len >= needle.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

struct str str_skip(struct str s, size_t n)
{
    if (n >= s.len)
        return (struct str){s.ptr ? s.ptr + s.len : NULL, 0};
    return (struct str){s.ptr + n, s.len - n};
}

struct str str_head(struct str s, size_t n)
{
    return (struct str){s.ptr, n < s.len ? n : s.len};
}

struct str str_trim_left(struct str s)
{
    size_t i = 0;
    while (i < s.len && char_is_space(s.ptr[i]))
        i++;
    return str_skip(s, i);
}

struct str str_trim_right(struct str s)
{
    while (s.len > 0 && char_is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct str str_trim(struct str s)
{
    return str_trim_right(str_trim_left(s));
}

bool str_next(struct str *rest, char delimiter, struct str *ret_head)
{
    if (!rest->ptr)
        return false;
    size_t at = str_find_char(*rest, delimiter);
    *ret_head = str_head(*rest, at);
    *rest = at < rest->len ? str_skip(*rest, at + 1) : STR_NONE;
    return true;
}

bool str_next_word(struct str *rest, struct str *ret_word)
{
    struct str s = str_trim_left(*rest);
    size_t len = 0;
    while (len < s.len && !char_is_space(s.ptr[len]))
        len++;
    *rest = str_skip(s, len);
    if (len == 0)
        return false;
    *ret_word = str_head(s, len);
    return true;
}

bool str_next_line(struct str *rest, struct str *ret_line)
{
    if (rest->len == 0)
        return false;
    size_t at = str_find_char(*rest, '\n');
    struct str line = str_head(*rest, at);
    *rest = str_skip(*rest, at < rest->len ? at + 1 : at);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    *ret_line = line;
    return true;
}

/* A random, odd seed per process keeps hostile input from choosing its collisions. */
static uint64_t hash_seed(void)
{
    static _Atomic uint64_t seed;
    uint64_t value = atomic_load_explicit(&seed, memory_order_relaxed);
    if (value)
        return value;
    uint64_t fresh = 0;
    if (getrandom(&fresh, sizeof(fresh), GRND_NONBLOCK) != (ssize_t)sizeof(fresh))
        fresh = (uint64_t)(uintptr_t)&seed * 0x9E3779B97F4A7C15ULL;
    fresh |= 1;
    atomic_compare_exchange_strong(&seed, &value, fresh);
    return atomic_load(&seed);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t str_hash(struct str s)
{
    uint64_t seed = hash_seed();
    uint64_t state = seed ^ (s.len * 0x9E3779B97F4A7C15ULL);
    const char *p = s.ptr;
    size_t left = s.len;
    while (left >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        state = mix(state ^ word, 0xA0761D6478BD642FULL ^ seed);
        p += 8;
        left -= 8;
    }
    uint64_t tail = 0;
    if (left)
        memcpy(&tail, p, left);
    return mix(state ^ tail, 0xE7037ED1A0B428DBULL ^ seed);
}

/* Length of the valid sequence at P (N bytes left), 0 when it is invalid. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        return n >= 2 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        unsigned low = p[0] == 0xE0 ? 0xA0 : 0x80;
        unsigned high = p[0] == 0xED ? 0x9F : 0xBF;
        return n >= 3 && p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        unsigned low = p[0] == 0xF0 ? 0x90 : 0x80;
        unsigned high = p[0] == 0xF4 ? 0x8F : 0xBF;
        bool valid = n >= 4 && p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 && (p[3] & 0xC0) == 0x80;
        return valid ? 4 : 0;
    }
    return 0;
}

size_t str_utf8_valid(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        uint64_t word;
        if (s.len - i >= 8 && (memcpy(&word, s.ptr + i, 8), (word & 0x8080808080808080ULL) == 0)) {
            i += 8;
            continue;
        }
        size_t len = utf8_sequence((const unsigned char *)s.ptr + i, s.len - i);
        if (len == 0)
            return i;
        i += len;
    }
    return i;
}
