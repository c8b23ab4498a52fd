#ifndef RW_DIGESTS_H
#define RW_DIGESTS_H

#include <stdint.h>

/* Digests of four words each, and a table of their places, 0 where there is none, else one more. */
struct rw_digests {
    uint64_t *kept;      /* 4 words for each of `room` */
    int64_t count, room;
    uint32_t *table;     /* 2**bits places, more than `room` */
    int64_t bits;
};

/* Keep what of some digests (64 hexadecimal digits each, no capitals) is not kept yet, and say of
   each if it was new. There is room for all of them. */
void rw_digests_add(struct rw_digests *set, const uint8_t *hex, int64_t count, uint8_t *is_new);

/* Fill an empty table with the places of what is kept. */
void rw_digests_index(struct rw_digests *set);

#endif
