public import Calendars
public import ClusterModel
public import Core
public import JobModel

/// A task of a job as its cluster sees it.
public struct TaskSight: Hashable, Sendable {
    public var state: TaskState
    public var isStopAsked: Bool
    public var runningSince: Timestamp?
    /// Since when it does its work: since it runs, or for one with a health check, since it is healthy.
    public var readySince: Timestamp?
    /// Tries after the first.
    public var restarts: Int
    public var exitCode: Int32?
    public var reason: String

    public init(
        state: TaskState, isStopAsked: Bool = false, runningSince: Timestamp? = nil,
        readySince: Timestamp? = nil, restarts: Int = 0, exitCode: Int32? = nil, reason: String
    ) {
        self.state = state
        self.isStopAsked = isStopAsked
        self.runningSince = runningSince
        self.readySince = readySince
        self.restarts = restarts
        self.exitCode = exitCode
        self.reason = reason
    }
}

/// A machine as far as jobs care.
public struct JobNode: Hashable, Sendable {
    public var name: String
    public var isReady: Bool
    public var labels: [String: String]

    public init(name: String, isReady: Bool, labels: [String: String]) {
        self.name = name
        self.isReady = isReady
        self.labels = labels
    }
}

/// What a job's decision is made of beside the job itself.
public struct JobWorld {
    public var now: Timestamp
    public var nodes: [JobNode]
    /// The task as it is; nil for one that is not there.
    public var sight: (TaskID) -> TaskSight?
    /// A fresh identifier.
    public var identifier: () -> TaskID

    /// The clocks of a time zone; nil for one that is not known.
    public var zone: (String) -> TimeZoneRules?

    public init(
        now: Timestamp, nodes: [JobNode] = [],
        zone: @escaping (String) -> TimeZoneRules? = { $0 == "UTC" ? .utc : nil },
        sight: @escaping (TaskID) -> TaskSight?,
        identifier: @escaping () -> TaskID
    ) {
        self.now = now
        self.nodes = nodes
        self.zone = zone
        self.sight = sight
        self.identifier = identifier
    }
}

/// What is to be done once the decision is stored. Each may be done twice.
public enum JobDirective: Hashable, Sendable {
    case create(JobInstance, TaskSpec)
    case stop(TaskID)
    /// The task is over and its job does not need it any more.
    case forget(TaskID)
}

/// What was decided for a job.
public struct JobDecision: Hashable, Sendable {
    public var directives: [JobDirective] = []
    /// When to decide again though nothing was heard; nil for never.
    public var wakeAt: Timestamp?
    /// How many more instances may be planned at once: a large job is made a part at a time, so that it keeps nothing else
    /// waiting.
    var room = 500

    public init() {}

    /// Takes room for one instance; where there is none, asks to decide again at once.
    mutating func takeRoom(_ world: JobWorld) -> Bool {
        guard room > 0 else {
            wake(at: world.now)
            return false
        }
        room -= 1
        return true
    }

    mutating func wake(at time: Timestamp) { wakeAt = min(wakeAt ?? time, time) }
}

/// Why a job does not allow what was asked of it.
public enum JobRefusal: Error, Hashable, Sendable {
    case notAService(JobType)
    /// It has no instances that are there until they are stopped.
    case isNotKeptUp(JobType)
    case noSuchTask(String, [String])
    case noSuchVersion(Int, [Int])
    case isThatVersion(Int)
    case otherType(JobType)
    case notFinished(JobState)
    case tooMany(Int, limit: Int)
    case notCron(JobType)
    case isStopped
    /// No further run may begin, and why.
    case runsAlready(String)
}
