import ClusterModel
import Core
import JobModel
import Leases
import TaskDecisions

/// One life of a manager: the real decisions, and around them what the service does between two of them, without waiting:
/// decide, store, acknowledge, send.
final class VirtualManager: Host {
    let epoch: Int64
    /// The machine it is on: of two that may lead, each with its own clocks.
    let seat: Int
    var core: TaskCore
    var drains = DrainDeadlines()
    var leases: LeaseTable

    // What the outbox does.
    var outbox: [OutboxEntry] = []
    var beginnings = UnhurriedEntries<OutboxEntry>()
    /// Whether there are any: mostly there are none, and what comes goes past them.
    var hasBeginnings = false
    var isStoring = false
    var unsaved = Unsaved()
    /// Submissions on their way to the store, and who waits for that.
    var storing: [TaskID: [() -> Void]] = [:]
    var alarms: [TaskID: Int] = [:]
    private var lastAlarm = 0

    // What the registry does.
    var connections: [NodeID: Session] = [:]
    var holdings: [NodeID: Holding] = [:]
    var clockAhead: [NodeID: Duration] = [:]
    var leaseTimer: MonotonicInstant?

    var jobs = JobLoop()
    var isOpen = false
    /// Until when no other can lead.
    var leadsUntil: Int64
    /// When it was last able to do everything it wanted to.
    var overdue: [TaskID: Int64] = [:]

    /// Before when tasks may not be tried again, by the world's time.
    var backOffs: [TaskID: BackOff] = [:]
    /// Whether the way to the database is cut, and what is answered when it is free.
    private(set) var isOffDatabase = false
    private var unanswered: [() -> Void] = []

    static let leadership = 6 * Span.second
    /// Few, so that both rules of what is forgotten come into play.
    private static let (tasksKept, expiredAtOnce) = (120, 20)

    init(_ world: World, seat: Int) {
        epoch = world.store.lead()
        self.seat = seat
        leadsUntil = world.now + Self.leadership
        let identifiers = world.identifiers
        core = TaskCore(
            epoch: epoch, limits: TaskCore.Limits(lossGrace: world.settings.lossGrace),
            policy: world.settings.policy
        ) { identifiers.make(AttemptKind.self) }
        leases = LeaseTable(lease: world.settings.lease)
        super.init(world)
        world.counts.managers += 1
        world.note("manager \(epoch) starts")
        after(world.random.number(20_000...500_000)) { [self] in load() }
    }

    var clocks: Clocks { world.seats[seat] }
    var civil: Timestamp { clocks.civil(world.now) }

    /// What leases are counted by.
    var instant: MonotonicInstant {
        world.bug == .lapsesByCivilTime
            ? MonotonicInstant(nanoseconds: civil.microseconds * 1000) : clocks.monotonic(world.now)
    }

    private func load() {
        for row in world.store.rows.values.sorted(by: { $0.record.id < $1.record.id }) {
            core.restore(
                row.record, idempotencyKey: world.bug == .forgetsKeys && epoch > 1 ? nil : row.key)
        }
        for (_, node) in world.store.nodes.sorted(by: { $0.key < $1.key }) {
            core.restore(node.node, orders: node.orders)
            drains.count(node.orders, about: node.node.id, at: civil, instant)
        }
        world.ledger.checkLoaded(core, world)
        enqueue(core.restored())
        for node in core.knownNodes.sorted() { leases.await(node, at: instant) }
        armLeases()
        loadJobs()
        isOpen = true
        repeatedly(every: 15 * Span.second) { [self] in
            core.ripen()
            expire()
        }
        repeatedly(every: 2 * Span.second) { [self] in renewLeadership() }
    }

    private func repeatedly(every wait: Int64, _ action: @escaping () -> Void) {
        after(wait) { [self] in
            action()
            repeatedly(every: wait, action)
        }
    }

