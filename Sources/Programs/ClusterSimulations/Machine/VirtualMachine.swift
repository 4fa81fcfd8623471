import ClusterModel
import Core
import Leases
import NodeServices
import Scheduling
import TaskDecisions

/// A machine: what runs on it lives on without the worker, and ends with the machine.
final class VirtualMachine {
    /// One attempt that was begun.
    final class Runner {
        let launch: AttemptLaunch
        let runtime: RuntimeKind
        let startedAt: Timestamp
        /// By the world's time.
        let begunAt: Int64
        var isLive = true
        /// Since when it does not do its work, by the world's time; nil for never.
        var sickFrom: Int64?
        var code: Int32?
        var endedAt: Timestamp?
        /// Nothing is known of how it ended.
        var isLost = false
        /// When it is killed; nil while nobody asked.
        var killAt: Int64?
        /// It was to be stopped while its runtime did not answer: nobody can do that.
        var isOutOfReach = false

        init(_ launch: AttemptLaunch, at time: Timestamp, _ now: Int64) {
            self.launch = launch
            runtime = launch.spec.runtime
            startedAt = time
            begunAt = now
        }

        func isSick(_ now: Int64) -> Bool { sickFrom.map { $0 <= now } ?? false }
    }

    unowned(unsafe) let world: World
    let id: NodeID
    let name: String
    let capacity: Capacity
    var clocks: Clocks
    var link = Link()
    private(set) var isUp = true
    private(set) var process: WorkerProcess?
    private var incarnation: UInt64 = 0
    private(set) var sessions: [Session] = []

    var runners: [AttemptID: Runner] = [:]
    /// What live attempts take.
    private(set) var used = Capacity()
    /// How many of them have each port and each GPU.
    private var units: [String: Int] = [:]
    var away: Set<RuntimeKind> = []
    /// The share of starts that fail, and how slow they are.
    var troubles = 0.0
    static let usualStart: ClosedRange<Int64> = 5000...300_000
    var startTime = usualStart
    let kept = KeptEpoch()
    /// What the worker keeps over a restart.
    var guards: [AttemptID: DisconnectTable.Entry] = [:]
    var isDiskFull = false

    init(_ world: World, number: Int, clocks: Clocks) {
        self.world = world
        self.clocks = clocks
        id = world.identifiers.node(number)
        name = "n\(number)"
        capacity = world.settings.capacities[number - 1]
    }

    /// Whether nothing is amiss with it, or the way to it.
    var isQuiet: Bool {
        isUp && process?.works == true && link.isQuiet && away.isEmpty && troubles == 0
            && startTime == Self.usualStart && !isDiskFull
    }

    var instant: MonotonicInstant { clocks.monotonic(world.now) }
    var civil: Timestamp { clocks.civil(world.now) }

    func describe() -> Node {
        var node = Node(
            id: id, name: name, state: .ready, capacity: capacity, allocated: Capacity(),
            architecture: "x86_64", operatingSystem: "linux", version: "1", runtimes: runtimes(),
            registeredAt: Timestamp(microseconds: 0),
            labels: ["zone": world.identifiers.number(of: id) % 2 == 0 ? "a" : "b"])
        node.ports = PortRange(first: 20_000, last: 20_007)
        node.gpus = (0..<capacity.gpus).map {
            GPU(index: $0, uuid: "GPU-\(name)-\($0)", name: "GPU", memory: .gibibytes(16))
        }
        return node
    }

    func runtimes() -> [RuntimeStatus] {
        RuntimeKind.allCases.map {
            RuntimeStatus(kind: $0, isAvailable: !away.contains($0), detail: away.contains($0) ? "away" : "1")
        }
    }

    func add(_ session: Session) {
        for session in sessions where !session.isOpen[0] && !session.isOpen[1] { session.letGo() }
        sessions.removeAll { !$0.isOpen[0] && !$0.isOpen[1] }
        sessions.append(session)
    }

    // MARK: The worker

    func startWorker() {
        guard isUp, process == nil else { return }
        incarnation += 1
        process = WorkerProcess(self, incarnation: incarnation)
    }

    func endWorker() {
        guard let process else { return }
        self.process = nil
        process.crash()
        for session in sessions where session.process === process { session.close(.down, "the worker ended") }
    }

    /// Power is gone: nothing says so.
    func crash() {
        isUp = false
        process?.crash()
        process = nil
        for session in sessions { session.watch(.up) }
        for (attempt, runner) in runners.sorted(by: { $0.key < $1.key }) {
            if runner.isLive { end(runner, code: nil) }
            // Of some of them no trace is left.
            if world.random.chance(0.2) { runners[attempt] = nil }
        }
    }

    func boot() {
        guard !isUp else { return }
        isUp = true
        forgetSessions()
        startWorker()
    }

    func letGo() {
        process?.letGo()
        process = nil
        forgetSessions()
    }

    private func forgetSessions() {
        for session in sessions { session.letGo() }
        sessions = []
    }

    // MARK: The network

    func cut(_ direction: Link.Direction) {
        guard link.carries(direction) else { return }
        link.set(direction, cut: true)
        for session in sessions { session.watch(direction) }
    }

    func mend(_ direction: Link.Direction) {
        guard !link.carries(direction) else { return }
        link.set(direction, cut: false)
        for session in sessions {
            session.hear(direction)
            session.flush(direction)
        }
    }

