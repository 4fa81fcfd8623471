import Concurrency
import Core
import Databases
import PostgreSQLDatabases
import TestDatabases
import Testing

@Suite(
    .enabled(if: PostgreSQLServer.isAvailable, "no PostgreSQL server can run here"), .timeLimit(.minutes(2)))
struct LimitTests {
    private static let endless = """
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
        SELECT COUNT(*) FROM numbers
        """

    @Test func `a read that runs is stopped when its task is cancelled`() async throws {
        let database = try await open()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await database.read { _ = try $0.query("SELECT 1 AS one; ") } }
            group.addTask { try await database.read { _ = try $0.query(Self.endless) } }
            _ = try? await group.next()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test func `a read that runs too long is stopped`() async throws {
        var options = PostgreSQLOptions()
        options.readLimit = .milliseconds(50)
        let database = try await open(options: options)
        let error = try await databaseError { try await database.read { _ = try $0.query(Self.endless) } }
        #expect(error?.kind == .deadline)
        await database.close()
    }

    @Test func `more statements than the cache holds still work`() async throws {
        let database = try await open()
        let sum = try await database.write { transaction in
            var sum = 0
            for round in 0..<2 {
                for n in 0..<400 { sum += try transaction.first("SELECT \(n + round) AS n")?.get("n") ?? 0 }
            }
            return sum
        }
        #expect(sum == 400 * 399 + 400)
        await database.close()
    }

    @Test func `one statement takes parameters of other types from time to time`() async throws {
        let database = try await open()
        let found = try await database.write { transaction in
            try transaction.executeBatch(
                "INSERT INTO things VALUES (?, ?)", [[1, nil], [2, 5], [3, nil], [4, 6]])
            return try [[DatabaseValue]](
                transaction.query("SELECT id, n FROM things ORDER BY id").map(\.values))
        }
        #expect(found == [[1, nil], [2, 5], [3, nil], [4, 6]])
        await database.close()
    }

    @Test func `a batch of many thousand rows is one write, and one bad row undoes it`() async throws {
        let database = try await open()
        let count = try await database.write { transaction in
            try transaction.executeBatch(
                "INSERT INTO things VALUES (?, 0)", (0..<20_000).map { [.integer($0)] })
        }
        #expect(count == 20_000)
        let error = try await databaseError {
            try await database.write { transaction in
                try transaction.executeBatch(
                    "INSERT INTO things VALUES (?, 0)", (15_000..<25_000).reversed().map { [.integer($0)] })
            }
        }
        #expect(error?.kind == .constraint(.unique))
        #expect(try await database.count() == 20_000)
        await database.close()
    }

    @Test func `writes that come together share commits`() async throws {
        let database = try await open()
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        try await gate.someoneWaits()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<500 { group.addTask { try await database.put(id) } }
            while database.statistics.waitingWrites < 500 {
                try await pause()
            }
            let before = database.statistics.commits
            gate.open()
            try await group.waitForAll()
            #expect(database.statistics.commits - before <= 3)
        }
        try await blocked
        #expect(try await database.count() == 500)
        await database.close()
    }
}
