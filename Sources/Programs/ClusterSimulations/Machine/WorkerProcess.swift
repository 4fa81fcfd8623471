import ClusterModel
import Core
import Leases
import NodeServices
import TaskDecisions
import Workers

/// One life of a worker: keeps its lease, obeys the session it is in, and stops what must not run on after a cut.
final class WorkerProcess: Host {
    let machine: VirtualMachine
    let incarnation: UInt64
    var guardian: DisconnectTable
    let epochs: EpochGuard
    private(set) var session: Session?
    /// Starts under way; whether each was given up.
    var starting: [AttemptID: Bool] = [:]
    var watched: Set<AttemptID> = []
    var probings: [AttemptID: Probing] = [:]
    private var guardTimer: MonotonicInstant?
    private var failures: Int64 = 0
    private var probes = 0
    private let registration: LeaseTable.Registration
    private lazy var helloAt = clock
    private var helloTime: Int64 = 0
    /// Until when, by the world's time, the manager counts on this worker for certain.
    private(set) var leasedUntil: Int64 = 0

    init(_ machine: VirtualMachine, incarnation: UInt64) {
        let world = machine.world
        self.machine = machine
        self.incarnation = incarnation
        let guards = world.bug == .forgetsGuards ? [] : Array(machine.guards.values)
        guardian = DisconnectTable(guards, at: machine.instant)
        let kept = machine.kept
        epochs = EpochGuard(highest: kept.highest) { kept.highest = $0 }
        registration = LeaseTable.Registration(
            node: machine.id, name: machine.name, incarnation: incarnation, host: "h", port: 1)
        super.init(world)
        world.note("worker \(incarnation) of \(machine.name) starts")
        after(world.random.number(10_000...Span.second)) { [self] in beat() }
        after(15 * Span.second) { [self] in probe() }
        armGuard()
    }

    func crash() {
        world.note("worker \(incarnation) of \(machine.name) ends")
        for (attempt, _) in starting.sorted(by: { $0.key < $1.key }) { startedUnseen(attempt) }
        die()
    }

    override func letGo() {
        (session, told) = (nil, nil)
        starts = [:]
    }

    /// Starts that were under way: some of them come about all the same.
    private func startedUnseen(_ attempt: AttemptID) {
        guard machine.isUp, let start = starts[attempt], world.random.chance(0.5) else { return }
        start()
    }

    var starts: [AttemptID: () -> Void] = [:]

    // MARK: The lease, as `NodeServices/RegistrationKeeper` keeps it

    private func beat() {
        guard let manager = world.choose() else { return retry() }
        let (sentAt, sent) = (clock, world.now)
        let lease = world.settings.lease
        let civil = machine.civil
        // Where nothing is in the way it is known what a call comes to: it is then one event, and most of the time not five.
        if machine.link.isQuiet, manager.works, !world.random.chance(0.1) {
            answered(manager.register(registration, civil: civil), from: sentAt, at: sent)
            return
        }
        var isAnswered = false
        for _ in 0..<(world.random.chance(machine.link.duplication) ? 2 : 1) {
            call(
                manager, { [self] in manager.register(registration, civil: civil) },
                then: { [self] isGranted in
                    guard isGranted != nil, !isAnswered else { return }
                    isAnswered = true
                    answered(isGranted, from: sentAt, at: sent)
                })
        }
        after(max(lease.inMicroseconds, Span.second)) { [self] in
            guard !isAnswered else { return }
            isAnswered = true
            retry()
        }
    }

    /// The manager has answered what was asked at `time`; with nil it never will.
    private func answered(_ isGranted: Bool?, from time: MonotonicInstant, at sent: Int64) {
        let lease = world.settings.lease.inMicroseconds
        guard let isGranted else { return after(max(lease, Span.second)) { [self] in retry() } }
        failures = 0
        if isGranted { granted(from: time, at: sent) }
        let wait = isGranted ? lease / 3 : min(lease / 3, 250_000)
        after(world.random.number(wait * 9 / 10...wait)) { [self] in beat() }
    }

    private func retry() {
        let wait = min(200_000 << min(failures, 5), 5 * Span.second)
        failures += 1
        after(world.random.number(wait / 2...wait)) { [self] in beat() }
    }

    private func call<Value>(
        _ manager: VirtualManager, _ ask: @escaping () -> Value, then: @escaping (Value) -> Void
    ) {
        let machine = machine
        guard !world.random.chance(machine.link.loss) else { return }
        world.after(machine.link.delay(&world.random)) { [self] in
            guard machine.link.carries(.up) else { return }
            manager.perform { [self] in
                let answer = ask()
                world.after(machine.link.delay(&world.random)) { [self] in
                    if machine.link.carries(.down) { perform { then(answer) } }
                }
            }
        }
    }

    private func granted(from time: MonotonicInstant, at now: Int64) {
        guardian.granted(until: time.advanced(by: world.settings.lease))
        leasedUntil = max(leasedUntil, now + world.settings.lease.inMicroseconds)
    }

    // MARK: The guard, as `NodeServices/DisconnectGuard` keeps it

    /// What cuts are counted by.
    private var clock: MonotonicInstant {
        world.bug == .lapsesByCivilTime
            ? MonotonicInstant(nanoseconds: machine.civil.microseconds * 1000) : machine.instant
    }

    /// Keeps what has to be stopped over a restart; whether it could.
    @discardableResult
    private func keep(_ changed: Bool) -> Bool {
        guard changed else { return true }
        if !machine.isDiskFull { machine.guards = guardian.entries }
        armGuard()
        return !machine.isDiskFull
    }

