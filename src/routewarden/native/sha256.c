#include "sha256.h"

#include <string.h>

#define BLOCK 64

/* Source: FIPS 180-4, 4.2.2 and 5.3.3. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t BEGIN[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t turned(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static void blocks(uint32_t *h, const uint8_t *p, int64_t count)
{
    for (; count; count--, p += BLOCK) {
        uint32_t w[64], s[8];
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16
                 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
        for (int i = 16; i < 64; i++)
            w[i] = w[i - 16] + w[i - 7]
                 + (turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3)
                 + (turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10);
        memcpy(s, h, sizeof s);
        for (int i = 0; i < 64; i++) {
            uint32_t one = s[7] + (turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25))
                         + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
            uint32_t two = (turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22))
                         + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof *s);
            s[4] += one, s[0] = one + two;
        }
        for (int i = 0; i < 8; i++) h[i] += s[i];
    }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

int64_t rw_sha256_instructions(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks_by_instructions(uint32_t *h, const uint8_t *p, int64_t count)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; count; count--, p += BLOCK) {
        __m128i m[16], before[2] = { abef, cdgh };
        for (int i = 0; i < 16; i++) {
            if (i < 4) {
                m[i] = _mm_loadu_si128((const __m128i *)(p + 16 * i));
                m[i] = _mm_shuffle_epi8(m[i], order);
            } else {
                __m128i sum = _mm_alignr_epi8(m[i - 1], m[i - 2], 4);
                sum = _mm_add_epi32(sum, _mm_sha256msg1_epu32(m[i - 4], m[i - 3]));
                m[i] = _mm_sha256msg2_epu32(sum, m[i - 1]);
            }
            __m128i k = _mm_add_epi32(m[i], _mm_loadu_si128((const __m128i *)(K + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0E));
        }
        abef = _mm_add_epi32(abef, before[0]), cdgh = _mm_add_epi32(cdgh, before[1]);
    }
    low = _mm_shuffle_epi32(abef, 0x1B), high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)h, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(high, low, 8));
}
#else
int64_t rw_sha256_instructions(void)
{
    return 0;
}

#define blocks_by_instructions blocks
#endif

/* Write a word as eight hexadecimal digits, all of them at once: each a byte of another word. */
static void write_digits(uint32_t word, uint8_t *hex)
{
    uint64_t x = (uint64_t)(word & 0xFFFF) << 32 | word >> 16;
    x = (x & 0x000000FF000000FF) << 16 | (x >> 8 & 0x000000FF000000FF);
    x = (x & 0x000F000F000F000F) << 8 | (x >> 4 & 0x000F000F000F000F);
    uint64_t is_letter = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
    x += 0x3030303030303030 + is_letter * ('a' - '0' - 10);
    for (int i = 0; i < 8; i++) hex[i] = (uint8_t)(x >> 8 * i);
}

void rw_sha256(const uint8_t *data, int64_t size, int64_t instructions, uint8_t *hex)
{
    void (*take)(uint32_t *, const uint8_t *, int64_t) =
        instructions ? blocks_by_instructions : blocks;
    uint32_t h[8];
    memcpy(h, BEGIN, sizeof h);
    int64_t whole = size / BLOCK, rest = size % BLOCK;
    take(h, data, whole);
    uint8_t last[2 * BLOCK] = { 0 };
    int64_t more = rest < BLOCK - 8 ? 1 : 2;
    if (rest) memcpy(last, data + whole * BLOCK, (size_t)rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++) last[more * BLOCK - 1 - i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
    take(h, last, more);
    for (int i = 0; i < 8; i++, hex += 8) write_digits(h[i], hex);
}
