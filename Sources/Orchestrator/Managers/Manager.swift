public import ClusterModel
public import Concurrency
public import Core
import Synchronization
public import TaskDecisions
import TaskRuntimes
public import Workers

/// Owns the state of all tasks: feeds the pure core, stores what it decides, then has it carried out.
///
/// Commands and reads take a short lock and never wait for one another's I/O. What the core decides goes through one
/// ordered queue: a batch is stored in one transaction, then acknowledged, then its directives go to the nodes.
public final class Manager: Sendable {
    public struct Configuration: Sendable {
        public var limits: TaskCore.Limits
        /// How long finished tasks are kept.
        public var retention: Duration

        public init(limits: TaskCore.Limits = TaskCore.Limits(), retention: Duration = .seconds(7 * 86400)) {
            self.limits = limits
            self.retention = retention
        }
    }

    struct State {
        var core: TaskCore
        var connections: [NodeID: any NodeConnection] = [:]
        /// The JSON of records, made when first asked for.
        var json: [TaskID: (revision: Int64, bytes: [UInt8])] = [:]
        var progress: [TaskID: LaunchProgress] = [:]
        var watches: [TaskID: Watch<TaskView>] = [:]
        /// Why the last attempt to store something failed; nil while storing works.
        var storageProblem: String?
    }

    let state: Mutex<State>
    let store: any TaskStore
    let environment: Environment
    let outbox: Mailbox<OutboxEntry>
    let configuration: Configuration
    /// For the log: what went wrong that has no caller.
    let note: @Sendable (String) -> Void

    public init(
        store: any TaskStore, environment: Environment, epoch: Int64,
        configuration: Configuration = Configuration(),
        note: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.environment = environment
        self.configuration = configuration
        self.note = note
        outbox = Mailbox("manager outbox", capacity: 1 << 20)
        state = Mutex(
            State(
                core: TaskCore(epoch: epoch, limits: configuration.limits) {
                    environment.identifier(of: AttemptKind.self)
                }))
    }

    /// Takes over what is stored. Before ``run()``, and before any node joins.
    public func load() async throws {
        let stored = try await store.load()
        state.withLock { state in
            for task in stored { state.core.restore(task.record, idempotencyKey: task.idempotencyKey) }
        }
    }

    // MARK: Nodes

    /// Takes a node in and settles what is on it.
    public func join(_ connection: any NodeConnection) async {
        let found = await connection.attempts()
        let node = await connection.describe()
        let now = environment.wallClock.now
        state.withLock { state in
            state.connections[connection.node] = connection
            let decision = state.core.join(node, found: found, at: now)
            enqueue(OutboxEntry(decision), &state)
        }
    }

    /// Takes in news from a node. From any thread; never blocks.
    public func receive(_ report: NodeReport, from node: NodeID) {
        let now = environment.wallClock.now
        switch report {
        case .attempt(let event, let attempt, let task):
            state.withLock { state in
                state.progress[task] = nil
                let decision = state.core.observe(event, of: attempt, task: task, at: now)
                enqueue(OutboxEntry(decision), &state)
            }
        case .progress(let progress, let attempt, let task):
            state.withLock { state in
                guard let record = state.core.tasks[task], record.current?.id == attempt else { return }
                state.progress[task] = progress
                state.watches[task]?.set(TaskView(record: record, progress: progress))
            }
        case .runtimes(let runtimes):
            state.withLock { state in
                let decision = state.core.update(node, runtimes: runtimes, at: now)
                enqueue(OutboxEntry(decision), &state)
            }
        case .attempts(let found, let runtime):
            state.withLock { state in
                let decision = state.core.settle(node, runtime, found: found, at: now)
                enqueue(OutboxEntry(decision), &state)
            }
        case .problem(let text): note(text)
        }
    }

    public func nodes() -> [Node] {
        state.withLock { $0.core.nodes.values.sorted { $0.id < $1.id } }
    }

    // MARK: Commands

    /// Accepts a task. Returns once it is stored: from then on it is never lost.
    public func submit(_ submission: Submission) async throws -> TaskRecord {
        do {
            return try await accept(submission)
        } catch TaskRefusal.noRuntime(let kind, _) {
            // The engine may have been started a moment ago.
            await probeNodes()
            do {
                return try await accept(submission)
            } catch let refusal as TaskRefusal {
                throw refusal.asApolloError(kind: kind)
            }
        } catch let refusal as TaskRefusal {
            throw refusal.asApolloError()
        }
    }

