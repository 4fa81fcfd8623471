import ClusterModel
import Core
import JobDecisions
import JobModel
import TaskDecisions

// Jobs: decided and stored together, carried out one beside the other over the manager's own commands.
extension VirtualManager {
    private static let jobsAtOnce = 64
    private static let longestLook = Duration.seconds(5)

    func loadJobs() {
        for (id, work) in world.store.jobs {
            install(id, work)
            jobs.dirty.insert(id)
        }
        turn()
    }

    private func install(_ id: JobID, _ work: JobWork?) {
        let before = jobs.works[id]?.instances ?? []
        let after = work?.instances ?? []
        // Mostly those that were there before, or some more.
        var same = 0
        while same < before.count, same < after.count, before[same].task == after[same].task { same += 1 }
        for instance in before[same...] { jobs.owners[instance.task] = nil }
        for instance in after[same...] { jobs.owners[instance.task] = id }
        jobs.works[id] = work
        if work == nil {
            jobs.wakes.remove(id)
            jobs.rests[id] = nil
            jobs.dirty.remove(id)
            (jobs.heard[id], jobs.looks[id]) = (nil, nil)
        }
    }

    /// Nodes have changed.
    func nodesChanged() {
        let before = jobs.dirty.count
        jobs.nodes = nil
        for (id, work) in jobs.works where work.job.spec.type == .system { jobs.dirty.insert(id) }
        if jobs.dirty.count > before { after(0) { [self] in turn() } }
    }

    /// What was stored of tasks has changed.
    func changed(_ writes: [VirtualStore.Write]) {
        let before = jobs.heard.count
        for write in writes {
            guard let task = write.task, let owner = jobs.owners[task] else { continue }
            if world.bug == .hearsNothing {
                jobs.look(at: owner)
            } else {
                jobs.heard[owner, default: []].insert(task)
            }
        }
        if jobs.heard.count > before { after(0) { [self] in turn() } }
    }

    /// Has the loop change a job; told its identifier once that is stored, nil where it is not.
    func command(
        _ decide: @escaping ([JobID: JobWork]) -> (JobID, JobWork?)?, _ done: @escaping (JobID?) -> Void
    ) {
        guard isOpen, leads else { return done(nil) }
        jobs.commands.append((decide, done))
        turn()
    }

    private func turn() {
        guard !jobs.isTurning, isAlive else { return }
        if !jobs.commands.isEmpty {
            jobs.isTurning = true
            return perform(jobs.commands.removeFirst())
        }
        let due = takeDue()
        guard !due.isEmpty else { return armJobs() }
        jobs.isTurning = true
        advance(due)
    }

    private func finishTurn() {
        jobs.isTurning = false
        after(0) { [self] in turn() }
    }

    private func takeDue() -> [JobLoop.Due] {
        let now = instant
        for id in jobs.wakes.takeDue(civil, now) { jobs.look(at: id) }
        let due = jobs.open.subtracting(jobs.busy).filter { jobs.rests[$0].map { $0 <= now } ?? true }
            .sorted().prefix(Self.jobsAtOnce)
        return due.map { id in
            jobs.wakes.remove(id)
            let heard = jobs.heard.removeValue(forKey: id)
            let isRecent = jobs.looks[id].map { $0.duration(to: now) < Self.longestLook } ?? false
            if jobs.dirty.remove(id) == nil, isRecent || world.bug == .hearsNothing {
                return JobLoop.Due(job: id, heard: heard)
            }
            jobs.looks[id] = now
            return JobLoop.Due(job: id)
        }
    }

    /// Looks again when it is time, and after ten seconds at the latest, for the clock may be set.
    private func armJobs() {
        var wait = Duration.seconds(10)
        if let next = jobs.wakes.wait(from: civil, instant) { wait = min(wait, next) }
        for id in jobs.open where !jobs.busy.contains(id) {
            wait = min(wait, jobs.rests[id].map { instant.duration(to: $0) } ?? .zero)
        }
        let time = world.now + max(1000, wait.inMicroseconds)
        if let timer = jobs.timer, timer > world.now, timer <= time { return }
        jobs.timer = time
        after(time - world.now) { [self] in
            if jobs.timer == time { jobs.timer = nil }
            turn()
        }
    }

    private func storeJobs(_ changes: [(JobID, JobWork?)], _ done: @escaping (Bool) -> Void) {
        guard !changes.isEmpty else { return done(true) }
        world.store.commit(changes.map { .job($0, $1) }, by: self) { [self] outcome in
            switch outcome {
            case .stored: done(true)
            case .refused: done(false)
            case .fenced: stepDown()
            }
        }
    }

    private func perform(_ command: JobLoop.Command) {
        guard let (id, work) = command.decide(jobs.works) else {
            command.done(nil)
            return finishTurn()
        }
        storeJobs([(id, work)]) { [self] isStored in
            if isStored {
                install(id, work)
                jobs.dirty.insert(id)
            }
            command.done(isStored ? id : nil)
            finishTurn()
        }
    }

