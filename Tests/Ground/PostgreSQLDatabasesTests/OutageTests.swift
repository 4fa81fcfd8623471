import Concurrency
import Core
import Databases
import PostgreSQLDatabases
import Synchronization
import TestDatabases
import Testing

/// A server that goes away and comes back; one of each test's own.
@Suite(
    .enabled(if: PostgreSQLServer.isAvailable, "no PostgreSQL server can run here"), .serialized,
    .timeLimit(.minutes(3)))
struct OutageTests {
    @Test func `who comes first after a restart of the server does not notice it`() async throws {
        let server = try PostgreSQLServer()
        let database = try await open(try server.create())
        try await database.put(1)
        #expect(try await database.count() == 1)
        try server.tell("kill")
        try server.tell("start")
        try await database.put(2)
        #expect(try await database.count() == 2)
        await database.close()
    }

    @Test func `while the server is away calls fail at once, and go on when it is back`() async throws {
        let server = try PostgreSQLServer()
        let database = try await open(try server.create())
        try await database.put(1)
        try server.tell("stop")
        for _ in 0..<3 {
            let error = try await databaseError { try await database.put(2) }
            #expect(error?.kind == .unavailable)
            #expect(error?.asApolloError.kind == .unavailable)
            #expect(error?.hint?.contains("goes on by itself") == true)
            let read = try await databaseError { try await database.count() }
            #expect(read?.kind == .unavailable)
        }
        try server.tell("start")
        try await untilItWorks { try await database.put(3) }
        try await untilItWorks { _ = try await database.count() }
        #expect(try await database.count() == 2)
        await database.close()
    }

    @Test func `a connection that is back ends the waits of all others`() async throws {
        let server = try PostgreSQLServer()
        var options = PostgreSQLOptions()
        (options.reconnectBase, options.reconnectCap) = (.seconds(3600), .seconds(3600))
        let database = try await open(try server.create(), options: options)
        try server.tell("stop")
        // Those that read have found it away; the one that writes has not looked.
        #expect(try await onAllReaders(of: database, options) == [.unavailable, .unavailable])
        try server.tell("start")
        try await database.put(1)
        #expect(try await onAllReaders(of: database, options) == [nil, nil])
        await database.close()
    }

    /// Has each connection that reads do so, at the same time as the others: what came of it.
    private func onAllReaders(
        of database: PostgreSQLDatabase, _ options: PostgreSQLOptions
    ) async throws -> [DatabaseError.Kind?] {
        let gates = (0..<options.readers).map { _ in Gate() }
        return try await withThrowingTaskGroup(of: DatabaseError.Kind?.self) { group in
            for gate in gates {
                group.addTask {
                    try await databaseError {
                        try await database.read { transaction in
                            gate.pass()
                            _ = try transaction.query("SELECT 1 AS one")
                        }
                    }?.kind
                }
            }
            for gate in gates { try await gate.someoneWaits() }
            for gate in gates { gate.open() }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `a commit whose answer was lost is asked after, and told as it was`() async throws {
        let server = try PostgreSQLServer()
        let url = try server.create()
        let database = try await open(url)
        // A standby that does not exist: the commit is made, and its answer waits for ever.
        try server.tell("sql postgres ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try server.tell("sql postgres SELECT pg_reload_conf()")
        async let written: Void = database.put(1)
        let waits = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')"
        try server.tell(
            "sql postgres \(waits) LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$")
        try server.tell(
            "sql postgres SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        )
        try await written
        try server.tell("sql postgres ALTER SYSTEM RESET synchronous_standby_names")
        try server.tell("sql postgres SELECT pg_reload_conf()")
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test
    func `a server that is killed again and again loses nothing acknowledged and keeps nothing refused`()
        async throws
    {
        let server = try PostgreSQLServer(isDurable: true)
        let database = try await open(try server.create())
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while !ledger.isOver.load(ordering: .relaxed) {
                        let id = ledger.ids.add(1, ordering: .relaxed).newValue
                        do {
                            try await database.put(id)
                            ledger.acknowledged.withLock { _ = $0.insert(id) }
                        } catch let error as DatabaseError {
                            guard error.kind == .unavailable else { throw error }
                            if error.message.contains("not known") { continue }
                            ledger.refused.withLock { _ = $0.insert(id) }
                            try await pause()
                        }
                    }
                }
            }
            for round in 1...5 {
                let target = ledger.acknowledged.withLock { $0.count } + 50
                while ledger.acknowledged.withLock({ $0.count }) < target {
                    try await pause()
                }
                try server.tell(round % 2 == 0 ? "stop" : "kill")
                try server.tell("start")
            }
            ledger.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        let found = Set(
            try await database.read { transaction in
                try transaction.query("SELECT id FROM things").map { try $0.get("id", as: Int.self) }
            })
        #expect(ledger.acknowledged.withLock { $0.subtracting(found) } == [])
        #expect(ledger.refused.withLock { $0.intersection(found) } == [])
        await database.close()
    }
}

/// What writers were told.
private final class Ledger: Sendable {
    let ids = Atomic<Int>(0)
    let acknowledged = Mutex<Set<Int>>([])
    let refused = Mutex<Set<Int>>([])
    let isOver = Atomic<Bool>(false)
}
