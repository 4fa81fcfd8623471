import ClusterModel
import Core
import Managers
import Simulation
import TaskDecisions

/// The services of a manager and of three workers on machines of their own, as they are, on the simulator's executor: networks are
/// cut in one or both directions, managers and workers crash and are paused, disks are full.
struct MachineSimulation {
    struct Outcome: Equatable, Sendable {
        var trace: UInt64
        var time: Duration
        var lives: Int64
        var attempts: Int
    }

    var seed: UInt64
    var faults = 15
    var tasks = 10

    func run() throws(SimulationFailure) -> Outcome {
        try Simulator(seed: seed).run(limit: .seconds(7200)) { simulator in
            try await MachineStage(simulator, self).play()
        }
    }
}

private final class MachineStage: @unchecked Sendable {
    private let simulator: Simulator
    private let plan: MachineSimulation
    private let findings: Findings
    private let world: World
    private let machines: [RemoteMachine]
    private let platform: RemotePlatform

    private var random: SimulatedRandom { simulator.random }
    private var clock: any MonotonicClock { simulator.environment.clock }

    init(_ simulator: Simulator, _ plan: MachineSimulation) {
        self.simulator = simulator
        self.plan = plan
        findings = Findings(simulator)
        let world = World(simulator, disk: SimulatedDisk(simulator.random), findings: findings)
        world.mayOverlap = true
        self.world = world
        machines = (1...3).map { number in
            RemoteMachine(
                world.addMachine(
                    "machine\(number)",
                    capacity: Capacity(
                        cpuMillis: 8000, memory: .gibibytes(8), disk: .gibibytes(100), tasks: 20)), world)
        }
        let submissions = (0..<plan.tasks).map { Self.draw($0, simulator) }
        platform = RemotePlatform(world, submissions)
    }

    private static func draw(_ number: Int, _ simulator: Simulator) -> Submission {
        let random = simulator.random
        var spec = TaskSpec(executable: "/bin/work")
        let runs: Duration? = random.chance(0.5) ? nil : random.duration(in: .seconds(1) ... .seconds(20))
        spec.command =
            Behaviour(
                runs: runs, code: random.chance(0.5) ? 0 : 1, heeds: random.chance(0.8) ? .seconds(1) : nil
            )
            .command
        spec.resources.cpuMillis = random.pick([100, 1000, 3000])
        spec.stopGrace = Seconds(random.pick([0, 2]))
        if random.chance(0.7) {
            (spec.onDisconnect, spec.stopAfter) = (.stopAfter, Seconds(random.pick([0, 3])))
        }
        spec.restart = RestartPolicy(mode: .always, wait: Seconds(1), maximumWait: Seconds(4))
        return Submission(
            id: simulator.environment.identifier(), name: "task-\(number)", project: "default", spec: spec,
            principal: "user://local/admin", idempotencyKey: "key-\(number)")
    }

    func play() async throws -> MachineSimulation.Outcome {
        platform.start()
        for machine in machines { machine.start() }
        try await clock.sleep(for: .seconds(10))
        for _ in 0..<plan.faults {
            try await strike()
            // Whatever is the matter, tasks may be moved meanwhile.
            if random.chance(0.4) { rebalance() }
            try await clock.sleep(for: random.duration(in: .milliseconds(100) ... .seconds(10)))
            try findings.verify()
        }
        heal()
        try await clock.sleep(for: .seconds(150))
        try findings.verify()
        try checkSettled()
        return MachineSimulation.Outcome(
            trace: simulator.trace, time: simulator.now, lives: platform.lives,
            attempts: world.attempts.count)
    }

    private func strike() async throws {
        let machine = random.pick(machines)
        switch random.next(below: 7) {
        case 0: try await crashPlatform()
        case 1: try await crashWorker(machine)
        case 2:
            platform.host.pause()
            try await clock.sleep(for: random.duration(in: .seconds(1) ... .seconds(8)))
            platform.host.resume()
        case 3, 4:
            cut(machine, random.chance(0.6), random.chance(0.6))
            try await clock.sleep(for: random.duration(in: .seconds(1) ... .seconds(40)))
            simulator.network.heal()
        case 5:
            machine.fillDisk(true)
            try await clock.sleep(for: random.duration(in: .seconds(1) ... .seconds(10)))
            try await crashWorker(machine)
            machine.fillDisk(false)
        default:
            cut(machine, true, true)
            try await crashPlatform()
            try await clock.sleep(for: random.duration(in: .seconds(1) ... .seconds(20)))
            simulator.network.heal()
        }
    }

    private func rebalance() {
        guard let moves = platform.manager?.rebalance(services: [], limit: 3).begun else { return }
        for move in moves { simulator.record("\(move.name) is moved from \(move.from) to \(move.to)") }
    }

    private func cut(_ machine: RemoteMachine, _ up: Bool, _ down: Bool) {
        let (name, platform) = (machine.machine.name, "platform")
        if up { simulator.network.cut(from: name, to: platform) }
        if down { simulator.network.cut(from: platform, to: name) }
    }

    private func crashPlatform() async throws {
        platform.crash()
        try await clock.sleep(for: random.duration(in: .zero ... .seconds(5)))
        platform.host.restart()
    }

    /// It is started again within the lease, as a service manager does: what is down cannot stop anything.
    private func crashWorker(_ machine: RemoteMachine) async throws {
        machine.host.crash(.process)
        if random.chance(0.3) { cut(machine, true, true) }
        try await clock.sleep(for: random.duration(in: .zero ... .seconds(2)))
        machine.host.restart()
        if random.chance(0.5) { try await clock.sleep(for: random.duration(in: .zero ... .seconds(30))) }
        simulator.network.heal()
    }

    private func heal() {
        simulator.record("all faults are over")
        simulator.network.heal()
        if !platform.host.isRunning { platform.host.restart() }
        for machine in machines where !machine.host.isRunning { machine.host.restart() }
    }

    private func checkSettled() throws {
        guard let manager = platform.manager else { return findings.report(.stuck, "no manager runs") }
        FinalChecks(world: world, ledger: Ledger(), findings: findings).checkSettled(manager)
        for node in manager.nodes() {
            findings.check(node.state == .ready, .stuck, "\(node.name) is \(node.state)")
        }
        findings.check(world.disk.rows.count == plan.tasks, .taskLost, "\(world.disk.rows.count) are stored")
        try findings.verify()
    }
}
