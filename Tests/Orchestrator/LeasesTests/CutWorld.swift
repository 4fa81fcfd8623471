import ClusterModel
import Core
import Leases
import Synchronization
import TaskDecisions

/// A few machines and a manager, all of whose decisions are the real ones, in a network that a seed cuts: either direction by
/// itself, answers alone, or the manager pauses. Time goes in steps.
struct CutWorld {
    struct Lots {
        var state: UInt64

        /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func chance(_ share: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < share }
        mutating func number(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
    }

    struct Machine {
        var node: Node
        /// Attempts whose processes live; the time at which one that was told to stop is gone.
        var running: [AttemptID: (task: TaskID, endsAt: Int64?)] = [:]
        var guardian: DisconnectTable
        var nextBeat: Int64 = 0
        /// Whether calls of the worker arrive, their answers, and calls of the manager.
        var asks = true
        var hears = true
        var isReached = true
        var hasSession = false
        var wantsSession = false
        /// Steps for which the session was silent.
        var silence = 0
        /// What waits in the session to arrive, in either direction; gone with it.
        var orders: [Directive] = []
        var reports: [(AttemptEvent, AttemptID, TaskID)] = []
    }

    static let step: Int64 = 250_000_000
    static let lease = Duration.seconds(4)

    var lots: Lots
    var now: Int64 = 0
    var machines: [NodeID: Machine] = [:]
    var leases = LeaseTable(lease: Self.lease)
    var core: TaskCore
    var wakes: [TaskID: Timestamp] = [:]
    var pausedUntil: Int64 = 0
    var faults = true

    init(seed: UInt64, machines count: UInt64, tasks: UInt64) throws {
        lots = Lots(state: seed)
        let counter = Mutex<UInt64>(1000)
        core = TaskCore(epoch: 1, limits: .init(lossGrace: .seconds(3))) {
            AttemptID(
                time: Timestamp(microseconds: 0),
                random: counter.withLock { value in
                    value += 1
                    return value
                })
        }
        for number in 1...count {
            let node = Node(
                id: NodeID(time: Timestamp(microseconds: 0), random: number), name: "n\(number)",
                state: .ready,
                capacity: Capacity(cpuMillis: 8000, tasks: 100), allocated: Capacity(), architecture: "x",
                operatingSystem: "x", version: "0",
                runtimes: [RuntimeStatus(kind: .process, isAvailable: true, detail: "x")],
                registeredAt: Timestamp(microseconds: 0))
            machines[node.id] = Machine(node: node, guardian: DisconnectTable(at: instant))
        }
        for number in 1...tasks {
            var spec = TaskSpec(executable: "/bin/true", restart: RestartPolicy(mode: .always))
            spec.stopGrace = Seconds(1)
            if number % 2 == 0 {
                (spec.onDisconnect, spec.stopAfter) = (.stopAfter, Seconds(Double(number % 3)))
            }
            let submission = Submission(
                id: TaskID(time: Timestamp(microseconds: 0), random: number), name: "t\(number)",
                project: "default", spec: spec, principal: "user://local/admin", idempotencyKey: nil)
            carryOut(try core.submit(submission, at: time).1)
        }
    }

    var instant: MonotonicInstant { MonotonicInstant(nanoseconds: now) }
    var time: Timestamp { Timestamp(microseconds: now / 1000) }
    var nodes: [NodeID] { machines.keys.sorted() }

    func copies(of task: TaskID) -> Int {
        machines.values.reduce(0) { $0 + $1.running.values.count { $0.task == task } }
    }

    mutating func advance() {
        now += Self.step
        if faults { breakSomething() }
        for node in nodes { work(node) }
        guard now >= pausedUntil else { return }
        for node in nodes { keepSession(node) }
        for directive in leases.expire(at: instant) { obey(directive) }
        for (task, at) in wakes.sorted(by: { $0.key < $1.key }) where at <= time {
            wakes[task] = nil
            carryOut(core.wake(task, at: time))
        }
    }

    mutating func heal() {
        faults = false
        for node in nodes {
            (machines[node]!.asks, machines[node]!.hears, machines[node]!.isReached) = (true, true, true)
        }
    }

    private mutating func breakSomething() {
        for node in nodes {
            if lots.chance(0.01) { machines[node]!.asks.toggle() }
            if lots.chance(0.01) { machines[node]!.hears.toggle() }
            if lots.chance(0.01) { machines[node]!.isReached.toggle() }
            if lots.chance(0.02) {
                (machines[node]!.asks, machines[node]!.hears, machines[node]!.isReached) = (true, true, true)
            }
        }
        if lots.chance(0.002) { pausedUntil = now + Int64(lots.number(below: 20)) * 1_000_000_000 }
    }

