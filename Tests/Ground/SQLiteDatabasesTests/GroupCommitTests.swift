import Core
import Databases
import SQLiteDatabases
import Testing

@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct GroupCommitTests {
    @Test func `writes that wait together share one commit, and the failing ones fail alone`() async throws {
        let database = try await open(in: .current)
        let before = database.statistics
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        let failed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for id in 0..<100 {
                // Every fifth wants the id of the one before.
                group.addTask {
                    try await databaseError { try await database.put(id % 5 == 4 ? id - 1 : id) } != nil
                }
            }
            await eventually { database.statistics.waitingWrites == 100 }
            gate.open()
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        try await blocked
        #expect(failed == 20)
        #expect(try await database.count() == 80)
        #expect(database.statistics.writes - before.writes == 101)
        #expect(database.statistics.commits - before.commits == 2)
        await database.close()
    }

    @Test func `every commit waits for the disk`() async throws {
        let database = try await open(in: .current)
        let settings = try await database.write { transaction in
            [
                try transaction.first("SELECT synchronous FROM pragma_synchronous")?.values,
                try transaction.first("SELECT journal_mode FROM pragma_journal_mode")?.values,
                try transaction.first("SELECT foreign_keys FROM pragma_foreign_keys")?.values,
            ]
        }
        #expect(settings == [[2], ["wal"], [1]])
        await database.close()
    }

    @Test func `readers do not wait for a writer, and see what was before it`() async throws {
        let database = try await open(in: .current)
        let gate = Gate()
        async let blocked: Void = database.write { transaction in
            try transaction.execute("INSERT INTO things VALUES (1, NULL)")
            gate.pass()
        }
        await gate.someoneWaits()
        #expect(try await database.count() == 0)
        gate.open()
        try await blocked
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test func `writers do not wait for a reader`() async throws {
        let database = try await open(in: .current)
        let gate = Gate()
        async let blocked: Int = database.read { transaction in
            gate.pass()
            return try transaction.query("SELECT id FROM things").count
        }
        await gate.someoneWaits()
        for id in 0..<10 { try await database.put(id) }
        gate.open()
        #expect(try await blocked == 10)
        await database.close()
    }

    @Test func `what is queued when the database closes is still done`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<50 { group.addTask { try await database.put(id) } }
            await eventually { database.statistics.waitingWrites == 50 }
            async let closed: Void = database.close()
            // Closing has begun once a new call is refused.
            while try await databaseError({ try await database.count() })?.kind != .closed {}
            gate.open()
            await closed
            try await group.waitForAll()
        }
        try await blocked
        let again = try await open(in: directory)
        #expect(try await again.count() == 50)
        await again.close()
    }

    @Test func `a database that is let go of without close ends its threads and its lock`() async throws {
        let directory = TemporaryDirectory.current
        var database: SQLiteDatabase? = try await open(in: directory)
        try await database?.put(1)
        database = nil
        // The threads let go of the lock a moment later.
        var again: SQLiteDatabase?
        while again == nil {
            let error = try await databaseError { again = try await open(in: directory) }
            #expect(error == nil || error?.kind == .busy)
        }
        #expect(try await again?.count() == 1)
        await again?.close()
    }
}
