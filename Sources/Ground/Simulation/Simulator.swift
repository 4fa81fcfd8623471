import Concurrency
public import Core

/// Runs a program of many hosts in one thread and virtual time, so that a seed decides everything: which of the ready jobs
/// runs next, how long each packet takes, which numbers are drawn.
///
/// ```swift
/// let simulator = Simulator(seed: 7)
/// try simulator.run { simulator in
///     let server = simulator.host("server")
///     server.start { process in try await serve(process.network, process.environment) }
///     …
/// }
/// ```
///
/// A run with the same seed takes the same steps, in one program and with one build of it; across programs, too, with
/// `SWIFT_DETERMINISTIC_HASHING=1`, since the order of a `Set` or `Dictionary` is drawn anew for every program.
/// Everything about a simulator, its hosts and its network belongs to the thread that calls ``run(limit:_:)``.
public final class Simulator: @unchecked Sendable {
    public let seed: UInt64
    /// The network between the hosts, where faults are made.
    public let network: SimulatedNetwork
    /// The clocks and random numbers of the test itself: right, and never paused.
    public let environment: Environment
    /// Random numbers for what the test itself decides.
    public let random: SimulatedRandom

    let scheduler: Scheduler
    let randomSource: SimulatedRandom
    private let root: ProcessExecutor
    private let rootClock: SimulatedClock
    private var hosts: [SimulatedHost] = []
    private var processes: [SimulatedProcess] = []
    private var events: [String] = []
    private var pending: SimulationFailure.Cause?
    private var hasRun = false

    public init(seed: UInt64) {
        self.seed = seed
        // Neighbouring seeds must not give neighbouring sequences.
        var generator = SplitMix64(seed: SplitMix64.mix(seed))
        scheduler = Scheduler(random: generator.split())
        network = SimulatedNetwork(scheduler: scheduler, random: SimulatedRandom(generator.split()))
        random = SimulatedRandom(generator.split())
        randomSource = SimulatedRandom(generator.split())
        root = scheduler.makeExecutor()
        rootClock = SimulatedClock(executor: root, origin: 0, drift: 0, wallError: { .zero })
        environment = Environment(
            clock: rootClock, wallClock: SimulatedWallClock(clock: rootClock), random: random)
    }

    /// The virtual time since the start.
    public var now: Duration { .nanoseconds(scheduler.now) }

    /// What has happened so far, in 64 bits: equal for two runs that took the same steps.
    public var trace: UInt64 { scheduler.trace.value }

    /// The jobs and timers that have run so far.
    public var steps: UInt64 { scheduler.steps }

    /// The host of that name, made when it is first asked for.
    public func host(_ name: String) -> SimulatedHost {
        if let host = hosts.first(where: { $0.name == name }) { return host }
        let host = SimulatedHost(name: name, simulator: self)
        hosts.append(host)
        return host
    }

    /// The network as the test itself sees it, from a host of the name given that has no program.
    public func interface(_ name: String) -> NetworkInterface {
        NetworkInterface(network, root, rootClock, name: name)
    }

    /// Notes an event: it becomes part of the trace, and the last hundred are shown with a failure.
    public func record(_ event: @autoclosure () -> String) {
        let text = event()
        scheduler.trace.mix(text)
        if events.count >= 200 { events.removeFirst(100) }
        events.append("\(now.inSeconds) s: \(text)")
    }

    /// Runs `body` and all hosts until `body` returns, then ends them. Once for each simulator.
    ///
    /// - Parameter limit: the virtual time after which the run has failed.
    public func run<Value: Sendable>(
        limit: Duration = .seconds(3600), _ body: @escaping @Sendable (Simulator) async throws -> Value
    ) throws(SimulationFailure) -> Value {
        precondition(!hasRun, "a simulator runs once")
        hasRun = true
        scheduler.claimThread()
        GlobalJobs.beginCount()
        defer { GlobalJobs.endCount() }

        let outcome = Outcome<Value>()
        let task = Task(executorPreference: root) {
            do { outcome.result = .success(try await body(self)) } catch { outcome.result = .failure(error) }
        }
        let stop = scheduler.run(until: limit.inNanoseconds) { outcome.result != nil || pending != nil }
        var failure = failure(stop, outcome.result.flatMap { $0.error })
        task.cancel()
        let hasEnded = takeDown { outcome.result != nil }
        if failure == nil, !hasEnded { failure = makeFailure(.unfinished) }
        dismantle()
        if let failure { throw failure }
        guard case .success(let value) = outcome.result else { preconditionFailure("a run without an end") }
        return value
    }

    // MARK: For the hosts

    func add(_ process: SimulatedProcess) {
        // Lives that are over and unwound need not be kept.
        processes.removeAll { $0.hasEnded }
        processes.append(process)
    }

    func fail(_ cause: SimulationFailure.Cause) {
        if pending == nil { pending = cause }
    }

    // MARK: The end

    private func failure(_ stop: Scheduler.Stop, _ error: (any Error)?) -> SimulationFailure? {
        if let pending { return makeFailure(pending) }
        if scheduler.escapes > 0 { return makeFailure(.escaped(jobs: scheduler.escapes)) }
        switch stop {
        case .done: return error.map { makeFailure(.failed($0)) }
        case .idle: return makeFailure(.deadlock)
        case .timeLimit: return makeFailure(.timeLimit)
        case .livelock, .stepLimit: return makeFailure(.livelock)
        case .escaped: return makeFailure(.escaped(jobs: scheduler.escapes))
        }
    }

    private func makeFailure(_ cause: SimulationFailure.Cause) -> SimulationFailure {
        let lives = processes.filter { !$0.hasEnded && $0.executor.isAlive }
        let waits = lives.map { "the program of '\($0.host.name)' runs" } + network.waits + scheduler.sleeps
        return SimulationFailure(
            seed: seed, cause: cause, time: now, waits: waits, events: Array(events.suffix(100)))
    }

    /// Cancels all that still runs, or is left from a crash, and lets it end; false if some of it does not.
    private func takeDown(_ rootHasEnded: () -> Bool) -> Bool {
        scheduler.close()
        for process in processes { process.unwind() }
        let isDone = { rootHasEnded() && self.processes.allSatisfy(\.hasEnded) }
        let limit = scheduler.steps + UInt64(Scheduler.stepsPerInstant)
        return scheduler.run(until: scheduler.now, maximumSteps: limit, isDone) == .done
    }

    private func dismantle() {
        network.dismantle()
        for host in hosts { host.dismantle() }
        processes.removeAll()
        scheduler.dismantle()
    }
}

/// Where the test's result is put. Confined to the simulator's thread.
private final class Outcome<Value>: @unchecked Sendable {
    var result: Result<Value, any Error>?
}

extension Result {
    fileprivate var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
