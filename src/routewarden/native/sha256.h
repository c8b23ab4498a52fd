#ifndef RW_SHA256_H
#define RW_SHA256_H

#include <stdint.h>

/* Whether the processor has instructions for SHA-256: 1 or 0. Asked seldom: it may be slow. */
int64_t rw_sha256_instructions(void);

/* The SHA-256 digest of some bytes as 64 hexadecimal digits, with the processor's instructions for
   it where `instructions` is not 0. */
void rw_sha256(const uint8_t *data, int64_t size, int64_t instructions, uint8_t *hex);

#endif
