#ifndef ROUTEWARDEN_ASOF_H
#define ROUTEWARDEN_ASOF_H

#include <stdint.h>

/* Look-ups [first, last) are of one symbol, whose rows are [low, high). Those past `through` may be
   left for later rows to answer. */
struct run {
    int64_t low, high, first, last, through;
};

/* Rows by symbol and time, and columns of them; one that is absent (NULL) holds each row's number. */
struct rows {
    const int64_t *at;
    const int64_t *const *columns;
    int64_t count, width;
};

/* An instant of each look-up: what a column says, and so many nanoseconds after it. */
struct point {
    const int64_t *from;
    int64_t after;
};

/* What is asked: `width` points of `count` look-ups; what is answered: for each point `count`
   numbers for each column of the rows, one after another. */
struct asked {
    const struct point *points;
    int64_t *answers;
    int64_t count, width;
};

/* Answer each look-up by the last of its rows at or before its instant; where there is none its
   answer stays as it was. Returns 0, or -1, with nothing written, where a run lies outside the rows
   or the look-ups. */
int64_t rw_as_of(const struct rows *rows, const struct run *runs, int64_t count,
                 const struct asked *asked);

#endif
