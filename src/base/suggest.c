/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

enum { WORD_MAX = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

static unsigned distance(struct str a, struct str b)
{
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned differs = char_lower(a.ptr[i - 1]) != char_lower(b.ptr[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs);
            bool swapped = i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            if (swapped && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.len];
}

/* Three letters bear one mistake, six two, more three. */
static unsigned tolerated(size_t len)
{
    return len < 3 ? 0 : len < 6 ? 1 : len < 10 ? 2 : 3;
}

struct suggest suggest_begin(struct str typed)
{
    return (struct suggest){.typed = typed, .best = STR_NONE, .distance = tolerated(typed.len) + 1};
}

void suggest_offer(struct suggest *suggest, struct str candidate)
{
    struct str typed = suggest->typed;
    if (typed.len == 0 || typed.len > WORD_MAX || candidate.len == 0 || candidate.len > WORD_MAX)
        return;
    bool begins = typed.len >= 3 && str_starts(candidate, typed);
    size_t apart = typed.len > candidate.len ? typed.len - candidate.len : candidate.len - typed.len;
    if (!begins && apart >= suggest->distance)
        return; /* each letter that one has more is an insertion */
    unsigned found = begins ? 1 : distance(typed, candidate);
    if (found < suggest->distance) {
        suggest->distance = found;
        suggest->best = candidate;
    }
}
