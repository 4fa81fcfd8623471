import ClusterModel
import Concurrency
import Core
import Simulation
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// A runtime of which a test says how it answers. One attempt at a time is enough.
private final class MoodyRuntime: TaskRuntime {
    struct State {
        var isAway = false
        var startsHang = false
        var startFailure: RuntimeError?
        /// Whether a start that is cancelled has started all the same.
        var startsAnyway = false
        var running: Set<AttemptID> = []
        var stops = 0
    }

    let state = Mutex(State())
    let kind = RuntimeKind.process
    private let away = RuntimeError.unavailable("engine away", hint: "start it")

    private func answer() throws(RuntimeError) { if state.withLock({ $0.isAway }) { throw away } }

    func probe() async -> RuntimeStatus {
        RuntimeStatus(kind: kind, isAvailable: !state.withLock { $0.isAway }, detail: "moody")
    }

    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        try answer()
        if state.withLock({ $0.startsHang }) {
            do { try await Latch<Void>().wait() } catch {
                state.withLock { if $0.startsAnyway { $0.running.insert(launch.attempt) } }
                throw .cancelled
            }
        }
        if let failure = state.withLock({ $0.startFailure }) { throw failure }
        state.withLock { _ = $0.running.insert(launch.attempt) }
        return StartedAttempt(startedAt: Timestamp(microseconds: 1))
    }

    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        try answer()
        guard state.withLock({ $0.running.contains(attempt) }) else { throw .unknownAttempt }
        do { try await Latch<Void>().wait() } catch { throw .cancelled }
        throw .unknownAttempt
    }

    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        try answer()
        let wasRunning = state.withLock { state in
            state.stops += 1
            return state.running.remove(attempt) != nil
        }
        if !wasRunning { throw .unknownAttempt }
    }

    func remove(_ attempt: AttemptID) async throws(RuntimeError) { try answer() }

    func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        try answer()
        let task: TaskID = TaskID(time: Timestamp(microseconds: 0), random: 1)
        return state.withLock { $0.running.sorted() }
            .map { RuntimeAttempt(attempt: $0, task: task, startedAt: Timestamp(microseconds: 1)) }
    }

    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        throw .unknownAttempt
    }

    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? { nil }

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        throw .unavailable("nothing is run beside these attempts", hint: "")
    }
}

struct WorkerTests {
    private static let launch = AttemptLaunch(
        attempt: AttemptID(time: Timestamp(microseconds: 0), random: 7),
        task: TaskID(time: Timestamp(microseconds: 0), random: 1), taskName: "job", project: "default",
        spec: TaskSpec(executable: "/bin/true"))
    private static let node = NodeID(time: Timestamp(microseconds: 0), random: 2)
    private static let place = AttemptPlace(
        task: launch.task, attempt: launch.attempt, node: node, runtime: .process)

    /// Runs a worker in virtual time while `body` orders; returns the events that it reported.
    private static func events(
        _ runtime: MoodyRuntime, isCancelled: Bool = false,
        _ body: @escaping @Sendable (Worker, any MonotonicClock) async throws -> Void
    ) throws -> [AttemptEvent] {
        try Simulator(seed: 1).run { simulator in
            let events = Mutex<[AttemptEvent]>([])
            let clock = simulator.environment.clock
            let worker = Worker(
                node: node, runtimes: [runtime], environment: simulator.environment,
                inventory: {
                    Node(
                        id: node, name: "one", state: .ready, capacity: Capacity(), allocated: Capacity(),
                        architecture: "x", operatingSystem: "x", version: "0", runtimes: [],
                        registeredAt: Timestamp(microseconds: 0))
                },
                report: { report in
                    if case .attempt(let event, _, _) = report { events.withLock { $0.append(event) } }
                })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await worker.run() }
                try await body(worker, clock)
                if !isCancelled { try await clock.sleep(for: .seconds(60)) }
                group.cancelAll()
                try await group.waitForAll()
            }
            return events.withLock { $0 }
        }
    }

    @Test func `a start that is given up in the same breath is given up`() throws {
        let runtime = MoodyRuntime()
        runtime.state.withLock { $0.startsHang = true }
        let events = try Self.events(runtime) { worker, _ in
            worker.perform(.launch(Self.launch, on: Self.node))
            worker.perform(.cancelLaunch(Self.place))
        }
        #expect(events == [.startCancelled])
    }

    @Test func `what started although it was given up is ended before that is reported`() throws {
        let runtime = MoodyRuntime()
        runtime.state.withLock { ($0.startsHang, $0.startsAnyway) = (true, true) }
        let events = try Self.events(runtime) { worker, clock in
            worker.perform(.launch(Self.launch, on: Self.node))
            try await clock.sleep(for: .seconds(5))
            worker.perform(.cancelLaunch(Self.place))
        }
        #expect(events == [.startCancelled])
        #expect(runtime.state.withLock { $0.running.isEmpty && $0.stops == 1 })
    }

    @Test func `a worker that ends leaves its starts to the next one`() throws {
        let runtime = MoodyRuntime()
        runtime.state.withLock { $0.startsHang = true }
        let events = try Self.events(runtime, isCancelled: true) { worker, clock in
            worker.perform(.launch(Self.launch, on: Self.node))
            try await clock.sleep(for: .seconds(5))
        }
        #expect(events.isEmpty)
    }

    @Test func `a start that broke off is unclear, one that was refused is not`() throws {
        let runtime = MoodyRuntime()
        runtime.state.withLock { $0.isAway = true }
        let away = try Self.events(runtime) { worker, _ in worker.perform(.launch(Self.launch, on: Self.node))
        }
        #expect(away == [.startUnclear(reason: "engine away")])
        runtime.state.withLock {
            ($0.isAway, $0.startFailure) = (false, .rejected("no such image", hint: nil))
        }
        let refused = try Self.events(runtime) { worker, _ in
            worker.perform(.launch(Self.launch, on: Self.node))
        }
        #expect(refused == [.startFailed(reason: "no such image", retry: false)])
    }

    @Test func `a stop reaches an engine that is away for an hour`() throws {
        let runtime = MoodyRuntime()
        runtime.state.withLock {
            $0.isAway = true
            $0.running = [Self.launch.attempt]
        }
        let events = try Self.events(runtime) { worker, clock in
            worker.perform(.stop(Self.place, grace: .seconds(1)))
            try await clock.sleep(for: .seconds(3500))
            runtime.state.withLock { $0.isAway = false }
        }
        #expect(runtime.state.withLock { $0.running.isEmpty })
        #expect(events.count == 1, "the end is reported, once")
    }

    @Test func `a launch that is ordered twice starts once`() throws {
        let runtime = MoodyRuntime()
        let events = try Self.events(runtime) { worker, _ in
            worker.perform(.launch(Self.launch, on: Self.node))
            worker.perform(.launch(Self.launch, on: Self.node))
        }
        let starts = events.count { if case .started = $0 { true } else { false } }
        #expect(starts == 1)
    }
}
