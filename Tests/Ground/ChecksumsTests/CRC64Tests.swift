import Checksums
import Testing

@Suite struct CRC64Tests {
    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    @Test(
        "The polynomial of NVM Express gives the check value of the catalogues, and the values of its specification"
    )
    func checkValues() {
        #expect(CRC64.checksum(Array("123456789".utf8)) == 0xAE8B_1486_0A79_9888)
        #expect(CRC64.checksum([UInt8](repeating: 0, count: 4096)) == 0x6482_D367_EB22_B64E)
        #expect(CRC64.checksum([UInt8](repeating: 0xFF, count: 4096)) == 0xC0DD_BA73_02EC_A3AC)
    }

    @Test(
        "However bytes are cut, the sum is the same, and that of the whole can be computed of those of its halves"
    )
    func pieces() {
        let whole = CRC64.checksum(bytes)
        for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
            var crc = CRC64()
            crc.update(bytes[..<cut])
            crc.update(bytes[cut...])
            #expect(crc.value == whole)
            let halves = (CRC64.checksum(bytes[..<cut]), CRC64.checksum(bytes[cut...]))
            #expect(CRC64.combined(halves.0, halves.1, count: Int64(1000 - cut)) == whole)
        }
    }

    @Test(
        "Sums of 32 bits are combined, too", arguments: [CRC32.Polynomial.iso, .castagnoli])
    func combined(polynomial: CRC32.Polynomial) {
        for cut in [0, 1, 500, 1000] {
            let halves = (
                CRC32.checksum(bytes[..<cut], polynomial), CRC32.checksum(bytes[cut...], polynomial)
            )
            #expect(
                CRC32.combined(halves.0, halves.1, count: Int64(1000 - cut), polynomial)
                    == CRC32.checksum(bytes, polynomial))
        }
    }
}
