import CApollo

/// A checksum of 64 bits, by the polynomial of the NVM Express specification, which S3 clients name CRC64NVME.
public struct CRC64: Hashable, Sendable {
    /// The checksum of all that was fed.
    public private(set) var value: UInt64 = 0

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value = capollo_crc64nvme(value, start, bytes.count)
    }

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            update(Array(bytes))
        }
    }

    /// The checksum of `bytes`.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var crc = CRC64()
        crc.update(bytes)
        return crc.value
    }

    /// The checksum of what `first` is of with `count` bytes behind it that `second` is of.
    public static func combined(_ first: UInt64, _ second: UInt64, count: Int64) -> UInt64 {
        Polynomials(0x9A6C_9329_AC4B_C9B5, width: 64).shift(first, bytes: count) ^ second
    }
}

extension CRC32 {
    /// The checksum of what `first` is of with `count` bytes behind it that `second` is of.
    public static func combined(
        _ first: UInt32, _ second: UInt32, count: Int64, _ polynomial: Polynomial
    ) -> UInt32 {
        let modulus: UInt64 = polynomial == .iso ? 0xEDB8_8320 : 0x82F6_3B78
        return UInt32(truncatingIfNeeded: Polynomials(modulus, width: 32).shift(UInt64(first), bytes: count))
            ^ second
    }
}

/// Arithmetic with polynomials over GF(2), whose highest bit is the coefficient of 1, modulo one of them: a checksum of what has zeros
/// behind it is the checksum times a power of x.
private struct Polynomials {
    private let modulus: UInt64
    private let one: UInt64

    init(_ modulus: UInt64, width: UInt64) {
        self.modulus = modulus
        one = 1 << (width - 1)
    }

    /// `value` times x to the power of as many bits as `bytes` have.
    func shift(_ value: UInt64, bytes: Int64) -> UInt64 {
        var power = one >> 1
        for _ in 0..<3 { power = product(power, power) }
        var (rest, result) = (bytes, value)
        while rest > 0 {
            if rest & 1 == 1 { result = product(power, result) }
            power = product(power, power)
            rest >>= 1
        }
        return result
    }

    private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (mask, term, sum) = (one, b, UInt64(0))
        while mask != 0 {
            if a & mask != 0 { sum ^= term }
            mask >>= 1
            term = term & 1 == 1 ? term >> 1 ^ modulus : term >> 1
        }
        return sum
    }
}
