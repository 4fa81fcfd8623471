public import Buses
public import ClusterModel
import Concurrency
public import Core
import Leases
public import Managers
public import NodeMessages
import NodeServices
public import RPCModel
import Synchronization
import TaskDecisions
public import TaskRuntimes

/// Where workers register: keeps their leases, and holds a session with each that is there.
public final class NodeRegistry: RegistryService {
    public struct Settings: Sendable {
        /// How long a registration holds.
        public var lease: Duration
        /// The epoch of this manager.
        public var epoch: Int64
        /// How often each end of a session gives a sign of life.
        public var heartbeat: Duration
        /// Where the APIs of all managers answer.
        public var managers: @Sendable () -> [String]

        public init(lease: Duration, epoch: Int64, managers: @escaping @Sendable () -> [String] = { [] }) {
            self.lease = lease
            self.epoch = epoch
            self.managers = managers
            heartbeat = max(.milliseconds(50), min(.seconds(1), lease / 6))
        }
    }

    /// How workers are called: the name that the certificate must have, and where.
    public typealias Dial =
        @Sendable (_ name: String, _ host: String, _ port: UInt16) throws -> any RPCCalling

    /// A session that is held, or tried for, until it is released.
    struct Holding: Sendable {
        /// Why it is over.
        let released = Latch<String>()
        let ended = Latch<Void>()
    }

    struct State {
        var leases: LeaseTable
        var nodes: [NodeID: Node] = [:]
        var clockAhead: [NodeID: Duration] = [:]
        /// Why nodes were not reached the last time.
        var problems: [NodeID: String] = [:]
        var holdings: [NodeID: Holding] = [:]
        /// The starts that were found to be beside another of the same node, the last of each: each is told once.
        var doubles: [NodeID: UInt64] = [:]
    }

    let state: Mutex<State>
    let manager: Manager
    let settings: Settings
    let environment: Environment
    let dial: Dial
    let note: @Sendable (String) -> Void
    /// What is new of where tasks answer, for a session that begins.
    let services: (@Sendable () -> @Sendable () async throws -> ServiceUpdate)?
    /// Where machines are asked what they are busy with, for workers that do not answer there themselves; nil where all do.
    let bus: (any Bus)?
    private let identify: @Sendable (RPCPeerIdentity?) async throws -> String
    private let secrets: any SecretSource
    /// What the leases say is to be done.
    let work = Mailbox<LeaseTable.Directive>("nodes", capacity: 1 << 16)
    /// Says that a lease begins, which may be the first to lapse.
    let changes = Mailbox<Void>("leases", capacity: 1)

    /// - Parameters:
    ///   - identify: the name of the machine whose certificate this is; throws where it is not to be believed.
    ///   - secrets: where the secrets of tasks come from.
    ///   - bus: where machines are asked what they are busy with: for each session the question is carried to its worker. nil where
    ///     the workers answer on the bus themselves.
    ///   - services: for each session a source of what is new of where tasks answer; first all of it.
    public init(
        manager: Manager, settings: Settings, environment: Environment, secrets: any SecretSource,
        bus: (any Bus)? = nil,
        services: (@Sendable () -> @Sendable () async throws -> ServiceUpdate)? = nil,
        identify: @escaping @Sendable (RPCPeerIdentity?) async throws -> String, dial: @escaping Dial,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.manager = manager
        self.settings = settings
        self.environment = environment
        self.secrets = secrets
        self.bus = bus
        self.services = services
        self.identify = identify
        self.dial = dial
        self.note = note
        state = Mutex(State(leases: LeaseTable(lease: settings.lease)))
    }

    /// Gives the nodes that are known time to come, but `own`, which needs none. Before ``run()``.
    public func awaitNodes(except own: NodeID?) {
        let nodes = manager.knownNodes.filter { $0 != own }
        let now = environment.clock.now
        state.withLock { state in
            for node in nodes { state.leases.await(node, at: now) }
        }
    }

    // MARK: What workers ask

