import ClusterModel
import Core
import JobModel

// Services: so many instances, and how a new version takes the place of an old one.
extension JobWork {
    /// Never more than `maxSurge` above, counting what is still ending; never fewer ready than `maxUnavailable` below, as
    /// far as it is up to the update.
    mutating func keepUp(_ number: Int, _ world: JobWorld, _ decision: inout JobDecision) {
        let group = job.groups[number]
        let all = instances.indices.filter {
            instances[$0].group == group.name && !instances[$0].phase.isOver
        }
        let live = all.filter { instances[$0].phase != .stopping }
        let current = live.filter { instances[$0].version == group.template }
        let old = live.filter { instances[$0].version != group.template }
        var ready: Set<Int> = []
        for index in live where isReady(index, world, &decision) { ready.insert(index) }
        // What has been running for long enough has no failures in a row behind it.
        if ready.count >= group.desired, group.desired > 0 { job.groups[number].streak = 0 }
        let mayStart = isReleased(number, world, &decision)
        endExcess(current, old, ready, group, world, &decision)
        let isHalted = job.rollout?.hasFailed ?? false
        // A failed update that does not go back still keeps up what is there.
        let target = isHalted ? min(group.desired, max(0, group.desired - old.count)) : group.desired
        let surge = old.isEmpty ? 0 : job.spec.update.maxSurge
        let missing = min(target - current.count, group.desired + surge - all.count)
        guard missing > 0, mayStart, mayPlan(group, world, &decision) else { return }
        let taken = Set(current.map { instances[$0].index })
        var index = 0
        for _ in 0..<missing {
            guard decision.takeRoom(world) else { return }
            while taken.contains(index) { index += 1 }
            plan(job.groups[number], index: index, world, &decision)
            index += 1
        }
    }

    private mutating func endExcess(
        _ current: [Int], _ old: [Int], _ ready: Set<Int>, _ group: JobGroup, _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        let excess = current.count - group.desired
        if excess > 0 {
            // Those that are of least use: not ready, then the highest.
            let order = current.sorted {
                (ready.contains($0) ? 1 : 0, -instances[$0].index) < (
                    ready.contains($1) ? 1 : 0, -instances[$1].index
                )
            }
            for index in order.prefix(excess) { end(index, "there are to be fewer", world, &decision) }
        }
        // While the new ones have to wait for others, the old ones go on.
        guard !old.isEmpty, job.groups.first(where: { $0.name == group.name })?.waitsFor == nil else {
            return
        }
        if job.rollout?.hasFailed == true, current.count < group.desired { return }
        let floor = group.desired - job.spec.update.maxUnavailable
        var spare = ready.count - max(0, floor)
        for index in old {
            if ready.contains(index) {
                guard spare > 0 else { continue }
                spare -= 1
            }
            end(index, "a new version takes its place", world, &decision)
        }
    }

    /// Whether the change to the new version has come to its end, or will never.
    mutating func judgeRollout(_ world: JobWorld, _ decision: inout JobDecision) {
        guard job.spec.type == .service, !job.isStopped, var rollout = job.rollout else { return }
        defer { if job.rollout != nil { job.rollout = rollout } }
        var ready = 0
        var isDone = true
        for group in job.groups {
            let live = instances.indices.filter {
                instances[$0].group == group.name && !instances[$0].phase.isOver
            }
            let good = live.count {
                instances[$0].version == group.template && isReady($0, world, &decision)
            }
            ready += good
            if good < group.desired || live.contains(where: { instances[$0].version != group.template }) {
                isDone = false
            }
        }
        // Tasks whose group is gone must be gone too.
        let names = Set(job.groups.map(\.name))
        if instances.contains(where: { !$0.phase.isOver && !names.contains($0.group) }) { isDone = false }
        if isDone {
            job.rollout = nil
            if let last = job.history.indices.last { job.history[last].isStable = true }
            return
        }
        guard !rollout.hasFailed else { return }
        if ready > rollout.bestReady {
            rollout.bestReady = ready
            rollout.progressedAt = world.now
        }
        let restarts = instances.filter { instance in
            job.groups.contains { $0.name == instance.group && $0.template == instance.version }
                && (world.sight(instance.task)?.restarts ?? 0) >= 3
        }.count
        let deadline = rollout.progressedAt.advanced(by: job.spec.update.progressDeadline.duration)
        let isFailing = rollout.failures >= 3 || restarts > 0 || deadline <= world.now
        guard isFailing else { return decision.wake(at: deadline) }
        let stable = job.history.dropLast().last(where: \.isStable)
        // Nor is there where it is the same that is started again.
        guard let stable, rollout.revertsTo == nil, stable.spec != job.spec else {
            // There is nothing to go back to: a first version is tried on.
            if job.history.dropLast().contains(where: \.isStable) { rollout.hasFailed = true }
            return
        }
        if job.spec.update.autoRevert {
            adopt(stable.spec, by: job.createdBy, revertsTo: stable.version, at: world.now)
            if let next = job.rollout { rollout = next }
            decision.wake(at: world.now)
        } else {
            rollout.hasFailed = true
        }
    }
}
