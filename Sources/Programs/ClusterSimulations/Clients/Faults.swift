import ClusterModel
import Core
import Simulation

/// What goes wrong, now this and now that, and after a while is well again.
final class Faults {
    private unowned(unsafe) let world: World

    private enum Kind: CaseIterable {
        case managerCrash, managerPause, takeover, crashPoint, cut, oneWayCut, isolation, workerCrash
        case workerPause, machineCrash, slowDisk, fullDisk, slowNetwork, lossyNetwork, runtimeAway
        case startTroubles, clockStep, cutWithClockStep, fullWorkerDisk, drain, databaseCut
    }

    init(_ world: World) { self.world = world }

    /// So many faults, at times drawn evenly until `end`.
    func strike(_ count: Int, until end: Int64) {
        for _ in 0..<count {
            world.after(world.random.number(Span.minute...max(end, 2 * Span.minute))) { [self] in
                guard !world.isHealed else { return }
                let kind = world.random.pick(Kind.allCases)
                world.note("FAULT \(kind)")
                world.counts.faults += 1
                strike(kind)
            }
        }
    }

    private func seconds(_ range: ClosedRange<Int64>) -> Int64 {
        world.random.number(range.lowerBound * Span.second...range.upperBound * Span.second)
    }

    private func later(_ wait: Int64, _ action: @escaping () -> Void) { world.after(wait, action) }

    private func machine() -> VirtualMachine { world.random.pick(world.machines) }

    private func strike(_ kind: Kind) {
        switch kind {
        case .managerCrash: world.crashLeader()
        case .managerPause: pauseManager()
        case .takeover: takeOver()
        case .crashPoint:
            world.crashes.arm(
                world.random.pick(CrashPoints.Point.allCases), in: 1 + world.random.next(below: 10))
        case .cut: cut(machine(), [.up, .down])
        case .oneWayCut: cut(machine(), [world.random.chance(0.5) ? .up : .down])
        case .isolation: for machine in world.machines { cut(machine, [.up, .down]) }
        case .workerCrash: crashWorker(machine())
        case .workerPause: pauseWorker(machine())
        case .machineCrash: crashMachine(machine())
        case .slowDisk: disk(latency: 100_000...2 * Span.second, refuses: 0)
        case .fullDisk: disk(latency: 200...3000, refuses: world.random.chance(0.7) ? 1 : 0.5)
        case .slowNetwork: network(machine(), slowness: world.random.number(20...200), 0, 0)
        case .lossyNetwork: network(machine(), slowness: 1, 0.3, 0.3)
        case .runtimeAway: loseRuntime(machine())
        case .startTroubles: troubleStarts(machine())
        case .clockStep: stepClock(machine())
        case .cutWithClockStep:
            let machine = machine()
            cut(machine, [.up, .down])
            later(seconds(1...15)) { [self] in stepClock(machine) }
        case .fullWorkerDisk: fillDisk(machine())
        case .drain: drain(machine())
        case .databaseCut: cutDatabase()
        }
    }

    private func pauseManager() {
        guard let manager = world.leader else { return }
        world.pause(manager)
        later(seconds(1...8)) { [self] in world.resume(manager) }
    }

    /// The leader is only paused, and another takes its place when the leadership has run out.
    private func takeOver() {
        guard let manager = world.leader, !manager.isPaused else { return }
        world.pause(manager)
        later(VirtualManager.leadership + seconds(0...5)) { [self] in
            if manager.isAlive { world.startManager(seat: 1 - manager.seat) }
            later(seconds(0...40)) { [self] in world.resume(manager) }
        }
    }

    /// The leader cannot reach the database; after a while it cannot lead, and another does.
    private func cutDatabase() {
        guard let manager = world.leader, !manager.isOffDatabase else { return }
        manager.cutDatabase()
        let wait = world.random.number(200_000...15 * Span.second)
        world.trouble(for: wait + 20 * Span.second)
        later(VirtualManager.leadership + seconds(0...3)) { [self] in
            let isOver = !manager.isAlive || manager.isOffDatabase && !manager.leads
            if isOver, world.leader == nil || world.leader === manager {
                world.startManager(seat: 1 - manager.seat)
            }
        }
        later(wait) { manager.mendDatabase() }
    }

