/* Sound FIX messages in their usual form, a byte at a time.

   A message in any other form, or that is not sound, is another reader's: here nothing is refused
   and nothing is judged that is not plain. Nor is a body read far that holds the header of another
   message: its field 9 is rare. So bytes are read a few times at most, whatever they are. */

#include "fix.h"
#include "sha256.h"

#include <string.h>

#define SOH 1
#define HEADER_MOST 32

enum { NOTHING, TEXT, MESSAGE };
enum { SEQ, TYPE, DUPLICATE, SENDER, SENT, TARGET, RESEND, FIRST_SENT, HEADS };

struct piece {
    const uint8_t *start, *end;
};

struct message {
    uint8_t mark;
    struct piece version, body; /* the body's last byte is a mark */
    const uint8_t *past;        /* the byte after the message */
    int64_t sum;                /* what CheckSum says */
    struct piece head[HEADS];   /* the first value of each; null where there is none */
    struct piece removed[HEADS];
    int removed_count; /* fields of sending, with their marks, in order */
};

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The number that some digits write; -1 where they are no digits. */
static int64_t number(const uint8_t *p, int64_t digits)
{
    int64_t value = 0;
    for (int64_t i = 0; i < digits; i++) {
        if (!is_digit(p[i])) return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

/* Where a message begins, the lines before it read; -1 where none does, or before it stands what
   may be a piece of one. */
static int64_t beginning(struct rw_fix *s, int64_t at, int64_t limit)
{
    const uint8_t *text = s->text;
    int64_t holds = s->holds, others = s->others;
    for (int64_t i = at; i < limit; i++) {
        uint8_t c = text[i];
        if (c == '8' && s->size - i >= HEADER_MOST && !memcmp(text + i, "8=FIX", 5)) {
            if (i && is_digit(text[i - 1])) return -1;
            s->holds = holds, s->others = others;
            return i;
        }
        if (c == '\n') {
            others += holds == TEXT;
            holds = NOTHING;
        } else if (c == '=' && i > 1) {
            if (!memcmp(text + i - 2, "35", 2) || !memcmp(text + i - 2, "10", 2)) return -1;
            if (holds == NOTHING) holds = TEXT;
        } else if (holds == NOTHING && c != ' ' && (c < '\t' || c > '\r')) {
            holds = TEXT;
        }
    }
    return -1;
}

/* Read BeginString and BodyLength, and whether the CheckSum stands where they say. */
static int framed(const struct rw_fix *s, const uint8_t *p, struct message *m)
{
    const uint8_t *past = s->text + s->size;
    m->version.start = p + 2;
    p += 5;
    if (*p == 'T') p++;
    if (p[0] != '.' || !is_digit(p[1]) || p[2] != '.' || !is_digit(p[3])) return 0;
    p += 4;
    if (p[0] == 'S' && p[1] == 'P' && is_digit(p[2])) p += 3;
    m->version.end = p;
    m->mark = *p++;
    if (!m->mark || !strchr("\1|;^~", m->mark) || p[0] != '9' || p[1] != '=') return 0;
    p += 2;
    int64_t digits = 0;
    while (digits < 9 && is_digit(p[digits])) digits++;
    int64_t length = number(p, digits);
    p += digits;
    if (!digits || *p++ != m->mark || length < 1 || length > s->most || past - p < length + 6)
        return 0;
    m->body = (struct piece){ p, p + length };
    p += length;
    if (p[-1] != m->mark || memcmp(p, "10=", 3)) return 0;
    m->sum = number(p + 3, 3);
    p += 6;
    if (m->sum < 0 || (p < past && (is_digit(*p) || *p == '='))) return 0;
    m->past = p < past && *p == m->mark ? p + 1 : p;
    return p - (m->version.start - 2) <= s->most;
}

static int head_of(int64_t tag)
{
    switch (tag) {
    case 34: return SEQ;
    case 35: return TYPE;
    case 43: return DUPLICATE;
    case 49: return SENDER;
    case 52: return SENT;
    case 56: return TARGET;
    case 97: return RESEND;
    case 122: return FIRST_SENT;
    default: return HEADS;
    }
}

/* Read the fields of a body, each tag=value; 0 where one is not, or is rare. */
static int has_fields(const struct rw_fix *s, struct message *m)
{
    const uint8_t *p = m->body.start, mark = m->mark;
    memset(m->head, 0, sizeof m->head);
    m->removed_count = 0;
    while (p < m->body.end) { /* whose last byte, the mark, ends every loop below */
        const uint8_t *field = p;
        int64_t tag = *p++ - '0';
        if (tag < 1 || tag > 9) return 0;
        for (; is_digit(*p); p++) {
            if (p - field > 8) return 0;
            tag = tag * 10 + (*p - '0');
        }
        if (*p++ != '=' || (tag < s->rare_size && s->rare[tag])) return 0;
        const uint8_t *value = p;
        while (*p != mark) p++;
        int which = head_of(tag);
        if (which != HEADS && !m->head[which].start) {
            m->head[which] = (struct piece){ value, p };
            if (which != TYPE && which != SENDER && which != TARGET)
                m->removed[m->removed_count++] = (struct piece){ field, p + 1 };
        }
        p++;
    }
    return 1;
}

/* Whether all bytes are ASCII, of other marks none is SOH, and CheckSum is right where asked. */
static int has_sum(const struct rw_fix *s, const struct message *m)
{
    const uint8_t *p = m->version.start - 2;
    int64_t size = m->body.end - p;
    uint8_t sum = 0, all = 0;
    for (int64_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + p[i]);
        all |= p[i];
    }
    if (all & 0x80) return 0;
    if (m->mark == SOH) return !s->verify || sum == m->sum;
    return !memchr(m->body.start, SOH, (size_t)(m->body.end - m->body.start));
}

static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t from_march = (month + 9) % 12, y = year - (month < 3);
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

/* YYYYMMDD-HH:MM:SS with up to nine decimals as UTC ns; -1 where a text is none. */
static int64_t instant(struct piece text)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const uint8_t *p = text.start;
    int64_t size = text.end - p, decimals = size - 18;
    if (size < 17 || p[8] != '-' || p[11] != ':' || p[14] != ':') return -1;
    if (size > 17 && (p[17] != '.' || decimals < 1 || decimals > 9)) return -1;
    int64_t year = number(p, 4), month = number(p + 4, 2), day = number(p + 6, 2);
    int64_t hour = number(p + 9, 2), minute = number(p + 12, 2), second = number(p + 15, 2);
    if (year < 1970 || year > 2259 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23
        || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -1;
    int is_leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    if (day > days[month - 1] + (month == 2 && is_leap)) return -1;
    int64_t fraction = size > 17 ? number(p + 18, decimals) : 0;
    if (fraction < 0) return -1;
    for (int64_t i = size > 17 ? decimals : 9; i < 9; i++) fraction *= 10;
    int64_t hours = days_since_1970(year, month, day) * 24 + hour;
    return ((hours * 60 + minute) * 60 + second) * 1000000000 + fraction;
}

/* Y is 1, N is 0, nothing is -1, and anything else -2. */
static int64_t flag(struct piece text)
{
    if (text.start == text.end) return -1;
    if (text.end - text.start != 1) return -2;
    return *text.start == 'Y' ? 1 : *text.start == 'N' ? 0 : -2;
}

static uint8_t *put(uint8_t *to, struct piece piece)
{
    if (piece.start == piece.end) return to;
    memcpy(to, piece.start, (size_t)(piece.end - piece.start));
    return to + (piece.end - piece.start);
}

/* Write the digest of what a message is known by: its session, number and first sending, and all
   it says beyond how it was sent. */
static void identify(const struct rw_fix *s, const struct message *m, uint8_t *hex)
{
    const struct piece *head = m->head;
    int is_again = flag(head[DUPLICATE]) == 1 && head[FIRST_SENT].start;
    struct piece four[] = { head[SENDER], head[TARGET], head[SEQ],
                            head[is_again ? FIRST_SENT : SENT] };
    uint8_t *to = s->room;
    for (int i = 0; i < 4; i++) {
        to = put(to, four[i]);
        *to++ = SOH;
    }
    uint8_t *body = to;
    const uint8_t *from = m->body.start;
    for (int i = 0; i < m->removed_count; i++) {
        to = put(to, (struct piece){ from, m->removed[i].start });
        from = m->removed[i].end;
    }
    to = put(to, (struct piece){ from, m->body.end });
    if (to > body) to--; /* the mark after the last field */
    if (m->mark != SOH)
        for (uint8_t *p = body; p < to; p++)
            if (*p == m->mark) *p = SOH;
    rw_sha256(s->room, to - s->room, s->instructions, hex);
}

/* How many line breaks some bytes hold; counted in bytes, so that sixteen are looked at at once. */
static int64_t lines(const uint8_t *p, int64_t size)
{
    int64_t count = 0;
    for (; size > 0; p += UINT8_MAX, size -= UINT8_MAX) {
        uint8_t some = 0;
        for (int64_t i = 0; i < (size < UINT8_MAX ? size : UINT8_MAX); i++) some += p[i] == '\n';
        count += some;
    }
    return count;
}

/* Write a message's row and tell whether all in it is plain. */
static int told(struct rw_fix *s, int64_t start, const struct message *m)
{
    int64_t *row = s->found + s->count, column = s->capacity;
    struct piece number_text = m->head[SEQ], type = m->head[TYPE];
    int64_t digits = number_text.start ? number_text.end - number_text.start : 0;
    int64_t seq = digits ? number(number_text.start, digits > 18 ? 0 : digits) : -1;
    int64_t sent = m->head[SENT].start ? instant(m->head[SENT]) : -1;
    int64_t again = flag(m->head[DUPLICATE]), resent = flag(m->head[RESEND]);
    if (digits > 18 || (digits && seq < 0) || sent < s->first || sent >= s->past || sent < 0
        || again < -1 || resent < -1 || type.start == type.end)
        return 0;
    s->line += lines(s->text + s->counted, start - s->counted);
    s->counted = start;
#define PLACE(name, piece)                                                                   \
    do {                                                                                     \
        int is_empty = (piece).start == (piece).end;                                         \
        row[RW_FIX_##name##_START * column] = is_empty ? -1 : (piece).start - s->text;       \
        row[RW_FIX_##name##_END * column] = is_empty ? -1 : (piece).end - s->text;           \
    } while (0)
    PLACE(VERSION, m->version);
    PLACE(TYPE, type);
    PLACE(SENDER, m->head[SENDER]);
    PLACE(TARGET, m->head[TARGET]);
#undef PLACE
    row[RW_FIX_START * column] = start;
    row[RW_FIX_END * column] = m->past - s->text;
    row[RW_FIX_LINE * column] = s->line;
    row[RW_FIX_FIELDS_START * column] = m->body.start - s->text;
    row[RW_FIX_FIELDS_END * column] = m->body.end - 1 - s->text;
    row[RW_FIX_SENT_AT * column] = sent;
    row[RW_FIX_SEQ * column] = seq;
    row[RW_FIX_DUPLICATE * column] = again;
    row[RW_FIX_RESEND * column] = resent;
    row[RW_FIX_MARK * column] = m->mark;
    identify(s, m, s->ids + 64 * s->count);
    return 1;
}

int64_t rw_fix_scan(struct rw_fix *s, int64_t at, int64_t limit)
{
    while (at < limit && s->count < s->capacity) {
        int64_t holds = s->holds, others = s->others, start = beginning(s, at, limit);
        struct message m;
        if (start < 0) return at;
        if (!framed(s, s->text + start, &m) || !has_fields(s, &m) || !has_sum(s, &m)
            || !told(s, start, &m)) {
            s->holds = holds, s->others = others;
            return at;
        }
        s->holds = MESSAGE;
        s->count++;
        at = m.past - s->text;
    }
    return at;
}
