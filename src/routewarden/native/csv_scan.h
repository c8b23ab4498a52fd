#ifndef ROUTEWARDEN_CSV_SCAN_H
#define ROUTEWARDEN_CSV_SCAN_H

#include <stdint.h>

/* A stretch of delimited text, and where the scan of it has come to.
   A cell is the bytes [from, to) of `text`; `from` is -1 where it is empty. Cells lie column by
   column, `room` rows to a column. */
struct Csv {
    uint8_t *text;             /* `size` bytes, and a NUL after them */
    int64_t size, limit;       /* records begin before the limit */
    int64_t last, plain;       /* whether the file ends here; whether all bytes are ASCII */
    int64_t delimiter, quote;  /* the quote is -1 where there is none */
    int64_t width, longest;    /* cells and bytes of a record, its line's end included */
    int64_t room;              /* rows there is place for */
    int64_t at, line, rows;
    int64_t *from, *to;        /* of cells */
    int64_t *lines, *starts, *ends; /* of records */
};

/* Cut records until the limit or the room is reached: 0. At a record that is not plainly well
   formed: 1, and it is for another to read. Blank lines are none. Doubled quotes become single
   ones, in place. */
int64_t rw_csv(struct Csv *csv);

#endif
