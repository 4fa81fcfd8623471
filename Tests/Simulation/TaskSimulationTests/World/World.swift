import ClusterModel
import Concurrency
import Core
import Managers
import Simulation
import TaskRuntimes

/// What really is, whatever the platform believes: the machines, and every attempt that was ever started on them. It
/// outlives every crash of the platform, as launcher and engine do.
final class World: @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private(set) var machines: [SimulatedMachine] = []
    private(set) var attempts: [AttemptID: WorldAttempt] = [:]
    let simulator: Simulator
    let findings: Findings
    let disk: SimulatedDisk
    /// Whether the platform forgets finished tasks by itself within the simulation.
    var mayExpire = false
    /// Whether what may run on while its machine is cut off may be replaced meanwhile.
    var mayOverlap = false
    /// Called at moments at which a crash is worth trying.
    var crashPoint: (String) -> Void = { _ in }

    init(_ simulator: Simulator, disk: SimulatedDisk, findings: Findings) {
        self.simulator = simulator
        self.disk = disk
        self.findings = findings
    }

    var now: Timestamp { simulator.environment.wallClock.now }
    var random: SimulatedRandom { simulator.random }
    var engines: [SimulatedEngine] { machines.flatMap(\.engines) }
    var live: [WorldAttempt] { attempts.values.filter(\.isLive).sorted { $0.id < $1.id } }

    func addMachine(_ name: String, capacity: Capacity) -> SimulatedMachine {
        let machine = SimulatedMachine(
            name: name, id: simulator.environment.identifier(), capacity: capacity, world: self)
        machines.append(machine)
        return machine
    }

    /// Brings an attempt to life, and holds that against what may be.
    func begin(_ launch: AttemptLaunch, on machine: SimulatedMachine, kind: RuntimeKind) -> WorldAttempt {
        let name = "\(launch.taskName) (attempt \(launch.attempt))"
        simulator.record("\(machine.name) starts \(name)")
        // What vanished before anyone knew that it ran cannot be told from what never started.
        findings.check(attempts[launch.attempt]?.hasVanished ?? true, .startedTwice, name)
        let others = live.filter { $0.launch.task == launch.task }
        let mayBeMore = mayOverlap && launch.spec.onDisconnect == .keep
        findings.check(others.isEmpty || mayBeMore, .twoLive, "\(name) beside \(others.map(\.id.text))")
        let stored = disk.rows[launch.task]?.record.attempts.contains { $0.id == launch.attempt } ?? false
        findings.check(stored, .startedUnstored, name)
        let attempt = WorldAttempt(launch, on: machine, kind: kind, at: now)
        attempts[launch.attempt] = attempt
        machine.checkCapacity()
        crashPoint("start")
        return attempt
    }

    func end(_ attempt: WorldAttempt, code: Int32, reason: String) {
        guard attempt.isLive else { return }
        simulator.record("\(attempt.launch.taskName) (attempt \(attempt.id)) ends: \(reason)")
        attempt.end.set(AttemptExit(code: code, endedAt: now, reason: reason))
        crashPoint("end")
    }

    /// Ends an attempt without a trace of it, as by an administrator's `docker rm --force`.
    func vanish(_ attempt: WorldAttempt) {
        guard attempt.isLive else { return }
        simulator.record("\(attempt.launch.taskName) (attempt \(attempt.id)) vanishes")
        attempt.vanish(at: now)
    }
}
