import ClusterModel
import Core
import Managers
import Simulation
import TaskDecisions

/// What the platform's database holds on its disk, and how that behaves. It outlives every crash of the platform.
final class SimulatedDisk: @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private(set) var rows: [TaskID: StoredTask] = [:]
    /// The share of commits that are refused.
    var refuses = 0.0
    /// How long a commit takes, half of it before it is durable.
    var latency = SimulatedDisk.usualLatency
    static let usualLatency: ClosedRange<Duration> = .microseconds(50) ... .milliseconds(5)
    /// Whether commits are quick and succeed.
    var isWell: Bool { refuses == 0 && latency == Self.usualLatency }
    /// Since when it is well.
    private(set) var wellSince: Duration = .zero
    private(set) var commits = 0
    /// The revisions at which tasks were stored as finished.
    private(set) var finals: [TaskID: Int64] = [:]
    /// Sees each commit before it is made.
    var inspect: (_ before: SimulatedDisk, _ batch: [StoredChange]) -> Void = { _, _ in }
    let random: SimulatedRandom

    init(_ random: SimulatedRandom) { self.random = random }

    func heal(now: Duration) {
        if !isWell { wellSince = now }
        refuses = 0
        latency = Self.usualLatency
    }

    /// Applies all of `batch` at one instant. Throws as the schema does where a name is there already.
    func apply(_ batch: [StoredChange]) throws {
        inspect(self, batch)
        var rows = rows
        for change in batch {
            switch change.change {
            case .put(let record):
                if rows[record.id] == nil,
                    let holder = rows.values.first(where: { $0.record.hasName(of: record) })
                {
                    throw ApolloError(
                        .exists, "UNIQUE (project, name): \(holder.record.id) is '\(record.name)'")
                }
                let key = rows[record.id]?.idempotencyKey ?? change.idempotencyKey
                rows[record.id] = StoredTask(record: record, idempotencyKey: key)
                if record.state.isFinal { finals[record.id] = record.revision }
            case .delete(let id, _): rows[id] = nil
            }
        }
        self.rows = rows
        commits += 1
    }
}

extension TaskRecord {
    fileprivate func hasName(of other: TaskRecord) -> Bool {
        name == other.name && project == other.project
    }
}
