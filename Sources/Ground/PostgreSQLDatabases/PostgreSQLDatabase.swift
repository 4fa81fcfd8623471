import Concurrency
public import Core
import DatabaseQueues
public import Databases

/// A database on a PostgreSQL server, which other programs of Apollo may use at the same time.
///
/// One thread and connection write, a few read; see `docs/design/storage.md`.
public final class PostgreSQLDatabase: Database {
    public let location: PostgreSQLLocation
    private let options: PostgreSQLOptions
    private let environment: Environment
    private let writes: WorkQueue
    private let reads: WorkQueue
    private let counters = Counters()
    private let reachability = Reachability()
    private let threads = WorkingThreads()

    /// Connects, and checks that the database is empty or Apollo's. Once this has returned the server may go away and come back:
    /// calls fail meanwhile with kind `unavailable`.
    ///
    /// - Throws: ``DatabaseError``: `unavailable` with what to do, `readOnly` of a standby, `corrupt` where the database is in use by
    ///   something else.
    public static func open(
        _ location: PostgreSQLLocation, options: PostgreSQLOptions = PostgreSQLOptions(),
        environment: Environment
    ) async throws -> PostgreSQLDatabase {
        try await withCheckedThrowingContinuation { continuation in
            OSThread.start(name: "db-open") {
                continuation.resume(
                    with: Result {
                        try Connector(location, options, environment).claim()
                        return PostgreSQLDatabase(location, options, environment)
                    })
            }
        }
    }

    private init(_ location: PostgreSQLLocation, _ options: PostgreSQLOptions, _ environment: Environment) {
        self.location = location
        self.options = options
        self.environment = environment
        let clock = environment.clock
        writes = WorkQueue("writes", limit: options.queueLimit, threads: 1, named: "db-write", clock: clock)
        reads = WorkQueue(
            "reads", limit: options.queueLimit, threads: max(1, options.readers), named: "db-read",
            clock: clock)
        startWriter()
        for _ in 0..<max(1, options.readers) { startReader() }
    }

    deinit {
        writes.close()
        reads.close()
    }

    private func startWriter() {
        threads.start("db-write") { [location, options, environment, writes, counters, reachability] in
            let connector = Connector(location, options, environment, reachability)
            Writer(
                session: Session(connector), connector: connector, queue: writes, clock: environment.clock,
                options: options, counters: counters
            ).run()
        }
    }

    private func startReader() {
        threads.start("db-read") { [location, options, environment, reads, counters, reachability] in
            Reader(
                session: Session(Connector(location, options, environment, reachability)), queue: reads,
                clock: environment.clock, timeLimit: options.readLimit, counters: counters
            ).run()
        }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await BodyOperation(at: environment.clock.now, within: options.waitLimit, body).submit(to: reads)
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await BodyOperation(at: environment.clock.now, within: options.waitLimit, body).submit(to: writes)
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
