#include <string.h>

#include "CDigests.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "MD5 reads words with their lowest byte first, as does every processor that this is built for"
#endif

// MD5 is one chain of steps that wait for each other, so that most of a processor has nothing to do. Streams that have nothing to
// do with each other go beside each other, a word of each in one vector: eight take little longer than one.

typedef uint32_t four __attribute__((vector_size(16)));
typedef uint32_t eight __attribute__((vector_size(32)));

#define LANES uint32_t
#define NAME step_one
#define TARGET
// A fifth faster than without.
#define KEEP(a) __asm__("" : "+r"(a))
#include "steps.h"

#define LANES four
#define NAME step_four
#define TARGET
#define KEEP(a)
#include "steps.h"

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#define LANES eight
#define NAME step_eight
#define TARGET AVX2
#define KEEP(a)
#include "steps.h"
#endif

static void hash_one(struct cdigests_lane *lane, size_t blocks) {
    for (; blocks > 0; blocks--, lane->bytes += 64, lane->blocks--) {
        uint32_t words[16];
        memcpy(words, lane->bytes, 64);
        step_one(lane->state, words);
    }
}

// Words of lanes become lanes of words: a square is turned about its diagonal, by halves and by quarters of it.
static inline void turn_four(const unsigned char *const bytes[4], size_t at, four word[4]) {
    four row[4];
    for (int lane = 0; lane < 4; lane++) memcpy(&row[lane], bytes[lane] + at, 16);
    four low0 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    four high0 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    four low1 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    four high1 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    word[0] = __builtin_shufflevector(low0, low1, 0, 1, 4, 5);
    word[1] = __builtin_shufflevector(low0, low1, 2, 3, 6, 7);
    word[2] = __builtin_shufflevector(high0, high1, 0, 1, 4, 5);
    word[3] = __builtin_shufflevector(high0, high1, 2, 3, 6, 7);
}

static void hash_four(struct cdigests_lane *const lanes[], size_t blocks) {
    const unsigned char *bytes[4];
    four state[4], word[16];
    for (int lane = 0; lane < 4; lane++) {
        bytes[lane] = lanes[lane]->bytes;
        for (int part = 0; part < 4; part++) state[part][lane] = lanes[lane]->state[part];
    }
    for (size_t at = 0; at < blocks * 64; at += 64) {
        for (int quarter = 0; quarter < 4; quarter++) turn_four(bytes, at + quarter * 16, word + quarter * 4);
        step_four(state, word);
    }
    for (int lane = 0; lane < 4; lane++)
        for (int part = 0; part < 4; part++) lanes[lane]->state[part] = state[part][lane];
}

#if defined(__x86_64__)
AVX2 static inline void turn_eight(const unsigned char *const bytes[8], size_t at, eight word[8]) {
    eight row[8], pair[8], half[8];
    for (int lane = 0; lane < 8; lane++) memcpy(&row[lane], bytes[lane] + at, 32);
    for (int lane = 0; lane < 8; lane += 2) {
        pair[lane] = __builtin_shufflevector(row[lane], row[lane + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        pair[lane + 1] = __builtin_shufflevector(row[lane], row[lane + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int lane = 0; lane < 8; lane += 4)
        for (int side = 0; side < 2; side++) {
            eight one = pair[lane + side], two = pair[lane + 2 + side];
            half[lane + 2 * side] = __builtin_shufflevector(one, two, 0, 1, 8, 9, 4, 5, 12, 13);
            half[lane + 2 * side + 1] = __builtin_shufflevector(one, two, 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int index = 0; index < 4; index++) {
        word[index] = __builtin_shufflevector(half[index], half[index + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        word[index + 4] = __builtin_shufflevector(half[index], half[index + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

AVX2 static void hash_eight(struct cdigests_lane *const lanes[], size_t blocks) {
    const unsigned char *bytes[8];
    eight state[4], word[16];
    for (int lane = 0; lane < 8; lane++) {
        bytes[lane] = lanes[lane]->bytes;
        for (int part = 0; part < 4; part++) state[part][lane] = lanes[lane]->state[part];
    }
    for (size_t at = 0; at < blocks * 64; at += 64) {
        turn_eight(bytes, at, word);
        turn_eight(bytes, at + 32, word + 8);
        step_eight(state, word);
    }
    for (int lane = 0; lane < 8; lane++)
        for (int part = 0; part < 4; part++) lanes[lane]->state[part] = state[part][lane];
}
#endif

size_t cdigests_md5_width(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return 8;
#endif
    return 4;
}

// Hashes so many blocks of each of up to `width` lanes.
static void hash_beside(struct cdigests_lane *const taken[], size_t count, size_t blocks, size_t width) {
    // Places that are left over do the first lane's work once more, and write the same.
    struct cdigests_lane *lanes[8];
    for (size_t place = 0; place < width; place++) lanes[place] = taken[place < count ? place : 0];
#if defined(__x86_64__)
    // Even where half of the places are left over: four by AVX2 are faster than four by SSE2.
    if (width == 8)
        hash_eight(lanes, blocks);
    else
#endif
        hash_four(lanes, blocks);
    for (size_t place = 0; place < count; place++) {
        taken[place]->bytes += blocks * 64;
        taken[place]->blocks -= blocks;
    }
}

void cdigests_md5(struct cdigests_lane *lanes, size_t count, size_t width) {
    if (width > 4) width = cdigests_md5_width();
    struct cdigests_lane *taken[8];
    for (size_t next = 0, beside = 0;;) {
        for (; beside < width && next < count; next++)
            if (lanes[next].blocks > 0) taken[beside++] = &lanes[next];
        if (beside == 0) return;
        // As far as the shortest goes: its place is another's then.
        size_t blocks = taken[0]->blocks;
        for (size_t place = 1; place < beside; place++)
            if (taken[place]->blocks < blocks) blocks = taken[place]->blocks;
        if (beside == 1)
            hash_one(taken[0], blocks);
        else
            hash_beside(taken, beside, blocks, width);
        size_t left = 0;
        for (size_t place = 0; place < beside; place++)
            if (taken[place]->blocks > 0) taken[left++] = taken[place];
        beside = left;
    }
}
