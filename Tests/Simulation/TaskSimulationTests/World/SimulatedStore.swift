import ClusterModel
import Core
import Managers
import Simulation

/// The way from one life of the platform to its disk. A commit takes time before it is durable and again before it is
/// acknowledged: a crash in the first part loses it, in the second keeps it.
struct SimulatedStore: TaskStore {
    let disk: SimulatedDisk
    let environment: Environment

    private func pause() async throws {
        try await environment.clock.sleep(for: disk.random.duration(in: disk.latency))
    }

    func load() async throws -> [StoredTask] {
        try await pause()
        // As from a database: what cannot be written as JSON and read again is not kept.
        return try disk.rows.values.sorted { $0.record.id < $1.record.id }.map { row in
            StoredTask(
                record: try RecordCoding.decode(RecordCoding.encode(row.record)),
                idempotencyKey: row.idempotencyKey)
        }
    }

    func commit(_ batch: [StoredChange]) async throws {
        try await pause()
        if disk.random.chance(disk.refuses) {
            throw ApolloError(.exhausted, "the disk is full", hint: "delete something")
        }
        try disk.apply(batch)
        try await pause()
    }
}
