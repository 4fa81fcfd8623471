import ClusterModel
import JobDecisions
import JobModel
import TaskDecisions

/// The database: takes a transaction as a whole or not at all, after a while, and only from who leads.
final class VirtualStore {
    enum Outcome {
        case stored, refused
        /// Another leads by now.
        case fenced
    }

    struct Row {
        var record: TaskRecord
        var key: String?
    }

    struct StoredNode {
        var node: Node
        var orders: NodeOrders
    }

    enum Write {
        case put(TaskRecord, key: String?)
        case delete(TaskID)
        // The large ones beside it: nearly all that is written are tasks.
        indirect case job(JobID, JobWork?)
        indirect case node(NodeID, StoredNode?)
    }

    unowned(unsafe) var world: World!
    private(set) var rows: [TaskID: Row] = [:]
    private(set) var jobs: [JobID: JobWork] = [:]
    private(set) var nodes: [NodeID: StoredNode] = [:]
    private(set) var epoch: Int64 = 0
    /// What the disk does: how long a commit takes, and the share of those that fail for want of room.
    var latency: ClosedRange<Int64> = 200...3000
    var refuses = 0.0

    func lead() -> Int64 {
        epoch += 1
        return epoch
    }

    /// Stores all of `writes` or nothing, and calls back once that is known.
    func commit(_ writes: [Write], by manager: VirtualManager, _ done: @escaping (Outcome) -> Void) {
        let wait = world.random.number(latency)
        let commit = Commit(self, writes, manager, wait, done)
        world.after(wait * 3 / 4) { commit.arrive() }
    }

    /// A transaction on its way, there and back.
    private final class Commit {
        private unowned(unsafe) let store: VirtualStore
        private let writes: [Write]
        private let manager: VirtualManager
        private let wait: Int64
        private let done: (Outcome) -> Void
        /// Whether it could be sent.
        private let isHeard: Bool
        private var outcome = Outcome.refused

        init(
            _ store: VirtualStore, _ writes: [Write], _ manager: VirtualManager, _ wait: Int64,
            _ done: @escaping (Outcome) -> Void
        ) {
            self.store = store
            self.writes = writes
            self.manager = manager
            self.wait = wait
            self.done = done
            isHeard = !manager.isOffDatabase
        }

        func arrive() {
            let world = store.world!
            // A database within the process goes with it; one that stands apart does as it was told.
            if !manager.isAlive, world.random.chance(0.5) { return }
            // Where the way was cut meanwhile, nobody knows yet whether it came there before.
            let arrives = isHeard && (!manager.isOffDatabase || world.random.chance(0.5))
            outcome = arrives ? store.apply(writes, by: manager) : .refused
            manager.after(wait / 4) { self.answer() }
        }

        /// The server is asked what became of it, once it can be.
        private func answer() {
            if manager.isOffDatabase {
                manager.onceWithDatabase { self.done(self.outcome) }
            } else {
                done(outcome)
            }
        }
    }

    private func apply(_ writes: [Write], by manager: VirtualManager) -> Outcome {
        guard manager.epoch == epoch || world.bug == .fencesNobody else { return .fenced }
        if world.random.chance(refuses) { return .refused }
        for write in writes { apply(write) }
        if world.bug == .commitsTwice, world.random.chance(0.02) {
            world.after(world.random.number(0...5_000_000)) { [self] in for write in writes { apply(write) } }
        }
        return .stored
    }

    private func apply(_ write: Write) {
        switch write {
        case .put(let record, let key):
            if let place = rows.index(forKey: record.id) {
                let row = rows.values[place]
                world.check(
                    record.revision >= row.record.revision, .storedBackwards,
                    "\(record.name) goes from revision \(row.record.revision) back to \(record.revision)")
                world.check(
                    !row.record.state.isFinal || row.record.state == record.state, .storedBackwards,
                    "\(record.name) was \(row.record.state), and is \(record.state)")
                rows.values[place].record = record
            } else {
                rows[record.id] = Row(record: record, key: key)
            }
        case .delete(let id):
            if let row = rows.removeValue(forKey: id) {
                world.check(
                    row.record.state.isFinal, .taskLost,
                    "\(row.record.name) is deleted while \(row.record.state)")
                world.ledger.deleted(id)
            }
        case .job(let id, let work): jobs[id] = work
        case .node(let id, let node): nodes[id] = node
        }
    }
}

extension VirtualStore.Write {
    /// The task that it is about, if it is about one.
    var task: TaskID? {
        switch self {
        case .put(let record, _): record.id
        case .delete(let task): task
        case .job, .node: nil
        }
    }

    init(_ change: Change, key: String?) {
        switch change {
        case .put(let record): self = .put(record, key: key)
        case .delete(let task, _): self = .delete(task)
        }
    }
}
