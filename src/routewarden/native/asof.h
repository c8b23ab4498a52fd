#ifndef ROUTEWARDEN_ASOF_H
#define ROUTEWARDEN_ASOF_H

#include <stdint.h>

/* Which rows, or look-ups, are whose: those from `start` to `end` (excluded) are of the symbol
   `code`. Codes ascend. */
struct spans {
    const int64_t *code, *start, *end;
    int64_t count;
};

/* Rows by symbol and time, and columns of them; one that is absent (NULL) holds each row's number.
   What is asked of the last symbol past `through` may be left for later rows to answer. */
struct rows {
    const struct spans *spans;
    const int64_t *at;
    const int64_t *const *columns;
    int64_t count, width, through;
};

/* An instant of each look-up: what a column says, and so many nanoseconds after it. Of each RW_BLOCK
   look-ups are told the least and the greatest of the column, so that those far off are passed
   over. */
struct point {
    const int64_t *from, *least, *most;
    int64_t after;
};

/* What is asked: `width` points of `count` look-ups; what is answered: for each point `count`
   numbers for each column of the rows, one after another. */
struct asked {
    const struct spans *spans;
    const struct point *points;
    int64_t *answers;
    int64_t count, width;
};

#define RW_BLOCK 64

/* Tell the least and the greatest of each RW_BLOCK numbers; the last may be fewer. */
void rw_blocks(const int64_t *numbers, int64_t count, int64_t *least, int64_t *most);

/* Answer each look-up by the last of its symbol's rows at or before its instant; where there is none
   its answer stays as it was. Returns 0, or -1, with nothing written, where a span lies outside the
   rows or the look-ups, or out of order. */
int64_t rw_as_of(const struct rows *rows, const struct asked *asked);

#endif
