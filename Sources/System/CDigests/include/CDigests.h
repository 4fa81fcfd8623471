#pragma once

#include <stddef.h>
#include <stdint.h>

/// One stream on its way through MD5 (RFC 1321): where it stands, and whole blocks of 64 bytes that come next.
struct cdigests_lane {
    uint32_t state[4];
    const unsigned char *bytes;
    size_t blocks;
};

/// How many lanes this processor hashes beside each other.
size_t cdigests_md5_width(void);

/// Hashes the blocks of all lanes, up to `width` of them at once, and moves their states on: lanes may be of different lengths.
///
/// `width` is 1, 4 or 8; 8 without AVX2 is 4, so that tests can have every way that there is.
void cdigests_md5(struct cdigests_lane *lanes, size_t count, size_t width);
