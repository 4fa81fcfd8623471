import Concurrency
import Core
import Glibc
import HTTPModel
import Synchronization

/// Files of this machine, as they are copied.
enum BlobFiles {
    static let pieceBytes = 256 << 10

    static func failure(_ what: String, _ path: String) -> ApolloError {
        let kind: ErrorKind =
            switch errno {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .denied
            case ENOSPC, EDQUOT: .exhausted
            default: .unavailable
            }
        return ApolloError(kind, "cannot \(what) \(path.printable): \(String(cString: strerror(errno)))")
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(ApolloError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + start, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write to", path) }
            start += count
        }
    }

    /// Whether there is a folder of this name.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The plain files under a folder, by their paths within it. Links are not followed: they might lead anywhere.
    static func files(in folder: String) throws(ApolloError) -> [String] {
        var found: [String] = []
        var open = [""]
        while let inner = open.popLast() {
            let path = inner.isEmpty ? folder : "\(folder)/\(inner)"
            guard let directory = opendir(path) else { throw failure("read", path) }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let relative = inner.isEmpty ? name : "\(inner)/\(name)"
                var status = stat()
                guard lstat("\(folder)/\(relative)", &status) == 0 else { throw failure("look at", relative) }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: open.append(relative)
                case S_IFREG: found.append(relative)
                default: break
                }
            }
        }
        return found.sorted()
    }
}

/// A file that is sent: its bytes as they are read, on a thread of their own.
final class FileBody: HTTPBodyReader {
    private let descriptor: Int32
    private let path: String
    private let pool: BlockingPool
    private let onPiece: @Sendable ([UInt8]) -> Void
    /// How many bytes are sent.
    let size: Int64
    private let offset: Mutex<Int64>
    private let end: Int64

    /// - Parameters:
    ///   - range: what of the file is sent; all of it unless said.
    ///   - onPiece: told each piece, in order.
    init(
        _ path: String, pool: BlockingPool, range: Range<Int64>? = nil,
        onPiece: @escaping @Sendable ([UInt8]) -> Void
    ) throws(ApolloError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BlobFiles.failure("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ApolloError(
                .invalid, "\(path.printable) is no plain file", hint: "give --recursive for a folder")
        }
        self.descriptor = descriptor
        self.path = path
        self.pool = pool
        self.onPiece = onPiece
        let range = range ?? 0..<Int64(status.st_size)
        offset = Mutex(range.lowerBound)
        end = range.upperBound
        size = range.upperBound - range.lowerBound
    }

    deinit { close(descriptor) }

    func next() async throws -> [UInt8]? {
        let (descriptor, path) = (descriptor, path)
        let start = offset.withLock(\.self)
        let wanted = Int(min(end - start, Int64(BlobFiles.pieceBytes)))
        guard wanted > 0 else { return nil }
        let piece = try await pool.run("read a file") { () throws -> [UInt8] in
            var failed = false
            let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                var count = pread(descriptor, buffer.baseAddress, wanted, off_t(start))
                while count < 0, errno == EINTR {
                    count = pread(descriptor, buffer.baseAddress, wanted, off_t(start))
                }
                failed = count < 0
                filled = max(0, count)
            }
            if failed { throw BlobFiles.failure("read", path) }
            return bytes
        }
        guard !piece.isEmpty else { return nil }
        offset.withLock { $0 = start + Int64(piece.count) }
        onPiece(piece)
        return piece
    }
}

/// A file that is received: it has its name when it is whole, and nothing is left of one that is not.
final class FileTarget: Sendable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private let isDone = Mutex(false)

    init(_ path: String, _ environment: Environment) throws(ApolloError) {
        self.path = path
        let id: Identifier<Never> = environment.identifier()
        temporary = "\(path).\(id.text).partial"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw BlobFiles.failure("make", path) }
    }

    deinit {
        close(descriptor)
        if !isDone.withLock(\.self) { unlink(temporary) }
    }

    func write(_ piece: [UInt8]) throws(ApolloError) { try BlobFiles.write(piece, to: descriptor, path) }

    func finish() throws(ApolloError) {
        guard rename(temporary, path) == 0 else { throw BlobFiles.failure("make", path) }
        isDone.withLock { $0 = true }
    }
}
