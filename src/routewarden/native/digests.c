#include "digests.h"

#include <string.h>

#define WORDS 4
#define SIZE (WORDS * sizeof(uint64_t))

/* Where a digest's place stands, or would: digests are spread evenly, so their bits are its hash. */
static uint32_t *slot(const struct rw_digests *set, const uint64_t *digest)
{
    uint64_t mask = ((uint64_t)1 << set->bits) - 1, at = digest[0] & mask;
    while (set->table[at] && memcmp(set->kept + WORDS * (set->table[at] - 1), digest, SIZE))
        at = (at + 1) & mask;
    return set->table + at;
}

/* The values of eight hexadecimal digits, a byte each. */
static uint64_t values(const uint8_t *hex)
{
    uint64_t digits;
    memcpy(&digits, hex, sizeof digits);
    return (digits & 0x0F0F0F0F0F0F0F0F) + 9 * (digits >> 6 & 0x0101010101010101);
}

void rw_digests_add(struct rw_digests *set, const uint8_t *hex, int64_t count, uint8_t *is_new)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t digest[WORDS];
        for (int word = 0; word < WORDS; word++, hex += 16)
            digest[word] = values(hex) | values(hex + 8) << 4;
        uint32_t *place = slot(set, digest);
        is_new[i] = !*place;
        if (*place) continue;
        memcpy(set->kept + WORDS * set->count, digest, SIZE);
        *place = (uint32_t)++set->count;
    }
}

void rw_digests_index(struct rw_digests *set)
{
    for (int64_t i = 0; i < set->count; i++)
        *slot(set, set->kept + WORDS * i) = (uint32_t)(i + 1);
}
