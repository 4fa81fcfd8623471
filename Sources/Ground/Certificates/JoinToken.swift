public import Core
public import Cryptography

/// The phantom kind of ``JoinTokenID``.
public enum JoinTokenKind {}
public typealias JoinTokenID = Identifier<JoinTokenKind>

/// What lets a machine join: `apj_<id>.<secret>.<fingerprint>`.
///
/// The secret proves to the platform that the machine was invited; the fingerprint of the platform's authority proves the
/// platform to the machine, at their first contact. Shown once; what is kept is the secret's hash.
public struct JoinToken: Hashable, Sendable {
    public static let prefix = "apj_"
    private static let byteCount = 32

    public let id: JoinTokenID
    public let fingerprint: SHA256Digest
    private let secret: SecretBytes

    /// Makes a new one for the authority of `fingerprint`.
    public static func generate(
        _ id: JoinTokenID, fingerprint: SHA256Digest
    ) throws(CryptographyError) -> JoinToken {
        JoinToken(id, SecretBytes(try SecureRandom.bytes(byteCount)), fingerprint)
    }

    private init(_ id: JoinTokenID, _ secret: SecretBytes, _ fingerprint: SHA256Digest) {
        self.id = id
        self.secret = secret
        self.fingerprint = fingerprint
    }

    /// Reads one; nil for anything that ``generate(_:fingerprint:)`` does not make, such as one that was cut off.
    public init?(parsing text: String) {
        guard text.utf8.count <= 256, text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let parts = text.utf8.dropFirst(Self.prefix.utf8.count)
            .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 3, let id = JoinTokenID(parsing: parts[0]),
            let secret = Base64URL.decode(parts[1]), secret.count == Self.byteCount,
            let fingerprint = Base64URL.decode(parts[2]).flatMap({ SHA256Digest(bytes: $0) })
        else { return nil }
        self.init(id, SecretBytes(secret), fingerprint)
    }

    /// The secret text.
    public var text: String {
        "\(Self.prefix)\(id).\(Base64URL.encode(secret.bytes)).\(Base64URL.encode(fingerprint.bytes))"
    }

    /// What is stored in the secret's place.
    public var hash: SHA256Digest { SHA256.hash(secret.bytes) }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(Self.prefix)\(id).…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
