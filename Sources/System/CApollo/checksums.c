#include "CApollo.h"

#include <pthread.h>
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

// Eight bytes a step (M. Kounavis, F. Berry: "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation").
static uint32_t iso[8][256];
static uint32_t castagnoli[8][256];
static uint64_t nvme[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int has_instruction;
#if defined(__x86_64__)
static void prepare_lanes(void);
#endif

static void fill(uint32_t table[8][256], uint32_t polynomial) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int step = 1; step < 8; step++)
            table[step][byte] = table[step - 1][byte] >> 8 ^ table[0][table[step - 1][byte] & 255];
}

static void fill64(uint64_t table[8][256], uint64_t polynomial) {
    for (uint64_t byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
        table[0][byte] = crc;
    }
    for (int byte = 0; byte < 256; byte++)
        for (int step = 1; step < 8; step++)
            table[step][byte] = table[step - 1][byte] >> 8 ^ table[0][table[step - 1][byte] & 255];
}

static void prepare(void) {
    fill64(nvme, 0x9A6C9329AC4BC9B5u);
    fill(iso, 0xEDB88320u);
    fill(castagnoli, 0x82F63B78u);
#if defined(__x86_64__)
    has_instruction = __builtin_cpu_supports("sse4.2");
    if (has_instruction) prepare_lanes();
#endif
}

static uint32_t by_table(uint32_t table[8][256], uint32_t crc, const unsigned char *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
        // Byte by byte, so that the order of bytes in a word does not matter.
        crc ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        crc = table[7][crc & 255] ^ table[6][crc >> 8 & 255] ^ table[5][crc >> 16 & 255] ^ table[4][crc >> 24] ^
              table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
    }
    for (; count > 0; bytes++, count--) crc = crc >> 8 ^ table[0][(crc ^ *bytes) & 255];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(
    uint32_t crc, const unsigned char *bytes, size_t count) {
    uint64_t state = crc;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = _mm_crc32_u64(state, word);
    }
    for (; count > 0; bytes++, count--) state = _mm_crc32_u8((uint32_t)state, *bytes);
    return (uint32_t)state;
}

// The instruction takes three cycles, and a processor begins one each cycle: so three lanes beside each other, whose states are put
// together at their ends (V. Gopal et al.: "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction").
enum { LANE = 4096 };
// What a state becomes when LANE bytes of zeros follow it, byte by byte of the state.
static uint32_t behind_lane[4][256];

static void prepare_lanes(void) {
    static const unsigned char zeros[LANE];
    uint32_t bits[32];
    for (int bit = 0; bit < 32; bit++) bits[bit] = by_instruction((uint32_t)1 << bit, zeros, LANE);
    for (int byte = 0; byte < 4; byte++)
        for (int value = 0; value < 256; value++) {
            uint32_t sum = 0;
            for (int bit = 0; bit < 8; bit++)
                if (value >> bit & 1) sum ^= bits[byte * 8 + bit];
            behind_lane[byte][value] = sum;
        }
}

static uint32_t past_lane(uint32_t state) {
    return behind_lane[0][state & 255] ^ behind_lane[1][state >> 8 & 255] ^ behind_lane[2][state >> 16 & 255] ^
           behind_lane[3][state >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t by_lanes(uint32_t crc, const unsigned char *bytes, size_t count) {
    for (; count >= 3 * LANE; bytes += 3 * LANE, count -= 3 * LANE) {
        uint64_t first = crc, second = 0, third = 0;
        for (int offset = 0; offset < LANE; offset += 8) {
            uint64_t one, two, three;
            memcpy(&one, bytes + offset, 8);
            memcpy(&two, bytes + LANE + offset, 8);
            memcpy(&three, bytes + 2 * LANE + offset, 8);
            first = _mm_crc32_u64(first, one);
            second = _mm_crc32_u64(second, two);
            third = _mm_crc32_u64(third, three);
        }
        crc = past_lane(past_lane((uint32_t)first) ^ (uint32_t)second) ^ (uint32_t)third;
    }
    return by_instruction(crc, bytes, count);
}
#endif

uint32_t capollo_crc32(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&once, prepare);
    return ~by_table(iso, ~crc, bytes, count);
}

uint32_t capollo_crc32c(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&once, prepare);
#if defined(__x86_64__)
    if (has_instruction) return ~by_lanes(~crc, bytes, count);
#endif
    return ~by_table(castagnoli, ~crc, bytes, count);
}

uint64_t capollo_crc64nvme(uint64_t crc, const void *start, size_t count) {
    pthread_once(&once, prepare);
    const unsigned char *bytes = start;
    crc = ~crc;
    for (; count >= 8; bytes += 8, count -= 8) {
        for (int index = 0; index < 8; index++) crc ^= (uint64_t)bytes[index] << 8 * index;
        uint64_t next = 0;
        for (int index = 0; index < 8; index++) next ^= nvme[7 - index][crc >> 8 * index & 255];
        crc = next;
    }
    for (; count > 0; bytes++, count--) crc = crc >> 8 ^ nvme[0][(crc ^ *bytes) & 255];
    return ~crc;
}
