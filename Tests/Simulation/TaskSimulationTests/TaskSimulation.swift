import ClusterModel
import Concurrency
import Core
import Managers
import Simulation

/// The real manager, workers and core under clients and faults, from one seed.
struct TaskSimulation: Sendable {
    /// What a run came to, besides finding nothing wrong.
    struct Outcome: Equatable, Sendable {
        var trace: UInt64
        var steps: UInt64
        var time: Duration
        var lives: Int
        var acknowledged: Int
        var attempts: Int
        /// Attempts that lived in more than one life of the platform.
        var adopted: Int
    }

    var seed: UInt64
    var plant: Plant?
    var faults = 10
    var stories = 12

    /// Runs it; throws what was found, with the seed.
    func run() throws(SimulationFailure) -> Outcome {
        let simulator = Simulator(seed: seed)
        let setting = Setting(simulator, self)
        let outcome = try simulator.run(limit: .seconds(7200)) { _ in
            try await setting.play()
        }
        return outcome
    }
}

/// One run's world, platform and clients.
private final class Setting: @unchecked Sendable {
    private let simulator: Simulator
    private let plan: TaskSimulation
    private let findings: Findings
    private let disk: SimulatedDisk
    private let world: World
    private let platform: SimulatedPlatform
    private let ledger = Ledger()
    private let monitor: Monitor
    private let final: FinalChecks
    private let told = Watch(0)
    private let crashes = Mailbox<String>("crash points", capacity: 1 << 10)

    private var random: SimulatedRandom { simulator.random }
    private var clock: any MonotonicClock { simulator.environment.clock }

    init(_ simulator: Simulator, _ plan: TaskSimulation) {
        self.simulator = simulator
        self.plan = plan
        findings = Findings(simulator)
        disk = SimulatedDisk(simulator.random)
        world = World(simulator, disk: disk, findings: findings)
        let random = simulator.random
        for index in 0..<(random.chance(0.3) ? 2 : 1) {
            _ = world.addMachine(
                "machine\(index + 1)",
                capacity: Capacity(
                    cpuMillis: 4000, memory: .gibibytes(4), disk: .gibibytes(100), gpus: index, tasks: 5))
        }
        if random.chance(0.25) { random.pick(world.engines).troubles.hangs = 0.3 }
        var settings = SimulatedPlatform.Settings(plant: plan.plant)
        if random.chance(0.2) { settings.retention = .seconds(30) }
        for engine in world.engines { engine.startsAgain = plan.plant == .startsAgain }
        settings.opensEarly = random.chance(0.3)
        settings.duplication = random.chance(0.3) ? 0.2 : 0
        platform = SimulatedPlatform(world, settings: settings)
        world.mayExpire = settings.retention < .seconds(3600)
        monitor = Monitor(platform, world, ledger, findings)
        final = FinalChecks(world: world, ledger: ledger, findings: findings)
        let checks = DiskChecks(world: world, ledger: ledger, findings: findings)
        disk.inspect = { [unowned world] in
            checks.inspect($0, $1)
            world.crashPoint("commit")
        }
    }

    func play() async throws -> TaskSimulation.Outcome {
        let crashShare = random.pick([0, 0, 0.02])
        world.crashPoint = { [unowned self] point in
            if random.chance(crashShare) { _ = crashes.send(point) }
        }
        platform.start()
        startClients()
        let faults = Faults(platform: platform, world: world, monitor: monitor, findings: findings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.watchOver() }
            group.addTask { try await self.crashAtPoints(faults) }
            try await faults.strike(plan.faults)
            world.crashPoint = { _ in }
            // Time for a crash that is just being made good again, and for what only shows after a while.
            try await clock.sleep(for: random.duration(in: .seconds(12) ... .seconds(45)))
            faults.heal()
            try await settle()
            group.cancelAll()
        }
        try findings.verify()
        return outcome()
    }

    /// Crashes in the middle of things, which a crash at a random time hardly ever meets.
    private func crashAtPoints(_ faults: Faults) async throws {
        while let points = try await crashes.nextBatch() {
            simulator.record("crash at: \(points[0])")
            try await faults.crash()
        }
    }

    private func watchOver() async throws {
        while true {
            try await clock.sleep(for: random.duration(in: .milliseconds(100) ... .seconds(3)))
            monitor.look()
            try findings.verify()
        }
    }

    // MARK: Clients

    private func startClients() {
        let stories = (0..<plan.stories).map { Story.draw("task-\($0)", random) }
        simulator.host("clients").start { [self] process in
            let client = SimulatedClient(
                platform: platform, ledger: ledger, findings: findings, world: world,
                environment: process.environment)
            try await withThrowingDiscardingTaskGroup { group in
                for story in stories {
                    try await process.environment.clock.sleep(
                        for: random.duration(in: .milliseconds(1) ... .seconds(3)))
                    group.addTask {
                        try await client.live(story)
                        self.told.update { $0 += 1 }
                    }
                }
            }
        }
    }

    // MARK: The end

    private func settle() async throws {
        try await clock.sleep(for: .seconds(100))
        try await final.checkSettled(manager())
        try findings.verify()
        try await stopAll()
        try await within(.seconds(120), "everything to stop and the clients to be done") { [self] in
            let manager = try await manager()
            let isOver = manager.list(project: "default", limit: .max).allSatisfy(\.state.isFinal)
            return isOver && world.live.isEmpty && told.latest.state == plan.stories
        }
        try await manager().settle()
        try await final.checkStopped(manager())
        try findings.verify()
        try await removeAll()
        try await within(.seconds(20), nil) { [self] in !world.attempts.values.contains(where: \.isKnown) }
        final.checkRemoved()
    }

    private func manager() async throws -> Manager {
        while true {
            if let life = platform.life, life.isJoined, let manager = life.manager { return manager }
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until `isSo`; after `limit` the run has found that it is stuck, or the checks say what is wrong.
    private func within(
        _ limit: Duration, _ what: String?, _ isSo: () async throws -> Bool
    ) async throws {
        let end = simulator.now + limit
        while try await !isSo() {
            guard simulator.now < end else {
                guard let what else { return }
                try await final.checkStopped(manager())
                return findings.report(
                    .stuck, "waited \(limit) for \(what); \(told.latest.state) stories told")
            }
            try await clock.sleep(for: .milliseconds(500))
        }
    }

    private func stopAll() async throws {
        let manager = try await manager()
        for record in manager.list(project: "default", limit: .max) where !record.state.isFinal {
            try await unlessGone { _ = try await manager.stop(record.id, grace: nil) }
        }
    }

    private func removeAll() async throws {
        let manager = try await manager()
        for record in manager.list(project: "default", limit: .max) {
            ledger.update(record.spec.labels[Story.label] ?? "") { $0.removalAsked = true }
            try await unlessGone { try await manager.remove(record.id) }
        }
    }

    /// A client may be removing it at the same time, or its retention be over.
    private func unlessGone(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ApolloError where error.kind == .notFound {}
    }

    private func outcome() -> TaskSimulation.Outcome {
        TaskSimulation.Outcome(
            trace: simulator.trace, steps: simulator.steps, time: simulator.now, lives: platform.lives,
            acknowledged: ledger.entries.values.count { $0.id != nil }, attempts: world.attempts.count,
            adopted: platform.adopted)
    }
}
