public import Core

/// A task as the platform knows it: what was asked, what is wanted now, and what is seen.
public struct TaskRecord: Hashable, Sendable, Codable {
    public var id: TaskID
    /// Unique within its project.
    public var name: String
    public var project: String
    /// Counts every change; the API's `ETag`.
    public var revision: Int64
    public var spec: TaskSpec
    public var desired: DesiredState
    public var state: TaskState
    /// Why the task is in this state, in words a person can act on.
    public var reason: String
    /// The tries so far, oldest first. Old ones are dropped beyond a bound; `attemptCount` counts them all.
    public var attempts: [Attempt]
    public var attemptCount: Int
    /// Restarts in a row without a long run between them: what the back-off grows by.
    public var restartStreak: Int
    /// Of these, those after failures in a row on one node; nil for none.
    public var nodeStreak: Int?
    /// When it has failed unless an attempt has begun to run; nil where that has no bound, and once one has.
    public var startBy: Timestamp?
    /// When a pending task may be tried again; nil when it waits for nothing but room.
    public var notBefore: Timestamp?
    public var createdAt: Timestamp
    /// Who asked for it: a principal's URI.
    public var createdBy: String
    public var finishedAt: Timestamp?

    public init(
        id: TaskID, name: String, project: String, revision: Int64 = 1, spec: TaskSpec,
        desired: DesiredState = .run,
        state: TaskState = .pending, reason: String, attempts: [Attempt] = [], attemptCount: Int = 0,
        restartStreak: Int = 0, notBefore: Timestamp? = nil, createdAt: Timestamp, createdBy: String,
        finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.revision = revision
        self.spec = spec
        self.desired = desired
        self.state = state
        self.reason = reason
        self.attempts = attempts
        self.attemptCount = attemptCount
        self.restartStreak = restartStreak
        self.notBefore = notBefore
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.finishedAt = finishedAt
    }

    /// The latest attempt.
    public var current: Attempt? { attempts.last }

    /// How the attempt that runs does; nil for one that does not run or is not probed.
    public var health: Health? { state == .running ? current?.health : nil }
}

/// What is wanted of a task.
public enum DesiredState: String, Hashable, Sendable, Codable, CaseIterable { case run, suspended, stopped }

/// The observed state of a task.
public enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Waiting for a place, an image, or its back-off.
    case pending
    /// A node was chosen; the attempt is being started.
    case scheduled
    case running
    /// Asked to end; the attempt has not yet.
    case stopping
    case suspended
    /// Ended with exit code 0.
    case completed
    /// Ended otherwise, with no restart left.
    case failed
    /// Ended because someone asked.
    case stopped

    /// Whether nothing will change by itself any more.
    public var isFinal: Bool {
        switch self {
        case .completed, .failed, .stopped: true
        case .pending, .scheduled, .running, .stopping, .suspended: false
        }
    }
}

/// One try of a task on one node.
public struct Attempt: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable { case starting, running, ended }

    /// How an attempt ended.
    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        case completed, failed, lost, preempted, drained, stopped
    }

    public var id: AttemptID
    /// From 1.
    public var number: Int
    public var node: NodeID
    /// The leadership epoch that ordered it.
    public var epoch: Int64
    public var state: State
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var outcome: Outcome?
    /// 0 to 255; for a signal 128 plus its number, as shells say it. Nil when it never started or was lost.
    public var exitCode: Int32?
    /// Why it ended, in words a person can act on.
    public var reason: String?
    /// The ports given, in the order of the specification's.
    public var ports: [PortMapping]
    /// The GPUs given; nil for none.
    public var gpus: [AssignedGPU]?
    /// Nil where it is not probed.
    public var health: Health?

    public init(
        id: AttemptID, number: Int, node: NodeID, epoch: Int64, state: State = .starting,
        createdAt: Timestamp,
        startedAt: Timestamp? = nil, endedAt: Timestamp? = nil, outcome: Outcome? = nil,
        exitCode: Int32? = nil,
        reason: String? = nil, ports: [PortMapping] = [], gpus: [AssignedGPU]? = nil,
        health: Health? = nil
    ) {
        self.gpus = gpus
        self.id = id
        self.number = number
        self.node = node
        self.epoch = epoch
        self.state = state
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.exitCode = exitCode
        self.reason = reason
        self.ports = ports
        self.health = health
    }
}
