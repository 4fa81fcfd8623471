import Concurrency
import Core
import Databases
import SQLiteDatabases
import Testing

/// Queues that are full, calls that come too late, and callers who give up.
@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct LimitTests {
    @Test func `a full queue refuses, and what was queued is done`() async throws {
        var options = SQLiteOptions()
        options.queueLimit = 10
        let database = try await open(in: .current, options: options)
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<10 { group.addTask { try await database.put(id) } }
            await eventually { database.statistics.waitingWrites == 10 }
            let error = try await databaseError { try await database.put(10) }
            #expect(error?.kind == .overloaded)
            #expect(error?.asApolloError.kind == .exhausted)
            gate.open()
            try await group.waitForAll()
        }
        try await blocked
        #expect(try await database.count() == 10)
        await database.close()
    }

    @Test func `a queued write whose task is cancelled returns at once and is never done`() async throws {
        let database = try await open(in: .current)
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await database.put(1) }
            await eventually { database.statistics.waitingWrites == 1 }
            group.cancelAll()
            // The gate is still shut.
            let wasCancelled = await isCancelled(&group)
            #expect(wasCancelled)
        }
        gate.open()
        try await blocked
        try await database.put(2)
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test func `a write that runs already when its task is cancelled tells the truth`() async throws {
        let database = try await open(in: .current)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.write { transaction in
                    gate.pass()
                    try transaction.execute("INSERT INTO things VALUES (1, NULL)")
                }
            }
            await gate.someoneWaits()
            group.cancelAll()
            gate.open()
            try await group.next()
        }
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test func `a call that waited too long is not begun`() async throws {
        let clock = ManualClock()
        var environment = Environment.live
        environment.clock = clock
        let database = try await open(in: .current, environment: environment)
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        try await withThrowingTaskGroup(of: DatabaseError.Kind?.self) { group in
            group.addTask { try await databaseError { try await database.put(1) }?.kind }
            await eventually { database.statistics.waitingWrites == 1 }
            clock.advance(by: .seconds(31))
            gate.open()
            let kind = try await group.next()
            #expect(kind == .deadline)
        }
        try await blocked
        #expect(try await database.count() == 0)
        await database.close()
    }

    /// Would count for years.
    private static let endless = """
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
        SELECT COUNT(*) FROM numbers
        """

    @Test func `a read that runs is stopped when its task is cancelled`() async throws {
        let database = try await open(in: .current)
        await withThrowingTaskGroup(of: Void.self) { group in
            let gate = Gate()
            group.addTask {
                try await database.read { transaction in
                    gate.pass()
                    _ = try transaction.query(Self.endless)
                }
            }
            await gate.someoneWaits()
            gate.open()
            group.cancelAll()
            let wasCancelled = await isCancelled(&group)
            #expect(wasCancelled)
        }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test func `a read that runs too long is stopped`() async throws {
        var options = SQLiteOptions()
        options.readLimit = .milliseconds(20)
        let database = try await open(in: .current, options: options)
        let error = try await databaseError { try await database.read { _ = try $0.query(Self.endless) } }
        #expect(error?.kind == .deadline)
        await database.close()
        // Not under the limit, which on a busy machine is over before anything is read.
        let unhurried = try await open(in: .current)
        #expect(try await unhurried.count() == 0)
        await unhurried.close()
    }

    @Test func `more statements than the cache holds still work`() async throws {
        let database = try await open(in: .current)
        let sum = try await database.write { transaction in
            var sum = 0
            for round in 0..<3 {
                for n in 0..<700 { sum += try transaction.first("SELECT \(n + round) AS n")?.get("n") ?? 0 }
            }
            return sum
        }
        #expect(sum == 3 * 700 * 699 / 2 + 700 * 3)
        await database.close()
    }
}
