public import ClusterModel
public import Core
public import Scheduling

/// Decides everything about tasks: events in, decisions out. No clock, no randomness, no I/O: time comes as arguments,
/// identifiers from the closure given. The manager runs it under a lock, the simulator by itself.
///
/// A task moves pending → scheduled → running → completed | failed | stopped, and back to pending when an attempt is
/// lost or the restart policy grants another. Every change counts the record's revision up and leaves a reason.
public struct TaskCore: Sendable {
    public struct Limits: Hashable, Sendable {
        /// Unfinished tasks at once; more are refused.
        public var unfinished: Int
        /// Attempts kept in a record; older ones are dropped and their logs removed.
        public var attemptsKept: Int
        /// How often the start of a task that is never restarted is tried again when what it needs is away, such as
        /// the registry of its image. Then it fails, so that whoever waits for it is told.
        public var startTries: Int

        /// How long a node may be lost before what it runs is placed elsewhere, where that may overlap.
        public var lossGrace: Duration

        public init(
            unfinished: Int = 100_000, attemptsKept: Int = 10, startTries: Int = 5,
            lossGrace: Duration = .seconds(30)
        ) {
            self.lossGrace = lossGrace
            self.unfinished = unfinished
            self.attemptsKept = attemptsKept
            self.startTries = startTries
        }
    }

    public internal(set) var tasks: [TaskID: TaskRecord] = [:]
    public internal(set) var nodes: [NodeID: Node] = [:]

    let limits: Limits
    let epoch: Int64
    let makeAttemptID: @Sendable () -> AttemptID
    var places: NodePlaces
    var names: [QualifiedName: TaskID] = [:]
    var keys: [String: TaskID] = [:]
    var keyOf: [TaskID: String] = [:]
    var unfinished = 0
    /// Tasks that wait for a place, and whose back-off is over.
    var waiting = WaitingQueue()
    /// Stored tasks whose back-off nobody waits for yet.
    var unarmed: Set<TaskID> = []
    /// Tasks with an attempt on a node, as far as anybody knows.
    var tasksOn: [NodeID: Set<TaskID>] = [:]
    /// Places that are being cleared for tasks of a higher priority, and those on each node.
    var claims: [TaskID: Claim] = [:]
    var claimsOn: [NodeID: Set<TaskID>] = [:]
    /// Who lost such a place, and has to look for another.
    var unsettled: [TaskID] = []
    /// Those that are over.
    var over = FinishedTasks()
    /// Removed tasks whose deletion is being stored: gone, and their names and keys not free yet.
    var leaving: [TaskID: TaskRecord] = [:]
    /// The runtimes of each node that have told what they have. What the others have is unknown: it may run.
    var settled: [NodeID: Set<RuntimeKind>] = [:]

    /// What people have said about nodes, and what their workers say of labels.
    var orders: [NodeID: NodeOrders] = [:]
    var ownLabels: [NodeID: [String: String]] = [:]
    /// What nodes may still run of tasks that have given it up.
    var remnants: [AttemptID: Remnant] = [:]
    var gpus = GPULedger()
    var volumeTable = VolumeTable()
    /// Ports of nodes that something which is no task has, as far as is known, and until when they are left alone.
    var busyPorts: [NodeID: [HostPort: Timestamp]] = [:]
    /// Where tasks go that are being moved.
    var targets: [TaskID: NodeID] = [:]
    /// Why tasks were in their state before their node was lost.
    var strandedReasons: [TaskID: String] = [:]

    struct QualifiedName: Hashable {
        var project: String
        var name: String
    }

    public init(
        epoch: Int64, limits: Limits = Limits(), policy: SchedulingPolicy = .hybrid,
        makeAttemptID: @escaping @Sendable () -> AttemptID
    ) {
        self.epoch = epoch
        places = NodePlaces(policy: policy)
        self.limits = limits
        self.makeAttemptID = makeAttemptID
    }

    /// Takes over a stored task, before any node joins.
    public mutating func restore(_ record: TaskRecord, idempotencyKey: String?) {
        insert(record, idempotencyKey: idempotencyKey)
        guard record.state == .pending else { return }
        if record.notBefore != nil {
            unarmed.insert(record.id)
        } else {
            let ask = ask(of: record)
            waiting.insert(record.id, ask: ask, priority: record.spec.priority)
        }
    }

    /// The task of this name, or of this identifier, in `project`.
    public func find(_ handle: String, project: String) -> TaskRecord? {
        identify(handle, project: project).flatMap { tasks[$0] }
    }

    /// The identifier of the task of this name, or of this identifier, in `project`.
    public func identify(_ handle: String, project: String) -> TaskID? {
        if let id = names[QualifiedName(project: project, name: handle)] { return id }
        guard let id = TaskID(parsing: handle), tasks[id]?.project == project else { return nil }
        return id
    }

    /// The task a submission with this key has made.
    public func task(forKey key: String) -> TaskRecord? { keys[key].flatMap { tasks[$0] } }

