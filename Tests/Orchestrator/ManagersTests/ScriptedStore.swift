import ClusterModel
import Core
import Managers
import Synchronization
import TaskDecisions

/// A store in memory that fails when the test says so.
final class ScriptedStore: TaskStore {
    struct State {
        var tasks: [TaskID: StoredTask] = [:]
        var failure: ApolloError?
        var commits = 0
    }

    let state = Mutex(State())

    func load() async throws -> [StoredTask] {
        state.withLock { $0.tasks.values.sorted { $0.record.id < $1.record.id } }
    }

    func commit(_ batch: [StoredChange]) async throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.commits += 1
            for change in batch {
                switch change.change {
                case .put(let record):
                    let key = change.idempotencyKey ?? state.tasks[record.id]?.idempotencyKey
                    state.tasks[record.id] = StoredTask(record: record, idempotencyKey: key)
                case .delete(let id): state.tasks[id] = nil
                }
            }
        }
    }

    func stored(_ id: TaskID) -> TaskRecord? { state.withLock { $0.tasks[id]?.record } }
}
