/// A name that a repository gives to one manifest at a time: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
public struct ImageTag: Hashable, Sendable, Comparable {
    /// What is meant where none is named.
    public static let latest = ImageTag(unchecked: "latest")

    public let text: String

    public init(parsing text: some StringProtocol) throws(ImageError) {
        let bytes = text.utf8
        guard (1...128).contains(bytes.count), let first = bytes.first, Self.isWord(first),
            bytes.allSatisfy({ Self.isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { throw .tag(String(text)) }
        self.text = String(text)
    }

    private init(unchecked text: String) { self.text = text }

    public static func < (a: Self, b: Self) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    private static func isWord(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}

extension ImageTag: CustomStringConvertible {
    public var description: String { text }
}

/// What a manifest is asked for by, within a repository.
public enum ManifestName: Hashable, Sendable {
    case tag(ImageTag)
    case digest(ImageDigest)

    /// Reads a digest where there is a colon, which no tag has, else a tag.
    public init(parsing text: some StringProtocol) throws(ImageError) {
        self =
            text.utf8.contains(UInt8(ascii: ":"))
            ? .digest(try ImageDigest(parsing: text)) : .tag(try ImageTag(parsing: text))
    }

    public var text: String {
        switch self {
        case .tag(let tag): tag.text
        case .digest(let digest): digest.text
        }
    }
}

extension ManifestName: CustomStringConvertible {
    public var description: String { text }
}
