public import ClusterModel
import Concurrency
public import Core
import Synchronization
public import TaskDecisions
public import TaskRuntimes

/// Carries directives out on the runtimes of its own machine, and reports what comes of them.
public final class Worker: NodeConnection {
    public let node: NodeID
    let runtimes: [RuntimeKind: any TaskRuntime]
    let environment: Environment
    let report: @Sendable (NodeReport) -> Void
    private let inventory: @Sendable () -> Node
    private let inbox: Mailbox<Directive>
    /// Starts under way, with what gives them up.
    private let starting = Mutex<[AttemptID: Latch<Void>]>([:])
    /// The runtimes whose attempts have been told.
    private let settled = Mutex<Set<RuntimeKind>>([])

    /// How often unavailable runtimes are looked for again.
    private let probeInterval = Duration.seconds(15)

    /// - Parameters:
    ///   - inventory: What the machine is and has; its `runtimes` are filled in by the worker.
    ///   - report: Called from any thread, and must not block.
    public init(
        node: NodeID, runtimes: [any TaskRuntime], environment: Environment,
        inventory: @escaping @Sendable () -> Node,
        report: @escaping @Sendable (NodeReport) -> Void
    ) {
        self.node = node
        self.runtimes = Dictionary(runtimes.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        self.environment = environment
        self.inventory = inventory
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

    public func refresh() async {
        await settleRuntimes()
        report(.runtimes(await probe()))
    }

    public func attempts() async -> [RuntimeKind: [FoundAttempt]] {
        var all: [RuntimeKind: [FoundAttempt]] = [:]
        for kind in runtimes.keys { all[kind] = await attempts(of: kind) }
        return all
    }

    /// What a runtime has; nil where it does not answer, and then it is asked again later.
    private func attempts(of kind: RuntimeKind) async -> [FoundAttempt]? {
        guard let runtime = runtimes[kind], await runtime.probe().isAvailable else { return nil }
        do {
            let attempts = try await runtime.list()
            settled.withLock { _ = $0.insert(kind) }
            return attempts.map { attempt in
                FoundAttempt(
                    attempt: attempt.attempt, task: attempt.task, runtime: kind, startedAt: attempt.startedAt,
                    ports: attempt.ports,
                    exit: attempt.exit.map {
                        FoundAttempt.Exit(code: $0.code, endedAt: $0.endedAt, reason: $0.reason)
                    })
            }
        } catch {
            report(.problem("cannot list what \(kind.rawValue) has: \(error.asApolloError); trying again"))
            return nil
        }
    }

    /// Tells what those runtimes have that did not answer so far.
    private func settleRuntimes() async {
        for kind in runtimes.keys where !settled.withLock({ $0.contains(kind) }) {
            if let found = await attempts(of: kind) { report(.attempts(found, of: kind)) }
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
            // Throws only when cancelled, which is how the worker ends.
            while let batch = try? await self.inbox.nextBatch() {
                for directive in batch {
                    group.addTask { await self.carryOut(directive) }
                }
            }
            group.cancelAll()
        }
    }

    private func carryOut(_ directive: Directive) async {
        switch directive {
        case .launch(let launch, _): await start(launch)
        case .cancelLaunch(let place): starting.withLock { $0[place.attempt] }?.open()
        case .watch(let place): await watch(place)
        case .stop(let place, let grace):
            await persist("stop attempt \(place.attempt)") {
                try await self.runtime(place.runtime).stop(place.attempt, grace: grace)
            }
        case .remove(let place):
            await persist("remove attempt \(place.attempt)") {
                try await self.runtime(place.runtime).remove(place.attempt)
            }
        case .discard(let place):
            report(.problem("attempt \(place.attempt) belongs to no task and is ended"))
            await persist("discard attempt \(place.attempt)") {
                let runtime = try self.runtime(place.runtime)
                try await runtime.stop(place.attempt, grace: .zero)
                try await runtime.remove(place.attempt)
            }
        case .wake: break  // The manager's own.
        }
    }

    func runtime(_ kind: RuntimeKind) throws(RuntimeError) -> any TaskRuntime {
        guard let runtime = runtimes[kind] else {
            throw .unavailable("this node does not run \(kind.tasks)", hint: "see 'apollo node ls'")
        }
        return runtime
    }

    // MARK: Starting and watching

    private func start(_ launch: AttemptLaunch) async {
        let cancel = Latch<Void>()
        starting.withLock { $0[launch.attempt] = cancel }
        let outcome = await withTaskGroup(of: StartOutcome?.self) { group in
            group.addTask { await self.attemptStart(launch) }
            group.addTask {
                // Waiting ends with the latch or, when the start is done, by cancellation.
                guard (try? await cancel.wait()) != nil else { return nil }
                return .cancelled
            }
            var outcome = await group.next()!
            group.cancelAll()
            // A start that is given up may still have succeeded: what it says last counts.
            while let later = await group.next() {
                if let later, case .started = later { outcome = later }
                if outcome == nil { outcome = later }
            }
            return outcome ?? .cancelled
        }
        starting.withLock { $0[launch.attempt] = nil }
        switch outcome {
        case .started(let started):
            report(
                .attempt(
                    .started(at: started.startedAt, ports: started.ports, warnings: started.warnings),
                    launch.attempt,
                    launch.task))
            await watch(
                AttemptPlace(
                    task: launch.task, attempt: launch.attempt, node: node, runtime: launch.spec.runtime))
        case .failed(let reason, let retry):
            report(.attempt(.startFailed(reason: reason, retry: retry), launch.attempt, launch.task))
        case .cancelled:
            report(.attempt(.startCancelled, launch.attempt, launch.task))
        }
    }

    private enum StartOutcome: Sendable {
        case started(StartedAttempt)
        case failed(reason: String, retry: Bool)
        case cancelled
    }

    private func attemptStart(_ launch: AttemptLaunch) async -> StartOutcome {
        do {
            let started = try await runtime(launch.spec.runtime).start(launch) { [report] progress in
                report(.progress(progress, launch.attempt, launch.task))
            }
            return .started(started)
        } catch .cancelled {
            return .cancelled
        } catch .unavailable(let message, _) {
            return .failed(reason: message, retry: true)
        } catch .exhausted(let message, let hint) {
            return .failed(reason: joined(message, hint), retry: true)
        } catch .rejected(let message, let hint) {
            return .failed(reason: joined(message, hint), retry: false)
        } catch {
            return .failed(reason: error.asApolloError.message, retry: true)
        }
    }

    private func joined(_ message: String, _ hint: String?) -> String {
        hint.map { "\(message); \($0)" } ?? message
    }

    private func watch(_ place: AttemptPlace) async {
        var backoff = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                let exit = try await runtime(place.runtime).wait(place.attempt)
                let event = AttemptEvent.exited(code: exit.code, at: exit.endedAt, reason: exit.reason)
                return report(.attempt(event, place.attempt, place.task))
            } catch .cancelled {
                return
            } catch .unknownAttempt {
                let reason = "lost: its runtime does not know it any more"
                let event = AttemptEvent.exited(code: nil, at: environment.wallClock.now, reason: reason)
                return report(.attempt(event, place.attempt, place.task))
            } catch {
                report(
                    .problem("cannot watch attempt \(place.attempt): \(error.asApolloError); trying again"))
                guard await pause(&backoff) else { return }
            }
        }
    }

