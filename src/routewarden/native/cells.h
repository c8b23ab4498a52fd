#ifndef ROUTEWARDEN_CELLS_H
#define ROUTEWARDEN_CELLS_H

#include <stdint.h>

/* A column of cells: the bytes [from, to) of a text, which lie within it; empty where `from` is
   below 0. */
struct Cells {
    const uint8_t *text;
    const int64_t *from, *to;
    int64_t rows;
};

/* Each of these reads a whole column, in which an empty cell gives RW_EMPTY. They return how many
   are empty; -1, with the answers void, where a cell is anything but plain and right: then another
   reader is to tell what it is. */

#define RW_EMPTY INT64_MIN

/* Plain decimals, as counts of 10**-scale, between two of them, both included. */
int64_t rw_cells_decimals(const struct Cells *cells, int64_t scale, int64_t least, int64_t most,
                          int64_t *counts);

/* Instants in RFC 3339, UTC, as nanoseconds since 1970: from `first` on, before `past`. */
int64_t rw_cells_instants(const struct Cells *cells, const int64_t *years, int64_t first,
                          int64_t past, int64_t *counts);

#endif
