import Core
import Cryptography
import Glibc

/// The end of a backup: a SHA-256 of all before it, in a frame that readers of Zstandard pass over (RFC 8878, 3.1.2).
/// With it every byte of the file counts, those of the compression included.
enum BackupSeal {
    /// The mark of a frame to be passed over, and the length of what is in it: 32.
    static let header: [UInt8] = [0x5B, 0x2A, 0x4D, 0x18, 32, 0, 0, 0]
    static let size = Int64(header.count + SHA256Digest.byteCount)

    static func append(to descriptor: Int32) throws(ApolloError) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw BackupBytes.failure("read", "the backup") }
        let (_, digest) = try BackupBytes.digest(of: descriptor, "the backup")
        // The descriptor stands at the end now.
        try BackupBytes.write((header + digest.bytes)[...], to: descriptor, "the backup")
    }

    /// Whether the file is as it was written. Leaves the descriptor at its beginning.
    static func isWhole(_ descriptor: Int32, _ path: String) throws(ApolloError) -> Bool {
        let length = Int64(lseek(descriptor, 0, SEEK_END))
        guard lseek(descriptor, 0, SEEK_SET) == 0, length > size else { return false }
        let (_, digest) = try BackupBytes.digest(of: descriptor, path, limit: length - size)
        let end = try BackupBytes.next(of: descriptor, path, upTo: Int(size)) ?? []
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw BackupBytes.failure("read", path) }
        return Array(end) == header + digest.bytes
    }
}
