public import Cryptography

/// A secret that stands for a principal: `apl_` and 32 random bytes in base64url.
///
/// It is shown once, to its owner. What is kept is ``hash``; 256 random bits need no salt and no slow hash. It shows
/// itself in no log: only ``text`` has the secret.
public struct BearerToken: Sendable {
    /// With it secret scanners, and people, know one when they see it.
    public static let prefix = "apl_"
    private static let byteCount = 32

    /// The secret.
    public let text: String

    /// Makes a new one.
    ///
    /// - Throws: ``CryptographyError`` if the system has no random bytes.
    public static func generate() throws(CryptographyError) -> BearerToken {
        BearerToken(text: prefix + Base64URL.encode(try SecureRandom.bytes(byteCount)))
    }

    private init(text: String) { self.text = text }

    /// Reads one; nil for anything that ``generate()`` does not make.
    public init?(parsing text: String) {
        guard text.utf8.count == Self.prefix.utf8.count + 43, text.utf8.starts(with: Self.prefix.utf8),
            let bytes = Base64URL.decode(
                String(decoding: text.utf8.dropFirst(Self.prefix.utf8.count), as: UTF8.self)),
            bytes.count == Self.byteCount
        else { return nil }
        self.text = text
    }

    /// What is stored in its place.
    public var hash: SHA256Digest { SHA256.hash(text) }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Self.prefix + "…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
