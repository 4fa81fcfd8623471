import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

/// A cluster of plain values around one job: makes what is asked for, forgets what was decided where it is told to crash.
struct JobTwin {
    var work: JobWork
    var now = Timestamp(microseconds: 1_000_000_000)
    var tasks: [TaskID: TaskSight] = [:]
    var specs: [TaskID: TaskSpec] = [:]
    var indices: [TaskID: String] = [:]
    var nodes: [JobNode] = []
    var random: UInt64
    var wakeAt: Timestamp?
    /// How the tasks were when it was decided the last time; nil where that was not stored, or asked for something.
    private var seen: [TaskID: TaskSight]?
    /// How often it was enough to look at what had changed.
    private(set) var glances = 0

    init(_ spec: JobSpec, seed: UInt64 = 1, at now: Timestamp) {
        self.init(spec, seed: seed, createdAt: now)
        self.now = now
    }

    init(_ spec: JobSpec, seed: UInt64 = 1, createdAt: Timestamp = Timestamp(microseconds: 0)) {
        random = seed
        work = JobWork(
            job: JobRecord(
                id: JobID(time: Timestamp(microseconds: 0), random: 1), name: spec.name, project: "default",
                spec: spec,
                createdAt: createdAt, createdBy: "user"))
    }

    mutating func next(_ bound: UInt64) -> UInt64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (random >> 33) % bound
    }

    /// One turn: decides, stores, carries out.
    ///
    /// - Parameters:
    ///   - crashBefore: nothing decided is stored.
    ///   - carriedOut: how many directives are done before a crash; nil for all.
    mutating func turn(crashBefore: Bool = false, carriedOut: Int? = nil) {
        var made = random
        let tasks = tasks
        var next = work
        let decision = next.decide(
            JobWorld(now: now, nodes: nodes, sight: { tasks[$0] }) {
                made = made &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return TaskID(time: Timestamp(microseconds: 1), random: made)
            })
        glance(next, decision)
        random = made
        seen = nil
        if crashBefore { return }
        seen = decision.directives.isEmpty ? tasks : nil
        work = next
        wakeAt = decision.wakeAt
        for directive in decision.directives.prefix(carriedOut ?? .max) { perform(directive) }
    }

    /// To look only at the tasks that changed comes to the same.
    private mutating func glance(_ whole: JobWork, _ decided: JobDecision) {
        guard let seen else { return }
        let (now, nodes, tasks) = (now, nodes, tasks)
        let changed = Set(tasks.keys).union(seen.keys).filter { tasks[$0] != seen[$0] }
        var (made, part) = (random, work)
        let decision = part.decide(
            JobWorld(now: now, nodes: nodes, sight: { tasks[$0] }) {
                made = made &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return TaskID(time: Timestamp(microseconds: 1), random: made)
            }, heard: changed)
        #expect(part == whole)
        #expect(decision == decided)
        glances += 1
    }

    private mutating func perform(_ directive: JobDirective) {
        switch directive {
        case .create(let instance, let spec):
            guard tasks[instance.task] == nil else { return }
            tasks[instance.task] = TaskSight(state: .pending, reason: "waits")
            specs[instance.task] = spec
            indices[instance.task] = "\(instance.group)[\(instance.index)]"
        case .stop(let task):
            guard let state = tasks[task]?.state, !state.isFinal else { return }
            tasks[task]?.isStopAsked = true
            tasks[task]?.state = state == .pending ? .stopped : .stopping
        case .forget(let task): tasks[task] = nil
        }
    }

    var world: JobWorld {
        JobWorld(now: now, nodes: nodes, sight: { tasks[$0] }) { fatalError("none is made") }
    }

    mutating func settle(_ turns: Int = 5) { for _ in 0..<turns { turn() } }

    mutating func pass(_ seconds: Int) { now = now.advanced(by: .seconds(seconds)) }

    func tasks(in states: Set<TaskState>) -> [TaskID] {
        tasks.filter { states.contains($0.value.state) }.keys.sorted()
    }

    /// Without `isHealthy` its check has not succeeded yet.
    mutating func begin(_ task: TaskID, isHealthy: Bool = true) {
        tasks[task]?.state = .running
        tasks[task]?.runningSince = now
        if isHealthy { tasks[task]?.readySince = now }
    }

    mutating func beginAll() { for task in tasks(in: [.pending]) { begin(task) } }

    mutating func finish(_ task: TaskID, _ state: TaskState) {
        tasks[task]?.state = state
        tasks[task]?.runningSince = nil
        tasks[task]?.readySince = nil
        tasks[task]?.exitCode = state == .completed ? 0 : 1
    }

    mutating func endStopping() { for task in tasks(in: [.stopping]) { finish(task, .stopped) } }

    var live: [TaskID] { tasks(in: [.pending, .scheduled, .running, .stopping]) }

    /// Those that run, are not asked to stop, and have for long enough.
    var ready: Int {
        tasks.values.count { sight in
            guard sight.state == .running, !sight.isStopAsked, let since = sight.readySince else {
                return false
            }
            return since.advanced(by: work.job.spec.update.minReady.duration) <= now
        }
    }
}