    public func register(_ request: NodeMessages.Registration, context: RPCContext) async throws -> LeaseGrant
    {
        let name = try await identify(context.identity)
        var node = try request.described()
        node.name = name
        guard let port = UInt16(exactly: request.port), port > 0 else {
            throw RPCError(.invalidArgument, "port \(request.port) is none that a worker can answer on")
        }
        let registration = LeaseTable.Registration(
            node: node.id, name: name, incarnation: request.incarnation,
            host: request.host.isEmpty ? Self.host(of: context.peer) : request.host, port: port)
        let ahead = environment.wallClock.now.duration(to: try request.clock())
        let metrics = try request.metrics()
        let now = environment.clock.now
        let (isGranted, problem) = try state.withLock { state in
            let answer: LeaseTable.Answer
            do throws(LeaseTable.Refusal) {
                answer = try state.leases.register(registration, at: now)
            } catch {
                tell(error, of: registration, &state)
                throw error.error
            }
            // What the machine says itself, else where it is called.
            node.address = node.address ?? registration.host
            state.nodes[node.id] = node
            state.clockAhead[node.id] = ahead
            for directive in answer.directives where !work.send(directive) {
                throw RPCError(.resourceExhausted, "too many workers register at once")
            }
            return (answer.isGranted, state.problems[node.id] ?? "")
        }
        if var metrics {
            metrics.takenAt = environment.wallClock.now
            manager.observe(metrics, of: node.id)
        }
        _ = changes.send(())  // A full mailbox says so already.
        return LeaseGrant(
            leaseMs: settings.lease.inMicroseconds / 1000, epoch: settings.epoch,
            clockAheadMs: ahead.inMicroseconds / 1000, isGranted: isGranted,
            problem: isGranted ? "" : problem, managers: settings.managers())
    }

    /// Who looks after the platform is to know of two machines that are one node.
    private func tell(
        _ refusal: LeaseTable.Refusal, of registration: LeaseTable.Registration, _ state: inout State
    ) {
        guard case .doubled(let holder) = refusal, state.doubles[holder.node] != registration.incarnation
        else { return }
        state.doubles[holder.node] = registration.incarnation
        note(
            "a worker at \(registration.place) says that it is node '\(holder.name)', which is at \(holder.place): one data directory is a copy of the other's. The node stays where it is; the other is refused"
        )
    }

    public func secrets(_ request: SecretsRequest, context: RPCContext) async throws -> SecretsAnswer {
        let name = try await identify(context.identity)
        let references = try request.references()
        guard let attempt = AttemptID(parsing: request.attempt),
            let recipient = manager.recipient(
                attempt, of: references, in: request.project, onNodeNamed: name, at: context.peer)
        else {
            let names = references.map { "'\($0.name)'" }.joined(separator: ", ")
            note("the worker '\(name)' asked for secrets of no attempt on it: \(names)")
            throw RPCError(
                .permissionDenied, "no task on '\(name)' is given the secrets \(names)",
                hint: "a worker gets the secrets of what runs on it, and no others")
        }
        do throws(RuntimeError) {
            return SecretsAnswer(
                values: try await secrets.values(of: references, for: recipient).map(\.bytes))
        } catch {
            throw error.asApolloError
        }
    }

    /// `127.0.0.1` of `ipv4:127.0.0.1:41234`, `::1` of `ipv6:[::1]:41234`.
    static func host(of peer: String) -> String {
        guard let scheme = peer.firstIndex(of: ":"), let end = peer.lastIndex(of: ":"), scheme < end else {
            return ""
        }
        let host = peer[peer.index(after: scheme)..<end]
        return String(host.filter { $0 != "[" && $0 != "]" })
    }

    /// The nodes whose leases hold, and how far each clock is ahead.
    public func clocks() -> [NodeID: Duration] { state.withLock { $0.clockAhead } }
}

extension LeaseTable.Registration {
    /// Where the worker is called.
    fileprivate var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension LeaseTable.Refusal {
    var error: RPCError {
        switch self {
        case .nameTaken(let name, let holder):
            RPCError(
                .alreadyExists, "a machine called '\(name)' is registered already, as node \(holder)",
                hint: "stop the worker there, or join under another name")
        case .copied(let node, let name):
            RPCError(
                .alreadyExists, "node \(node) is '\(name)' already: the data directory is a copy of its",
                hint: "remove 'node-id' from this machine's data directory")
        case .held(let holder):
            RPCError(
                .unavailable, "node '\(holder.name)' is there already, and answers at \(holder.place)",
                hint: "if that was this machine before its restart, it is missed in a moment")
        case .doubled(let holder):
            RPCError(
                .alreadyExists,
                "two workers are node '\(holder.name)': the one at \(holder.place), which keeps the name and its tasks, and this one. One data directory is a copy of the other's",
                hint:
                    "to make this machine a node of its own, start it with an empty --data directory, --join TOKEN@HOST:PORT and another --name; to move the node here, stop the other worker first"
            )
        case .full(let limit):
            RPCError(
                .resourceExhausted, "\(limit) nodes are known, as many as the platform takes",
                hint: "remove nodes that are gone with 'apollo node rm'")
        }
    }
}
