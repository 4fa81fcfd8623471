import ClusterModel
import Concurrency
import Core
import Simulation
import TaskRuntimes

/// What runs the attempts of one kind on one machine: a process of its own, as the container engine and the launcher are.
/// Its requests take time, arrive at its own pace, and go on when whoever asked is gone.
final class SimulatedEngine: @unchecked Sendable {
    typealias Job = @Sendable () async -> Void

    /// What a start that is under way can be told.
    private struct Flight {
        let begun = Latch<Void>()
        let giveUp = Latch<Void>()
        let outcome = Latch<Result<StartedAttempt, RuntimeError>>()
    }

    /// How starts go wrong, each with its share.
    struct Troubles {
        var rejected = 0.0
        var exhausted = 0.0
        /// Takes for ever, until it is given up or the trouble is over.
        var hangs = 0.0
    }

    let kind: RuntimeKind
    let machine: SimulatedMachine
    let host: SimulatedHost
    var troubles = Troubles()
    /// A planted fault: it starts again what it has started already.
    var startsAgain = false
    /// Refuses whoever asks; what runs goes on.
    private(set) var isAway = false
    private var isPaused = false
    /// Since when it answers.
    private(set) var answersSince: Duration = .zero

    private unowned let world: World
    private let jobs = Mailbox<Job>("engine requests", capacity: 1 << 16)
    private var flights: [AttemptID: Flight] = [:]
    private var calls: [Int: @Sendable () -> Void] = [:]
    private var lastCall = 0
    private var healing = Latch<Void>()

    init(_ kind: RuntimeKind, on machine: SimulatedMachine, of world: World) {
        self.kind = kind
        self.machine = machine
        self.world = world
        host = world.simulator.host("\(machine.name)-\(kind)")
        host.start { [unowned self] process in try await self.run(process) }
    }

