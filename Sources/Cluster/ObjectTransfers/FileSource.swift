import Concurrency
import Core
import Cryptography
import Glibc
import HTTPModel
import Synchronization

/// A file that is sent: read on threads of its own, as often as it takes.
final class FileSource: Sendable {
    let path: String
    let status: LocalFiles.Status
    fileprivate let descriptor: Int32
    fileprivate let pool: BlockingPool

    init(_ path: String, pool: BlockingPool) throws(ApolloError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LocalFiles.failure("open", path) }
        let found: LocalFiles.Status?
        do throws(ApolloError) {
            found = try LocalFiles.status(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        guard let found else {
            close(descriptor)
            throw ApolloError(
                .invalid, "\(path.printable) is no plain file", hint: "give --recursive for a folder")
        }
        (self.path, status, self.descriptor, self.pool) = (path, found, descriptor, pool)
    }

    deinit { close(descriptor) }

    /// A reader of a range, which tells `watch` what it has read.
    func reader(_ range: Range<Int64>, _ watch: TransferWatch) -> any HTTPBodyReader {
        watch.begin()
        return FileReader(self, range, watch)
    }

    /// The MD5 of a range, in hexadecimal.
    func digest(_ range: Range<Int64>) async throws -> String {
        try await pool.run("hash a file") { [self] in
            let digest = MessageDigest(.md5)
            try LocalFiles.forEachPiece(of: range, from: descriptor, path) { digest.update($0) }
            return Hex.encode(digest.finalize())
        }
    }

    /// Whether the file is what it was when it was opened.
    var isUnchanged: Bool {
        get throws(ApolloError) { try LocalFiles.status(descriptor, path) == status }
    }
}

private final class FileReader: HTTPBodyReader {
    private let source: FileSource
    private let offset: Mutex<Int64>
    private let end: Int64
    private let watch: TransferWatch

    init(_ source: FileSource, _ range: Range<Int64>, _ watch: TransferWatch) {
        self.source = source
        offset = Mutex(range.lowerBound)
        end = range.upperBound
        self.watch = watch
    }

    func next() async throws -> [UInt8]? {
        let start = offset.withLock(\.self)
        let wanted = Int(min(end - start, Int64(LocalFiles.pieceBytes)))
        guard wanted > 0 else { return nil }
        let piece = try await source.pool.run("read a file") { [source] in
            try LocalFiles.read(wanted, at: start, from: source.descriptor, source.path)
        }
        guard !piece.isEmpty else {
            throw ApolloError(.conflict, "\(source.path.printable) became shorter while it was sent")
        }
        offset.withLock { $0 = start + Int64(piece.count) }
        watch.add(piece)
        return piece
    }
}

/// Counts and hashes what passes by, of one try after the other.
final class TransferWatch: Sendable {
    private struct State {
        var digest: MessageDigest?
        var count: Int64 = 0
    }

    private let state: Mutex<State>
    private let isHashing: Bool
    private let progress: @Sendable (Int64) -> Void

    /// - Parameters:
    ///   - progress: told how many bytes more there are; fewer, where a try begins again.
    ///   - isHashing: not where something else says whether all is well.
    init(_ progress: @escaping @Sendable (Int64) -> Void, hashing isHashing: Bool = true) {
        state = Mutex(State(digest: isHashing ? MessageDigest(.md5) : nil))
        self.isHashing = isHashing
        self.progress = progress
    }

    private var fresh: State { State(digest: isHashing ? MessageDigest(.md5) : nil) }

    /// Another try begins.
    func begin() {
        let count = state.withLock { state in
            defer { state = fresh }
            return state.count
        }
        if count > 0 { progress(-count) }
    }

    func add(_ piece: [UInt8]) {
        state.withLock { state in
            state.digest?.update(piece)
            state.count += Int64(piece.count)
        }
        progress(Int64(piece.count))
    }

    /// The MD5 of the last try in hexadecimal: once. Nil where it was not asked for.
    func finish() -> String? {
        state.withLock { state in
            defer { state.digest = fresh.digest }
            return state.digest.map { Hex.encode($0.finalize()) }
        }
    }
}
