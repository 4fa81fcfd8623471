import Concurrency
import Core
import Databases
import Synchronization

@testable import SQLiteDatabases

/// Opens a database in `directory`, with a table `things (id, n)`.
func open(
    in directory: TemporaryDirectory, options: SQLiteOptions = SQLiteOptions(),
    environment: Environment = .live
) async throws -> SQLiteDatabase {
    let database = try await SQLiteDatabase.open(
        directory.path + "/test.db", options: options, environment: environment)
    try await database.write { transaction in
        try transaction.execute("CREATE TABLE IF NOT EXISTS things (id BIGINT PRIMARY KEY, n BYTEA)")
    }
    return database
}

extension Database {
    /// How many things there are.
    func count() async throws -> Int {
        try await read { try $0.first("SELECT COUNT(*) AS count FROM things")?.get("count") ?? -1 }
    }

    /// Stores the thing `id`.
    func put(_ id: Int, size: Int = 0) async throws {
        try await write { transaction in
            try transaction.execute(
                "INSERT INTO things VALUES (?, ?)", [.init(id), .blob(.init(repeating: 1, count: size))])
        }
    }
}

/// Keeps one thread of a database busy until it is opened.
final class Gate: Sendable {
    private let entered = Atomic<Bool>(false)
    private let semaphore = Semaphore()

    func open() { semaphore.signal() }

    /// For the body of a read or write.
    func pass() {
        entered.store(true, ordering: .releasing)
        semaphore.wait()
    }

    /// Returns once somebody waits at the gate.
    func someoneWaits() async {
        while !entered.load(ordering: .acquiring) { await Task.yield() }
    }
}

/// Returns once `condition` holds; the test's time limit bounds it.
func eventually(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}

/// A clock that tests set.
final class ManualClock: MonotonicClock {
    private let time = Atomic<Int64>(0)

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: time.load(ordering: .relaxed)) }

    func advance(by duration: Duration) { time.add(duration.inNanoseconds, ordering: .relaxed) }

    func sleep(until deadline: MonotonicInstant) async throws {
        while now < deadline {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// Runs `body` and returns the database error it throws, or nil.
func databaseError<Value>(_ body: () async throws -> Value) async throws -> DatabaseError? {
    do {
        _ = try await body()
        return nil
    } catch let error as DatabaseError {
        return error
    }
}

/// Whether the next task of `group` to end was cancelled.
func isCancelled(_ group: inout ThrowingTaskGroup<Void, any Error>) async -> Bool {
    do {
        try await group.next()
        return false
    } catch {
        return error is CancellationError
    }
}