    private func expire() {
        let cutoff = civil.advanced(by: .zero - world.settings.retention)
        let decision = core.expire(finishedBefore: cutoff, keeping: Self.tasksKept, limit: Self.expiredAtOnce)
        enqueue(decision)
        guard isAlive, decision.changes.count == Self.expiredAtOnce else { return }
        after(50_000) { [self] in expire() }
    }

    private func renewLeadership() {
        guard world.bug != .fencesNobody else { return }
        guard !isOffDatabase else {
            if !leads { stepDown() }
            return
        }
        let asked = world.now
        // Where nothing is in the way it is known what the question comes to: it is then no event of its own, most of the time.
        if world.store.epoch == epoch, !world.random.chance(0.1) {
            leadsUntil = asked + Self.leadership
            return
        }
        world.after(world.random.number(200...3000)) { [self] in
            let leads = world.store.epoch == epoch
            perform { [self] in
                if leads { leadsUntil = asked + Self.leadership } else { stepDown() }
            }
        }
    }

    /// Does it now, or when the database can be reached again.
    func onceWithDatabase(_ action: @escaping () -> Void) {
        if isOffDatabase { unanswered.append(action) } else { action() }
    }

    func cutDatabase() {
        world.note("manager \(epoch) cannot reach the database")
        isOffDatabase = true
    }

    func mendDatabase() {
        guard isOffDatabase else { return }
        world.note("manager \(epoch) reaches the database again")
        isOffDatabase = false
        let actions = unanswered
        unanswered = []
        for action in actions { perform(action) }
    }

    /// Another leads.
    func stepDown() {
        world.note("manager \(epoch) steps down")
        end()
        // It starts again, and where nobody else leads by then, it leads.
        world.restartManager()
    }

    /// Whether it may still speak for the cluster, as far as it knows.
    var leads: Bool { world.now < leadsUntil || world.bug == .fencesNobody }

    /// It is over, by a crash or otherwise: its connections with it.
    func end() {
        guard isAlive else { return }
        let sessions = holdings.values.sorted { $0.registration.node < $1.registration.node }.compactMap(
            \.session)
        die()
        isOpen = false
        for session in sessions { session.close(.up, "the manager is gone") }
        world.managers.removeAll { $0 === self }
    }

    override func letGo() {
        for holding in holdings.values { (holding.session, holding.next) = (nil, nil) }
        (connections, holdings, storing) = ([:], [:], [:])
        (outbox, unanswered, jobs.commands) = ([], [], [])
    }

    /// Whether it crashes here.
    func crashes(at point: CrashPoints.Point) -> Bool {
        if world.crashes.passes(point) {
            world.note("manager \(epoch) crashes, \(point)")
            world.counts.faults += 1
            end()
            world.restartManager()
        }
        return !isAlive
    }

    // MARK: Alarms

    /// Looks at a task again at a civil time, counted off by the clock that never jumps.
    func setAlarm(_ task: TaskID, at time: Timestamp) {
        lastAlarm += 1
        alarms[task] = lastAlarm
        if world.bug == .skipsBackOffs, world.random.chance(0.1) {
            return after(0) { [self] in enqueue(core.wake(task, at: time)) }
        }
        if world.bug == .losesWakeUps, world.random.chance(0.02) { return }
        arm(task, lastAlarm, time)
    }

    private func arm(_ task: TaskID, _ number: Int, _ time: Timestamp) {
        if world.bug == .waitsByCivilTime, civil < time {
            let left = min(civil.duration(to: time).inMicroseconds, 10 * Span.second)
            return after(left) { [self] in if alarms[task] == number { arm(task, number, time) } }
        }
        let due = clocks.monotonic(world.now).advanced(by: max(.zero, civil.duration(to: time)))
        after(clocks.wait(for: due, from: world.now)) { [self] in
            guard alarms[task] == number else { return }
            alarms[task] = nil
            core.express(drains, at: civil, instant)
            enqueue(core.wake(task, at: civil))
        }
    }
}
