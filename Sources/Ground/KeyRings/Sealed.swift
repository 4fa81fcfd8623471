/// Bytes that are sealed, and the key they are sealed with.
public struct Sealed: Hashable, Sendable {
    public var key: SealingKeyID
    public var bytes: [UInt8]

    public init(key: SealingKeyID, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}

/// What sealed bytes belong to: they open nowhere else, so that nobody can exchange two rows.
public struct SealingContext: Hashable, Sendable {
    let bytes: [UInt8]

    /// Each part behind its length: no two lists of parts have the same bytes.
    public init(_ parts: String...) { self.init(parts) }

    public init(_ parts: [String]) {
        bytes = parts.flatMap { part in
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { Array($0) } + Array(part.utf8)
        }
    }
}
