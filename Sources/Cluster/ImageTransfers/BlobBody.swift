import Concurrency
import Core
import Glibc
import HTTPModel
import Synchronization

/// The bytes of a file from some byte on, as the body of a request.
final class BlobBody: HTTPBodyReader {
    private let descriptor: Int32
    private let path: String
    private let offset: Mutex<Int64>
    private let end: Int64
    private let pool: BlockingPool
    private let progress: @Sendable (Int64) -> Void

    init(
        _ path: String, _ range: Range<Int64>, pool: BlockingPool,
        progress: @escaping @Sendable (Int64) -> Void
    ) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw ApolloError(.notFound, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.pool = pool
        self.progress = progress
        offset = Mutex(range.lowerBound)
        end = range.upperBound
    }

    deinit { close(descriptor) }

    func next() async throws -> [UInt8]? {
        let (start, end) = (offset.withLock(\.self), end)
        guard start < end else { return nil }
        let bytes = try await pool.run("read a file") { [descriptor, path] in
            try Self.read(descriptor, Int(min(end - start, 1 << 20)), at: start, path)
        }
        offset.withLock { $0 = start + Int64(bytes.count) }
        progress(Int64(bytes.count))
        return bytes
    }

    private static func read(_ descriptor: Int32, _ count: Int, at offset: Int64, _ path: String) throws
        -> [UInt8]
    {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            code = got < 0 ? errno : 0
            filled = max(0, got)
        }
        guard code == 0, !bytes.isEmpty else {
            let reason = code == 0 ? "it became shorter" : String(cString: strerror(code))
            throw ApolloError(.unavailable, "cannot read \(path): \(reason)")
        }
        return bytes
    }
}
