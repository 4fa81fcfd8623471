import ClusterModel
import Core
import JobDecisions
import JobModel
import TaskDecisions

/// What has to hold once faults have stopped and the cluster had time to settle.
struct FinalChecks {
    let world: World

    /// Nothing is under way that should be over, and everything is where it should be.
    func checkSettled() {
        guard let manager = world.leader, manager.isOpen else {
            return world.report(.stuck, "no manager leads")
        }
        for node in manager.core.nodes.values.sorted(by: { $0.id < $1.id }) {
            world.check(node.state == .ready, .stuck, "\(node.name) is \(node.state): \(node.reason ?? "")")
        }
        world.check(
            manager.core.nodes.count == world.machines.count, .stuck,
            "\(manager.core.nodes.count) nodes are known")
        for record in manager.core.tasks.values.sorted(by: { $0.id < $1.id }) { check(record, manager) }
        checkOrphans(manager)
        checkJobs(manager)
    }

    private func check(_ record: TaskRecord, _ manager: VirtualManager) {
        let name = "\(record.name) is \(record.state): \(record.reason)"
        switch record.state {
        case .completed, .failed, .stopped, .pending, .suspended: break
        case .scheduled, .stopping:
            let age = record.current.map { $0.createdAt.duration(to: manager.civil) } ?? .zero
            world.check(age < .seconds(300), .stuck, "\(name) for \(age.short)")
        case .running:
            guard let attempt = record.current,
                let runner = world.machine(attempt.node).runners[attempt.id], runner.isLive
            else {
                let ended = record.current.flatMap { world.machine($0.node).runners[$0.id]?.endedAt }
                // Its report may be under way.
                let isRecent = ended.map { abs($0.duration(to: manager.civil).inSeconds) < 5 } ?? false
                return world.check(isRecent, .stuck, "\(name), and does not live")
            }
            world.check(
                world.copies[record.id] == 1, .runsOn, "\(name), \(world.copies[record.id] ?? 0) times")
        }
    }

    /// Whether what is checked by ``checkSettled()`` holds already, and none of it is still under way or waits for a time to come.
    var isAtRest: Bool {
        guard world.passes(checkSettled), let manager = world.leader, manager.works,
            manager.unsaved.changes.isEmpty
        else { return false }
        return manager.core.tasks.values.allSatisfy { record in
            switch record.state {
            case .completed, .failed, .stopped, .suspended: true
            case .pending: record.notBefore == nil && record.startBy == nil && record.spec.finishWithin == nil
            case .running: record.spec.timeout == nil && record.spec.finishWithin == nil && isWell(record)
            case .scheduled, .stopping: false
            }
        }
            && manager.jobs.works.values.allSatisfy { work in
                switch work.job.spec.type {
                case .cron: true
                case .batch: work.job.state == .completed
                case .service, .system:
                    work.job.rollout == nil
                        && work.instances.allSatisfy { $0.phase.isOver || $0.runningSince != nil }
                }
            }
    }

    private func isWell(_ record: TaskRecord) -> Bool {
        record.spec.health == nil || record.health?.state == .healthy
    }

    /// Whether what is checked by ``checkStopped()`` holds already.
    var isStopped: Bool { world.passes(checkStopped) }

    private func checkOrphans(_ manager: VirtualManager) {
        for machine in world.machines {
            for runner in machine.runners.values where runner.isLive {
                let record = manager.core.tasks[runner.launch.task]
                world.check(
                    record?.current?.id == runner.launch.attempt && record?.state.isFinal == false, .runsOn,
                    "\(runner.launch.taskName) \(runner.launch.attempt) on \(machine.name), and its task is \(record?.state.rawValue ?? "unknown")"
                )
            }
        }
    }

    private func checkJobs(_ manager: VirtualManager) {
        world.counts.jobs = manager.jobs.works.count
        for work in manager.jobs.works.values.sorted(by: { $0.job.name < $1.job.name }) {
            let job = work.job
            checkEnds(work, manager)
            switch job.spec.type {
            case .service, .system:
                let wanted =
                    job.spec.type == .system
                    ? world.machines.count * job.spec.tasks.count
                    : job.spec.tasks.reduce(0) { $0 + $1.instances }
                let live = work.instances.filter { !$0.phase.isOver }.count
                // What has ended too often waits before there is another.
                let restarting =
                    work.instances.contains { $0.runningSince == nil }
                    || job.groups.contains { $0.notBefore.map { $0 > manager.civil } ?? false }
                // An update that is held where it failed makes nothing that would come after what it did not get to.
                let isHeld =
                    job.rollout?.hasFailed == true && job.groups.contains { $0.waitsFor != nil }
                world.check(
                    live == wanted || restarting || isHeld, .jobAstray,
                    "\(job.name) has \(live) of \(wanted): \(job.reason)")
                if job.spec.type == .service { checkRollout(work) }
            case .cron: check(work, at: manager.civil)
            case .batch:
                checkCompletions(work)
                let isBusy =
                    work.instances.contains { !$0.phase.isOver }
                    || job.groups.contains { $0.notBefore != nil }
                world.check(
                    job.state == .completed || isBusy, .jobAstray,
                    "\(job.name) is \(job.state): \(job.reason)")
            }
        }
    }