    private func armGuard() {
        guard let next = guardian.nextDeadline else { return }
        if let guardTimer, guardTimer <= next { return }
        guardTimer = next
        let left = (next.nanoseconds - clock.nanoseconds + 999) / 1000
        after(max(left, 1)) { [self] in
            guard guardTimer == next else { return }
            guardTimer = nil
            let due = world.bug == .ignoresCuts ? [] : guardian.due(at: clock)
            keep(!due.isEmpty)
            for entry in due {
                world.note("\(machine.name) stops \(entry.attempt.text.suffix(6)): it is cut off")
                let place = AttemptPlace(
                    task: entry.task, attempt: entry.attempt, node: machine.id, runtime: entry.runtime)
                carryOut(.cancelLaunch(place))
                carryOut(.stop(place, grace: entry.grace.duration))
            }
            if world.bug != .ignoresCuts { armGuard() }
        }
    }

    // MARK: The session, as `NodeServices/WorkerServer` holds it

    func greet(_ session: Session) {
        if world.bug != .fencesNobody {
            do {
                try epochs.check(session.manager.epoch)
            } catch {
                return session.close(.down, "another manager leads")
            }
        }
        if world.bug == .takesHelloForGrant {
            guardian.granted(until: clock.advanced(by: world.settings.lease))
        }
        (helloAt, helloTime) = (clock, world.now)
        let before = self.session
        self.session = session
        before?.close(.down, "another session has begun")
        session.send(.up) { session.manager.welcomed(session) }
    }

    func ended(_ session: Session) {
        if told?.session === session { told = nil }
        if self.session === session { self.session = nil }
    }

    func obey(_ directive: Directive, of session: Session) {
        guard self.session === session else { return }
        // The manager has heard the welcome, and counts on this worker since.
        granted(from: helloAt, at: helloTime)
        switch directive {
        case .launch(let launch, _):
            if let entry = guardian.stopped(launch.attempt) {
                let place = AttemptPlace(
                    task: entry.task, attempt: entry.attempt, node: machine.id, runtime: entry.runtime)
                return carryOut(.stop(place, grace: entry.grace.duration))
            }
            if !keep(guardian.started(launch)), world.bug != .startsUnguarded {
                _ = guardian.removed(launch.attempt)
                let event = AttemptEvent.startFailed(reason: "the worker's disk is full", retry: true)
                return report(.attempt(event, launch.attempt, launch.task))
            }
        case .remove(let place), .discard(let place): keep(guardian.removed(place.attempt))
        default: break
        }
        carryOut(directive)
    }

    func report(_ report: NodeReport) {
        let report = adjusted(report)
        guard let session else { return }
        if world.bug == .losesReports, world.random.chance(0.02) { return }
        session.send(.up) { session.manager.receive(report, in: session) }
        if world.random.chance(machine.link.duplication) {
            session.send(.up) { session.manager.receive(report, in: session) }
        }
    }

    private static let cutReason = "stopped: its worker was cut off from the manager"

    private func adjusted(_ report: NodeReport) -> NodeReport {
        guard case .attempt(.exited(_, let time, _), let attempt, let task) = report else { return report }
        if guardian.wasStopped(attempt) {
            return .attempt(.exited(code: nil, at: time, reason: Self.cutReason), attempt, task)
        }
        keep(guardian.ended(attempt))
        return report
    }

    /// What the machine has, of each runtime that answers.
    func list() -> [RuntimeKind: [FoundAttempt]] {
        let kinds = RuntimeKind.allCases.filter { !machine.away.contains($0) }
        return Dictionary(uniqueKeysWithValues: zip(kinds, list(kinds)))
    }

    /// What the machine has, of each of `kinds`.
    private func list(_ kinds: [RuntimeKind]) -> [[FoundAttempt]] {
        var found: [[FoundAttempt]] = kinds.map { _ in [] }
        for attempt in machine.runners.keys.sorted() {
            let runner = machine.runners[attempt]!
            guard let place = kinds.firstIndex(of: runner.runtime) else { continue }
            var exit: FoundAttempt.Exit?
            if !runner.isLive {
                let wasCut = guardian.wasStopped(attempt)
                exit = FoundAttempt.Exit(
                    code: wasCut ? nil : runner.code, endedAt: runner.endedAt ?? machine.civil,
                    reason: wasCut ? Self.cutReason : "ended")
            }
            found[place].append(
                FoundAttempt(
                    attempt: attempt, task: runner.launch.task, runtime: runner.runtime,
                    startedAt: runner.startedAt, exit: exit))
        }
        return found
    }

    /// Looks at the runtimes every 15 s, and every fourth time at all they have.
    private func probe() {
        probes += 1
        let due = RuntimeKind.allCases.filter {
            !machine.away.contains($0) && (probes % 4 == 0 || !listed.contains($0))
        }
        if !due.isEmpty {
            for (kind, found) in zip(due, list(due)) {
                listed.insert(kind)
                report(.attempts(found, of: kind))
            }
        }
        // What it has told in this session already would change nothing.
        if told?.session !== session || told?.away != machine.away {
            told = session.map { ($0, machine.away) }
            report(.runtimes(machine.runtimes()))
        }
        after(15 * Span.second) { [self] in probe() }
    }

    private var listed: Set<RuntimeKind> = []
    /// The runtimes that were away when they were reported last.
    private var told: (session: Session, away: Set<RuntimeKind>)?
}
