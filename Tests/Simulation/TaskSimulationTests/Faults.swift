import ClusterModel
import Core
import Simulation

/// What goes wrong, one thing after the other, and in the end nothing any more.
struct Faults: Sendable {
    let platform: SimulatedPlatform
    let world: World
    let monitor: Monitor
    let findings: Findings

    private var random: SimulatedRandom { world.random }
    private var clock: any MonotonicClock { world.simulator.environment.clock }

    /// Makes `count` faults.
    func strike(_ count: Int) async throws {
        for _ in 0..<count {
            try await pause(.milliseconds(5) ... .seconds(random.chance(0.5) ? 1 : 6))
            try await strikeOnce()
            try findings.verify()
        }
    }

    private func strikeOnce() async throws {
        switch random.next(below: 14) {
        case 0...3: try await crash()
        case 4: try await end()
        case 5: try await fillDisk()
        case 6: try await slowDisk()
        case 7, 8: try await loseEngine()
        case 9: try await hangEngine()
        case 10, 11: troubleStarts()
        case 12: try await pausePlatform()
        default:
            if random.chance(0.5) { stepClock() } else { loseAttempt() }
        }
    }

    private func pause(_ range: ClosedRange<Duration>) async throws {
        try await clock.sleep(for: random.duration(in: range))
    }

    func crash() async throws {
        platform.crash()
        try await pause(.zero ... .seconds(random.chance(0.7) ? 1 : 10))
        platform.restart()
    }

    private func end() async throws {
        try await platform.end()
        try await pause(.zero ... .seconds(1))
        platform.restart()
    }

    private func fillDisk() async throws {
        world.simulator.record("the disk is full")
        world.disk.refuses = random.pick([1, 1, 0.5])
        try await pause(.milliseconds(100) ... .seconds(8))
        if random.chance(0.3) { try await crash() }
        world.disk.heal(now: world.simulator.now)
        world.simulator.record("the disk has room")
    }

    private func slowDisk() async throws {
        world.disk.latency = .milliseconds(100) ... .seconds(2)
        try await pause(.milliseconds(100) ... .seconds(8))
        if random.chance(0.3) { try await crash() }
        world.disk.heal(now: world.simulator.now)
    }

    private func loseEngine() async throws {
        let engine = random.pick(world.engines)
        engine.goAway()
        try await pause(.milliseconds(10) ... .seconds(random.chance(0.7) ? 5 : 60))
        if random.chance(0.6) { try await crash() }
        if random.chance(0.5) { try await pause(.milliseconds(10) ... .seconds(20)) }
        engine.comeBack()
    }

    private func hangEngine() async throws {
        let engine = random.pick(world.engines)
        world.simulator.record("the \(engine.kind) engine of \(engine.machine.name) hangs")
        engine.pause()
        try await pause(.milliseconds(10) ... .seconds(random.chance(0.7) ? 5 : 60))
        if random.chance(0.3) { try await crash() }
        engine.resume()
    }

    /// Stops everything of the platform where it is, for a while.
    private func pausePlatform() async throws {
        platform.pause()
        try await pause(.milliseconds(100) ... .seconds(8))
        platform.resume()
    }

    private func troubleStarts() {
        let engine = random.pick(world.engines)
        switch random.next(below: 4) {
        case 0: engine.troubles.rejected = 0.3
        case 1: engine.troubles.exhausted = 0.5
        default: engine.troubles.hangs = 0.5
        }
        world.simulator.record("starts of \(engine.kind) on \(engine.machine.name) have troubles")
    }

    private func stepClock() {
        let step = random.duration(in: .zero ... .seconds(6)) - .seconds(3)
        platform.host.wallClockError += step
        monitor.clockError += step < .zero ? .zero - step : step
        world.simulator.record("civil time steps by \(step)")
    }

    private func loseAttempt() {
        let live = world.live
        if !live.isEmpty { world.vanish(random.pick(live)) }
    }

    func heal() {
        world.disk.heal(now: world.simulator.now)
        for engine in world.engines { engine.heal() }
        platform.restart()
        world.simulator.record("all faults are over")
    }
}
