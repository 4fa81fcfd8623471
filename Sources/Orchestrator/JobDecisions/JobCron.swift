import Calendars
import ClusterModel
public import Core
import JobModel

// Cron jobs: when a run begins, what becomes of it, and which are kept. Each run is a batch of its own.
extension JobWork {
    /// More runs at once are refused: what a schedule begins has to end some time.
    static let runLimit = 100

    mutating func keepTime(_ world: JobWorld, _ decision: inout JobDecision) {
        guard var cron = job.cron, let policy = job.spec.cron else { return }
        let next = beginDue(policy, &cron, over: runsOver(cron, policy, world), world)
        for place in cron.runs.indices where !cron.runs[place].state.isFinal {
            if job.isStopped { cron.runs[place].isStopped = true }
            carryOn(place, &cron, policy, world, &decision)
        }
        forgetOld(policy, &cron, &decision)
        cron.nextRun = job.isStopped ? nil : next.time
        job.cron = cron
        if let time = cron.nextRun { decision.wake(at: time) }
        concludeCron(cron, policy, next.problem, world, &decision)
    }

    /// When it runs next by itself, `count` times at most.
    public func nextRuns(_ count: Int, _ world: JobWorld) -> [Timestamp] {
        guard let cron = job.cron, let policy = job.spec.cron, !cron.isSuspended, !job.isStopped,
            let zone = world.zone(policy.timeZone),
            // One that cannot be read has no times; that it cannot, its reason says.
            let schedule = try? CronSchedule(parsing: policy.schedule)
        else { return [] }
        var times: [Timestamp] = []
        var time = max(cron.settledUntil, world.now)
        while times.count < count, let next = schedule.next(after: time, in: zone) {
            times.append(next)
            time = next
        }
        return times
    }

    // MARK: Beginning

    /// The runs that turn out to be over when they are looked at now: they stand in the way of no other. Nothing is looked at
    /// while none is due.
    private func runsOver(_ cron: CronState, _ policy: CronPolicy, _ world: JobWorld) -> Set<Int> {
        guard cron.nextRun.map({ $0 <= world.now }) ?? true else { return [] }
        var (probe, looked, ignored) = (self, cron, JobDecision())
        for place in looked.runs.indices where !looked.runs[place].state.isFinal {
            probe.carryOn(place, &looked, policy, world, &ignored)
        }
        return Set(looked.runs.filter(\.state.isFinal).map(\.number))
    }

    /// Begins what is due, and says when the next is.
    private mutating func beginDue(
        _ policy: CronPolicy, _ cron: inout CronState, over: Set<Int>, _ world: JobWorld
    ) -> (time: Timestamp?, problem: String?) {
        guard !job.isStopped, !cron.isSuspended else { return (nil, nil) }
        guard let zone = world.zone(policy.timeZone) else {
            return (nil, "the time zone '\(policy.timeZone)' is not known on this machine")
        }
        let schedule: CronSchedule
        do throws(CronSchedule.Fault) {
            schedule = try CronSchedule(parsing: policy.schedule)
        } catch {
            return (nil, "its schedule \(error)")
        }
        // What is older than the window is not begun any more; of what is within it the last is.
        let opening = world.now.advanced(by: .zero - policy.catchUp.duration)
        if opening > cron.settledUntil, let missed = schedule.next(after: cron.settledUntil, in: zone),
            missed <= opening
        {
            cron.skipped += 1
            cron.lastSkip = "that of \(missed) was missed: the platform was not there"
            cron.settledUntil = opening
        }
        var due: Timestamp?
        while let next = schedule.next(after: due ?? cron.settledUntil, in: zone), next <= world.now {
            if due != nil { cron.skipped += 1 }
            if let due { cron.lastSkip = "that of \(due) was missed: the platform was not there" }
            due = next
        }
        if let due {
            cron.settledUntil = due
            if let why = obstacle(policy, &cron, over: over) {
                cron.skipped += 1
                cron.lastSkip = "that of \(due) was left out: \(why)"
            } else {
                begin(&cron, scheduledAt: due, by: nil, at: world.now)
            }
        }
        return (schedule.next(after: max(cron.settledUntil, world.now), in: zone), nil)
    }

    /// What keeps another run from beginning; stops those that are to make room for it.
    private func obstacle(_ policy: CronPolicy, _ cron: inout CronState, over: Set<Int> = []) -> String? {
        let open = cron.runs.indices.filter {
            !cron.runs[$0].state.isFinal && !over.contains(cron.runs[$0].number)
        }
        guard let last = open.last else { return nil }
        switch policy.concurrency {
        case .forbid: return "run \(cron.runs[last].number) is not over"
        case .replace: for place in open { cron.runs[place].isStopped = true }
        case .allow: break
        }
        return open.count < Self.runLimit ? nil : "\(open.count) runs are not over"
    }

    private mutating func begin(
        _ cron: inout CronState, scheduledAt time: Timestamp?, by principal: String?, at now: Timestamp
    ) {
        cron.runCount += 1
        cron.runs.append(
            CronRun(
                number: cron.runCount, scheduledAt: time, version: job.version, spec: job.spec, at: now,
                by: principal))
    }

    // MARK: Runs

