#include "csv_scan.h"

#include <string.h>

#include "strings.h"

enum { PLAIN, STOP }; /* what a byte does to the cell it stands in */

struct Kinds {
    uint8_t bare[256], quoted[256];
};

/* What is found on the way through a record. */
struct Found {
    int64_t newlines; /* within quotes */
    int bare_marks;   /* quotes within a bare cell, which open nothing */
    int doubled;      /* quotes within a quoted cell */
};

static void tell_apart(struct Kinds *kinds, const struct Csv *csv)
{
    memset(kinds, PLAIN, sizeof *kinds);
    kinds->bare['\0'] = kinds->bare['\n'] = kinds->bare['\r'] = STOP;
    kinds->bare[(uint8_t)csv->delimiter] = STOP;
    kinds->quoted['\0'] = kinds->quoted['\n'] = STOP;
    if (csv->quote >= 0) kinds->bare[(uint8_t)csv->quote] = kinds->quoted[(uint8_t)csv->quote] = STOP;
}

/* Return the position after the end of a line at p: p itself where there is none, and after the
   last byte of the file, which ends a line as well. */
static int64_t past_line(const struct Csv *csv, int64_t p)
{
    int64_t feed = p < csv->size && csv->text[p] == '\r' ? p + 1 : p;
    if (feed < csv->size && csv->text[feed] == '\n') return feed + 1;
    return feed == csv->size && csv->last ? feed : p;
}

/* Return the end of a bare cell that begins at p; -1 at a NUL. */
static int64_t bare(const struct Csv *csv, const struct Kinds *kinds, int64_t p, struct Found *found)
{
    const uint8_t *text = csv->text;
    for (;; p++) {
        while (kinds->bare[text[p]] == PLAIN) p++;
        if (csv->quote < 0 || text[p] != csv->quote) break;
        found->bare_marks = 1;
    }
    return text[p] == '\0' && p < csv->size ? -1 : p;
}

/* Return where the closing quote is of a cell whose text begins at p; -1 if nowhere. */
static int64_t quoted(const struct Csv *csv, const struct Kinds *kinds, int64_t p,
                      struct Found *found)
{
    const uint8_t *text = csv->text;
    for (;; p++) {
        while (kinds->quoted[text[p]] == PLAIN) p++;
        if (text[p] == '\0') return -1;
        if (text[p] == '\n') {
            found->newlines++;
        } else if (text[p + 1] == csv->quote) {
            found->doubled = 1;
            p++;
        } else {
            return p;
        }
    }
}

/* Cut the record that begins at csv->at into cells; return where it ends, or -1. */
static int64_t cut(struct Csv *csv, const struct Kinds *kinds, struct Found *found)
{
    int64_t p = csv->at;
    for (int64_t column = 0; column < csv->width; column++) {
        int64_t cell = column * csv->room + csv->rows, from = p, end;
        if (csv->quote >= 0 && csv->text[p] == csv->quote) {
            end = quoted(csv, kinds, ++from, found);
            p = end + 1;
        } else {
            end = p = bare(csv, kinds, p, found);
        }
        if (end < 0) return -1;
        csv->from[cell] = end > from ? from : -1;
        csv->to[cell] = end;
        if (column + 1 < csv->width) {
            if (p >= csv->size || csv->text[p++] != csv->delimiter) return -1;
        }
    }
    int64_t next = past_line(csv, p);
    return next > p || p == csv->size ? next : -1;
}

/* Make single quotes of the doubled ones in the record just cut. */
static void undouble(struct Csv *csv)
{
    for (int64_t column = 0; column < csv->width; column++) {
        int64_t cell = column * csv->room + csv->rows, from = csv->from[cell];
        if (from < 1 || csv->text[from - 1] != csv->quote) continue;
        uint8_t *write = csv->text + from;
        for (int64_t p = from; p < csv->to[cell]; p++) {
            *write++ = csv->text[p];
            if (csv->text[p] == csv->quote) p++;
        }
        csv->to[cell] = write - csv->text;
    }
}

int64_t rw_csv(struct Csv *csv)
{
    struct Kinds kinds;
    tell_apart(&kinds, csv);
    while (csv->at < csv->limit && csv->rows < csv->room) {
        int64_t start = csv->at, blank = past_line(csv, start);
        if (blank > start) {
            csv->line += csv->text[blank - 1] == '\n';
            csv->at = blank;
            continue;
        }
        struct Found found = {0};
        int64_t end = cut(csv, &kinds, &found);
        if (end < 0 || (end == csv->size && !csv->last && csv->text[end - 1] != '\n')) return 1;
        if (end - start > csv->longest || (found.newlines && found.bare_marks)) return 1;
        if (!csv->plain && !rw_is_text(csv->text + start, csv->text + end)) return 1;
        if (found.doubled) undouble(csv);
        csv->lines[csv->rows] = csv->line;
        csv->starts[csv->rows] = start;
        csv->ends[csv->rows++] = end;
        csv->line += found.newlines + (csv->text[end - 1] == '\n');
        csv->at = end;
    }
    return 0;
}
