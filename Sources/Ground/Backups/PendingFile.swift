import CApollo
public import Core
import Glibc

/// A file that gets its name when it is whole, and leaves nothing behind when it never is.
public final class PendingFile: Sendable {
    /// Open to read and write; it ends with this object.
    public let descriptor: Int32
    /// Its name meanwhile, where the file system has no files without one.
    private let temporary: String?

    /// Makes it in `directory`, for its owner alone.
    public init(in directory: String) throws(ApolloError) {
        let unnamed = capollo_open_unnamed(directory, 0o600)
        if unnamed >= 0 {
            descriptor = unnamed
            temporary = nil
            return
        }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else {
            throw BackupBytes.failure("write to", directory)
        }
        let path = directory + "/.apollo-\(getpid()).partial"
        let named = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard named >= 0 else { throw BackupBytes.failure("write to", directory) }
        descriptor = named
        temporary = path
    }

    deinit {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    public func write(_ bytes: [UInt8]) throws(ApolloError) {
        try BackupBytes.write(bytes[...], to: descriptor, temporary ?? "the file")
    }

    /// How many bytes it has.
    public var size: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The bytes at `offset`, at most 256 KiB; empty behind the end.
    public func bytes(at offset: Int64) throws(ApolloError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
        guard count >= 0 else { throw BackupBytes.failure("read", "the backup") }
        return Array(bytes[..<count])
    }

    /// Gives it its name, once it is on the disk. Never takes the place of another file.
    public func publish(as path: String) throws(ApolloError) {
        guard fsync(descriptor) == 0 else { throw BackupBytes.failure("write", path) }
        let result = temporary.map { link($0, path) } ?? capollo_name_file(descriptor, path)
        guard result == 0 else { throw BackupBytes.failure("make", path) }
        try Self.sync(Self.directory(of: path))
    }

    static func sync(_ directory: String) throws(ApolloError) {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw BackupBytes.failure("open", directory) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw BackupBytes.failure("write", directory) }
    }

    /// The directory that holds `path`.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
