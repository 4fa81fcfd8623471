public import ClusterModel
public import Core
public import JobModel

/// A copy of a cluster's room, to try placements on.
public protocol JobRehearsal {
    /// Finds a place for a task that would be made, and takes it.
    mutating func place(_ task: TaskID, _ spec: TaskSpec) -> RehearsedPlace
    /// Gives back the place of a task.
    mutating func release(_ task: TaskID)
    /// The name of the node that a task is on.
    func node(of task: TaskID) -> String?
}

/// Where a task would go.
public enum RehearsedPlace: Hashable, Sendable {
    case node(String, evicts: [String])
    case waits(String)
}

/// Finds what running a job would come to: the same decisions, on a copy of what is there, where every task that has a place runs and
/// stays well. A plain value.
public struct JobPlanner {
    /// How often it is decided at most: an update of hundreds of instances goes on as it began.
    static let turns = 200
    static let shown = 1000

    private var work: JobWork
    private var plan: JobPlan
    private var now: Timestamp
    private var sights: [TaskID: TaskSight] = [:]
    private var waiting: [(instance: JobInstance, spec: TaskSpec, place: Int?)] = []
    private var made: Set<TaskID> = []
    private var stoppedOld: [String: Int] = [:]

    /// - Parameter before: the job as it is; nil for a new one.
    public static func plan(
        _ spec: JobSpec, over before: JobWork?, project: String, in world: JobWorld,
        _ rehearsal: inout some JobRehearsal
    ) throws(JobRefusal) -> JobPlan {
        var after =
            before
            ?? JobWork(
                job: JobRecord(
                    id: JobID(time: world.now, random: 0), name: spec.name, project: project, spec: spec,
                    createdAt: world.now, createdBy: ""))
        if before != nil { try after.run(spec, by: "", at: world.now) }
        var planner = JobPlanner(after, over: before, spec, world)
        planner.rehearse(before, world, &rehearsal)
        return planner.plan
    }

    private init(_ after: JobWork, over before: JobWork?, _ spec: JobSpec, _ world: JobWorld) {
        work = after
        now = world.now
        let action: JobPlan.Action
        if let before {
            action =
                after.job.version == before.job.version
                ? .nothing : spec == before.job.spec ? .again : .update
        } else {
            action = .create
        }
        plan = JobPlan(
            job: spec.name, action: action, version: before?.job.version, nextVersion: after.job.version)
        plan.nextRuns = after.nextRuns(5, world)
    }

    private mutating func rehearse(
        _ before: JobWork?, _ world: JobWorld, _ rehearsal: inout some JobRehearsal
    ) {
        let open = (before?.instances ?? []).filter { !$0.phase.isOver }
        for instance in open { sights[instance.task] = world.sight(instance.task) }
        if plan.action == .nothing {
            plan.notes.append("nothing would change: the job is \(work.job.state.rawValue)")
        } else if work.job.spec.type == .cron {
            plan.notes.append("its tasks are placed when it runs; so they would be now")
            // What a run would come to, if one began now.
            work.job.cron?.runs.removeAll { _ in true }
            work.instances = []
            work.job.cron?.settledUntil = now
            do throws(JobRefusal) { try work.trigger(by: "", at: now) } catch { return }
            turns(world, &rehearsal)
        } else {
            turns(world, &rehearsal)
        }
        summarise(open)
    }

    private mutating func turns(_ world: JobWorld, _ rehearsal: inout some JobRehearsal) {
        var identifiers: UInt64 = 0
        let start = world.now
        var idle = 0
        for _ in 0..<Self.turns where idle < 3 {
            let sights = sights
            var twin = JobWorld(
                now: now, nodes: world.nodes, zone: world.zone, sight: { sights[$0] },
                identifier: {
                    identifiers += 1
                    // Later than all that are there, so that none is taken for another.
                    return TaskID(time: start, random: UInt64.max - identifiers)
                })
            twin.now = now
            let decision = work.decide(twin)
            for directive in decision.directives { perform(directive, &rehearsal) }
            noteOrder()
            retry(&rehearsal)
            idle = decision.directives.isEmpty ? idle + 1 : 0
            now = now.advanced(by: max(work.job.spec.update.minReady.duration, .seconds(60)))
        }
        if idle < 3 { plan.notes.append("the rest of it goes on in the same way") }
    }