    private func run(_ process: SimulatedProcess) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while let batch = try await jobs.nextBatch() {
                for job in batch { group.addTask { await job() } }
            }
        }
    }

    // MARK: Faults

    func goAway() {
        guard !isAway else { return }
        world.simulator.record("the \(kind) engine of \(machine.name) goes away")
        isAway = true
        // Who waits for an answer hears that the connection is gone; what was asked may be done all the same.
        for call in calls.sorted(by: { $0.key < $1.key }) { call.value() }
        calls = [:]
    }

    func comeBack() {
        guard isAway else { return }
        world.simulator.record("the \(kind) engine of \(machine.name) is back")
        isAway = false
        answersSince = world.simulator.now
    }

    /// Whether it answers now.
    var answers: Bool { !isAway && !isPaused }

    func pause() {
        isPaused = true
        host.pause()
    }

    func resume() {
        isPaused = false
        host.resume()
        answersSince = world.simulator.now
    }

    /// Lets what hangs go on.
    func heal() {
        troubles = Troubles()
        healing.open()
        healing = Latch()
        comeBack()
        resume()
    }

    // MARK: Requests

    /// Has `job` done on the engine. Returns a number to ``hangUp(_:)`` with, or nil when the engine is away.
    ///
    /// What is asked of one attempt is done in the order it was asked in: a start is known from its arrival on.
    func request(
        starting attempt: AttemptID? = nil, _ job: @escaping Job, onLoss: @escaping @Sendable () -> Void
    ) -> Int? {
        guard !isAway, jobs.send(job) else { return nil }
        if let attempt, startsAgain || known(attempt) == nil, flights[attempt] == nil {
            flights[attempt] = Flight()
        }
        lastCall += 1
        calls[lastCall] = onLoss
        return lastCall
    }

    func hangUp(_ call: Int) { calls[call] = nil }

    /// As a request to which nobody waits for the answer.
    func tell(_ job: @escaping Job) { if !isAway { _ = jobs.send(job) } }

    private func pause(_ range: ClosedRange<Duration>) async {
        // Cancelled only at the end of the simulation.
        try? await host.process?.environment.clock.sleep(for: world.random.duration(in: range))
    }

    func start(_ launch: AttemptLaunch) async -> Result<StartedAttempt, RuntimeError> {
        if !startsAgain, let known = known(launch.attempt) {
            return .success(StartedAttempt(startedAt: known.startedAt))
        }
        let flight = flights[launch.attempt] ?? Flight()
        guard !flight.begun.isOpen else { return await outcome(of: flight) }
        flight.begun.open()
        flights[launch.attempt] = flight
        let outcome = await prepare(flight)
        flights[launch.attempt] = nil
        let result =
            outcome.map { error -> Result<StartedAttempt, RuntimeError> in .failure(error) }
            ?? .success(StartedAttempt(startedAt: bringUp(launch).startedAt))
        flight.outcome.set(result)
        return result
    }

    private func outcome(of flight: Flight) async -> Result<StartedAttempt, RuntimeError> {
        do { return try await flight.outcome.value() } catch { return .failure(.cancelled) }
    }

    /// The part of a start that can fail or be given up.
    private func prepare(_ flight: Flight) async -> RuntimeError? {
        let random = world.random
        await pause(.milliseconds(1) ... .milliseconds(random.chance(0.2) ? 3000 : 50))
        if random.chance(troubles.hangs) { await hang(flight) }
        if flight.giveUp.isOpen { return .failed("the start was given up") }
        if random.chance(troubles.rejected) { return .rejected("no such image", hint: nil) }
        if random.chance(troubles.exhausted) { return .exhausted("no port is free", hint: "stop something") }
        return nil
    }

    private func hang(_ flight: Flight) async {
        let healing = healing
        await withDiscardingTaskGroup { group in
            let over = Latch<Void>()
            // Cancelled as soon as one of the two has come.
            group.addTask { if (try? await flight.giveUp.wait()) != nil { over.open() } }
            group.addTask { if (try? await healing.wait()) != nil { over.open() } }
            try? await over.wait()
            group.cancelAll()
        }
    }

    private func bringUp(_ launch: AttemptLaunch) -> WorldAttempt {
        let attempt = world.begin(launch, on: machine, kind: kind)
        let behaviour = Behaviour(launch.spec)
        if let runs = behaviour.runs {
            _ = jobs.send { [self] in
                await pause(runs...runs)
                world.end(attempt, code: behaviour.code, reason: "exit code \(behaviour.code)")
            }
        }
        return attempt
    }

    /// Gives up a start that is under way.
    func giveUp(_ attempt: AttemptID) { flights[attempt]?.giveUp.open() }

    func wait(_ id: AttemptID) async -> Result<AttemptExit, RuntimeError> {
        guard let attempt = known(id) else { return .failure(.unknownAttempt) }
        do {
            let exit = try await attempt.end.value()
            await pause(.microseconds(100) ... .milliseconds(20))
            return attempt.isKnown ? .success(exit) : .failure(.unknownAttempt)
        } catch {
            return .failure(.cancelled)
        }
    }

    func stop(_ id: AttemptID, grace: Duration) async -> Result<Void, RuntimeError> {
        // Requests of one attempt are done one after the other.
        if let flight = flights[id] {
            flight.giveUp.open()
            _ = await outcome(of: flight)
        }
        await pause(.microseconds(100) ... .milliseconds(20))
        guard let attempt = known(id) else { return .failure(.unknownAttempt) }
        guard attempt.isLive else { return .success(()) }
        let heeds = Behaviour(attempt.launch.spec).heeds
        if let heeds, heeds < grace {
            await pause(heeds...heeds)
            world.end(attempt, code: 143, reason: "ended by SIGTERM")
        } else {
            await pause(grace...grace)
            world.end(attempt, code: Behaviour.killed, reason: "killed by SIGKILL")
        }
        return .success(())
    }

    func remove(_ id: AttemptID) async -> Result<Void, RuntimeError> {
        await pause(.microseconds(100) ... .milliseconds(20))
        guard let attempt = known(id) else { return .success(()) }
        guard !attempt.isLive else { return .failure(.stillRunning) }
        attempt.isRemoved = true
        return .success(())
    }

    func list() async -> Result<[RuntimeAttempt], RuntimeError> {
        await pause(.microseconds(100) ... .milliseconds(30))
        let all = world.attempts.values.filter { $0.machine === machine && $0.kind == kind && $0.isKnown }
        let listed = all.sorted { $0.id < $1.id }.map {
            RuntimeAttempt(
                attempt: $0.id, task: $0.launch.task, startedAt: $0.startedAt, exit: $0.end.current, ports: []
            )
        }
        await pause(.microseconds(100) ... .milliseconds(30))
        return .success(listed)
    }

    private func known(_ id: AttemptID) -> WorldAttempt? {
        guard let attempt = world.attempts[id], attempt.isKnown else { return nil }
        return attempt
    }
}
