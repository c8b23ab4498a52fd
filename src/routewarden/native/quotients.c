#include "quotients.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 size;

enum { VALID, NUMBERS, BUFFERS };

static const size MOST = (size)10000000000000000000u * 10000000000000000000u - 1; /* 38 digits */

static size magnitude(wide number)
{
    return number < 0 ? -(size)number : (size)number;
}

/* Develop the digits of above / below one by one, which no width limits: what is left over is less
   than `below`, at most half of what `size` holds. Returns 0 where they are more than 38. */
static int long_division(size above, size below, int64_t places, size *whole, size *rest)
{
    *whole = above / below;
    *rest = above % below;
    for (; places; places--) {
        size digit = 0, sum = 0;
        for (int times = 0; times < 10; times++) {
            sum += *rest;
            if (sum < below) continue;
            sum -= below;
            digit++;
        }
        if (*whole > MOST / 10) return 0;
        *whole = *whole * 10 + digit;
        *rest = sum;
    }
    return 1;
}

static int quotient(wide above, wide below, int64_t places, size power, wide *told)
{
    size over = magnitude(above), under = magnitude(below), grown, whole, rest;
    if (!under) return 0;
    if (!__builtin_mul_overflow(over, power, &grown)) {
        whole = grown / under;
        rest = grown - whole * under;
    } else if (!long_division(over, under, places, &whole, &rest)) {
        return 0;
    }
    size twice = rest * 2;
    if (whole > MOST) return 0;
    whole += twice > under || (twice == under && whole % 2);
    if (whole > MOST) return 0;
    *told = (above < 0) != (below < 0) ? -(wide)whole : (wide)whole;
    return 1;
}

static int is_valid(const struct ArrowArray *column, int64_t row)
{
    const uint8_t *valid = column->buffers[VALID];
    int64_t at = column->offset + row;
    return !valid || (valid[at >> 3] >> (at & 7) & 1);
}

static wide number(const struct ArrowArray *column, int64_t row)
{
    wide found;
    const uint8_t *numbers = column->buffers[NUMBERS];
    memcpy(&found, numbers + (size_t)(column->offset + row) * sizeof found, sizeof found);
    return found;
}

static int64_t allocate(int64_t count, struct ArrowArray *out)
{
    const void **buffers = calloc(BUFFERS, sizeof *buffers);
    if (!buffers) return -1;
    buffers[VALID] = calloc((size_t)count / 8 + 1, 1);
    buffers[NUMBERS] = calloc((size_t)count + 1, sizeof(wide));
    *out = (struct ArrowArray){
        .length = count, .n_buffers = BUFFERS, .buffers = buffers,
        .release = rw_free_buffers,
    };
    if (buffers[VALID] && buffers[NUMBERS]) return 0;
    rw_free_buffers(out);
    return -1;
}

static int64_t divide(const struct ArrowArray *above, const struct ArrowArray *below,
                      int64_t places, struct ArrowArray *out)
{
    if (above->length != below->length) return 1;
    if (allocate(above->length, out)) return -1;
    uint8_t *valid = (uint8_t *)out->buffers[VALID];
    wide *told = (wide *)out->buffers[NUMBERS];
    size power = 1;
    for (int64_t place = 0; place < places; place++) power *= 10;
    for (int64_t i = 0; i < out->length; i++) {
        if (is_valid(above, i) && is_valid(below, i) &&
            quotient(number(above, i), number(below, i), places, power, told + i))
            valid[i >> 3] |= (uint8_t)(1u << (i & 7));
        else
            out->null_count++;
    }
    return 0;
}

/* Take the one piece of a column of 128-bit integers; return whether it is one. */
static int take(struct ArrowArrayStream *column, struct ArrowArray *piece)
{
    struct ArrowSchema schema;
    if (column->get_schema(column, &schema)) return 0;
    int same = !strcmp(schema.format, "_pli128");
    schema.release(&schema);
    return same && !column->get_next(column, piece) && piece->release;
}

int64_t rw_quotients(struct ArrowArrayStream *above, struct ArrowArrayStream *below, int64_t places,
                     struct ArrowArray *out)
{
    struct ArrowArray over, under;
    if (!take(above, &over)) return 1;
    if (!take(below, &under)) {
        over.release(&over);
        return 1;
    }
    int64_t fault = divide(&over, &under, places, out);
    over.release(&over);
    under.release(&under);
    return fault;
}