    /// What a machine does by itself: beats, stops what it has to, and what it stopped ends.
    private mutating func work(_ node: NodeID) {
        if now >= machines[node]!.nextBeat {
            machines[node]!.nextBeat = now + 1_000_000_000
            register(node)
        }
        for entry in machines[node]!.guardian.due(at: instant) {
            end(entry.attempt, on: node, grace: entry.grace.duration)
        }
        for (attempt, process) in machines[node]!.running.sorted(by: { $0.key < $1.key }) {
            guard let endsAt = process.endsAt, endsAt <= now else { continue }
            machines[node]!.running[attempt] = nil
            let code: Int32? = machines[node]!.guardian.wasStopped(attempt) ? nil : 143
            _ = machines[node]!.guardian.ended(attempt)
            guard machines[node]!.hasSession else { continue }
            machines[node]!.reports.append(
                (.exited(code: code, at: time, reason: "ended"), attempt, process.task))
        }
        deliver(node)
    }

    /// What waits in the session arrives, where the network lets it; reports only at a manager that works.
    private mutating func deliver(_ node: NodeID) {
        guard machines[node]!.hasSession, machines[node]!.isReached else { return }
        let orders = machines[node]!.orders
        machines[node]!.orders = []
        for order in orders { perform(order, on: node) }
        guard now >= pausedUntil else { return }
        let reports = machines[node]!.reports
        machines[node]!.reports = []
        for (event, attempt, task) in reports {
            carryOut(core.observe(event, of: attempt, task: task, at: time))
        }
    }

    private mutating func endSession(_ node: NodeID, because reason: String) {
        machines[node]!.hasSession = false
        (machines[node]!.orders, machines[node]!.reports) = ([], [])
        leases.disconnected(node, at: instant)
        carryOut(core.disconnect(node, because: reason, at: time))
    }

    private mutating func register(_ node: NodeID) {
        guard machines[node]!.asks, now >= pausedUntil else { return }
        let registration = LeaseTable.Registration(
            node: node, name: machines[node]!.node.name, incarnation: 1, host: "x", port: 1)
        guard let answer = try? leases.register(registration, at: instant) else { return }
        for directive in answer.directives { obey(directive) }
        // The request may have been under way for a while: the worker counts from when it asked.
        if answer.isGranted, machines[node]!.hears {
            machines[node]!.guardian.granted(until: instant.advanced(by: Self.lease))
        }
    }

    /// The manager's side of a session: made when it can be, over when it was silent.
    private mutating func keepSession(_ node: NodeID) {
        let machine = machines[node]!
        if machine.hasSession {
            machines[node]!.silence = machine.isReached ? 0 : machine.silence + 1
            if machines[node]!.silence > 4 { endSession(node, because: "cut") }
        } else if machine.wantsSession, machine.isReached {
            (machines[node]!.hasSession, machines[node]!.silence) = (true, 0)
            let found = machine.running.sorted { $0.key < $1.key }.map { attempt, process in
                FoundAttempt(attempt: attempt, task: process.task, runtime: .process, startedAt: time)
            }
            leases.connected(node, at: instant)
            machines[node]!.guardian.granted(until: instant.advanced(by: Self.lease))
            carryOut(core.join(machine.node, found: [.process: found], at: time))
        }
    }

    private mutating func obey(_ directive: LeaseTable.Directive) {
        switch directive {
        case .connect(let registration): machines[registration.node]!.wantsSession = true
        case .release(let node):
            machines[node]!.wantsSession = false
            if machines[node]!.hasSession { endSession(node, because: "silent") }
        case .lose(let node):
            let (decision, delays) = core.lose(node, because: "silent", at: time)
            leases.schedule(node, after: delays, at: instant)
            carryOut(decision)
        case .replace(let node, let delay): carryOut(core.replace(node, lostFor: delay, at: time))
        }
    }

    private mutating func carryOut(_ decision: Decision) {
        for directive in decision.directives {
            switch directive {
            case .wake(let task, let at): wakes[task] = at
            case .launch(_, let node): send(directive, to: node)
            case .stop(let place, _), .discard(let place): send(directive, to: place.node)
            case .cancelLaunch, .watch, .probe, .remove: break
            }
        }
    }

    private mutating func send(_ directive: Directive, to node: NodeID) {
        if machines[node]!.hasSession { machines[node]!.orders.append(directive) }
    }

    private mutating func perform(_ directive: Directive, on node: NodeID) {
        switch directive {
        case .launch(let launch, _):
            _ = machines[node]!.guardian.started(launch)
            if machines[node]!.running[launch.attempt] == nil {
                machines[node]!.running[launch.attempt] = (launch.task, nil)
            }
            machines[node]!.reports.append(
                (.started(at: time, ports: [], warnings: []), launch.attempt, launch.task))
        case .stop(let place, let grace): end(place.attempt, on: node, grace: grace)
        case .discard(let place): end(place.attempt, on: node, grace: .zero)
        case .cancelLaunch, .watch, .probe, .remove, .wake: break
        }
    }

    private mutating func end(_ attempt: AttemptID, on node: NodeID, grace: Duration) {
        guard machines[node]!.running[attempt] != nil else { return }
        let wait = grace == .zero ? 0 : Int64(lots.number(below: Int(grace.inNanoseconds)))
        machines[node]!.running[attempt]!.endsAt = min(
            machines[node]!.running[attempt]!.endsAt ?? .max, now + wait)
    }
}
