import ClusterModel
import Concurrency
import Core
import Databases
import Managers
import TaskDecisions
import TestDatabases
import Testing

@Suite(.everyDatabase) struct DatabaseTaskStoreTests {
    private struct StoppedClock: WallClock { let now = Timestamp(microseconds: 7) }

    /// A store on a database of its own.
    private func withStore(_ body: (DatabaseTaskStore) async throws -> Void) async throws {
        let database = try await TestDatabase.open(environment: .live)
        try await DatabaseTaskStore.migrations.apply(to: database, clock: StoppedClock())
        try await body(DatabaseTaskStore(database))
        await database.close()
    }

    private func record(_ number: Int64, _ name: String) -> TaskRecord {
        TaskRecord(
            id: TaskID(time: Timestamp(microseconds: number * 1000), random: 0), name: name,
            project: "default",
            spec: TaskSpec(image: "busybox", environment: ["A": "é\n\"'"]), reason: "waiting for a place",
            createdAt: Timestamp(microseconds: 1_000_000), createdBy: "user://local/admin")
    }

    private func put(_ record: TaskRecord, key: String? = nil) -> StoredChange {
        StoredChange(change: .put(record), idempotencyKey: key, json: RecordCoding.encode(record))
    }

    @Test func `what is stored comes back, in the order of the identifiers`() async throws {
        try await withStore { store in
            let (first, second) = (record(1, "a"), record(2, "b"))
            try await store.commit([put(second), put(first, key: "k")])
            let stored = try await store.load()
            #expect(stored.map(\.record) == [first, second])
            #expect(stored.map(\.idempotencyKey) == ["k", nil])
        }
    }

    @Test func `a later state replaces the earlier and keeps the key`() async throws {
        try await withStore { store in
            var task = record(1, "a")
            try await store.commit([put(task, key: "k")])
            task.state = .failed
            task.revision = 5
            task.finishedAt = Timestamp(microseconds: 9_000_000)
            try await store.commit([put(task)])
            #expect(try await store.load() == [StoredTask(record: task, idempotencyKey: "k")])
        }
    }

    @Test func `a task that is known is put in its place, and one that is not there after all is put whole`()
        async throws
    {
        try await withStore { store in
            var (first, second) = (record(1, "a"), record(2, "b"))
            try await store.commit([put(first, key: "k")])
            for index in 0..<2 {
                first.revision += 1
                first.state = .running
                first.finishedAt = index == 1 ? Timestamp(microseconds: 9_000_000) : nil
                second.revision = first.revision
                let changes = [first, second].map { task in
                    var change = put(task)
                    change.mayBeFirst = false
                    return change
                }
                try await store.commit(changes)
                #expect(
                    try await store.load() == [
                        StoredTask(record: first, idempotencyKey: "k"),
                        StoredTask(record: second, idempotencyKey: nil),
                    ])
            }
        }
    }

    @Test func `a name that is given back can be taken in the same batch`() async throws {
        try await withStore { store in
            let (old, new) = (record(1, "web"), record(2, "web"))
            try await store.commit([put(old)])
            try await store.commit([StoredChange(change: .delete(old.id, project: old.project)), put(new)])
            #expect(try await store.load().map(\.record.id) == [new.id])
        }
    }

    @Test func `a batch that cannot be stored whole is not stored at all`() async throws {
        try await withStore { store in
            try await store.commit([put(record(1, "web"))])
            await #expect(throws: ApolloError.self) {
                try await store.commit([put(record(2, "other")), put(record(3, "web"))])
            }
            #expect(try await store.load().map(\.record.name) == ["web"])
        }
    }
}
