public import ClusterModel
import Concurrency
public import Core
public import Machines
import Synchronization
public import TaskDecisions
public import TaskRuntimes
public import Tracing

/// Carries directives out on the runtimes of its own machine, and reports what comes of them.
public final class Worker: NodeConnection {
    public let node: NodeID
    let runtimes: [RuntimeKind: any TaskRuntime]
    let environment: Environment
    let report: @Sendable (NodeReport) -> Void
    let secrets: SecretDelivery?
    /// What of this machine's files tasks may see; nil for all.
    let mounts: AllowedMounts?
    /// Where volumes are; nil where there are none to have.
    let volumes: VolumeDirectory?
    let prober: (any HealthProber)?
    /// Records starts; nil where nothing is traced.
    let tracer: Tracer?
    /// What is kept of the output of ended attempts; nil for all.
    let logRetention: LogRetention?
    private let inventory: @Sendable () -> Node
    let metricsReader: NodeMetricsReader?
    /// Which GPUs there are; nil where nobody looks for any.
    private let gpus: GPUWatch?
    let variables: @Sendable (AttemptLaunch) -> [String: String]
    let inbox: Mailbox<Directive>
    /// Starts under way, with what gives them up.
    let starting = Mutex<[AttemptID: Latch<Void>]>([:])
    /// Attempts whose end is waited for. A manager that comes back asks for all of them again.
    let watched = Mutex<Set<AttemptID>>([])
    /// Attempts that are probed.
    let probed = Mutex<[AttemptID: Probing]>([:])
    /// Attempts whose disk is limited.
    let disks = DiskLimits()
    /// Programs beside attempts: each takes a thread.
    let sessions = Permits(256)
    /// Those that are probes, which wait for one another.
    let commandProbes = Permits(32)
    /// The runtimes that have listed their attempts.
    private let listed = Mutex<Set<RuntimeKind>>([])

    /// How often the runtimes are looked at again, and every how many times all their attempts are.
    private static let probeInterval = Duration.seconds(15)
    private static let probesPerList = 4

