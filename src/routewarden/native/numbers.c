#include "numbers.h"

#include <string.h>

/* Return a text of an array of views, or NULL where there is none. */
static const uint8_t *text_at(const struct ArrowArray *texts, int64_t row, int64_t *length)
{
    int64_t at = texts->offset + row;
    const uint8_t *valid = texts->buffers[0];
    const struct View *view = (const struct View *)texts->buffers[1] + at;
    if (valid && !(valid[at >> 3] >> (at & 7) & 1)) return NULL;
    *length = view->length;
    if (view->length <= IN_VIEW) return view->text;
    const uint8_t *bytes = texts->buffers[2 + view->place.buffer];
    return bytes + view->place.offset;
}

static int is_views(struct ArrowArrayStream *column)
{
    struct ArrowSchema schema;
    if (column->get_schema(column, &schema)) return 0;
    int same = !strcmp(schema.format, "vu");
    schema.release(&schema);
    return same;
}

static int digits(const uint8_t *p, int64_t many, int64_t *number)
{
    *number = 0;
    for (int64_t i = 0; i < many; i++) {
        if (p[i] < '0' || p[i] > '9') return 0;
        *number = *number * 10 + (p[i] - '0');
    }
    return 1;
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 by the Gregorian calendar; a year is counted from March. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t before = month <= 2, past = year - before;
    int64_t of_year = (153 * (month + (before ? 9 : -3)) + 2) / 5 + day - 1;
    return past * 365 + past / 4 - past / 100 + past / 400 + of_year - 719468;
}

/* Read the digits after a second, and the zone; return whether there is nothing else. */
static int fraction(const uint8_t *p, const uint8_t *end, int64_t *nanoseconds)
{
    *nanoseconds = 0;
    if (p < end && *p == '.') {
        int64_t unit = 1000000000;
        for (p++; p < end && *p >= '0' && *p <= '9' && unit > 1; p++) {
            unit /= 10;
            *nanoseconds += unit * (*p - '0');
        }
        if (unit == 1000000000) return 0;
    }
    return (end - p == 1 && *p == 'Z') || (end - p == 6 && !memcmp(p, "+00:00", 6));
}

uint8_t rw_instant(const uint8_t *p, int64_t length, const int64_t *years, int64_t *count)
{
    enum { SECOND_ENDS = 19 }; /* YYYY-MM-DDTHH:MM:SS */
    int64_t year, month, day, hour, minute, second, nanoseconds;
    if (length <= SECOND_ENDS || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' ||
        p[16] != ':')
        return NO_INSTANT;
    if (!digits(p, 4, &year) || !digits(p + 5, 2, &month) || !digits(p + 8, 2, &day) ||
        !digits(p + 11, 2, &hour) || !digits(p + 14, 2, &minute) || !digits(p + 17, 2, &second))
        return NO_INSTANT;
    if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 ||
        minute > 59 || second > 59 || !fraction(p + SECOND_ENDS, p + length, &nanoseconds))
        return NO_INSTANT;
    if (year < years[0] || year > years[1]) return NO_COUNT;
    int64_t minutes = (days_since_1970(year, month, day) * 24 + hour) * 60 + minute;
    *count = (minutes * 60 + second) * 1000000000 + nanoseconds;
    return INSTANT;
}

static void instants(const struct ArrowArray *texts, const int64_t *years, int64_t *count,
                     uint8_t *told)
{
    for (int64_t i = 0; i < texts->length; i++) {
        int64_t length;
        const uint8_t *text = text_at(texts, i, &length);
        told[i] = text ? rw_instant(text, length, years, count + i) : NO_TEXT;
    }
}

int64_t rw_instants(struct ArrowArrayStream *column, const int64_t *years, int64_t *count,
                    uint8_t *told)
{
    struct ArrowArray texts;
    if (!is_views(column)) return -1;
    while (column->get_next(column, &texts) == 0) {
        if (!texts.release) return 0;
        instants(&texts, years, count, told);
        count += texts.length;
        told += texts.length;
        texts.release(&texts);
    }
    return -1;
}
