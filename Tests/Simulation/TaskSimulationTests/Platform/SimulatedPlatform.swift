import ClusterModel
import Concurrency
import Core
import Managers
import Simulation
import TaskDecisions
import Workers

/// The real manager and workers, put together as `apollo up` does, on a host that crashes and is started again.
final class SimulatedPlatform: @unchecked Sendable {
    struct Settings: Sendable {
        var retention = Duration.seconds(7 * 86400)
        /// Whether clients are let in before the machines have joined.
        var opensEarly = false
        var duplication = 0.0
        var plant: Plant?
    }

    /// What a call came to.
    enum Answer<Value: Sendable>: Sendable {
        case value(Value)
        case refused(ApolloError)
        /// The platform ended before it answered: it may be done or not.
        case lost
    }

    // Confined to the simulator's thread, as all of a simulation is.
    let host: SimulatedHost
    let settings: Settings
    private(set) var lives = 0
    /// Attempts that lived when a life of the platform began.
    private(set) var adopted = 0
    private(set) var life: PlatformLife?
    private let world: World
    private let opened = Watch(0)
    private var isPaused = false
    private var resumedAt: Duration = .zero

    init(_ world: World, settings: Settings) {
        self.world = world
        self.settings = settings
        host = world.simulator.host("platform")
    }

    // MARK: Lives

    func start() { host.start { [unowned self] process in try await self.run(process) } }

    /// Whether it runs, and has for long enough to have made up for a pause.
    var isPrompt: Bool { !isPaused && world.simulator.now - resumedAt > .milliseconds(200) }

    func pause() {
        isPaused = true
        host.pause()
    }

    func resume() {
        isPaused = false
        resumedAt = world.simulator.now
        host.resume()
    }

    func crash() {
        resume()
        host.crash(.process)
        life?.end()
        life = nil
    }

    func restart() { if !host.isRunning { host.restart() } }

    /// Has it end in order, as by SIGTERM, and returns once it has; not at all if it is crashed instead.
    func end() async throws {
        guard let life else { return }
        world.simulator.record("stop platform")
        life.drain.open()
        try await life.ended.wait()
    }

    private func run(_ process: SimulatedProcess) async throws {
        lives += 1
        adopted += world.live.count
        let life = PlatformLife(number: lives)
        self.life = life
        let manager = manager(life, process)
        try await manager.load()
        let connections = world.machines.map { connection($0, manager, process) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await manager.run() }
            await live(life, manager, connections)
            manager.close()
            await group.waitForAll()
        }
        self.life = nil
        life.end()
    }

    private func live(
        _ life: PlatformLife, _ manager: Manager, _ connections: [(worker: Worker, way: any NodeConnection)]
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serve(life, manager) }
            for connection in connections { group.addTask { await connection.worker.run() } }
            if settings.opensEarly { open(life, manager) }
            do {
                for connection in connections { await manager.join(connection.way) }
                life.isJoined = true
                open(life, manager)
                try await life.drain.wait()
            } catch is CancellationError {
                // The simulation is over.
            } catch {
                world.findings.report(.unanswered, "a machine could not join: \(error)")
            }
            group.cancelAll()
        }
    }

    private func open(_ life: PlatformLife, _ manager: Manager) {
        life.open(manager)
        opened.set(life.number)
    }

    private func serve(_ life: PlatformLife, _ manager: Manager) async {
        await withDiscardingTaskGroup { group in
            // Throws only when cancelled.
            while let batch = try? await life.calls.nextBatch() {
                for call in batch { group.addTask { await call(manager) } }
            }
            group.cancelAll()
        }
    }

    // MARK: Parts

    private func manager(_ life: PlatformLife, _ process: SimulatedProcess) -> Manager {
        var environment = process.environment
        if settings.plant == .losesWakeUps {
            environment.clock = ForgetfulClock(clock: environment.clock, random: world.random)
        }
        let simple = SimulatedStore(disk: world.disk, environment: process.environment)
        let store: any TaskStore
        if let plant = settings.plant {
            store = PlantedStore(plant: plant, store: simple) { work in
                _ = life.calls.send { _ in await work() }
            }
        } else {
            store = simple
        }
        let simulator = world.simulator
        return Manager(
            store: store, environment: environment, epoch: Int64(life.number),
            configuration: Manager.Configuration(retention: settings.retention)
        ) { simulator.record("note: \($0)") }
    }

    private func connection(
        _ machine: SimulatedMachine, _ manager: Manager, _ process: SimulatedProcess
    ) -> (worker: Worker, way: any NodeConnection) {
        let reports = PlantedReports(
            plant: settings.plant, duplication: settings.duplication, random: world.random,
            environment: process.environment
        ) { manager.receive($0, from: machine.id) }
        let description = machine.description
        let worker = Worker(
            node: machine.id, runtimes: machine.engines.map { SimulatedRuntime($0, process.environment) },
            environment: process.environment, inventory: { description }, report: { reports.report($0) })
        guard let plant = settings.plant else { return (worker, worker) }
        return (worker, PlantedConnection(plant: plant, worker: worker))
    }

    // MARK: Calls

    /// A life that takes calls, as soon as there is one.
    private func openLife() async throws -> PlatformLife {
        while true {
            let revision = opened.latest.revision
            if let life, life.isOpen { return life }
            _ = try await opened.next(after: revision)
        }
    }

    /// Has the platform do something, in its present life or the next one that takes calls.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Manager) async throws -> Value
    ) async throws -> Answer<Value> {
        let life = try await openLife()
        let answer = Latch<Answer<Value>>()
        let call = life.begin { manager in
            do {
                answer.set(.value(try await body(manager)))
            } catch let error as ApolloError {
                answer.set(.refused(error))
            } catch {
                answer.set(.lost)  // Cancelled, with the platform.
            }
        } onEnd: {
            answer.set(.lost)
        }
        defer { life.done(call) }
        return try await answer.value()
    }
}
