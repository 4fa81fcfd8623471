import AuditStorage
import Concurrency
import Core
import Databases
import Telemetry
import TestDatabases
import Testing

@Suite(.everyDatabase) struct DatabaseAuditSinkTests {
    private struct StoppedClock: WallClock { let now = Timestamp(microseconds: 7) }

    private func record(_ time: Int64, _ outcome: AuditRecord.Outcome, reason: String? = nil) -> AuditRecord {
        AuditRecord(
            time: Timestamp(microseconds: time), principal: "user://local/admin", action: "createTask",
            resource: "/api/v1/tasks", outcome: outcome, reason: reason, requestID: "r\(time)",
            peer: "127.0.0.1:1")
    }

    @Test func `records come back whole, newest first`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        try await DatabaseAuditSink.migrations.apply(to: database, clock: StoppedClock())
        let sink = DatabaseAuditSink(database)
        let records = [
            record(1, .succeeded), record(3, .denied, reason: "403 Forbidden"), record(2, .failed),
        ]
        for record in records { try await sink.record(record) }
        #expect(try await sink.newest(10) == [records[1], records[2], records[0]])
        #expect(try await sink.newest(1) == [records[1]])
        await database.close()
    }

    @Test func `the oldest records go first, a few at a time, and none that is newer`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        try await DatabaseAuditSink.migrations.apply(to: database, clock: StoppedClock())
        let sink = DatabaseAuditSink(database)
        for time in [5, 1, 2, 4, 3, 3] as [Int64] { try await sink.record(record(time, .succeeded)) }
        #expect(try await sink.forget(before: Timestamp(microseconds: 1), limit: 10) == 0)
        #expect(try await sink.forget(before: Timestamp(microseconds: 5), limit: 2) == 2)
        // Of one moment all or none.
        #expect(try await sink.forget(before: Timestamp(microseconds: 5), limit: 1) == 2)
        #expect(try await sink.forget(before: Timestamp(microseconds: 5), limit: 10) == 1)
        #expect(try await sink.newest(10).map(\.time.microseconds) == [5])
        await database.close()
    }

    @Test func `a record that cannot be stored is an error`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let sink = DatabaseAuditSink(database)
        await #expect(throws: ApolloError.self) { try await sink.record(record(1, .succeeded)) }
        await database.close()
    }
}
