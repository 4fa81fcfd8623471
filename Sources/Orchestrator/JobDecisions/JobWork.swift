public import ClusterModel
public import Core
public import JobModel
import Scheduling

/// One job and what it has made: decides what is missing and what is too much. A plain value; whoever holds it stores it
/// before he does what it says.
///
/// It is driven by what is there, not by what happened: deciding twice, or after a crash at any point, comes to the same.
public struct JobWork: Hashable, Sendable {
    public var job: JobRecord
    public var instances: [JobInstance]

    public static let instanceLimit = 10_000
    static let historyLimit = 10
    /// After failures in a row.
    private static let longestWait = Duration.seconds(60)

    /// By how much the clocks of two machines may differ before that is put right.
    private static let clockDifference = Duration.seconds(5)

    public init(job: JobRecord, instances: [JobInstance] = []) {
        self.job = job
        self.instances = instances
    }

    /// Brings the job closer to what is wanted.
    ///
    /// - Parameter heard: the tasks of which something has changed since it was decided the last time; others that are active are as
    ///   they were then. Nil to look at all. To look at a few of thousands takes a small part of the time.
    public mutating func decide(_ world: JobWorld, heard: Set<TaskID>? = nil) -> JobDecision {
        var decision = JobDecision()
        if job.spec.type == .cron {
            keepTime(world, &decision)
            return decision
        }
        look(heard, world, &decision)
        if job.isStopped {
            for index in instances.indices { end(index, "its job was stopped", world, &decision) }
            // Should it be run again, it is in order again.
            for number in job.groups.indices {
                (job.groups[number].released, job.groups[number].waitsFor) = (nil, nil)
            }
        } else {
            switch job.spec.type {
            case .service: for group in job.groups.indices { keepUp(group, world, &decision) }
            case .batch: runThrough(world, &decision)
            case .system: for group in job.groups.indices { keepOnNodes(group, world, &decision) }
            case .cron: break
            }
        }
        count(world, &decision)
        judgeRollout(world, &decision)
        conclude(world)
        return decision
    }

    /// How long it may be left alone after a decision, though its tasks change: to decide takes time in proportion to its
    /// instances. Not while an end makes room for another of a batch.
    public var rest: Duration {
        let isShortOfRoom =
            job.spec.type == .batch && job.state != .completed
            && job.spec.tasks.contains {
                ($0.parallelism ?? $0.instances) < $0.instances || !$0.after.isEmpty
            }
        return isShortOfRoom || instances.count < 100 ? .zero : .microseconds(20) * instances.count
    }

    // MARK: Looking

    /// Takes in how the tasks are, and asks again for what was decided before and is not done.
    private mutating func look(_ heard: Set<TaskID>?, _ world: JobWorld, _ decision: inout JobDecision) {
        for index in instances.indices where !instances[index].phase.isOver {
            // What is asked for and not done yet is looked at until it is.
            if let heard, instances[index].phase == .active, !heard.contains(instances[index].task) {
                continue
            }
            guard let sight = world.sight(instances[index].task) else {
                lookAtMissing(index, world, &decision)
                continue
            }
            instances[index].runningSince = sight.state == .running ? sight.runningSince : nil
            instances[index].readySince = sight.state == .running ? sight.readySince : nil
            instances[index].reason = sight.reason
            instances[index].notBefore = nil
            if sight.state.isFinal {
                finish(index, sight, world)
            } else if instances[index].phase == .planned {
                instances[index].phase = .active
            } else if instances[index].phase == .stopping, !sight.isStopAsked {
                decision.directives.append(.stop(instances[index].task))
            }
        }
        if job.spec.type != .batch { instances.removeAll { $0.phase.isOver } }
    }

    private mutating func lookAtMissing(_ index: Int, _ world: JobWorld, _ decision: inout JobDecision) {
        switch instances[index].phase {
        case .planned:
            guard isTime(instances[index].notBefore, world, &decision) else { return }
            create(index, &decision)
        case .stopping: over(index, .stopped, "was stopped before it began", world)
        default:
            over(index, .failed, "its task was removed", world)
            note(failureOf: index, world)
        }
    }

    private mutating func finish(_ index: Int, _ sight: TaskSight, _ world: JobWorld) {
        let wasStopping = instances[index].phase == .stopping
        instances[index].exitCode = sight.exitCode
        switch sight.state {
        case .completed where job.spec.type == .batch: over(index, .completed, sight.reason, world)
        case _ where wasStopping: over(index, .stopped, sight.reason, world)
        default:
            over(index, .failed, sight.reason, world)
            note(failureOf: index, world)
        }
    }

