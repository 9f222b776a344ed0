/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shortest edit script in linear space: the middle of an optimal path is searched from both ends at once, then both
 * halves (Myers 1986, section 4b). A path goes from (0, 0) to (N, M); x counts lines of the first text, y of the
 * second, a diagonal is x - y. Lines that the other text does not have are changed whatever the path, and are taken out
 * first. Beyond a bound of edits the search stops at the point that came furthest: the script is then longer than
 * need be, and never wrong.
 */
#include "base/alloc.h"
#include "base/limits.h"
#include "diff/internal.h"

enum { BOUND_MIN = 64, BOUND_MAX = 2048 };

/* What is left of a text: numbers, and where they stand in it. */
struct side {
    uint32_t *numbers;
    uint32_t *places;
    int64_t count;
};

struct search {
    struct side a, b;
    bool *a_changed, *b_changed;
    int64_t *forward, *backward; /* furthest x on each diagonal; may be indexed from -(M + 1) to N + 1 */
    int64_t bound;
};

struct box {
    int64_t x0, x1, y0, y1;
};

/* Diagonals that a search reached. */
struct reach {
    int64_t middle, low, high;
};

struct split {
    int64_t x, y;
    bool cheap_second; /* which half is sure to be short, where the search was given up */
};

static void widen(struct reach *reach, int64_t *furthest, int64_t lowest, int64_t highest, int64_t nothing)
{
    if (reach->low > lowest)
        furthest[--reach->low - 1] = nothing;
    else
        reach->low++;
    if (reach->high < highest)
        furthest[++reach->high + 1] = nothing;
    else
        reach->high--;
}

static bool meets(const struct reach *other, int64_t diagonal)
{
    return diagonal >= other->low && diagonal <= other->high;
}

static bool step_forward(const struct search *search, const struct box *box, const struct reach *reach,
                         const struct reach *other, bool may_meet, struct split *ret_split)
{
    for (int64_t d = reach->high; d >= reach->low; d -= 2) {
        int64_t down = search->forward[d + 1], right = search->forward[d - 1] + 1;
        int64_t x = down > right ? down : right;
        int64_t y = x - d;
        while (x < box->x1 && y < box->y1 && search->a.numbers[x] == search->b.numbers[y])
            x++, y++;
        search->forward[d] = x;
        if (may_meet && meets(other, d) && search->backward[d] <= x) {
            *ret_split = (struct split){x, y, false};
            return true;
        }
    }
    return false;
}

static bool step_backward(const struct search *search, const struct box *box, const struct reach *reach,
                          const struct reach *other, bool may_meet, struct split *ret_split)
{
    for (int64_t d = reach->high; d >= reach->low; d -= 2) {
        int64_t up = search->backward[d - 1], left = search->backward[d + 1] - 1;
        int64_t x = up < left ? up : left;
        int64_t y = x - d;
        while (x > box->x0 && y > box->y0 && search->a.numbers[x - 1] == search->b.numbers[y - 1])
            x--, y--;
        search->backward[d] = x;
        if (may_meet && meets(other, d) && x <= search->forward[d]) {
            *ret_split = (struct split){x, y, false};
            return true;
        }
    }
    return false;
}

/* The point that came furthest from its end, of both directions. */
static void give_up(const struct search *search, const struct box *box, const struct reach *forward,
                    const struct reach *backward, struct split *ret_split)
{
    int64_t best = -1;
    for (int64_t d = forward->high; d >= forward->low; d -= 2) {
        int64_t x = search->forward[d] < box->x1 ? search->forward[d] : box->x1;
        if (x - d > box->y1)
            x = box->y1 + d;
        int64_t gain = x - box->x0 + (x - d - box->y0);
        if (gain > best) {
            best = gain;
            *ret_split = (struct split){x, x - d, false};
        }
    }
    for (int64_t d = backward->high; d >= backward->low; d -= 2) {
        int64_t x = search->backward[d] > box->x0 ? search->backward[d] : box->x0;
        if (x - d < box->y0)
            x = box->y0 + d;
        int64_t gain = box->x1 - x + (box->y1 - (x - d));
        if (gain > best) {
            best = gain;
            *ret_split = (struct split){x, x - d, true};
        }
    }
}

