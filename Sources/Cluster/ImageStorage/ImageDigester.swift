import Cryptography
public import ImageModel
import Synchronization

/// Finds the digest of bytes that come in pieces, from whichever task.
public final class ImageDigester: Sendable {
    public let algorithm: ImageDigest.Algorithm
    private let hash: Mutex<MessageDigest>

    public init(_ algorithm: ImageDigest.Algorithm = .sha256) {
        self.algorithm = algorithm
        hash = Mutex(MessageDigest(algorithm.hash))
    }

    public func update(_ bytes: [UInt8]) { hash.withLock { $0.update(bytes) } }

    /// The digest of all that was fed, which ends it.
    public func finish() -> ImageDigest {
        ImageDigest(algorithm, hash: hash.withLock { $0.finalize() })
    }
}