    mutating func over(_ index: Int, _ phase: JobInstance.Phase, _ reason: String, _ world: JobWorld) {
        instances[index].phase = phase
        instances[index].reason = reason
        instances[index].endedAt = world.now
        instances[index].runningSince = nil
        instances[index].readySince = nil
    }

    /// The next instance of its group waits longer with each failure in a row: half a second, doubled up to a minute.
    private mutating func note(failureOf index: Int, _ world: JobWorld) {
        let instance = instances[index]
        guard let group = job.groups.firstIndex(where: { $0.name == instance.group }) else { return }
        job.groups[group].streak += 1
        job.groups[group].problem = "\(instance.name): \(instance.reason)"
        let doublings = min(job.groups[group].streak - 1, 7)
        let wait = min(Duration.milliseconds(500 << doublings), Self.longestWait)
        job.groups[group].notBefore = world.now.advanced(by: wait)
        if instance.version >= job.groups[group].template { job.rollout?.failures += 1 }
    }

    // MARK: Making and ending

    /// Plans one instance more, and asks for its task.
    mutating func plan(
        _ group: JobGroup, index: Int, attempt: Int = 1, node: String? = nil, _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        let id = world.identifier()
        let place = "\(job.name)-\(group.name)-\(index)-\(id.text.suffix(7))"
        instances.append(
            JobInstance(
                task: id, name: place, group: group.name, index: index, node: node, version: group.template,
                attempt: attempt, createdAt: world.now))
        create(instances.count - 1, &decision)
    }

    private func create(_ index: Int, _ decision: inout JobDecision) {
        let instance = instances[index]
        guard let spec = specification(of: instance) else { return }
        decision.directives.append(.create(instance, spec))
    }

    /// What the task of an instance is made of.
    public func specification(of instance: JobInstance) -> TaskSpec? {
        let version = job.history.last { $0.version <= instance.version }?.spec ?? job.spec
        guard let task = version.task(instance.group) else { return nil }
        var spec = version.template(task)
        spec.environment.merge(
            [
                "APOLLO_JOB": job.name, "APOLLO_TASK": task.name, "APOLLO_ARRAY_INDEX": "\(instance.index)",
                "APOLLO_ARRAY_COUNT": "\(task.instances)", "APOLLO_ATTEMPT": "\(instance.attempt)",
            ]
        ) { given, _ in given }
        if let node = instance.node { spec.constraints.append(.init("node.name", .isIn, [node])) }
        return spec
    }

    /// Asks an instance to end, if it has not been asked.
    mutating func end(_ index: Int, _ reason: String, _ world: JobWorld, _ decision: inout JobDecision) {
        switch instances[index].phase {
        case .planned:
            guard world.sight(instances[index].task) == nil else {
                askToStop(index, reason, &decision)
                return
            }
            // It is not there, and is not asked for any more.
            let task = instances[index].task
            decision.directives.removeAll {
                if case .create(let instance, _) = $0 { instance.task == task } else { false }
            }
            over(index, .stopped, reason, world)
        case .active: askToStop(index, reason, &decision)
        case .stopping, .completed, .failed, .stopped: break
        }
    }

    private mutating func askToStop(_ index: Int, _ reason: String, _ decision: inout JobDecision) {
        instances[index].phase = .stopping
        instances[index].reason = reason
        decision.directives.append(.stop(instances[index].task))
    }

    /// Whether an instance has done its work for long enough to count; else asks to look again when it will have.
    func isReady(_ index: Int, _ world: JobWorld, _ decision: inout JobDecision) -> Bool {
        guard instances[index].phase == .active, let since = instances[index].readySince else { return false }
        let minimum = job.spec.update.minReady.duration
        let time = since.advanced(by: minimum)
        // One that has been ready since later than now was so before the clock was set back; clocks of machines differ by less.
        guard time > world.now, world.now.duration(to: time) <= minimum + Self.clockDifference else {
            return true
        }
        decision.wake(at: time)
        return false
    }

    /// Whether instances may be planned now that others failed; else asks to look again when they may.
    func mayPlan(_ group: JobGroup, _ world: JobWorld, _ decision: inout JobDecision) -> Bool {
        isTime(group.notBefore, world, &decision)
    }

    /// Whether a wait is over; else asks to look again when it is. One that would last longer than any does was begun before the clock
    /// was set back.
    private func isTime(_ time: Timestamp?, _ world: JobWorld, _ decision: inout JobDecision) -> Bool {
        guard let time, time > world.now, world.now.duration(to: time) <= Self.longestWait else {
            return true
        }
        decision.wake(at: time)
        return false
    }
}
