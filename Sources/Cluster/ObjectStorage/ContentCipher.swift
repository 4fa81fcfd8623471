import Core
import Cryptography

/// A key that bytes of objects are hidden by.
public struct ContentKey: Sendable {
    let secret: SecretBytes

    /// One that a client sends.
    public init(customer key: [UInt8]) { secret = SecretBytes(key) }

    /// The platform's, or the one of these that is called `name`.
    init(platform key: SecretBytes, name: String?) {
        secret =
            name.map { name in
                SecretBytes(HMACSHA256.authenticate(Array("name\0\(name)".utf8), key: key.bytes).bytes)
            } ?? key
    }
}

/// Hides the bytes of one file, or row, in chunks (AES-256-GCM), by a key of its own: made of the content's key and of random bytes that
/// are kept beside it. A chunk and what hiding adds to it fill a block of a file.
struct ContentCipher: Sendable {
    private static let overhead = AESGCM.nonceByteCount + AESGCM.tagByteCount
    static let chunkBytes = BlobFile.blockBytes - overhead

    /// What is kept beside the bytes.
    let salt: String
    private let cipher: AESGCM

    /// For new bytes.
    init(_ key: ContentKey) throws {
        let salt = Hex.encode(try SecureRandom.bytes(16))
        try self.init(key, salt: salt)
    }

    init(_ key: ContentKey, salt: String) throws {
        self.salt = salt
        do throws(CryptographyError) {
            cipher = try AESGCM(
                key: HMACSHA256.authenticate(Array("content\0\(salt)".utf8), key: key.secret.bytes).bytes)
        } catch {
            throw error.asApolloError
        }
    }

    /// How many bytes so many are when they are hidden.
    static func hiddenSize(_ size: Int64) -> Int64 {
        let chunks = max(1, (size + Int64(chunkBytes) - 1) / Int64(chunkBytes))
        return size + chunks * Int64(overhead)
    }

    func seal(_ chunk: [UInt8], _ index: Int) throws -> [UInt8] {
        do throws(CryptographyError) { return try cipher.seal(chunk, context: Self.context(index)) } catch {
            throw error.asApolloError
        }
    }

    /// - Throws: ``ApolloError`` of kind `corrupt` where it is not what was sealed, or by another key.
    func open(_ hidden: [UInt8], _ index: Int) throws -> [UInt8] {
        do throws(CryptographyError) { return try cipher.open(hidden, context: Self.context(index)) } catch {
            throw ApolloError(.corrupt, "the hidden bytes of an object do not open: \(error)")
        }
    }

    /// Ties a chunk to its place.
    private static func context(_ index: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(index).bigEndian) { Array($0) }
    }
}