    /// Whether the submission has to wait for a removal to be stored: of the task of its key, or of its name.
    public func isHeldUp(_ submission: Submission) -> Bool {
        guard !leaving.isEmpty else { return false }
        let name = QualifiedName(
            project: submission.project, name: submission.name ?? submission.generatedName)
        let holders = [submission.idempotencyKey.flatMap { keys[$0] }, names[name]]
        return holders.contains { $0.map { leaving[$0] != nil } ?? false }
    }

    /// How the nodes look to a task; nil for an unknown one.
    public func explain(_ id: TaskID) -> PlacementReport? {
        guard let record = tasks[id] else { return nil }
        return PlacementReport(
            record, places.explain(ask(of: record), thoroughly: true),
            node: record.occupiedNode.flatMap { nodes[$0]?.name }, next: nextPlace(of: record))
    }

    // MARK: Commands

    /// Accepts a task and places it if there is room.
    public mutating func submit(
        _ submission: Submission, at now: Timestamp
    ) throws(TaskRefusal) -> (TaskRecord, Decision) {
        if let key = submission.idempotencyKey, let record = task(forKey: key) { return (record, Decision()) }
        let name = submission.name ?? submission.generatedName
        if let holder = names[QualifiedName(project: submission.project, name: name)] {
            throw .nameTaken(name, by: holder)
        }
        guard unfinished < limits.unfinished else { throw .full(limit: limits.unfinished) }
        let spec = choosingRuntime(for: submission.spec)
        if let detail = missingRuntime(spec.runtime) { throw .noRuntime(spec.runtime, detail: detail) }
        volumeTable.make(
            submission.spec.volumes(in: submission.project), at: now, by: submission.principal)
        var record = TaskRecord(
            id: submission.id, name: name, project: submission.project, revision: 0, spec: spec,
            reason: "waiting for a place", createdAt: now, createdBy: submission.principal)
        record.startBy = submission.spec.startWithin.map { now.advanced(by: $0.duration) }
        let hasDeadline = record.deadline != nil
        insert(record, idempotencyKey: submission.idempotencyKey)
        var decision = Decision()
        // Others are stopped for it only in a decision of its own: this one is void where it cannot be stored.
        place(submission.id, at: now, mayPreempt: false, &decision)
        if hasDeadline { armDeadline(of: submission.id, at: now, &decision) }
        return (tasks[submission.id]!, decision)
    }

    /// Takes a submission back whose record could not be stored. Only before any directive for it was carried out; what was
    /// decided about it meanwhile is void. Others may find the place that it had.
    public mutating func withdraw(_ id: TaskID, at now: Timestamp) -> Decision {
        guard let record = tasks[id] else { return Decision() }
        if let attempt = record.current, attempt.state != .ended { release(attempt, of: record) }
        erase(record)
        var decision = Decision()
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Asks a task to end. Asking a finished one changes nothing; asking again can only make it sooner, by a grace.
    public mutating func stop(_ id: TaskID, grace: Duration?, at now: Timestamp) throws(TaskRefusal)
        -> Decision
    {
        guard var record = tasks[id] else { throw .unknownTask }
        guard !record.state.isFinal else { return Decision() }
        if record.desired == .stopped {
            guard let grace, let attempt = record.current, attempt.state == .running else {
                return Decision()
            }
            return Decision(directives: [.stop(place(of: attempt, record), grace: grace)])
        }
        var decision = Decision()
        record.desired = .stopped
        // Between two tries to start what may have started: there is no start to give up.
        let isUnclear = record.notBefore != nil
        guard let attempt = record.current, attempt.state != .ended else {
            finish(&record, as: .stopped, reason: "stopped before it started", at: now)
            store(record, &decision)
            placeWaiting(at: now, &decision)
            return decision
        }
        places.markLeaving(attempt.id)
        record.state = .stopping
        record.reason = "asked to stop"
        record.notBefore = nil
        store(record, &decision)
        decision.directives.append(halt(attempt, of: record, isUnclear: isUnclear, grace))
        return decision
    }

    /// What ends an attempt: a start is given up, unless it `isUnclear` whether it began.
    func halt(_ attempt: Attempt, of record: TaskRecord, isUnclear: Bool, _ grace: Duration?) -> Directive {
        attempt.state == .starting && !isUnclear
            ? .cancelLaunch(place(of: attempt, record))
            : .stop(place(of: attempt, record), grace: grace ?? record.spec.stopGrace.duration)
    }

    /// Forgets a finished task, its attempts and their logs. Its name and key are free after ``removed(_:)``, or it is back
    /// after ``keep(_:)``.
    public mutating func remove(_ id: TaskID) throws(TaskRefusal) -> Decision {
        guard let record = tasks[id] else { throw .unknownTask }
        guard record.state.isFinal else {
            throw .wrongState(record.state, wanted: "completed, failed or stopped")
        }
        tasks[id] = nil
        leaving[id] = record
        return Decision(
            changes: [.delete(id, project: record.project)],
            directives: record.attempts.map { .remove(place(of: $0, record)) })
    }

    /// The removal of a task is stored.
    public mutating func removed(_ id: TaskID) {
        if let record = leaving.removeValue(forKey: id) { erase(record) }
    }

    /// The removal of a task could not be stored: it is as before.
    public mutating func keep(_ id: TaskID) {
        if let record = leaving.removeValue(forKey: id) { tasks[id] = record }
    }
}
