/// The 32 bytes that SHA-256 and HMAC-SHA-256 make.
///
/// `==` may return at the first difference: it is for names and checksums. Where someone could guess his way by timing,
/// compare with ``isEqualInConstantTime(to:)``.
public struct SHA256Digest: Hashable, Sendable {
    public static let byteCount = 32

    // In words rather than in an array: no allocation, and quick to hash and compare.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Has `fill` write the 32 bytes.
    init(_ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        withUnsafeMutableBytes(of: &words) { fill($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Reads 32 bytes; nil for any other number.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    public var bytes: [UInt8] { withUnsafeBytes(of: words) { [UInt8]($0) } }

    public var hex: String { Hex.encode(bytes) }

    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: words) { hasher.combine(bytes: $0) }
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    public func isEqualInConstantTime(to other: SHA256Digest) -> Bool {
        let difference =
            (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2)
            | (words.3 ^ other.words.3)
        return difference == 0
    }
}

extension SHA256Digest: CustomStringConvertible {
    public var description: String { hex }
}
