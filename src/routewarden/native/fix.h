#ifndef RW_FIX_H
#define RW_FIX_H

#include <stdint.h>

/* What is told of a message; places are bytes of the text, -1 where there is nothing. */
enum {
    RW_FIX_START, RW_FIX_END, RW_FIX_LINE, RW_FIX_VERSION_START, RW_FIX_VERSION_END,
    RW_FIX_FIELDS_START, RW_FIX_FIELDS_END, RW_FIX_TYPE_START, RW_FIX_TYPE_END,
    RW_FIX_SENDER_START, RW_FIX_SENDER_END, RW_FIX_TARGET_START, RW_FIX_TARGET_END,
    RW_FIX_SENT_AT, RW_FIX_SEQ, RW_FIX_DUPLICATE, RW_FIX_RESEND, RW_FIX_MARK, RW_FIX_COLUMNS
};

/* A text being scanned, and what was found in it. */
struct rw_fix {
    const uint8_t *text;
    int64_t size;
    int64_t most;          /* bytes of the longest message */
    int64_t verify;        /* whether CheckSum must be right where SOH parts fields */
    int64_t first, past;   /* the instants a sending time lies between, UTC ns, the last excluded */
    const uint8_t *rare;   /* of each tag below `rare_size`, whether it asks for another reader */
    int64_t rare_size;
    int64_t instructions;  /* as rw_sha256_instructions says */
    int64_t counted, line; /* the line that byte `counted` stands in */
    int64_t holds;         /* what the line being read holds: 0 nothing, 1 text, 2 a message */
    int64_t others;        /* lines that ended, and held text and no message */
    int64_t count, capacity;
    int64_t *found;        /* RW_FIX_COLUMNS columns of `capacity` */
    uint8_t *ids;          /* 64 bytes for each message */
    uint8_t *room;         /* 2 * most + 8 bytes */
};

/* Find messages from byte `at` on that begin before `limit`; return where it stopped: at or past
   `limit`, or where only another reader can tell what comes. */
int64_t rw_fix_scan(struct rw_fix *scan, int64_t at, int64_t limit);

#endif
