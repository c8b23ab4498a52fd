#include "asof.h"

#include <stddef.h>

enum {
    STRIDE = 8,  /* how far is looked first from the place before */
    WINDOW = 64, /* so many rows about it are sought in the same steps, whatever is found, */
    BACK = 8,    /* beginning so many before it, */
    LANES = 4    /* for so many points at a time, none of which waits for another */
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

static inline int64_t moment(const struct point *point, int64_t i)
{
    int64_t t;
    if (__builtin_add_overflow(point->from[i], point->after, &t))
        return point->after < 0 ? INT64_MIN : INT64_MAX;
    return t;
}

/* Narrow the look-ups of a run to those that some of its rows may answer for some of the points,
   which are of one column: of a symbol's many rows these are but some. */
static void narrow(const struct rows *rows, const struct run *run, const struct point *points,
                   int64_t count, int64_t *first, int64_t *last)
{
    struct point latest = points[0], earliest = points[0];
    for (int64_t p = 1; p < count; p++) {
        if (points[p].after > latest.after) latest = points[p];
        if (points[p].after < earliest.after) earliest = points[p];
    }
    int64_t begin = run->first, end = run->last, low = rows->at[run->low];
    while (begin < end && moment(&latest, begin) < low) begin++;
    while (end > begin && moment(&earliest, end - 1) > run->through) end--;
    if (begin < *first) *first = begin;
    if (end > *last) *last = end;
}

static void answer(const struct rows *rows, const struct run *run, const struct asked *asked,
                   int64_t first, int64_t lanes)
{
    const struct point *points = asked->points + first;
    int64_t *answers = asked->answers + first * rows->width * asked->count;
    int64_t places[LANES], begin = run->last, end = run->first;
    for (int64_t p = 0, next; p < lanes; p = next) {
        for (next = p; next < lanes && points[next].from == points[p].from; next++)
            places[next] = run->low - 1;
        narrow(rows, run, points + p, next - p, &begin, &end);
    }
    for (int64_t i = begin; i < end; i++) {
        for (int64_t p = 0; p < lanes; p++) {
            int64_t t = moment(&points[p], i);
            int64_t place = last_near(rows->at, run->low, run->high, places[p], t);
            places[p] = place;
            if (place < run->low) continue;
            int64_t *told = answers + p * rows->width * asked->count + i;
            for (int64_t c = 0; c < rows->width; c++)
                told[c * asked->count] = rows->columns[c] ? rows->columns[c][place] : place;
        }
    }
}

static int inside(int64_t first, int64_t last, int64_t count)
{
    return 0 <= first && first <= last && last <= count;
}

int64_t rw_as_of(const struct rows *rows, const struct run *runs, int64_t count,
                 const struct asked *asked)
{
    for (int64_t r = 0; r < count; r++) {
        if (!inside(runs[r].low, runs[r].high, rows->count)) return -1;
        if (!inside(runs[r].first, runs[r].last, asked->count)) return -1;
    }
    for (int64_t r = 0; r < count; r++) {
        if (runs[r].low == runs[r].high) continue;
        for (int64_t point = 0; point < asked->width; point += LANES) {
            int64_t left = asked->width - point;
            answer(rows, &runs[r], asked, point, left < LANES ? left : LANES);
        }
    }
    return 0;
}
