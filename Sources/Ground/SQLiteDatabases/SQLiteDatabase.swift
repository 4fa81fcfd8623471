import Concurrency
public import Core
public import Databases
import Synchronization

/// A database in one file (and the two that WAL keeps beside it), owned by this process alone.
///
/// One thread writes, a few read; see `docs/design/storage.md`.
public final class SQLiteDatabase: Database {
    /// What was done since it was opened.
    public struct Statistics: Hashable, Sendable {
        /// Writes that ran, and the commits they shared.
        public var writes: Int, commits: Int
        public var reads: Int
        /// Calls that wait for a thread.
        public var waitingWrites: Int, waitingReads: Int
    }

    /// Where its file is.
    public let path: String
    private let options: SQLiteOptions
    private let clock: any MonotonicClock
    private let writes: WorkQueue
    private let reads: WorkQueue
    private let counters = Counters()
    private let threads: ThreadGroup

    /// Opens the database at `path`, making it if there is none, for its owner only. Its directory must exist.
    ///
    /// - Throws: ``DatabaseError``: `busy` naming the process that has it, `readOnly`, `full`, `corrupt`, `unavailable`.
    public static func open(
        _ path: String, options: SQLiteOptions = SQLiteOptions(), environment: Environment
    ) async throws -> SQLiteDatabase {
        try await withCheckedThrowingContinuation { continuation in
            // A WAL left by a crash is read now; that takes its time, on a thread of its own.
            OSThread.start(name: "db-open") {
                continuation.resume(
                    with: Result { try SQLiteDatabase(path, options, environment.clock) })
            }
        }
    }

    private init(_ path: String, _ options: SQLiteOptions, _ clock: any MonotonicClock) throws(DatabaseError)
    {
        self.path = path
        self.options = options
        self.clock = clock
        writes = WorkQueue("writes", limit: options.queueLimit, threads: 1, named: "db-write", clock: clock)
        reads = WorkQueue(
            "reads", limit: options.queueLimit, threads: max(1, options.readers), named: "db-read",
            clock: clock)
        try FileSystem.check(directory: FileSystem.directory(of: path))
        try FileSystem.makePrivate(path)
        threads = ThreadGroup(lock: try LockFile(path: path + ".lock", database: path))
        let writer = Connection(try .writer(path: path, maximumSize: options.maximumSize))
        var readers: [Connection] = []
        for _ in 0..<max(1, options.readers) { readers.append(Connection(try .reader(path: path))) }
        startWriter(writer)  // first: it closes last
        for reader in readers { startReader(reader) }
    }

    deinit {
        writes.close()
        reads.close()
    }

    private func startWriter(_ connection: Connection) {
        threads.start("db-write", connection) { [writes, clock, options, counters] in
            Writer(
                connection: $0, queue: writes, clock: clock, batchLimit: max(1, options.batchLimit),
                counters: counters
            ).run()
        }
    }

    private func startReader(_ connection: Connection) {
        threads.start("db-read", connection) { [reads, clock, options, counters] in
            Reader($0, queue: reads, clock: clock, timeLimit: options.readLimit, counters: counters).run()
        }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await BodyOperation(at: clock.now, within: options.waitLimit, body).submit(to: reads)
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await BodyOperation(at: clock.now, within: options.waitLimit, body).submit(to: writes)
    }

    public func close() async {
        writes.close()
        reads.close()
        await threads.ended()
    }

    public var statistics: Statistics {
        Statistics(
            writes: counters.writes.load(ordering: .relaxed),
            commits: counters.commits.load(ordering: .relaxed),
            reads: counters.reads.load(ordering: .relaxed),
            waitingWrites: writes.count, waitingReads: reads.count)
    }
}
