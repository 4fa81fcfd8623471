/// A version of a resource (RFC 9110, section 8.8.3).
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// The text between the quotes.
    public let opaque: String
    /// Whether it says only that two versions mean the same.
    public let isWeak: Bool

    /// `opaque` must not hold quotes, spaces or control characters.
    public init(_ opaque: String, isWeak: Bool = false) {
        precondition(opaque.utf8.allSatisfy(Self.isAllowed), "'\(opaque)' cannot be in an entity tag")
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The tag of a record that counts its changes.
    public init(revision: Int64) { self.init(String(revision)) }

    /// The tag of bytes that never change under the same tag: their 64-bit FNV-1a hash and their number.
    public init(of bytes: [UInt8]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        self.init("\(String(hash, radix: 16))-\(bytes.count)")
    }

    public var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// The tags of a list such as `"a", W/"b"`; nil where it is malformed.
    static func list(_ text: String) -> [EntityTag]? {
        var tags: [EntityTag] = []
        var rest = Substring(text)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            guard !rest.isEmpty else { return tags }
            let isWeak = rest.hasPrefix("W/")
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == "\"" else { return nil }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: "\"") else { return nil }
            let opaque = rest[..<end]
            guard opaque.utf8.allSatisfy(isAllowed), tags.count < 64 else { return nil }
            tags.append(EntityTag(String(opaque), isWeak: isWeak))
            rest = rest[rest.index(after: end)...].drop { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == "," else { return nil }
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7E).contains(byte) || byte >= 0x80
    }
}
