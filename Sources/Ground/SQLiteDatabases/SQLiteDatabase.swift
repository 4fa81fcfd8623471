import Concurrency
public import Core
import DatabaseQueues
public import Databases

/// A database in one file (and the two that WAL keeps beside it), owned by this process alone.
///
/// One thread writes, a few read; see `docs/design/storage.md`.
public final class SQLiteDatabase: Database {
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
                    with: Result { try SQLiteDatabase(path, options, environment) })
            }
        }
    }

    private init(
        _ path: String, _ options: SQLiteOptions, _ environment: Environment
    ) throws(DatabaseError) {
        let clock = environment.clock
        self.path = path
        self.options = options
        self.clock = environment.clock
        writes = WorkQueue("writes", limit: options.queueLimit, threads: 1, named: "db-write", clock: clock)
        reads = WorkQueue(
            "reads", limit: options.queueLimit, threads: max(1, options.readers), named: "db-read",
            clock: clock)
        try FileSystem.check(directory: FileSystem.directory(of: path))
        try FileSystem.makePrivate(path)
        threads = ThreadGroup(lock: try LockFile(path: path + ".lock", of: "the database '\(path)'"))
        let writer = Connection(
            try .writer(path: path, maximumSize: options.maximumSize), wallClock: environment.wallClock)
        var readers: [Connection] = []
        for _ in 0..<max(1, options.readers) {
            readers.append(Connection(try .reader(path: path), wallClock: environment.wallClock))
        }
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

    public var statistics: DatabaseStatistics {
        counters.statistics(waitingWrites: writes.count, waitingReads: reads.count)
    }
}
