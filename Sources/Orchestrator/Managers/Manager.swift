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
        /// Until when nodes are to be drained.
        var drains = DrainDeadlines()
        /// What machines said last of what they are busy with.
        var metrics: [NodeID: NodeMetrics] = [:]
        /// Why those did not that were asked and have not said since.
        var metricsProblems: [NodeID: String] = [:]
        /// The JSON of records, made when first asked for.
        var json: [TaskID: (revision: Int64, bytes: [UInt8])] = [:]
        var progress: [TaskID: LaunchProgress] = [:]
        var watches: [TaskID: Watch<TaskView>] = [:]
        /// What waits to be stored together with what comes next.
        var unhurried = UnhurriedEntries<OutboxEntry>()
        /// Which ends are stored at once.
        var ends = EndPace()
        /// Submissions on their way to the store.
        var storing: [TaskID: Latch<Result<Void, ApolloError>>] = [:]
        /// Why the last attempt to store something failed; nil while storing works.
        var storageProblem: String?
    }

    let state: Mutex<State>
    let store: any TaskStore
    /// Where nodes are kept over a restart; nil where they are not.
    let nodeStore: (any NodeStore)?
    /// Where volumes are kept over a restart; nil where they are not.
    let volumeStore: (any VolumeStore)?
    let environment: Environment
    let outbox: Mailbox<OutboxEntry>
    /// Held by who has many submissions decided about.
    let batches = Permits(1)
    let alarms: Alarms
    let configuration: Configuration
    /// Where it says what changed; nil where nobody would listen.
    let bus: (any Bus)?
    /// Who is called after tasks are stored, and with no task after nodes change.
    let listeners = Mutex<[@Sendable ([TaskID]) -> Void]>([])
    /// For the log: what went wrong that has no caller.
    let note: @Sendable (String) -> Void

    public init(
        store: any TaskStore, nodes: (any NodeStore)? = nil, volumes: (any VolumeStore)? = nil,
        environment: Environment, epoch: Int64,
        configuration: Configuration = Configuration(), bus: (any Bus)? = nil,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        nodeStore = nodes
        volumeStore = volumes
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
        let volumes = try await volumeStore?.load() ?? []
        let (civil, instant) = (environment.wallClock.now, environment.clock.now)
        state.withLock { state in
            for volume in volumes { state.core.restore(volume) }
            for task in stored { state.core.restore(task.record, idempotencyKey: task.idempotencyKey) }
            for node in nodes {
                state.core.restore(node.node, orders: node.orders)
                state.drains.count(node.orders, about: node.node.id, at: civil, instant)
            }
            enqueue(OutboxEntry(state.core.restored()), &state)
        }
    }

    // MARK: Nodes

    /// Takes a node in and settles what is on it.
    public func join(_ connection: any NodeConnection) async {
        let found = await connection.attempts()
        let node = await connection.describe()
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        let joined = state.withLock { state in
            state.core.express(state.drains, at: now, instant)
            state.connections[connection.node] = connection
            let decision = state.core.join(node, found: found, at: now)
            enqueue(OutboxEntry(decision), &state)
            return state.core.nodes[node.id]
        }
        if let joined { announce(joined) }
        await keep(node.id)
    }

    /// Takes in news from a node. From any thread; never blocks.
    public func receive(_ report: NodeReport, from node: NodeID) { receive([report], from: node) }

    /// Takes in news from a node that came together, in order: what they come to is stored together. From any thread; never blocks.
    public func receive(_ reports: [NodeReport], from node: NodeID) {
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        var rest = reports[...]
        while let first = rest.first {
            guard case .attempt = first else {
                receiveAlone(first, from: node)
                rest = rest.dropFirst()
                continue
            }
            state.withLock { state in
                var news = OutboxEntry(Decision())
                while case .attempt(let event, let attempt, let task)? = rest.first {
                    rest = rest.dropFirst()
                    state.progress[task] = nil
                    let decision = state.core.observe(event, of: attempt, task: task, at: now)
                    let isUnhurried =
                        decision.isBeginning(after: event)
                        || decision.isEnd(after: event) && !state.ends.isFew(at: instant)
                    news.add(decision, isUnhurried: isUnhurried)
                }
                enqueue(news, &state)
            }
        }
    }

    private func receiveAlone(_ report: NodeReport, from node: NodeID) {
        let now = environment.wallClock.now
        switch report {
        case .attempt: break  // Taken in with those that came with it.
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
        case .gpus(let gpus):
            change(node) { core, now in core.update(node, gpus: gpus, at: now) }
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
                node.metricsProblem = state.metricsProblems[node.id]
                return node
            }
        }.sorted { $0.id < $1.id }
    }
}
