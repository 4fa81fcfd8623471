public import ClusterModel
public import Core
public import Scheduling

/// What the core decided: what to store, then what to do. Changes are stored before directives are carried out, so that
/// whatever was started is known after a crash.
public struct Decision: Hashable, Sendable {
    public var changes: [Change]
    public var directives: [Directive]

    public init(changes: [Change] = [], directives: [Directive] = []) {
        self.changes = changes
        self.directives = directives
    }

    public var isEmpty: Bool { changes.isEmpty && directives.isEmpty }

    public static func += (a: inout Decision, b: Decision) {
        a.changes += b.changes
        a.directives += b.directives
    }
}

/// A change of the stored state.
public enum Change: Hashable, Sendable {
    case put(TaskRecord)
    /// Forget the task; `project` is the one it belonged to.
    case delete(TaskID, project: String)

    public var task: TaskID {
        switch self {
        case .put(let record): record.id
        case .delete(let id, _): id
        }
    }
}

/// Something to be done in the world; what comes of it returns to the core as an ``AttemptEvent``.
public enum Directive: Hashable, Sendable {
    /// Start an attempt, then watch it.
    case launch(AttemptLaunch, on: NodeID)
    /// Give up an attempt that is being started.
    case cancelLaunch(AttemptPlace)
    /// Watch an attempt that runs already.
    case watch(AttemptPlace)
    /// Probe an attempt that runs, from now on until it is ended.
    case probe(ProbeOrder)
    /// End an attempt, politely for `grace`, then watch it: its end is reported, also if it never was there.
    case stop(AttemptPlace, grace: Duration)
    /// Forget an ended attempt: its logs, its container.
    case remove(AttemptPlace)
    /// End and forget an attempt that belongs to no task any more.
    case discard(AttemptPlace)
    /// Call ``TaskCore/wake(_:at:)`` at this time; takes the place of an earlier order for the same task.
    case wake(TaskID, at: Timestamp)

    public var task: TaskID {
        switch self {
        case .launch(let launch, _): launch.task
        case .cancelLaunch(let place), .watch(let place), .stop(let place, _), .remove(let place),
            .discard(let place):
            place.task
        case .probe(let order): order.place.task
        case .wake(let task, _): task
        }
    }

    /// Whether it may be carried out only once the changes it came with are stored: what starts without being known, or is
    /// forgotten while it still is, would be found wrong after a crash. Ends and watches can always be ordered again.
    public var needsStorage: Bool {
        switch self {
        case .launch, .remove: true
        case .cancelLaunch, .watch, .probe, .stop, .discard, .wake: false
        }
    }
}

/// Where an attempt is.
public struct AttemptPlace: Hashable, Sendable {
    public var task: TaskID
    public var attempt: AttemptID
    public var node: NodeID
    public var runtime: RuntimeKind

    public init(task: TaskID, attempt: AttemptID, node: NodeID, runtime: RuntimeKind) {
        self.task = task
        self.attempt = attempt
        self.node = node
        self.runtime = runtime
    }
}

/// How a running attempt is to be probed.
public struct ProbeOrder: Hashable, Sendable {
    public var place: AttemptPlace
    public var check: HealthCheck
    /// The ports given.
    public var ports: [PortMapping]
    /// What was known of it last.
    public var known: Health.State

    public init(place: AttemptPlace, check: HealthCheck, ports: [PortMapping], known: Health.State) {
        self.place = place
        self.check = check
        self.ports = ports
        self.known = known
    }
}

/// What happened to an attempt.
public enum AttemptEvent: Hashable, Sendable {
    case started(at: Timestamp, ports: [PortMapping], warnings: [String])
    /// It did not start, for certain; `retry` says whether the same may work later. `busyPorts` are those of the node that it was to
    /// have and something else has.
    case startFailed(reason: String, retry: Bool, busyPorts: [HostPort] = [])
    /// Nobody knows whether it started: the runtime went away. To start it again is to ask.
    case startUnclear(reason: String)
    /// The start was given up as asked.
    case startCancelled
    /// What its probes say now.
    case health(Health.State, reason: String)
    /// It ended; `code` is nil when nobody saw it end.
    case exited(code: Int32?, at: Timestamp, reason: String)
}

/// An attempt that a node reports when it joins.
public struct FoundAttempt: Hashable, Sendable {
    public var attempt: AttemptID
    public var task: TaskID
    public var runtime: RuntimeKind
    public var startedAt: Timestamp
    public var ports: [PortMapping]
    /// Nil while it runs.
    public var exit: Exit?

    public struct Exit: Hashable, Sendable {
        public var code: Int32?
        public var endedAt: Timestamp
        public var reason: String

        public init(code: Int32?, endedAt: Timestamp, reason: String) {
            self.code = code
            self.endedAt = endedAt
            self.reason = reason
        }
    }

    public init(
        attempt: AttemptID, task: TaskID, runtime: RuntimeKind, startedAt: Timestamp,
        ports: [PortMapping] = [],
        exit: Exit? = nil
    ) {
        self.attempt = attempt
        self.task = task
        self.runtime = runtime
        self.startedAt = startedAt
        self.ports = ports
        self.exit = exit
    }
}

/// Why the core refuses a command.
public enum TaskRefusal: Error, Hashable, Sendable {
    case unknownTask
    case nameTaken(String, by: TaskID)
    /// The task is in a state that does not allow it.
    case wrongState(TaskState, wanted: String)
    /// As many tasks are unfinished as the platform takes.
    case full(limit: Int)
    /// No node could ever run it as it is.
    case noRuntime(RuntimeKind, detail: String)
}