    /// - Parameters:
    ///   - secrets: How attempts get theirs; nil where there are none to get.
    ///   - mounts: What of this machine's files tasks may see; nil for all.
    ///   - volumes: Where volumes are; nil where there are none to have.
    ///   - prober: How attempts with a health check are probed over the network; nil where none are.
    ///   - logRetention: What is kept of the output of ended attempts; nil for all.
    ///   - inventory: What the machine is and has; its `runtimes` are filled in by the worker.
    ///   - metrics: Reads what the machine is busy with; nil where nobody asks.
    ///   - gpus: Looked at again while it runs; nil where nobody looks for any.
    ///   - variables: What the environment of an attempt has beside its own.
    ///   - report: Called from any thread, and must not block.
    public init(
        node: NodeID, runtimes: [any TaskRuntime], environment: Environment,
        secrets: SecretDelivery? = nil, mounts: AllowedMounts? = nil, volumes: VolumeDirectory? = nil,
        prober: (any HealthProber)? = nil, tracer: Tracer? = nil,
        logRetention: LogRetention? = nil,
        inventory: @escaping @Sendable () -> Node, metrics: NodeMetricsReader? = nil,
        gpus: GPUWatch? = nil,
        variables: @escaping @Sendable (AttemptLaunch) -> [String: String] = { _ in [:] },
        report: @escaping @Sendable (NodeReport) -> Void
    ) {
        self.node = node
        self.runtimes = Dictionary(runtimes.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        self.environment = environment
        self.secrets = secrets
        self.mounts = mounts
        self.volumes = volumes
        self.prober = prober
        self.tracer = tracer
        self.logRetention = logRetention
        self.inventory = inventory
        metricsReader = metrics
        self.gpus = gpus
        self.variables = variables
        self.report = report
        // As many directives as tasks may be unfinished, and some: the manager's own bound holds before this one.
        inbox = Mailbox("worker directives", capacity: 1 << 20)
    }

    public func describe() async -> Node {
        var node = inventory()
        node.id = self.node
        node.runtimes = await probe()
        return node
    }

    public func refresh() async { await refresh(listingAll: false) }

    public func attempts() async -> [RuntimeKind: [FoundAttempt]] {
        var all: [RuntimeKind: [FoundAttempt]] = [:]
        for kind in RuntimeKind.allCases { all[kind] = await attempts(of: kind) }
        return all
    }

    /// What a runtime has; nil where it does not answer, and then it is asked again later.
    private func attempts(of kind: RuntimeKind) async -> [FoundAttempt]? {
        guard let runtime = runtimes[kind], await runtime.probe().isAvailable else { return nil }
        do {
            // In this order: what is started meanwhile is in the second or in what the runtime lists.
            let given = secrets?.directory.attempts(on: kind) ?? []
            let begun = starting.withLock { Set($0.keys) }
            let attempts = try await runtime.list()
            listed.withLock { _ = $0.insert(kind) }
            // What ended while nobody looked still has its secrets; so has what a crash left, which no runtime knows.
            for attempt in attempts where attempt.exit != nil { secrets?.withdraw(attempt.attempt) }
            for attempt in attempts where attempt.exit == nil {
                disks.watch(attempt.attempt, on: kind, limit: attempt.diskLimit)
            }
            for attempt in given.subtracting(begun).subtracting(attempts.map(\.attempt)) {
                secrets?.withdraw(attempt)
            }
            return attempts.map { FoundAttempt($0, kind) }
        } catch {
            report(.problem("cannot list what \(kind.rawValue) has: \(error.asApolloError); trying again"))
            return nil
        }
    }

    public func perform(_ directive: Directive) {
        if !inbox.send(directive) {
            report(.problem("the worker's queue is full; a directive was dropped: \(directive)"))
        }
    }

    public func logs(_ place: AttemptPlace, _ query: LogQuery) async throws -> any LogReader {
        try await runtime(place.runtime).logs(place.attempt, query)
    }

    public func usage(_ place: AttemptPlace) async throws -> AttemptUsage? {
        try await runtime(place.runtime).usage(place.attempt)
    }

    /// Works until cancelled. What runs on the runtimes is left running.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchRuntimes() }
            group.addTask { await self.trimLogs() }
            group.addTask { await self.watchDisks() }
            if let gpus { group.addTask { await gpus.run { self.report(.gpus($0)) } } }
            // Throws only when cancelled, which is how the worker ends.
            while let batch = try? await self.inbox.nextBatch() {
                for directive in batch { self.accept(directive, &group) }
            }
            group.cancelAll()
        }
    }

    /// Begins to carry a directive out. Starts and what gives them up are noted in the order they come, whatever the order
    /// in which tasks get to run.
    private func accept(_ directive: Directive, _ group: inout DiscardingTaskGroup) {
        switch directive {
        case .launch(let launch, _):
            let cancel = Latch<Void>()
            let isNew = starting.withLock { starting in
                guard starting[launch.attempt] == nil else { return false }
                starting[launch.attempt] = cancel
                return true
            }
            // The start that is under way reports for both.
            if isNew { group.addTask { await self.start(launch, cancel) } }
        case .cancelLaunch(let place):
            // Without a start its report is under way to the manager, who then decides.
            starting.withLock { $0[place.attempt] }?.open()
        case .watch(let place):
            if beginWatch(place) { group.addTask { await self.followEnd(of: place) } }
        case .probe(let order): probe(order, &group)
        case .stop(let place, _), .remove(let place), .discard(let place):
            endProbing(place.attempt)
            group.addTask { await self.carryOut(directive) }
        case .wake: break  // The manager's own.
        }
    }

    private func carryOut(_ directive: Directive) async {
        switch directive {
        case .stop(let place, let grace):
            await persist("stop attempt \(place.attempt)") {
                try await self.runtime(place.runtime).stop(place.attempt, grace: grace)
            }
            await watch(place)
        case .remove(let place):
            await persist("remove attempt \(place.attempt)") {
                try await self.runtime(place.runtime).remove(place.attempt)
            }
            secrets?.withdraw(place.attempt)
        case .discard(let place):
            report(.problem("attempt \(place.attempt) belongs to no task and is ended"))
            await persist("discard attempt \(place.attempt)") {
                let runtime = try self.runtime(place.runtime)
                try await runtime.stop(place.attempt, grace: .zero)
                try await runtime.remove(place.attempt)
            }
            secrets?.withdraw(place.attempt)
        case .launch, .cancelLaunch, .watch, .probe, .wake: break  // Done without a task of their own.
        }
    }

    func runtime(_ kind: RuntimeKind) throws(RuntimeError) -> any TaskRuntime {
        guard let runtime = runtimes[kind] else {
            throw .unavailable("this node does not run \(kind.tasks)", hint: "see 'apollo node ls'")
        }
        return runtime
    }

    // MARK: Runtimes

    private func probe() async -> [RuntimeStatus] {
        var all: [RuntimeStatus] = []
        for kind in RuntimeKind.allCases {
            if let runtime = runtimes[kind] { all.append(await runtime.probe()) }
        }
        return all
    }

    /// Reports what runtimes have that did not say so yet, or all of them, and then how they answer.
    private func refresh(listingAll: Bool) async {
        for kind in RuntimeKind.allCases {
            guard runtimes[kind] != nil, listingAll || !listed.withLock({ $0.contains(kind) }) else {
                continue
            }
            if let found = await attempts(of: kind) { report(.attempts(found, of: kind)) }
        }
        report(.runtimes(await probe()))
    }

    private func watchRuntimes() async {
        var probes = 0
        while !Task.isCancelled {
            do {
                try await environment.clock.sleep(for: Self.probeInterval)
            } catch {
                return  // Cancelled: the worker ends.
            }
            probes += 1
            await refresh(listingAll: probes % Self.probesPerList == 0)
        }
    }
}

extension FoundAttempt {
    fileprivate init(_ attempt: RuntimeAttempt, _ kind: RuntimeKind) {
        let exit = attempt.exit.map { Exit(code: $0.code, endedAt: $0.endedAt, reason: $0.reason) }
        self.init(
            attempt: attempt.attempt, task: attempt.task, runtime: kind, startedAt: attempt.startedAt,
            ports: attempt.ports, exit: exit)
    }
}
