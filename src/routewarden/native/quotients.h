#ifndef ROUTEWARDEN_QUOTIENTS_H
#define ROUTEWARDEN_QUOTIENTS_H

#include <stdint.h>

#include "numbers.h"
#include "strings.h"

/* Divide one column of 128-bit integers, as Polars hands them over, by another: each quotient to so
   many places (38 at most), half to even, times 10**places. Null where either is, over zero, and
   where it would have more than 38 digits.
   Returns 0; 1 where the columns are not such ones, or not of one length in one piece each; -1 where
   there is no memory. */
int64_t rw_quotients(struct ArrowArrayStream *above, struct ArrowArrayStream *below, int64_t places,
                     struct ArrowArray *out);

#endif