    private func accept(_ submission: Submission) async throws -> TaskRecord {
        let stored = Latch<Result<Void, ApolloError>>()
        let now = environment.wallClock.now
        let (record, isNew) = try state.withLock { state throws(TaskRefusal) -> (TaskRecord, Bool) in
            let (record, decision) = try state.core.submit(submission, at: now)
            guard !decision.isEmpty else { return (record, false) }
            enqueue(
                OutboxEntry(
                    decision, kind: .submission(record.id, key: submission.idempotencyKey),
                    acknowledge: stored),
                &state)
            return (record, true)
        }
        // A repeated submission may come while the first is still being stored: whatever follows in the queue is.
        if isNew { try await stored.value().get() } else { try await settle() }
        return record
    }

    /// Asks a task to end, and returns its record once that is stored.
    public func stop(_ id: TaskID, grace: Duration?) async throws -> TaskRecord {
        try await command(kind: .other) { core, now throws(TaskRefusal) in
            try core.stop(id, grace: grace, at: now)
        }
        guard let record = record(id) else { throw TaskRefusal.unknownTask.asApolloError() }
        return record
    }

    /// Forgets a finished task.
    public func remove(_ id: TaskID) async throws {
        guard let record = record(id) else { throw TaskRefusal.unknownTask.asApolloError() }
        try await command(kind: .removal([record])) { core, _ throws(TaskRefusal) in try core.remove(id) }
    }

    private func command(
        kind: OutboxEntry.Kind,
        _ decide: (inout TaskCore, Timestamp) throws(TaskRefusal) -> Decision
    ) async throws {
        let stored = Latch<Result<Void, ApolloError>>()
        let now = environment.wallClock.now
        do {
            let isEmpty = try state.withLock { state throws(TaskRefusal) -> Bool in
                let decision = try decide(&state.core, now)
                guard !decision.isEmpty else { return true }
                enqueue(OutboxEntry(decision, kind: kind, acknowledge: stored), &state)
                return false
            }
            if isEmpty { return }
        } catch {
            throw error.asApolloError()
        }
        try await stored.value().get()
    }

    /// Returns once all that was decided before is stored, or could not be.
    public func settle() async throws {
        let stored = Latch<Result<Void, ApolloError>>()
        state.withLock { enqueue(OutboxEntry(Decision(), acknowledge: stored), &$0) }
        try await stored.value().get()
    }

    private func probeNodes() async {
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections { await connection.refresh() }
    }

    // MARK: Reads

    public func record(_ id: TaskID) -> TaskRecord? { state.withLock { $0.core.tasks[id] } }

    /// The task of this name or identifier in `project`.
    public func find(_ handle: String, project: String) -> TaskRecord? {
        state.withLock { $0.core.find(handle, project: project) }
    }

    /// The record's revision and JSON, encoded once a revision.
    public func json(_ handle: String, project: String) -> (revision: Int64, bytes: [UInt8])? {
        let (record, cached) = state.withLock { state -> (TaskRecord?, (revision: Int64, bytes: [UInt8])?) in
            guard let id = state.core.identify(handle, project: project) else { return (nil, nil) }
            if let cached = state.json[id], cached.revision == state.core.tasks[id]?.revision {
                return (nil, cached)
            }
            return (state.core.tasks[id], nil)
        }
        if let cached { return cached }
        guard let record else { return nil }
        let entry = (revision: record.revision, bytes: RecordCoding.encode(record))
        state.withLock { state in
            if state.core.tasks[record.id]?.revision == record.revision { state.json[record.id] = entry }
        }
        return entry
    }

    /// The tasks of `project` in the order of their identifiers, which is that of their age.
    public func list(
        project: String, after: TaskID? = nil, limit: Int,
        where isWanted: (TaskRecord) -> Bool = { _ in true }
    ) -> [TaskRecord] {
        let all = state.withLock { Array($0.core.tasks.values) }
        return Array(
            all.filter { record in
                record.project == project && (after.map { record.id > $0 } ?? true) && isWanted(record)
            }.sorted { $0.id < $1.id }.prefix(limit))
    }

    /// The task's states from now on; ends when the task is finished or removed. Nil for an unknown task.
    public func watch(_ id: TaskID) -> Watch<TaskView>? {
        state.withLock { state in
            guard let record = state.core.tasks[id] else { return nil }
            if let watch = state.watches[id] { return watch }
            let watch = Watch(TaskView(record: record, progress: state.progress[id]))
            if record.state.isFinal {
                watch.finish()
            } else {
                state.watches[id] = watch
            }
            return watch
        }
    }

    /// The connection to a node, for what is read there.
    public func connection(to node: NodeID) -> (any NodeConnection)? {
        state.withLock { $0.connections[node] }
    }

    /// Why the platform cannot store anything now, or nil.
    public var storageProblem: String? { state.withLock { $0.storageProblem } }

    /// How many tasks are in each state, for metrics.
    public func counts() -> [TaskState: Int] {
        state.withLock { state in
            state.core.tasks.values.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        }
    }
}
