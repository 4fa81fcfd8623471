public import Cryptography

/// What content is called by: a hash of its bytes (OCI image specification, "Digests").
public struct ImageDigest: Hashable, Sendable {
    /// The algorithms that the specification registers.
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha256
        case sha512

        /// Of its hash in hexadecimal.
        public var digits: Int { self == .sha256 ? 64 : 128 }

        public var hash: MessageDigest.Algorithm { self == .sha256 ? .sha256 : .sha512 }
    }

    public let algorithm: Algorithm
    /// In lower case.
    public let hex: String

    /// Reads `algorithm:hex`.
    public init(parsing text: some StringProtocol) throws(ImageError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let algorithm = Algorithm(rawValue: String(parts[0])),
            parts[1].utf8.count == algorithm.digits,
            parts[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw .digest(String(text)) }
        self.algorithm = algorithm
        hex = String(parts[1])
    }

    /// Of a hash that ``Algorithm/hash`` made.
    public init(_ algorithm: Algorithm, hash: [UInt8]) {
        precondition(hash.count * 2 == algorithm.digits, "a hash of another algorithm")
        self.algorithm = algorithm
        hex = Hex.encode(hash)
    }

    /// The digest of `bytes`.
    public init(of bytes: some Sequence<UInt8>, _ algorithm: Algorithm = .sha256) {
        self.init(algorithm, hash: MessageDigest.hash(bytes, algorithm.hash))
    }

    public var text: String { "\(algorithm.rawValue):\(hex)" }
}

extension ImageDigest: CustomStringConvertible {
    public var description: String { text }
}
