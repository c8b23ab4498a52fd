#ifndef ROUTEWARDEN_NUMBERS_H
#define ROUTEWARDEN_NUMBERS_H

#include <stdint.h>

#include "strings.h"

/* The rest of the C data interface of Apache Arrow: arrays handed over one after another. */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

/* What a text says of an instant. */
enum { NO_TEXT, NO_INSTANT, NO_COUNT, INSTANT };

/* Read a text as an instant in RFC 3339, UTC; `count` is nanoseconds since 1970 where it is one of
   the years from `years[0]` to `years[1]`. */
uint8_t rw_instant(const uint8_t *text, int64_t length, const int64_t *years, int64_t *count);

/* Read the texts of a column of views as instants in RFC 3339, UTC, up to nanoseconds.
   `told` says of each: no text, no instant, an instant of a year before `years[0]` or past
   `years[1]`, or one whose count of nanoseconds since 1970 is in `count`.
   Returns 0, or -1 where the column is not one of views of texts. */
int64_t rw_instants(struct ArrowArrayStream *column, const int64_t *years, int64_t *count,
                    uint8_t *told);

#endif
