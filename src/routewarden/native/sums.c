#include "sums.h"

#include <string.h>

enum { VALID, NUMBERS };
enum { ADDED, NO_COLUMN, NO_PLACE, TOO_WIDE };

static int64_t add(const struct ArrowArray *column, const int64_t *places, int64_t *sums,
                   int64_t width)
{
    const uint8_t *valid = column->null_count ? column->buffers[VALID] : NULL;
    const int64_t *numbers = column->buffers[NUMBERS];
    for (int64_t i = 0; i < column->length; i++) {
        int64_t at = column->offset + i;
        if (valid && !(valid[at >> 3] >> (at & 7) & 1)) continue;
        if (places[i] < 0 || places[i] >= width) return NO_PLACE;
        int64_t *sum = sums + places[i];
        if (__builtin_add_overflow(*sum, numbers[at], sum)) return TOO_WIDE;
    }
    return ADDED;
}

int64_t rw_sums(struct ArrowArrayStream *column, const int64_t *places, int64_t count,
                int64_t *sums, int64_t width)
{
    struct ArrowSchema schema;
    if (column->get_schema(column, &schema)) return NO_COLUMN;
    int same = !strcmp(schema.format, "l");
    schema.release(&schema);
    int64_t fault = same ? ADDED : NO_COLUMN;
    for (int64_t done = 0; !fault;) {
        struct ArrowArray piece;
        if (column->get_next(column, &piece)) return NO_COLUMN;
        if (!piece.release) return done == count ? ADDED : NO_COLUMN;
        if (piece.length > count - done) fault = NO_COLUMN;
        if (!fault) fault = add(&piece, places + done, sums, width);
        done += piece.length;
        piece.release(&piece);
    }
    return fault;
}
