public import Buses
public import ClusterModel
import Concurrency
public import Core
public import Scheduling
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
        /// How many finished tasks are kept at most.
        public var tasksKept: Int
        /// How nodes are chosen.
        public var policy: SchedulingPolicy

        public init(
            limits: TaskCore.Limits = TaskCore.Limits(), retention: Duration = .seconds(7 * 86400),
            tasksKept: Int = 50_000, policy: SchedulingPolicy = .hybrid
        ) {
            self.limits = limits
            self.retention = retention
            self.tasksKept = tasksKept
            self.policy = policy
        }
    }

    struct State {
        var core: TaskCore
        var connections: [NodeID: any NodeConnection] = [:]
        /// What machines said last of what they are busy with.
        var metrics: [NodeID: NodeMetrics] = [:]
        /// The JSON of records, made when first asked for.
        var json: [TaskID: (revision: Int64, bytes: [UInt8])] = [:]
        var progress: [TaskID: LaunchProgress] = [:]
        var watches: [TaskID: Watch<TaskView>] = [:]
        /// Submissions on their way to the store.
        var storing: [TaskID: Latch<Result<Void, ApolloError>>] = [:]
        /// Why the last attempt to store something failed; nil while storing works.
        var storageProblem: String?
    }

    let state: Mutex<State>
    let store: any TaskStore
    /// Where nodes are kept over a restart; nil where they are not.
    let nodeStore: (any NodeStore)?
    let environment: Environment
    let outbox: Mailbox<OutboxEntry>
    let alarms: Alarms
    let configuration: Configuration
    /// Where it says what changed; nil where nobody would listen.
    let bus: (any Bus)?
    /// Who is called after tasks are stored, and with no task after nodes change.
    let listeners = Mutex<[@Sendable ([TaskID]) -> Void]>([])
    /// For the log: what went wrong that has no caller.
    let note: @Sendable (String) -> Void

    public init(
        store: any TaskStore, nodes: (any NodeStore)? = nil, environment: Environment, epoch: Int64,
        configuration: Configuration = Configuration(), bus: (any Bus)? = nil,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        nodeStore = nodes
        self.environment = environment
        self.configuration = configuration
        self.bus = bus
        self.note = note
        outbox = Mailbox("manager outbox", capacity: 1 << 20)
        alarms = Alarms(environment: environment)
        state = Mutex(
            State(
                core: TaskCore(epoch: epoch, limits: configuration.limits, policy: configuration.policy) {
                    environment.identifier(of: AttemptKind.self)
                }))
    }

    /// Takes over what is stored. Before ``run()``, and before any node joins.
    public func load() async throws {
        let stored = try await store.load()
        let nodes = try await nodeStore?.load() ?? []
        state.withLock { state in
            for task in stored { state.core.restore(task.record, idempotencyKey: task.idempotencyKey) }
            for node in nodes { state.core.restore(node.node, orders: node.orders) }
        }
    }

    // MARK: Nodes

    /// Takes a node in and settles what is on it.
    public func join(_ connection: any NodeConnection) async {
        let found = await connection.attempts()
        let node = await connection.describe()
        let now = environment.wallClock.now
        let joined = state.withLock { state in
            state.connections[connection.node] = connection
            let decision = state.core.join(node, found: found, at: now)
            enqueue(OutboxEntry(decision), &state)
            return state.core.nodes[node.id]
        }
        if let joined { announce(joined) }
        await keep(node.id)
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
            let changed = state.withLock { state in
                let before = state.core.nodes[node]?.runtimes
                let decision = state.core.update(node, runtimes: runtimes, at: now)
                enqueue(OutboxEntry(decision), &state)
                return state.core.nodes[node].flatMap { $0.runtimes == before ? nil : $0 }
            }
            if let changed { announce(changed) }
        case .attempts(let found, let runtime):
            state.withLock { state in
                let decision = state.core.settle(node, runtime, found: found, at: now)
                enqueue(OutboxEntry(decision), &state)
            }
        case .problem(let text): note(text)
        }
    }

    public func nodes() -> [Node] {
        state.withLock { state in
            state.core.nodes.values.map { node in
                var node = node
                node.metrics = state.metrics[node.id]
                return node
            }
        }.sorted { $0.id < $1.id }
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

    /// Accepts many tasks at once, which costs less than one by one: they are decided together, and share a commit. The
    /// results stand in the order of the submissions.
    public func submit(_ submissions: [Submission]) async throws -> [Result<TaskRecord, ApolloError>] {
        let offers = offer(submissions)
        var results: [Result<TaskRecord, ApolloError>] = []
        results.reserveCapacity(submissions.count)
        for (submission, offer) in zip(submissions, offers) {
            do {
                if let offer, let record = try await settled(offer) {
                    results.append(.success(record))
                } else {
                    results.append(.success(try await submit(submission)))
                }
            } catch let error as ApolloError {
                results.append(.failure(error))
            }
        }
        return results
    }

    private func accept(_ submission: Submission) async throws -> TaskRecord {
        // A second round comes only when the task of the same key, or of the same name, is just being stored or removed.
        for _ in 0..<16 {
            if let record = try await settled(offer(submission)) { return record }
        }
        throw ApolloError(
            .unavailable, "others submit and remove the same task all the time", hint: "try again in a moment"
        )
    }

    /// The task once it is stored; nil where the offer must be made again.
    ///
    /// Apart from the loop: Swift 6.3.1 crashes when it optimises the two together ("while splitting coroutine").
    @inline(never)
    private func settled(_ offer: Offer) async throws -> TaskRecord? {
        switch offer {
        case .accepted(let record, let stored):
            try await stored.value().get()
            return record
        case .known(let record): return record
        case .onItsWay(let stored):
            // What keeps the first from being stored may not keep this one.
            _ = try await stored.value()
            return nil
        case .heldUp:
            try await settle()
            return nil
        }
    }

    private enum Offer {
        case accepted(TaskRecord, Latch<Result<Void, ApolloError>>)
        /// A task of this key is there.
        case known(TaskRecord)
        /// A task of this key is being stored, or taken back if that fails.
        case onItsWay(Latch<Result<Void, ApolloError>>)
        /// The task of this key or name is being removed.
        case heldUp
    }

    private func offer(_ submission: Submission) throws(TaskRefusal) -> Offer {
        let now = environment.wallClock.now
        return try state.withLock { state throws(TaskRefusal) -> Offer in
            try offer(submission, at: now, &state)
        }
    }

    /// Nil for what is refused: whoever offers it again is told why.
    private func offer(_ submissions: [Submission]) -> [Offer?] {
        let now = environment.wallClock.now
        return state.withLock { state in
            submissions.map { submission in
                do throws(TaskRefusal) {
                    return try offer(submission, at: now, &state)
                } catch {
                    return nil
                }
            }
        }
    }

    private func offer(
        _ submission: Submission, at now: Timestamp, _ state: inout State
    ) throws(TaskRefusal) -> Offer {
        if state.core.isHeldUp(submission) { return .heldUp }
        let (record, decision) = try state.core.submit(submission, at: now)
        guard !decision.isEmpty else {
            return state.storing[record.id].map { .onItsWay($0) } ?? .known(record)
        }
        let stored = Latch<Result<Void, ApolloError>>()
        state.storing[record.id] = stored
        enqueue(
            OutboxEntry(
                decision, kind: .submission(record.id, key: submission.idempotencyKey), acknowledge: stored),
            &state)
        return .accepted(record, stored)
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
        try await command(kind: .removal(id)) { core, _ throws(TaskRefusal) in try core.remove(id) }
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
            // There is nothing to do, perhaps because somebody else's same command is just being stored.
            if isEmpty { return try await settle() }
        } catch let error as TaskRefusal {
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
        let connections = state.withLock { $0.connections.values.sorted { $0.node < $1.node } }
        for connection in connections { await connection.refresh() }
    }
}