/* BOX has lines on both sides, and neither its first nor its last ones are equal. */
static struct split find_middle(const struct search *search, const struct box *box)
{
    struct reach forward = {box->x0 - box->y0, box->x0 - box->y0, box->x0 - box->y0};
    struct reach backward = {box->x1 - box->y1, box->x1 - box->y1, box->x1 - box->y1};
    int64_t lowest = box->x0 - box->y1, highest = box->x1 - box->y0;
    bool odd = (forward.middle - backward.middle) & 1;
    struct split split = {0};
    search->forward[forward.middle] = box->x0;
    search->backward[backward.middle] = box->x1;
    for (int64_t cost = 1;; cost++) {
        widen(&forward, search->forward, lowest, highest, -1);
        if (step_forward(search, box, &forward, &backward, odd, &split))
            return split;
        widen(&backward, search->backward, lowest, highest, INT64_MAX);
        if (step_backward(search, box, &backward, &forward, !odd, &split))
            return split;
        if (cost >= search->bound) {
            give_up(search, box, &forward, &backward, &split);
            return split;
        }
    }
}

static void trim(const struct search *search, struct box *box)
{
    while (box->x0 < box->x1 && box->y0 < box->y1 && search->a.numbers[box->x0] == search->b.numbers[box->y0])
        box->x0++, box->y0++;
    while (box->x0 < box->x1 && box->y0 < box->y1 && search->a.numbers[box->x1 - 1] == search->b.numbers[box->y1 - 1])
        box->x1--, box->y1--;
}

/* Calls itself for a half that is sure to be short, so that it is no deeper than the logarithm of the edits. */
static void compare(const struct search *search, struct box box)
{
    for (;;) {
        trim(search, &box);
        if (box.x0 == box.x1 || box.y0 == box.y1)
            break;
        struct split split = find_middle(search, &box);
        struct box first = {box.x0, split.x, box.y0, split.y};
        struct box second = {split.x, box.x1, split.y, box.y1};
        compare(search, split.cheap_second ? second : first);
        box = split.cheap_second ? first : second;
    }
    for (int64_t x = box.x0; x < box.x1; x++)
        search->a_changed[search->a.places[x]] = true;
    for (int64_t y = box.y0; y < box.y1; y++)
        search->b_changed[search->b.places[y]] = true;
}

/* Keeps the lines of TEXT in FROM..TO that SEEN says the other text has there too; the others are changed. */
static void keep_shared(struct diff_text *text, size_t from, size_t to, const uint8_t *seen, struct side *side)
{
    for (size_t i = from; i < to; i++) {
        if (seen[text->numbers[i]] != 3) {
            text->changed[i] = true;
            continue;
        }
        side->numbers[side->count] = text->numbers[i];
        side->places[side->count++] = (uint32_t)i;
    }
}

static int run_search(struct search *search, struct err *err)
{
    size_t diagonals = (size_t)(search->a.count + search->b.count) + 3;
    int64_t *room = mem_calloc(diagonals, 2 * sizeof(*room));
    if (!room)
        return err_nomem(err);
    search->forward = room + search->b.count + 1;
    search->backward = search->forward + diagonals;
    search->bound = (int64_t)(LIMIT_DIFF_STEPS / diagonals);
    search->bound = search->bound < BOUND_MIN ? BOUND_MIN : search->bound > BOUND_MAX ? BOUND_MAX : search->bound;
    compare(search, (struct box){0, search->a.count, 0, search->b.count});
    mem_free(room);
    return 0;
}

int diff_find_changes(struct diff_text *before, struct diff_text *after, struct err *err)
{
    size_t head = 0, a_end = before->count, b_end = after->count;
    while (head < a_end && head < b_end && before->numbers[head] == after->numbers[head])
        head++;
    while (a_end > head && b_end > head && before->numbers[a_end - 1] == after->numbers[b_end - 1])
        a_end--, b_end--;
    size_t a_count = a_end - head, b_count = b_end - head;
    CLEANUP_MEM uint8_t *seen = mem_calloc(before->count + after->count + 1, sizeof(*seen));
    CLEANUP_MEM uint32_t *room = mem_calloc(a_count + b_count + 1, 2 * sizeof(*room));
    if (!seen || !room)
        return err_nomem(err);
    for (size_t i = head; i < a_end; i++)
        seen[before->numbers[i]] |= 1;
    for (size_t i = head; i < b_end; i++)
        seen[after->numbers[i]] |= 2;
    struct search search = {.a = {room, room + a_count, 0}, .a_changed = before->changed, .b_changed = after->changed};
    search.b.numbers = room + 2 * a_count;
    search.b.places = search.b.numbers + b_count;
    keep_shared(before, head, a_end, seen, &search.a);
    keep_shared(after, head, b_end, seen, &search.b);
    return run_search(&search, err);
}
