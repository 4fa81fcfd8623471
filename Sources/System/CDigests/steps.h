// MD5's work on one block (RFC 1321, section 3.4), for as many lanes as there are in a LANES, which the including file defines, with
// NAME, TARGET and KEEP. There is no guard: it is included once for each width.

TARGET static inline void NAME(LANES state[4], const LANES word[16]) {
    LANES a = state[0], b = state[1], c = state[2], d = state[3];
// Each step waits for the one before it, by b: what does not need it is added first, and KEEP has the compiler leave it so.
#define STEP(f, a, b, c, d, index, constant, shift) \
    a += word[index] + (uint32_t)constant;          \
    KEEP(a);                                        \
    a += f(b, c, d);                                \
    a = (a << shift | a >> (32 - shift)) + b;
#define F(b, c, d) (d ^ (b & (c ^ d)))
// The halves have no bit in common, so that their sum is their union, and the one without b is there early.
#define G(b, c, d) (~d & c) + (d & b)
#define H(b, c, d) (c ^ d ^ b)
#define I(b, c, d) (c ^ (b | ~d))
#define ROUND(f, i0, i1, i2, i3, s0, s1, s2, s3, k0, k1, k2, k3) \
    STEP(f, a, b, c, d, i0, k0, s0)                              \
    STEP(f, d, a, b, c, i1, k1, s1)                              \
    STEP(f, c, d, a, b, i2, k2, s2)                              \
    STEP(f, b, c, d, a, i3, k3, s3)
    ROUND(F, 0, 1, 2, 3, 7, 12, 17, 22, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee)
    ROUND(F, 4, 5, 6, 7, 7, 12, 17, 22, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501)
    ROUND(F, 8, 9, 10, 11, 7, 12, 17, 22, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be)
    ROUND(F, 12, 13, 14, 15, 7, 12, 17, 22, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821)
    ROUND(G, 1, 6, 11, 0, 5, 9, 14, 20, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa)
    ROUND(G, 5, 10, 15, 4, 5, 9, 14, 20, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8)
    ROUND(G, 9, 14, 3, 8, 5, 9, 14, 20, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed)
    ROUND(G, 13, 2, 7, 12, 5, 9, 14, 20, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a)
    ROUND(H, 5, 8, 11, 14, 4, 11, 16, 23, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c)
    ROUND(H, 1, 4, 7, 10, 4, 11, 16, 23, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70)
    ROUND(H, 13, 0, 3, 6, 4, 11, 16, 23, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05)
    ROUND(H, 9, 12, 15, 2, 4, 11, 16, 23, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665)
    ROUND(I, 0, 7, 14, 5, 6, 10, 15, 21, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039)
    ROUND(I, 12, 3, 10, 1, 6, 10, 15, 21, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1)
    ROUND(I, 8, 15, 6, 13, 6, 10, 15, 21, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1)
    ROUND(I, 4, 11, 2, 9, 6, 10, 15, 21, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391)
#undef ROUND
#undef STEP
#undef F
#undef G
#undef H
#undef I
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}
#undef LANES
#undef NAME
#undef TARGET
#undef KEEP
