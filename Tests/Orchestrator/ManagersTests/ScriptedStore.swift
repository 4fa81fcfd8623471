import ClusterModel
import Concurrency
import Core
import Managers
import Synchronization
import TaskDecisions
import Testing

/// A store in memory that fails when the test says so.
final class ScriptedStore: TaskStore {
    struct State {
        var tasks: [TaskID: StoredTask] = [:]
        var failure: ApolloError?
        /// Where the next commit waits, when set; how it ends is decided when it goes on.
        var gate: Latch<Void>?
        /// Opened when a commit has come to the gate.
        var reached: Latch<Void>?
        var commits = 0
    }

    let state = Mutex(State())

    func load() async throws -> [StoredTask] {
        state.withLock { $0.tasks.values.sorted { $0.record.id < $1.record.id } }
    }

    func commit(_ batch: [StoredChange]) async throws {
        let (gate, reached) = state.withLock { ($0.gate.take(), $0.reached.take()) }
        reached?.open()
        try await gate?.wait()
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.commits += 1
            for change in batch {
                switch change.change {
                case .put(let record):
                    // Whoever has written it: it is this state.
                    #expect(change.json == RecordCoding.encode(record))
                    let key = change.idempotencyKey ?? state.tasks[record.id]?.idempotencyKey
                    state.tasks[record.id] = StoredTask(record: record, idempotencyKey: key)
                case .delete(let id, _): state.tasks[id] = nil
                }
            }
        }
    }

    /// Holds the next commit back until the latch returned is opened; the second one opens when it has come.
    func hold() -> (gate: Latch<Void>, reached: Latch<Void>) {
        let (gate, reached) = (Latch<Void>(), Latch<Void>())
        state.withLock { ($0.gate, $0.reached) = (gate, reached) }
        return (gate, reached)
    }

    func fail(_ failure: ApolloError?) { state.withLock { $0.failure = failure } }

    func stored(_ id: TaskID) -> TaskRecord? { state.withLock { $0.tasks[id]?.record } }
}
