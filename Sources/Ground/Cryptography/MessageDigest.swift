import CCrypto

/// A hash that is fed piece by piece, by an algorithm that a protocol names. Where ours to choose it is ``SHA256``.
public final class MessageDigest {
    public enum Algorithm: Hashable, Sendable, CaseIterable {
        /// Broken (RFC 6151): only to notice accidents, where a protocol of old has it.
        case md5
        /// Broken, as ``SHA1`` says.
        case sha1
        case sha256
        case sha512
    }

    public let algorithm: Algorithm
    private let context: OpaquePointer
    private var isFinished = false

    public init(_ algorithm: Algorithm) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        let method: OpaquePointer =
            switch algorithm {
            case .md5: Self.md5
            case .sha1: Self.sha1
            case .sha256: SHA256.algorithm
            case .sha512: Self.sha512
            }
        guard EVP_DigestInit_ex2(context, method, nil) == 1 else {
            preconditionFailure("\(CryptographyError.library("EVP_DigestInit_ex2"))")
        }
        self.algorithm = algorithm
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: some Sequence<UInt8>) {
        precondition(!isFinished, "a digest was fed after its end")
        let result: Int32? = bytes.withContiguousStorageIfAvailable {
            EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        guard let result else { return update(Array(bytes)) }
        precondition(result == 1, "EVP_DigestUpdate failed")
    }

    /// The hash of all that was fed, which ends it.
    public func finalize() -> [UInt8] {
        precondition(!isFinished, "a digest ends once")
        isFinished = true
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let result = EVP_DigestFinal_ex(context, &digest, &count)
        precondition(result == 1, "EVP_DigestFinal_ex failed")
        return Array(digest.prefix(Int(count)))
    }

    /// The hash of `bytes`.
    public static func hash(_ bytes: some Sequence<UInt8>, _ algorithm: Algorithm) -> [UInt8] {
        let digest = MessageDigest(algorithm)
        digest.update(bytes)
        return digest.finalize()
    }

    nonisolated(unsafe) private static let md5 = fetch("MD5")
    nonisolated(unsafe) private static let sha1 = fetch("SHA1")
    nonisolated(unsafe) private static let sha512 = fetch("SHA512")

    private static func fetch(_ name: String) -> OpaquePointer {
        guard let algorithm = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name): its installation is broken")
        }
        return algorithm
    }
}
