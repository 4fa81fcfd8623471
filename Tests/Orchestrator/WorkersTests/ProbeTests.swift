import ClusterModel
import Concurrency
import Core
import HealthDecisions
import Simulation
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// Attempts that run until they are stopped.
private final class LastingRuntime: TaskRuntime {
    let kind = RuntimeKind.process
    private let ends = Mutex<[AttemptID: Latch<Void>]>([:])

    func probe() async -> RuntimeStatus { RuntimeStatus(kind: kind, isAvailable: true, detail: "lasting") }

    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        ends.withLock { $0[launch.attempt] = Latch() }
        return StartedAttempt(startedAt: Timestamp(microseconds: 1))
    }

    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        guard let end = ends.withLock({ $0[attempt] }) else { throw .unknownAttempt }
        do { try await end.value() } catch { throw .cancelled }
        return AttemptExit(code: 143, endedAt: Timestamp(microseconds: 2), reason: "killed by SIGTERM")
    }

    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        _ = ends.withLock { $0[attempt] }?.open()
    }

    func remove(_ attempt: AttemptID) async throws(RuntimeError) { ends.withLock { $0[attempt] = nil } }
    func list() async throws(RuntimeError) -> [RuntimeAttempt] { [] }

    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        throw .unknownAttempt
    }

    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? { nil }

    /// What commands do from now on.
    let commands = Mutex<ScriptedCommand.Mood>(.away)

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        let mood = commands.withLock { $0 }
        switch mood {
        case .away: throw .unavailable("nothing is run beside these attempts", hint: "")
        case .missing: throw .rejected("there is no program '\(request.command[0])'", hint: nil)
        case .ends, .hangs: return ScriptedCommand(mood)
        }
    }
}

/// A command that ends at once, or never.
private final class ScriptedCommand: ExecSession {
    enum Mood: Sendable, Equatable {
        case away, missing, hangs
        case ends(Int32)
    }

    private let mood: Mood
    private let events: Mutex<[ExecEvent]>
    private let end = Latch<Void>()

    init(_ mood: Mood) {
        self.mood = mood
        guard case .ends(let code) = mood else {
            events = Mutex([])
            return
        }
        let words = Array("first\nthe last\n\n".utf8)
        events = Mutex([.output(.stderr, words), .ended(code: code, reason: "exit code \(code)")])
    }

    func next() async throws(RuntimeError) -> ExecEvent? {
        if mood == .hangs { do { try await end.value() } catch { throw .cancelled } }
        return events.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func give(_ input: ExecInput) async throws(RuntimeError) {}
    func close() async { end.open() }
}

/// Answers as a test says, and counts.
private final class MoodyProber: HealthProber {
    private let state = Mutex((isWell: true, probes: 0, target: ProbeTarget?.none))

    var isWell: Bool {
        get { state.withLock { $0.isWell } }
        set { state.withLock { $0.isWell = newValue } }
    }

    var probes: Int { state.withLock { $0.probes } }
    var target: ProbeTarget? { state.withLock { $0.target } }

    func get(
        _ probe: HealthCheck.HTTPProbe, at target: ProbeTarget, within limit: Duration
    ) async -> ProbeResult { await connect(to: target, within: limit) }

    func connect(to target: ProbeTarget, within limit: Duration) async -> ProbeResult {
        state.withLock { state in
            state.probes += 1
            state.target = target
            return ProbeResult(isGood: state.isWell, state.isWell ? "well" : "ill")
        }
    }
}

struct ProbeTests {
    private static let launch = AttemptLaunch(
        attempt: AttemptID(time: Timestamp(microseconds: 0), random: 7),
        task: TaskID(time: Timestamp(microseconds: 0), random: 1), taskName: "job", project: "default",
        spec: TaskSpec(executable: "/bin/true"))
    private static let node = NodeID(time: Timestamp(microseconds: 0), random: 2)
    private static let place = AttemptPlace(
        task: launch.task, attempt: launch.attempt, node: node, runtime: .process)
    private static let order = ProbeOrder(
        place: place,
        check: HealthCheck(tcp: .init(), startPeriod: Seconds(3), interval: Seconds(10), retries: 2),
        ports: [PortMapping(container: 80, host: 4711, address: "0.0.0.0")], known: .starting)