    /// What has ended counts as ended before long.
    private func checkEnds(_ work: JobWork, _ manager: VirtualManager) {
        for instance in work.instances where instance.phase == .active {
            guard let record = manager.core.tasks[instance.task], let end = record.finishedAt else {
                continue
            }
            world.check(
                end.duration(to: manager.civil) < .seconds(30), .jobAstray,
                "\(instance.name) of \(work.job.name) is \(record.state) since \(end), and the job has not seen it"
            )
        }
    }

    /// A change of a service comes to an end, and one that fails goes back where that was asked for.
    private func checkRollout(_ work: JobWork) {
        let job = work.job
        world.check(
            job.rollout == nil || job.rollout?.hasFailed == true, .jobAstray,
            "\(job.name) is still updated: \(job.reason)")
        func fails(_ spec: JobSpec) -> Bool { spec.tasks[0].spec.command.first == Behaviour.failing }
        let isBad = fails(job.spec)
        // One that fails may have been taken for good before, for the same second.
        let wasGood = job.history.dropLast().last(where: \.isStable).map { !fails($0.spec) } ?? false
        // All of it may have been ready at once, for the second that counts.
        let mayStay = job.history.last?.isStable == true || !job.spec.update.autoRevert
        world.check(
            !isBad || !wasGood || mayStay, .jobAstray,
            "\(job.name) runs a version that fails, though one before did not: \(job.reason)")
    }

    /// No index of a batch, or of a run of a cron job, is done twice.
    private func checkCompletions(_ work: JobWork) {
        let completed = work.instances.filter { $0.phase == .completed }
        for (index, ends) in Dictionary(
            grouping: completed, by: { "\($0.run ?? 0) \($0.group) \($0.index)" })
        {
            world.check(
                ends.count == 1, .jobAstray,
                "\(work.job.name) \(index) has completed \(ends.count) times")
        }
    }

    private func check(_ work: JobWork, at now: Timestamp) {
        checkCompletions(work)
        guard let cron = work.job.cron, let next = cron.nextRun else {
            return world.report(.jobAstray, "\(work.job.name) has no next run: \(work.job.reason)")
        }
        world.check(
            now < next.advanced(by: .seconds(15)), .jobAstray,
            "\(work.job.name) was to run at \(next), and it is \(now): \(work.job.reason)")
    }

    /// After everything was asked to stop, all is over, and nothing is taken.
    func checkStopped() {
        guard let manager = world.leader, manager.isOpen else {
            return world.report(.stuck, "no manager leads")
        }
        for record in manager.core.tasks.values.sorted(by: { $0.id < $1.id }) {
            world.check(record.state.isFinal, .stuck, "\(record.name) is \(record.state): \(record.reason)")
            let stored = world.store.rows[record.id]?.record
            world.check(
                stored?.revision == record.revision, .miscounted,
                "\(record.name) is at \(record.revision), and stored at \(stored?.revision ?? 0)")
        }
        world.check(
            manager.core.tasks.count == world.store.rows.count, .miscounted,
            "\(manager.core.tasks.count) tasks are known and \(world.store.rows.count) stored")
        for work in manager.jobs.works.values.sorted(by: { $0.job.name < $1.job.name }) {
            world.check(
                work.job.state.isFinal, .jobAstray,
                "\(work.job.name) is \(work.job.state): \(work.job.reason)")
        }
        checkOrphans(manager)
        for node in manager.core.nodes.values.sorted(by: { $0.id < $1.id }) {
            world.check(
                node.allocated == Capacity(), .miscounted, "\(node.name) still gives \(node.allocated)")
        }
        for number in world.ledger.owed.sorted() {
            let entry = world.ledger.entries[number]
            world.check(
                manager.core.tasks[entry.task!] != nil, .taskLost, "\(entry.key) is not known at the end")
        }
    }
}
