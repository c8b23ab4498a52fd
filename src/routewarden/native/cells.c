#include "cells.h"

#include "numbers.h"

enum { DIGITS_MOST = 18 }; /* so many fit in 64 bits */

/* Return whether a cell is empty, having said so. */
static int is_empty(const struct Cells *cells, int64_t i, int64_t *counts)
{
    if (cells->from[i] >= 0) return 0;
    counts[i] = RW_EMPTY;
    return 1;
}

/* Read a plain decimal; return whether it is one, of so few digits that its count fits. */
static int decimal(const uint8_t *p, const uint8_t *end, int64_t scale, int64_t *count)
{
    int is_negative = *p == '-';
    const uint8_t *whole = p += is_negative;
    int64_t value = 0, decimals = 0;
    for (; p < end && *p >= '0' && *p <= '9' && p - whole < DIGITS_MOST; p++)
        value = value * 10 + (*p - '0');
    int64_t digits = p - whole;
    if (!digits) return 0;
    if (p < end && *p == '.' && scale) {
        const uint8_t *fraction = ++p;
        for (; p < end && *p >= '0' && *p <= '9' && digits < DIGITS_MOST; p++, digits++)
            value = value * 10 + (*p - '0');
        decimals = p - fraction;
        if (!decimals) return 0;
    }
    if (p < end || decimals > scale || digits - decimals + scale > DIGITS_MOST) return 0;
    for (; decimals < scale; decimals++) value *= 10;
    *count = is_negative ? -value : value;
    return 1;
}

int64_t rw_cells_decimals(const struct Cells *cells, int64_t scale, int64_t least, int64_t most,
                          int64_t *counts)
{
    int64_t empty = 0;
    for (int64_t i = 0; i < cells->rows; i++) {
        if (is_empty(cells, i, counts)) {
            empty++;
            continue;
        }
        if (!decimal(cells->text + cells->from[i], cells->text + cells->to[i], scale, counts + i)
            || counts[i] < least || counts[i] > most)
            return -1;
    }
    return empty;
}

int64_t rw_cells_instants(const struct Cells *cells, const int64_t *years, int64_t first,
                          int64_t past, int64_t *counts)
{
    int64_t empty = 0;
    for (int64_t i = 0; i < cells->rows; i++) {
        if (is_empty(cells, i, counts)) {
            empty++;
            continue;
        }
        int64_t from = cells->from[i];
        if (rw_instant(cells->text + from, cells->to[i] - from, years, counts + i) != INSTANT
            || counts[i] < first || counts[i] >= past)
            return -1;
    }
    return empty;
}