    private func cut(_ machine: VirtualMachine, _ directions: [Link.Direction]) {
        for direction in directions { machine.cut(direction) }
        let isLong = world.random.chance(0.5)
        later(isLong ? seconds(20...90) : world.random.number(200_000...20 * Span.second)) {
            for direction in directions { machine.mend(direction) }
        }
    }

    private func crashWorker(_ machine: VirtualMachine) {
        let left = (machine.process?.leasedUntil ?? world.now) - world.now
        machine.endWorker()
        if world.random.chance(0.4) { later(seconds(0...3)) { [self] in cut(machine, [.up, .down]) } }
        // A service manager starts it again before its lease is over; one that is cut off for long may have none.
        later(world.random.number(50_000...max(100_000, left))) { machine.startWorker() }
    }

    private func pauseWorker(_ machine: VirtualMachine) {
        guard let process = machine.process else { return }
        process.pause()
        for session in machine.sessions { session.watch(.up) }
        later(world.random.number(100_000...4 * Span.second)) {
            process.resume()
            for session in machine.sessions { session.hear(.up) }
        }
    }

    private func crashMachine(_ machine: VirtualMachine) {
        machine.crash()
        later(seconds(5...120)) { machine.boot() }
    }

    private func disk(latency: ClosedRange<Int64>, refuses: Double) {
        (world.store.latency, world.store.refuses) = (latency, refuses)
        let wait = seconds(1...20)
        world.trouble(for: wait + 20 * Span.second)
        if world.random.chance(0.6) { later(world.random.number(0...wait)) { [self] in world.crashLeader() } }
        later(wait) { [self] in (world.store.latency, world.store.refuses) = (200...3000, 0) }
    }

    private func network(_ machine: VirtualMachine, slowness: Int64, _ duplication: Double, _ loss: Double) {
        (machine.link.slowness, machine.link.duplication, machine.link.loss) = (slowness, duplication, loss)
        later(seconds(5...120)) {
            (machine.link.slowness, machine.link.duplication, machine.link.loss) = (1, 0, 0)
        }
    }

    private func loseRuntime(_ machine: VirtualMachine) {
        let kind = world.random.pick(RuntimeKind.allCases)
        machine.away.insert(kind)
        later(seconds(2...90)) { machine.away.remove(kind) }
    }

    private func troubleStarts(_ machine: VirtualMachine) {
        if world.random.chance(0.5) {
            machine.troubles = 0.3
        } else {
            machine.startTime = Span.second...20 * Span.second
        }
        later(seconds(10...120)) {
            machine.troubles = 0
            machine.startTime = VirtualMachine.usualStart
        }
    }

    private func stepClock(_ machine: VirtualMachine) {
        let step = world.random.number(-Span.hour...Span.hour)
        if world.random.chance(0.3) {
            world.seats[world.leader?.seat ?? 0].civilError += step
            world.trouble(for: 20 * Span.second)
        } else {
            machine.clocks.civilError += step
        }
    }

    /// A worker that cannot keep what it has to, and perhaps starts again before it can.
    private func fillDisk(_ machine: VirtualMachine) {
        machine.isDiskFull = true
        if world.random.chance(0.6) { later(seconds(10...60)) { [self] in crashWorker(machine) } }
        later(seconds(60...90)) { machine.isDiskFull = false }
    }

    private func drain(_ machine: VirtualMachine) {
        let isDrain = world.random.chance(0.5)
        let wait = world.random.chance(0.5) ? Duration.seconds(world.random.number(0...30)) : nil
        world.leader?.order(machine.id, isDrain ? .drained : .cordoned, within: isDrain ? wait : nil)
        later(seconds(10...120)) { [self] in world.open(machine) }
    }

    /// All is well from now on.
    func heal() {
        world.isHealed = true
        world.note("all faults are over")
        (world.store.latency, world.store.refuses) = (200...3000, 0)
        world.crashes = CrashPoints()
        for machine in world.machines {
            machine.mend(.up)
            machine.mend(.down)
            (machine.link.slowness, machine.link.duplication, machine.link.loss) = (1, 0, 0)
            machine.away = []
            machine.troubles = 0
            machine.startTime = VirtualMachine.usualStart
            machine.isDiskFull = false
            machine.boot()
            machine.process?.resume()
            machine.startWorker()
            world.open(machine)
        }
        for manager in world.managers {
            world.resume(manager)
            manager.mendDatabase()
        }
        if world.leader == nil { world.restartManager() }
    }
}
