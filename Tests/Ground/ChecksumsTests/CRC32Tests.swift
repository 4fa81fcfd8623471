import Checksums
import Testing

@Suite struct CRC32Tests {
    /// The check value of every catalogue of CRCs.
    private let digits = Array("123456789".utf8)

    @Test("Both polynomials give the check values of the catalogues")
    func checkValues() {
        #expect(CRC32.checksum(digits, .iso) == 0xCBF4_3926)
        #expect(CRC32.checksum(digits, .castagnoli) == 0xE306_9283)
    }

    /// RFC 3720, appendix B.4.
    @Test("Castagnoli's gives the values of RFC 3720")
    func iscsi() {
        #expect(CRC32.checksum([UInt8](repeating: 0, count: 32), .castagnoli) == 0x8A91_36AA)
        #expect(CRC32.checksum([UInt8](repeating: 0xFF, count: 32), .castagnoli) == 0x62A8_AB43)
        #expect(CRC32.checksum((0..<32).map { UInt8($0) }, .castagnoli) == 0x46DD_794E)
    }

    /// Bit by bit, as the polynomial is defined.
    private func slow(_ bytes: [UInt8], _ polynomial: UInt32) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
        }
    }

    @Test(
        "Long runs, which are taken several at a time, have the sum that the polynomial says",
        arguments: [0, 1, 4095, 12_287, 12_288, 12_289, 24_576, 40_001])
    func longRuns(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 8) }
        #expect(CRC32.checksum(bytes, .castagnoli) == slow(bytes, 0x82F6_3B78))
        #expect(CRC32.checksum(bytes, .iso) == slow(bytes, 0xEDB8_8320))
        var crc = CRC32(.castagnoli)
        crc.update(bytes.prefix(5))
        crc.update(bytes.dropFirst(5))
        #expect(crc.value == slow(bytes, 0x82F6_3B78))
    }

    @Test(
        "However bytes are cut into pieces, the sum is the same",
        arguments: [CRC32.Polynomial.iso, .castagnoli])
    func pieces(polynomial: CRC32.Polynomial) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let whole = CRC32.checksum(bytes, polynomial)
        for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
            var crc = CRC32(polynomial)
            crc.update(bytes[..<cut])
            crc.update(bytes[cut...])
            #expect(crc.value == whole)
        }
    }
}
