#ifndef ROUTEWARDEN_SUMS_H
#define ROUTEWARDEN_SUMS_H

#include <stdint.h>

#include "numbers.h"

/* Add a column of 64-bit integers, as Polars hands it over, to sums: each row to the one at its
   place. An absent number adds nothing.
   Returns 0; or, with the sums void: 1 where the column is no such one, or not of so many rows; 2
   where a place lies outside the sums; 3 where a sum outgrows 64 bits. */
int64_t rw_sums(struct ArrowArrayStream *column, const int64_t *places, int64_t count,
                int64_t *sums, int64_t width);

#endif
