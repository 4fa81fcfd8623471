import Concurrency
import Core
import Databases
import PostgreSQLDatabases
import Synchronization
import TestDatabases
import Testing

/// Opens the database at `url`, with a table `things (id, n)`.
func open(
    _ url: String, options: PostgreSQLOptions = PostgreSQLOptions(), environment: Environment = .live
) async throws -> PostgreSQLDatabase {
    let database = try await PostgreSQLDatabase.open(
        PostgreSQLLocation(url: url), options: options, environment: environment)
    try await database.write { transaction in
        try transaction.execute("CREATE TABLE IF NOT EXISTS schema_migrations (component TEXT)")
        try transaction.execute("CREATE TABLE IF NOT EXISTS things (id BIGINT PRIMARY KEY, n BIGINT)")
    }
    return database
}

/// A new database on the shared server, opened so.
func open(options: PostgreSQLOptions = PostgreSQLOptions()) async throws -> PostgreSQLDatabase {
    try await open(try PostgreSQLServer.shared.get().create(), options: options)
}

extension Database {
    /// How many things there are.
    func count() async throws -> Int {
        try await read { try $0.first("SELECT COUNT(*) AS count FROM things")?.get("count") ?? -1 }
    }

    /// Stores the thing `id`.
    func put(_ id: Int) async throws {
        try await write { try $0.execute("INSERT INTO things VALUES (?, 0)", [.init(id)]) }
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
    func someoneWaits() async throws {
        while !entered.load(ordering: .acquiring) {
            try await pause()
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

/// Repeats `body` until it succeeds; the test's time limit bounds it.
func untilItWorks(_ body: () async throws -> Void) async throws {
    while true {
        do {
            return try await body()
        } catch is DatabaseError {
            try await pause()
        }
    }
}

/// A moment, before a condition is looked at again: what is awaited lies in another process, which wants the processor.
func pause() async throws {
    // lint:allow sleeping between two looks at what another process does
    try await Environment.live.clock.sleep(for: .milliseconds(3))
}