    /// Does `work` until it succeeds, with growing pauses, at most ten times.
    private func persist(_ activity: String, _ work: () async throws -> Void) async {
        var backoff = Duration.milliseconds(100)
        for attempt in 1...10 {
            do {
                return try await work()
            } catch RuntimeError.unknownAttempt {
                return  // Gone already, as wanted.
            } catch RuntimeError.cancelled {
                return
            } catch {
                let text = (error as? RuntimeError).map { "\($0.asApolloError)" } ?? "\(error)"
                report(.problem("cannot \(activity) (try \(attempt) of 10): \(text)"))
                guard await pause(&backoff) else { return }
            }
        }
    }

    /// Waits, longer each time up to 10 s; false when cancelled.
    private func pause(_ backoff: inout Duration) async -> Bool {
        let jitter = 0.5 + environment.random.unit() / 2
        let wait = backoff * jitter
        backoff = min(backoff * 2, .seconds(10))
        do {
            try await environment.clock.sleep(for: wait)
            return true
        } catch {
            return false  // Cancelled: the worker ends.
        }
    }

    // MARK: Runtimes

    private func probe() async -> [RuntimeStatus] {
        var all: [RuntimeStatus] = []
        for kind in RuntimeKind.allCases {
            guard let runtime = runtimes[kind] else { continue }
            var status = await runtime.probe()
            if status.isAvailable, !settled.withLock({ $0.contains(kind) }) {
                status.isAvailable = false
                status.detail = "what it runs is not known yet"
            }
            all.append(status)
        }
        return all
    }

    private func watchRuntimes() async {
        while !Task.isCancelled {
            do {
                try await environment.clock.sleep(for: probeInterval)
            } catch {
                return  // Cancelled: the worker ends.
            }
            await refresh()
        }
    }
}
