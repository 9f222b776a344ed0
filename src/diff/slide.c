/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between two lines that did not change stands a run of changed ones, or an empty run: the n-th runs of both texts
 * belong together. A run slides by one line when the line that it leaves equals the one that it takes in; runs that
 * come to touch become one.
 */
#include "base/limits.h"
#include "diff/internal.h"

struct run {
    size_t start, end;
};

struct sliding {
    struct diff_text *text, *other;
    struct run here, there;
    uint64_t steps;
};

static struct run run_from(const struct diff_text *text, size_t start)
{
    struct run run = {start, start};
    while (run.end < text->count && text->changed[run.end])
        run.end++;
    return run;
}

static struct run run_before(const struct diff_text *text, struct run run)
{
    struct run before = {run.start - 1, run.start - 1};
    while (before.start > 0 && text->changed[before.start - 1])
        before.start--;
    return before;
}

static struct run run_behind(const struct diff_text *text, struct run run)
{
    return run_from(text, run.end + 1);
}

static bool slide_up(struct sliding *sliding)
{
    struct diff_text *text = sliding->text;
    struct run *run = &sliding->here;
    if (run->start == 0 || text->numbers[run->start - 1] != text->numbers[run->end - 1])
        return false;
    text->changed[--run->start] = true;
    text->changed[--run->end] = false;
    while (run->start > 0 && text->changed[run->start - 1])
        run->start--;
    sliding->there = run_before(sliding->other, sliding->there);
    sliding->steps++;
    return true;
}

static bool slide_down(struct sliding *sliding)
{
    struct diff_text *text = sliding->text;
    struct run *run = &sliding->here;
    if (run->end == text->count || text->numbers[run->start] != text->numbers[run->end])
        return false;
    text->changed[run->start++] = false;
    text->changed[run->end++] = true;
    while (run->end < text->count && text->changed[run->end])
        run->end++;
    sliding->there = run_behind(sliding->other, sliding->there);
    sliding->steps++;
    return true;
}

static bool faces_change(const struct sliding *sliding)
{
    return sliding->there.end > sliding->there.start;
}

static void place(struct sliding *sliding)
{
    size_t size, earliest;
    bool faced;
    do { /* until it touches no further run */
        size = sliding->here.end - sliding->here.start;
        while (slide_up(sliding))
            ;
        earliest = sliding->here.end;
        faced = faces_change(sliding);
        while (slide_down(sliding))
            faced |= faces_change(sliding);
    } while (size != sliding->here.end - sliding->here.start);
    while (faced && sliding->here.end > earliest && !faces_change(sliding) && slide_up(sliding))
        ;
}

void diff_slide(struct diff_text *text, struct diff_text *other)
{
    struct sliding sliding = {text, other, run_from(text, 0), run_from(other, 0), 0};
    while (sliding.steps < LIMIT_DIFF_STEPS) {
        if (sliding.here.end > sliding.here.start)
            place(&sliding);
        if (sliding.here.end >= text->count || sliding.there.end >= other->count)
            return;
        sliding.here = run_behind(text, sliding.here);
        sliding.there = run_behind(other, sliding.there);
    }
}
