import DNSModel

/// Addresses that begin alike: `192.0.2.0/24`, `2001:db8::/32`, or one alone.
struct AddressRange: Hashable, Sendable {
    private let first: IPAddress
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = IPAddress(String(parts[0])) else { return nil }
        self.first = first
        guard parts.count == 2 else {
            bits = first.bytes.count * 8
            return
        }
        guard let bits = Int(parts[1]), (0...first.bytes.count * 8).contains(bits) else { return nil }
        self.bits = bits
    }

    func contains(_ address: String) -> Bool {
        guard let other = IPAddress(address)?.unmapped, other.isV4 == first.isV4 else { return false }
        return (0..<bits).allSatisfy { bit in
            (first.bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}