    // MARK: What runs

    /// Begins an attempt, unless it was begun before.
    func begin(_ launch: AttemptLaunch, for time: Int64, _ code: Int32) -> Runner {
        if let runner = runners[launch.attempt] {
            if world.bug == .appliesTwice, runner.isLive { count(launch, 1) }
            return runner
        }
        if let row = world.store.rows[launch.task] {
            world.check(
                row.record.attempts.contains { $0.id == launch.attempt }, .unstored,
                "\(launch.taskName) \(launch.attempt)")
        }
        let runner = Runner(launch, at: civil, world.now)
        if launch.spec.health != nil, world.random.chance(0.1) {
            runner.sickFrom = world.now + world.random.number(0...Span.minute)
        }
        runners[launch.attempt] = runner
        count(launch, 1)
        world.counts.starts += 1
        world.note("\(name) runs \(launch.taskName) \(launch.attempt.text.suffix(6))")
        world.after(time) { [self] in if runner.isLive { end(runner, code: code) } }
        return runner
    }

    private func count(_ launch: AttemptLaunch, _ step: Int64) {
        used.add(launch.spec.resources, step)
        let ports = launch.spec.ports.map(\.hostPort)
        world.check(
            step < 0 || !ports.contains { $0.number == 0 }, .oversold,
            "\(launch.taskName) begins without its ports")
        for unit in ports.map({ "port \($0)" }) + launch.gpus.map({ "GPU \($0.index)" }) {
            let holders = (units[unit] ?? 0) + Int(step)
            units[unit] = holders == 0 ? nil : holders
            world.check(holders < 2, .oversold, "\(name) gives \(unit) to \(holders) attempts")
        }
        let copies = (world.copies[launch.task] ?? 0) + Int(step)
        world.copies[launch.task] = copies == 0 ? nil : copies
        guard step > 0 else { return }
        world.check(
            copies < 2 || launch.spec.onDisconnect == .keep || copies - outOfReach(launch.task) < 2,
            .twoCopies, "\(launch.taskName) runs \(copies) times")
        guard !used.isWithin(capacity) else { return }
        for runner in runners.values.filter(\.isLive).sorted(by: { $0.begunAt < $1.begunAt }) {
            world.note(
                "\(name) has \(runner.launch.taskName) \(runner.launch.attempt.text.suffix(6)): \(sight(of: runner))"
            )
        }
        world.report(.oversold, "\(name) has \(capacity) and gives \(used)")
    }

    /// What the manager holds of the task that an attempt is of.
    private func sight(of runner: Runner) -> String {
        guard let record = world.leader?.core.tasks[runner.launch.task] else { return "not known" }
        let current = record.current.map { "\($0.id.text.suffix(6)) \($0.state)" } ?? "no attempt"
        return "\(record.state), \(current), \(record.spec.resources.cpuMillis ?? 0) CPU"
    }

    /// Copies of a task that a worker wanted to stop, and could not while their runtime was away (docs/machines.md says so).
    private func outOfReach(_ task: TaskID) -> Int {
        world.machines.reduce(0) { sum, machine in
            sum + machine.runners.values.count { $0.launch.task == task && $0.isLive && $0.isOutOfReach }
        }
    }

    func end(_ runner: Runner, code: Int32?) {
        runner.isLive = false
        runner.code = code
        runner.isLost = code == nil
        runner.endedAt = civil
        count(runner.launch, -1)
        world.note("\(name) ends \(runner.launch.taskName) with \(code.map { "\($0)" } ?? "nothing")")
        process?.saw(endOf: runner)
    }

    /// Asks an attempt to end. Most do so soon, some only when they are killed.
    func stop(_ runner: Runner, grace: Duration) {
        guard runner.isLive else { return }
        let longest = grace.inMicroseconds
        let obeys = world.random.chance(0.7)
        let wait = obeys ? world.random.number(0...min(longest, Span.second)) : longest
        let time = world.now + wait
        if let killAt = runner.killAt, killAt <= time { return }
        runner.killAt = time
        world.after(wait) { [self] in
            if runner.isLive, runner.killAt == time { end(runner, code: obeys ? 143 : 137) }
        }
    }
}

/// The highest epoch that a worker has seen, over its restarts.
final class KeptEpoch: @unchecked Sendable {
    // Confined to the simulation's thread.
    var highest: Int64 = 0
}

extension Capacity {
    mutating func add(_ resources: Resources, _ sign: Int64) {
        cpuMillis += sign * (resources.cpuMillis ?? 0)
        memory.bytes += sign * (resources.memory?.bytes ?? 0)
        disk.bytes += sign * (resources.disk?.bytes ?? 0)
        gpus += Int(sign) * (resources.gpus ?? 0)
        tasks += Int(sign)
    }

    mutating func add(_ other: Capacity) {
        cpuMillis += other.cpuMillis
        memory.bytes += other.memory.bytes
        disk.bytes += other.disk.bytes
        gpus += other.gpus
        tasks += other.tasks
    }

    func isWithin(_ other: Capacity) -> Bool {
        cpuMillis <= other.cpuMillis && memory <= other.memory && disk <= other.disk && gpus <= other.gpus
            && tasks <= other.tasks
    }
}
