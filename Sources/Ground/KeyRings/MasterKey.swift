public import Core
import Cryptography

/// A key that seals other keys, and that the database never sees: `apk_` and 32 random bytes in base64url.
public struct MasterKey: Hashable, Sendable {
    /// With it secret scanners, and people, know one when they see it.
    public static let prefix = "apk_"

    /// Tells keys apart without telling anything of them.
    public let id: String
    let secret: SecretBytes

    /// Makes a new one.
    ///
    /// - Throws: ``ApolloError`` if the system has no random bytes.
    public static func generate() throws(ApolloError) -> MasterKey {
        do {
            return MasterKey(bytes: try SecureRandom.bytes(AESGCM.keyByteCount))
        } catch {
            throw error.asApolloError
        }
    }

    /// Reads one; nil for anything that ``generate()`` does not make.
    public init?(parsing text: some StringProtocol) {
        guard text.utf8.count == Self.prefix.utf8.count + 43, text.utf8.starts(with: Self.prefix.utf8),
            let bytes = Base64URL.decode(
                String(decoding: text.utf8.dropFirst(Self.prefix.utf8.count), as: UTF8.self))
        else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: [UInt8]) {
        secret = SecretBytes(bytes)
        let code = HMACSHA256.authenticate(Array("apollo master key id".utf8), key: bytes)
        id = Hex.encode(Array(code.bytes.prefix(6)))
    }

    /// The secret, for its file.
    public var text: String { Self.prefix + Base64URL.encode(secret.bytes) }

    func cipher() throws(CryptographyError) -> AESGCM { try AESGCM(key: secret.bytes) }
}

extension MasterKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Self.prefix + "…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The master keys of a platform: the first is used, those after it still open what they sealed.
public struct MasterKeys: Hashable, Sendable {
    public let all: [MasterKey]

    public var first: MasterKey { all[0] }

    public init(_ first: MasterKey, others: [MasterKey] = []) { all = [first] + others }

    /// Reads one key a line; empty lines and those that begin with `#` are passed over.
    ///
    /// - Throws: ``ApolloError`` of kind `invalid` that names `source`, and the line; it repeats nothing of the text.
    public init(parsing text: String, from source: String) throws(ApolloError) {
        var keys: [MasterKey] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " || $0 == "\t" }
            guard !content.isEmpty, content.first != "#" else { continue }
            guard let key = MasterKey(parsing: content.prefix { $0 != " " && $0 != "\t" }) else {
                throw ApolloError(
                    .invalid, "line \(index + 1) of \(source) is no master key",
                    hint:
                        "a key is '\(MasterKey.prefix)' and 43 characters; 'apollo secret new-key' makes one")
            }
            if !keys.contains(key) { keys.append(key) }
        }
        guard !keys.isEmpty else {
            throw ApolloError(
                .invalid, "there is no master key in \(source)", hint: "'apollo secret new-key' makes one")
        }
        all = keys
    }
}
