#include "asof.h"

#include <stddef.h>

enum {
    STRIDE = 8,  /* how far is looked first from the place before */
    WINDOW = 64, /* so many rows about it are sought in the same steps, whatever is found, */
    BACK = 8,    /* beginning so many before it, */
    LANES = 4,   /* for so many points at a time, none of which waits for another */
    BLOCK = RW_BLOCK
};

/* Look-ups [first, last) are of one symbol, whose rows are [low, high). Those past `through` may be
   left for later rows to answer. */
struct run {
    int64_t low, high, first, last, through;
};

/* The last of the rows [low, high) at or before t, or low - 1; sought outward from `place`, which is
   one of them or low - 1. */
static int64_t last_at(const int64_t *at, int64_t low, int64_t high, int64_t place, int64_t t)
{
    int64_t before = low - 1, after = high;
    if (place >= low && at[place] > t) {
        after = place;
        for (int64_t step = STRIDE; after - low >= step; step *= 2) {
            if (at[after - step] <= t) {
                before = after - step;
                break;
            }
            after -= step;
        }
    } else {
        before = place;
        for (int64_t step = STRIDE; high - before > step; step *= 2) {
            if (at[before + step] > t) {
                after = before + step;
                break;
            }
            before += step;
        }
    }
    for (int64_t length = after - before; length > 1;) { /* the same steps whatever is found */
        int64_t half = length / 2;
        before += at[before + half] <= t ? half : 0;
        length -= half;
    }
    return before;
}

/* The same, for an instant that is likely near: no step waits for what the one before it found but
   through memory, so several look-ups are under way at once. */
static inline int64_t last_near(const int64_t *at, int64_t low, int64_t high, int64_t place,
                                int64_t t)
{
    int64_t from = place - BACK;
    if (from > high - 1 - WINDOW) from = high - 1 - WINDOW;
    if (from < low) from = low;
    if (high - from > WINDOW && at[from] <= t && t < at[from + WINDOW]) {
        for (int64_t half = WINDOW / 2; half; half /= 2) from += -(at[from + half] <= t) & half;
        return from;
    }
    return t >= at[high - 1] ? high - 1 : last_at(at, low, high, place, t);
}

static inline int64_t moment(int64_t from, int64_t after)
{
    int64_t t;
    if (__builtin_add_overflow(from, after, &t)) return after < 0 ? INT64_MIN : INT64_MAX;
    return t;
}

/* Whether some rows of a run may answer some look-ups of a block for one of the points: of a
   symbol's many rows and look-ups these are but some. */
static int may_answer(const struct rows *rows, const struct run *run, const struct point *points,
                      int64_t lanes, int64_t block)
{
    for (int64_t p = 0; p < lanes; p++)
        if (moment(points[p].most[block], points[p].after) >= rows->at[run->low] &&
            moment(points[p].least[block], points[p].after) <= run->through)
            return 1;
    return 0;
}

/* Write what some rows say: their places are all known, so no column is waited for but by itself. */
static void take(const struct rows *rows, int64_t low, const int64_t *places, int64_t count,
                 int64_t *answers, int64_t between)
{
    for (int64_t c = 0; c < rows->width; c++, answers += between) {
        const int64_t *column = rows->columns[c];
        for (int64_t i = 0; i < count; i++)
            if (places[i] >= low) answers[i] = column ? column[places[i]] : places[i];
    }
}

static void answer(const struct rows *rows, const struct run *run, const struct asked *asked,
                   int64_t first, int64_t lanes)
{
    const struct point *points = asked->points + first;
    int64_t *answers = asked->answers + first * rows->width * asked->count;
    int64_t near[LANES], places[LANES][BLOCK];
    for (int64_t p = 0; p < lanes; p++) near[p] = run->low - 1;
    for (int64_t block = run->first / BLOCK; block * BLOCK < run->last; block++) {
        if (!may_answer(rows, run, points, lanes, block)) continue;
        int64_t begin = block * BLOCK, end = begin + BLOCK;
        if (begin < run->first) begin = run->first;
        if (end > run->last) end = run->last;
        for (int64_t i = begin; i < end; i++) {
            for (int64_t p = 0; p < lanes; p++) {
                int64_t t = moment(points[p].from[i], points[p].after);
                near[p] = last_near(rows->at, run->low, run->high, near[p], t);
                places[p][i - begin] = near[p];
            }
        }
        for (int64_t p = 0; p < lanes; p++)
            take(rows, run->low, places[p], end - begin,
                 answers + p * rows->width * asked->count + begin, asked->count);
    }
}

/* Whether spans lie within so many rows, their codes in order. */
static int in_order(const struct spans *spans, int64_t count)
{
    for (int64_t s = 0; s < spans->count; s++) {
        if (spans->start[s] < 0 || spans->start[s] > spans->end[s] || spans->end[s] > count)
            return 0;
        if (s && spans->code[s] <= spans->code[s - 1]) return 0;
    }
    return 1;
}

void rw_blocks(const int64_t *numbers, int64_t count, int64_t *least, int64_t *most)
{
    for (int64_t begin = 0; begin < count; begin += BLOCK) {
        int64_t end = count - begin < BLOCK ? count : begin + BLOCK;
        int64_t low = numbers[begin], high = low;
        for (int64_t i = begin; i < end; i++) {
            low = numbers[i] < low ? numbers[i] : low;
            high = numbers[i] > high ? numbers[i] : high;
        }
        *least++ = low;
        *most++ = high;
    }
}

int64_t rw_as_of(const struct rows *rows, const struct asked *asked)
{
    const struct spans *theirs = rows->spans, *ours = asked->spans;
    if (!in_order(theirs, rows->count) || !in_order(ours, asked->count)) return -1;
    for (int64_t t = 0, o = 0; t < theirs->count && o < ours->count;) {
        if (theirs->code[t] != ours->code[o]) {
            theirs->code[t] < ours->code[o] ? t++ : o++;
            continue;
        }
        int64_t through = t == theirs->count - 1 ? rows->through : INT64_MAX;
        struct run run = {
            theirs->start[t], theirs->end[t], ours->start[o], ours->end[o], through,
        };
        t++, o++;
        for (int64_t point = 0; point < asked->width && run.low < run.high; point += LANES) {
            int64_t left = asked->width - point;
            answer(rows, &run, asked, point, left < LANES ? left : LANES);
        }
    }
    return 0;
}