    private func advance(_ due: [JobLoop.Due]) {
        let identifiers = world.identifiers
        // The jobs that are one task a node look at nodes.
        let hasNodes = due.contains { jobs.works[$0.job]?.job.spec.type == .system }
        let view = JobWorld(
            now: civil, nodes: hasNodes ? jobNodes() : [], sight: { self.core.tasks[$0].map(Self.sight) },
            identifier: { identifiers.make() })
        var changes: [(JobID, JobWork?)] = []
        var decisions: [(work: JobWork, decision: JobDecision)] = []
        for due in due {
            guard let before = jobs.works[due.job] else { continue }
            var work = before
            let decision = work.decide(view, heard: due.heard)
            if work != before { changes.append((due.job, work)) }
            decisions.append((work, decision))
        }
        storeJobs(changes) { [self] isStored in
            guard isStored else {
                for due in due where jobs.works[due.job] != nil {
                    // What was heard counts all the same.
                    jobs.looks[due.job] = nil
                    lookAgain(at: due.job, in: .seconds(1))
                }
                return finishTurn()
            }
            if crashes(at: .jobsStored) { return }
            for (id, work) in changes {
                if let job = work?.job, job.reason != jobs.works[id]?.job.reason {
                    world.note("job \(job.name) \(job.state): \(job.reason)")
                }
                install(id, work)
            }
            for (work, decision) in decisions {
                let (id, rest) = (work.job.id, work.rest)
                jobs.rests[id] = rest > .zero ? instant.advanced(by: rest) : nil
                if let wake = decision.wakeAt { jobs.wakes.set(id, at: wake, from: civil, instant) }
                if !decision.directives.isEmpty { jobs.busy.insert(id) }
            }
            for (work, decision) in decisions where isAlive && !decision.directives.isEmpty {
                carryOut(decision.directives, work.job)
            }
            finishTurn()
        }
    }
}

// What a job's decision has the cluster do.
extension VirtualManager {
    private func carryOut(_ directives: [JobDirective], _ job: JobRecord) {
        let creations = directives.compactMap { directive -> (JobInstance, TaskSpec)? in
            if case .create(let instance, let spec) = directive { (instance, spec) } else { nil }
        }
        let orders = directives.filter { if case .create = $0 { false } else { true } }
        var refused: Set<TaskID> = []
        var isDone = true
        let finish = { [self] in
            jobs.busy.remove(job.id)
            if isDone, jobs.works[job.id] != nil { jobs.look(at: job.id) }
            after(0) { [self] in turn() }
        }
        each(creations) { [self] creation, done in
            create(creation.0, creation.1, of: job) { isMade in
                if !isMade { refused.insert(creation.0.task) }
                done()
            }
        } then: { [self] in
            hold(refused, of: job.id)
            each(orders) { [self] order, done in
                obey(order, of: job.id) { isOneDone in
                    if !isOneDone { isDone = false }
                    done()
                }
            } then: {
                finish()
            }
        }
    }

    /// Begins with all at once, and goes on when all are done.
    private func each<Item>(
        _ items: [Item], _ body: (Item, @escaping () -> Void) -> Void, then: @escaping () -> Void
    ) {
        guard !items.isEmpty else { return then() }
        var left = items.count
        for item in items where isAlive {
            body(item) { [self] in
                left -= 1
                if left == 0, isAlive { then() }
            }
        }
    }

    private func obey(_ order: JobDirective, of id: JobID, _ done: @escaping (_ isDone: Bool) -> Void) {
        let answer = { [self] (answer: Answer) in
            if case .done = answer { return done(true) }
            lookAgain(at: id, in: .seconds(1))
            done(false)
        }
        switch order {
        case .stop(let task):
            guard let record = core.tasks[task], !record.state.isFinal else { return done(true) }
            stop(task, answer)
        case .forget(let task):
            guard let record = core.tasks[task], record.state.isFinal else { return done(true) }
            remove(task, answer)
        case .create: done(true)  // Made with all others.
        }
    }

    private func create(
        _ instance: JobInstance, _ spec: TaskSpec, of job: JobRecord, _ done: @escaping (Bool) -> Void
    ) {
        guard core.tasks[instance.task] == nil else { return done(true) }
        checkOrder(instance, of: job)
        let submission = Submission(
            id: instance.task, name: instance.name, project: job.project, spec: spec,
            principal: job.createdBy, idempotencyKey: "job \(job.id) \(instance.task)")
        submit(submission) { answer in
            if case .accepted = answer { done(true) } else { done(false) }
        }
    }

    /// Instances whose tasks could not be made are tried again in a while.
    private func hold(_ tasks: Set<TaskID>, of id: JobID) {
        guard !tasks.isEmpty, jobs.works[id] != nil else { return }
        let again = civil.advanced(by: .seconds(5))
        for index in jobs.works[id]!.instances.indices
        where tasks.contains(jobs.works[id]!.instances[index].task) {
            jobs.works[id]!.instances[index].reason = "its task cannot be made: refused"
            jobs.works[id]!.instances[index].notBefore = again
        }
        lookAgain(at: id, in: .seconds(5))
    }

    private func lookAgain(at id: JobID, in wait: Duration) {
        jobs.wakes.set(id, within: wait, from: civil, instant)
    }

    private func jobNodes() -> [JobNode] {
        if let known = jobs.nodes { return known }
        let nodes = core.nodes.values.sorted { $0.id < $1.id }.map {
            JobNode(name: $0.name, isReady: $0.state == .ready, labels: $0.placementLabels)
        }
        jobs.nodes = nodes
        return nodes
    }

    /// As `Jobs/ManagedCluster` sees a task.
    private static func sight(_ record: TaskRecord) -> TaskSight {
        let runningSince = record.state == .running ? record.current?.startedAt : nil
        let health = record.health
        let isWell = health.map { $0.state == .healthy } ?? true
        return TaskSight(
            state: record.state, isStopAsked: record.desired == .stopped, runningSince: runningSince,
            readySince: isWell ? health?.since ?? runningSince : nil,
            restarts: max(0, record.attemptCount - 1), exitCode: record.current?.exitCode,
            reason: isWell ? record.reason : health?.reason ?? record.reason)
    }
}
