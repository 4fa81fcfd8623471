import Concurrency
import Core
import Databases
import PostgreSQLDatabases
import TestDatabases
import Testing

/// Several programs on one database.
@Suite(
    .enabled(if: PostgreSQLServer.isAvailable, "no PostgreSQL server can run here"), .timeLimit(.minutes(2)))
struct SharingTests {
    @Test func `of two programs that count up, none loses an update`() async throws {
        let url = try PostgreSQLServer.shared.get().create()
        let programs = [try await open(url), try await open(url)]
        try await programs[0].put(1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    try await programs[index % 2].write { transaction in
                        let n: Int? = try transaction.first("SELECT n FROM things WHERE id = 1")?.get("n")
                        try transaction.execute("UPDATE things SET n = ? WHERE id = 1", [.init((n ?? 0) + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let n: Int? = try await programs[1].read { try $0.first("SELECT n FROM things")?.get("n") }
        #expect(n == 200)
        for program in programs { await program.close() }
    }

    @Test func `a program that stops in the middle of a write does not keep the other from writing`()
        async throws
    {
        let url = try PostgreSQLServer.shared.get().create()
        var options = PostgreSQLOptions()
        options.idleLimit = .milliseconds(200)
        let (paused, other) = (try await open(url, options: options), try await open(url))
        let gate = Gate()
        async let failure = databaseError {
            try await paused.write { transaction in
                try transaction.execute("INSERT INTO things VALUES (1, 0)")
                gate.pass()
                try transaction.execute("INSERT INTO things VALUES (2, 0)")
            }
        }
        try await gate.someoneWaits()
        try await other.put(3)
        gate.open()
        let error = try await failure
        #expect(error?.kind == .deadline)
        #expect(try await other.count() == 1)
        // And the one that was paused goes on.
        try await paused.put(4)
        #expect(try await other.count() == 2)
        await paused.close()
        await other.close()
    }

    @Test func `reads wait for no writer`() async throws {
        let database = try await open()
        let gate = Gate()
        async let blocked: Void = database.write { transaction in
            try transaction.execute("INSERT INTO things VALUES (1, 0)")
            gate.pass()
        }
        try await gate.someoneWaits()
        #expect(try await database.count() == 0)
        gate.open()
        try await blocked
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test func `a database of something else is refused`() async throws {
        let server = try PostgreSQLServer.shared.get()
        let url = try server.create()
        let name = try #require(url.split(separator: "?").first?.split(separator: "/").last)
        try server.tell("sql \(name) CREATE TABLE customers (id INT)")
        let error = try await databaseError {
            try await PostgreSQLDatabase.open(PostgreSQLLocation(url: url), environment: .live)
        }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains("something other than Apollo") == true)
    }

    @Test func `a database that is not there is named with what to do`() async throws {
        let url = try PostgreSQLServer.shared.get().create().replacing("/test", with: "/nothing")
        let error = try await databaseError {
            try await PostgreSQLDatabase.open(PostgreSQLLocation(url: url), environment: .live)
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("does not exist") == true)
        #expect(error?.hint?.contains("make it") == true)
    }

    @Test func `the database's clock goes on within a transaction`() async throws {
        let database = try await open()
        let times = try await database.write { [try $0.now(), try $0.now()] }
        #expect(times[0] < times[1])
        #expect(abs(times[0].microseconds - Environment.live.wallClock.now.microseconds) < 60_000_000)
        await database.close()
    }
}
