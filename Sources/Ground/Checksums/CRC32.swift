import CApollo

/// A checksum of 32 bits that finds accidents, and stops nobody who means it: for bytes on disks and in transit.
public struct CRC32: Hashable, Sendable {
    public enum Polynomial: Hashable, Sendable {
        /// That of ISO-HDLC, as in gzip and Ethernet.
        case iso
        /// Castagnoli's (RFC 3720, appendix B.4), for which processors have an instruction.
        case castagnoli
    }

    public let polynomial: Polynomial
    /// The checksum of all that was fed.
    public private(set) var value: UInt32 = 0

    public init(_ polynomial: Polynomial) { self.polynomial = polynomial }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        switch polynomial {
        case .iso: value = capollo_crc32(value, start, bytes.count)
        case .castagnoli: value = capollo_crc32c(value, start, bytes.count)
        }
    }

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            update(Array(bytes))
        }
    }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: some Sequence<UInt8>, _ polynomial: Polynomial) -> UInt32 {
        var crc = CRC32(polynomial)
        crc.update(bytes)
        return crc.value
    }
}