    /// Runs a worker with one attempt in virtual time; returns what it reported of health, and of the end.
    private static func events(
        runtime: LastingRuntime = LastingRuntime(),
        _ body: @escaping @Sendable (Worker, MoodyProber, any MonotonicClock) async throws -> Void
    ) throws -> [AttemptEvent] {
        try Simulator(seed: 1).run { simulator in
            let events = Mutex<[AttemptEvent]>([])
            let clock = simulator.environment.clock
            let prober = MoodyProber()
            let worker = Worker(
                node: node, runtimes: [runtime], environment: simulator.environment, prober: prober,
                inventory: {
                    Node(
                        id: node, name: "one", state: .ready, capacity: Capacity(), allocated: Capacity(),
                        architecture: "x", operatingSystem: "x", version: "0", runtimes: [],
                        registeredAt: Timestamp(microseconds: 0))
                },
                report: { report in
                    guard case .attempt(let event, _, _) = report else { return }
                    if case .started = event { return }
                    events.withLock { $0.append(event) }
                })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await worker.run() }
                worker.perform(.launch(Self.launch, on: Self.node))
                try await clock.sleep(for: .milliseconds(10))
                try await body(worker, prober, clock)
                group.cancelAll()
                try await group.waitForAll()
            }
            return events.withLock { $0 }
        }
    }

    @Test func `what becomes healthy and then unhealthy is told, once each`() throws {
        let events = try Self.events { worker, prober, clock in
            worker.perform(.probe(Self.order))
            try await clock.sleep(for: .seconds(60))
            #expect(prober.target == ProbeTarget(host: "127.0.0.1", port: 4711, named: 80))
            prober.isWell = false
            try await clock.sleep(for: .seconds(300))
        }
        #expect(
            events == [
                .health(.healthy, reason: "well"), .health(.healthy, reason: "ill (1 of 2 times)"),
                .health(.unhealthy, reason: "ill (2 times in a row)"),
            ])
    }

    @Test func `what is asked to stop is probed no more`() throws {
        let events = try Self.events { worker, prober, clock in
            worker.perform(.probe(Self.order))
            try await clock.sleep(for: .seconds(15))
            let before = prober.probes
            worker.perform(.stop(Self.place, grace: .seconds(1)))
            try await clock.sleep(for: .seconds(60))
            #expect(prober.probes == before)
        }
        #expect(events.count == 2)
        guard case .exited? = events.last else { return #expect(Bool(false), "\(events)") }
    }

    @Test func `an order that comes again tells again what is known, and probes no more often`() throws {
        let events = try Self.events { worker, prober, clock in
            worker.perform(.probe(Self.order))
            try await clock.sleep(for: .seconds(5))
            worker.perform(.probe(Self.order))
            try await clock.sleep(for: .seconds(1))
            #expect(prober.probes == 1)
        }
        #expect(events == [.health(.healthy, reason: "well"), .health(.healthy, reason: "well")])
    }

    @Test func `what has ended, or was never there, is not probed`() throws {
        let events = try Self.events { worker, prober, clock in
            worker.perform(.stop(Self.place, grace: .seconds(1)))
            try await clock.sleep(for: .seconds(1))
            worker.perform(.probe(Self.order))
            try await clock.sleep(for: .seconds(60))
            #expect(prober.probes == 0)
        }
        #expect(events.count == 1)
    }

    /// What is told of a command that does that, until it is unhealthy or a minute has passed.
    private static func told(_ mood: ScriptedCommand.Mood) throws -> [AttemptEvent] {
        var order = order
        order.check = HealthCheck(
            exec: .init(command: ["sh", "-c", "check"]), startPeriod: Seconds(0), interval: Seconds(10),
            timeout: Seconds(2), retries: 2)
        let (runtime, probing) = (LastingRuntime(), order)
        runtime.commands.withLock { $0 = mood }
        return try events(runtime: runtime) { worker, prober, clock in
            worker.perform(.probe(probing))
            try await clock.sleep(for: .seconds(60))
            #expect(prober.probes == 0)
        }
    }

    @Test func `a command that ends well makes it healthy, and another exit code or no end does not`() throws
    {
        #expect(try Self.told(.ends(0)) == [.health(.healthy, reason: "'check' ended well")])
        for (mood, words) in [
            (ScriptedCommand.Mood.ends(3), "'check' ended with exit code 3: the last"),
            (.hangs, "'check' took longer than 2s"),
            (.missing, "'check' cannot be run: there is no program 'sh'"),
        ] {
            let last = try Self.told(mood).last
            #expect(last == .health(.unhealthy, reason: "\(words) (2 times in a row)"))
        }
    }

    @Test func `a runtime that is away says nothing of the task`() throws {
        #expect(try Self.told(.away) == [])
    }

    @Test func `a port is looked for where it was mapped, and else at the attempt's own address`() {
        let ports = [
            PortMapping(container: 53, transport: .udp), PortMapping(container: 80, host: 8080),
            PortMapping(container: 81, host: 8081, address: "::"),
        ]
        func target(_ port: UInt16?, _ address: String?, _ prefers: Bool) -> ProbeTarget? {
            ProbeTarget(port, of: ports, address: address, prefersAddress: prefers)
        }
        #expect(target(nil, nil, true) == ProbeTarget(host: "127.0.0.1", port: 8080, named: 80))
        #expect(target(81, nil, true) == ProbeTarget(host: "::1", port: 8081, named: 81))
        #expect(target(9, nil, true) == ProbeTarget(host: "127.0.0.1", port: 9, named: 9))
        #expect(target(80, "172.17.0.2", false) == ProbeTarget(host: "127.0.0.1", port: 8080, named: 80))
        #expect(target(80, "172.17.0.2", true) == ProbeTarget(host: "172.17.0.2", port: 80, named: 80))
        #expect(target(9, "172.17.0.2", false) == ProbeTarget(host: "172.17.0.2", port: 9, named: 9))
        #expect(ProbeTarget(nil, of: [], address: nil, prefersAddress: true) == nil)
    }
}
