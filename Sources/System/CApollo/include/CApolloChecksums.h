#pragma once

#include <stddef.h>
#include <stdint.h>

/// Goes on with a CRC-32 (the polynomial of ISO-HDLC, as in gzip) over more bytes; it begins with 0.
uint32_t capollo_crc32(uint32_t crc, const void *bytes, size_t count);

/// The same with Castagnoli's polynomial (RFC 3720, appendix B.4), by the processor's instruction where it has one.
uint32_t capollo_crc32c(uint32_t crc, const void *bytes, size_t count);

/// Goes on with a CRC-64 (the polynomial of the NVM Express specification, section 5.2.1.3.4) over more bytes; it begins with 0.
uint64_t capollo_crc64nvme(uint64_t crc, const void *bytes, size_t count);
