import Core
import Cryptography
import Glibc
import ImageModel

/// Bytes of files; all of it blocks the thread.
enum FileBytes {
    /// The next bytes of an open file; none at its end.
    static func read(_ descriptor: Int32, upTo count: Int, _ path: String) throws -> [UInt8] {
        var failure: ApolloError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while true {
                let got = Glibc.read(descriptor, buffer.baseAddress, count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = FolderWalk.failure("read", path) }
                filled = max(0, got)
                return
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// A whole small file; nil where it is not there.
    static func small(_ path: String, limit: Int) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw FolderWalk.failure("open", path)
        }
        defer { close(file) }
        var all: [UInt8] = []
        while true {
            let bytes = try read(file, upTo: 1 << 16, path)
            if bytes.isEmpty { return all }
            all += bytes
            guard all.count <= limit else {
                throw ApolloError(.invalid, "\(path) has more than \(limit) bytes")
            }
        }
    }

    /// Writes a file that is not there yet.
    static func write(_ bytes: [UInt8], toNew path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw FolderWalk.failure("write", path) }
        defer { close(file) }
        try write(bytes, to: file, path)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw FolderWalk.failure("write", path)
            }
            written += count
        }
    }
}

/// The digest of bytes that come in pieces, on one thread.
final class BlobHash {
    private let algorithm: ImageDigest.Algorithm
    private let hash: MessageDigest

    init(_ algorithm: ImageDigest.Algorithm = .sha256) {
        self.algorithm = algorithm
        hash = MessageDigest(algorithm.hash)
    }

    func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bytes) }

    func update(_ bytes: [UInt8]) { hash.update(bytes) }

    func finish() -> ImageDigest { ImageDigest(algorithm, hash: hash.finalize()) }
}