    /// Decides about one run as about a batch of its own.
    private mutating func carryOn(
        _ place: Int, _ cron: inout CronState, _ policy: CronPolicy, _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        let run = cron.runs[place]
        if policy.concurrency == .replace, !run.isStopped,
            let before = cron.runs[..<place].last(where: { !$0.state.isFinal })
        {
            cron.runs[place].reason = "begins when run \(before.number) has ended"
            return
        }
        guard let spec = job.history.last(where: { $0.version == run.version })?.spec else { return }
        var batch = JobWork(
            job: JobRecord(
                id: job.id, name: job.name, project: job.project, spec: Self.batch(of: spec, run),
                createdAt: run.createdAt, createdBy: job.createdBy))
        batch.job.version = run.version
        batch.job.history[0].version = run.version
        batch.job.groups = run.groups
        batch.job.isStopped = run.isStopped
        batch.job.state = run.state
        batch.instances = instances.filter { $0.run == run.number }
        instances.removeAll { $0.run == run.number }
        let decided = batch.decide(world)
        for index in batch.instances.indices { batch.instances[index].run = run.number }
        instances += batch.instances
        decision.directives += decided.directives
        if let time = decided.wakeAt { decision.wake(at: time) }
        cron.runs[place].groups = batch.job.groups
        cron.runs[place].state = batch.job.state
        cron.runs[place].reason = batch.job.reason
        cron.runs[place].finishedAt = batch.job.finishedAt
    }

    private static func batch(of spec: JobSpec, _ run: CronRun) -> JobSpec {
        var spec = spec
        spec.type = .batch
        let facts = [
            "APOLLO_RUN": "\(run.number)", "APOLLO_SCHEDULED_AT": "\(run.scheduledAt ?? run.createdAt)",
        ]
        for index in spec.tasks.indices {
            spec.tasks[index].spec.environment.merge(facts) { given, _ in given }
        }
        return spec
    }

    private mutating func forgetOld(
        _ policy: CronPolicy, _ cron: inout CronState, _ decision: inout JobDecision
    ) {
        let over = cron.runs.filter(\.state.isFinal)
        let gone = Set(
            (over.filter { $0.state == .completed }.dropLast(policy.keepCompleted)
                + over.filter { $0.state != .completed }.dropLast(policy.keepFailed)).map(\.number))
        guard !gone.isEmpty else { return }
        cron.runs.removeAll { gone.contains($0.number) }
        for instance in instances where instance.run.map(gone.contains) ?? false {
            decision.directives.append(.forget(instance.task))
        }
        instances.removeAll { $0.run.map(gone.contains) ?? false }
    }

    private mutating func concludeCron(
        _ cron: CronState, _ policy: CronPolicy, _ problem: String?, _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        for number in job.groups.indices {
            let name = job.groups[number].name
            let open = cron.runs.filter { !$0.state.isFinal }.flatMap(\.groups).filter { $0.name == name }
            job.groups[number].pending = open.reduce(0) { $0 + $1.pending }
            job.groups[number].running = open.reduce(0) { $0 + $1.running }
            job.groups[number].ready = open.reduce(0) { $0 + $1.ready }
            job.groups[number].completed = open.reduce(0) { $0 + $1.completed }
            job.groups[number].failed = open.reduce(0) { $0 + $1.failed }
        }
        let open = cron.runs.filter { !$0.state.isFinal }
        let last = cron.runs.last { $0.state.isFinal }.map {
            "; run \($0.number) \($0.state.rawValue): \($0.reason)"
        }
        if job.isStopped {
            return set(
                open.isEmpty ? .stopped : .stopping, open.isEmpty ? "was stopped" : "its tasks are ending",
                world)
        }
        if let problem {
            decision.wake(at: world.now.advanced(by: .seconds(60)))
            return set(open.isEmpty ? .pending : .running, problem, world)
        }
        if let run = open.last {
            return set(.running, "run \(run.number): \(run.reason)" + (last ?? ""), world)
        }
        if cron.isSuspended {
            return set(.suspended, "begins no runs until it is resumed" + (last ?? ""), world)
        }
        let next = cron.nextRun.map { "runs next at \($0)" } ?? "its schedule names no time to come"
        set(.scheduled, next + (last ?? ""), world)
    }
}

// What people ask of cron jobs.
extension JobWork {
    /// Begins a run now, whatever the schedule says; where the job allows one more.
    public mutating func trigger(by principal: String, at now: Timestamp) throws(JobRefusal) {
        guard var cron = job.cron, let policy = job.spec.cron else { throw .notCron(job.spec.type) }
        guard !job.isStopped else { throw .isStopped }
        if let why = obstacle(policy, &cron) { throw .runsAlready(why) }
        begin(&cron, scheduledAt: nil, by: principal, at: now)
        job.cron = cron
        job.revision += 1
    }

    /// Has it begin no runs by itself, or again; what it would have begun meanwhile is not made up for.
    public mutating func suspend(_ isSuspended: Bool, at now: Timestamp) throws(JobRefusal) {
        guard var cron = job.cron else { throw .notCron(job.spec.type) }
        guard !job.isStopped else { throw .isStopped }
        guard cron.isSuspended != isSuspended else { return }
        cron.isSuspended = isSuspended
        if !isSuspended { cron.settledUntil = max(cron.settledUntil, now) }
        job.cron = cron
        job.revision += 1
    }
}