    /// Says once of each task what it starts after.
    private mutating func noteOrder() {
        for group in work.job.groups where group.waitsFor != nil {
            let after = (work.job.spec.task(group.name)?.after ?? []).map { dependency in
                "\(dependency.task) is \(dependency.condition(in: work.job.spec.type)?.rawValue ?? "there")"
            }
            let note = "\(group.name) starts when \(after.joined(separator: " and "))"
            if !plan.notes.contains(note) { plan.notes.append(note) }
        }
    }

    private mutating func perform(_ directive: JobDirective, _ rehearsal: inout some JobRehearsal) {
        switch directive {
        case .create(let instance, let spec):
            guard made.insert(instance.task).inserted else { return }
            let isShown = plan.placements.count < Self.shown
            switch rehearsal.place(instance.task, spec) {
            case .node(let node, let evicts):
                run(instance.task)
                guard isShown else { return }
                plan.placements.append(
                    .init(
                        task: instance.group, index: instance.index, node: node, reason: nil, evicts: evicts))
            case .waits(let reason):
                sights[instance.task] = TaskSight(state: .pending, reason: reason)
                waiting.append((instance, spec, isShown ? plan.placements.count : nil))
                guard isShown else { return }
                plan.placements.append(
                    .init(task: instance.group, index: instance.index, node: nil, reason: reason))
            }
        case .stop(let task):
            guard let sight = sights[task], !sight.state.isFinal else { return }
            if !made.contains(task), let instance = work.instances.first(where: { $0.task == task }) {
                stoppedOld[instance.group, default: 0] += 1
                if plan.stops.count < Self.shown {
                    plan.stops.append(
                        .init(
                            name: instance.name, task: instance.group, index: instance.index,
                            node: rehearsal.node(of: task), reason: instance.reason))
                }
            }
            rehearsal.release(task)
            waiting.removeAll { $0.instance.task == task }
            sights[task] = TaskSight(state: .stopped, isStopAsked: true, reason: "stopped")
        case .forget: break
        }
    }

    private mutating func run(_ task: TaskID) {
        sights[task] = TaskSight(state: .running, runningSince: now, readySince: now, reason: "running")
    }

    /// What waits may have room now that others were stopped.
    private mutating func retry(_ rehearsal: inout some JobRehearsal) {
        var left: [(instance: JobInstance, spec: TaskSpec, place: Int?)] = []
        for entry in waiting {
            guard case .node(let node, let evicts) = rehearsal.place(entry.instance.task, entry.spec) else {
                left.append(entry)
                continue
            }
            run(entry.instance.task)
            if let place = entry.place {
                plan.placements[place].node = node
                plan.placements[place].reason = nil
                plan.placements[place].evicts = evicts
            }
        }
        waiting = left
    }

    private mutating func summarise(_ open: [JobInstance]) {
        let isCron = work.job.spec.type == .cron
        let names = work.job.spec.tasks.map(\.name)
        let gone = Set(open.map(\.group)).subtracting(names).sorted()
        let group = Dictionary(grouping: work.instances.filter { made.contains($0.task) }, by: \.group)
        for name in names + gone {
            let now = isCron ? 0 : open.count { $0.group == name }
            let desired = work.job.groups.first { $0.name == name }?.desired ?? 0
            var entry = JobPlan.Group(
                name: name, now: now, wanted: isCron ? work.job.spec.task(name)?.instances ?? 0 : desired)
            let new = group[name, default: []].count { !$0.phase.isOver || $0.phase == .completed }
            let stopped = stoppedOld[name] ?? 0
            entry.replaced = min(new, stopped)
            entry.created = new - entry.replaced
            entry.stopped = stopped - entry.replaced
            entry.kept = now - stopped
            if work.job.spec.type.runsThrough { entry.later = max(0, entry.wanted - new - entry.kept) }
            plan.groups.append(entry)
        }
    }
}
