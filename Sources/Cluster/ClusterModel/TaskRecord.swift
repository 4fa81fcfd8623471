public import Core

/// A task as the platform knows it: what was asked, what is wanted now, and what is seen.
///
/// Its copies share their storage until one of them is changed: the manager keeps, stores and tells each state of each task. What reads a
/// field is inlined where it is called: who asks for one thing of an attempt copies no attempt.
public struct TaskRecord: Hashable, Sendable, Codable {
    /// What a record is made of, in the order in which it is encoded.
    @usableFromInline
    struct Fields: Hashable, Sendable, Codable {
        @usableFromInline var id: TaskID
        @usableFromInline var name: String
        @usableFromInline var project: String
        /// The record's own counts. Here it is 0, but on its way to and from an encoding.
        @usableFromInline var revision: Int64 = 0
        @usableFromInline var sharedSpec: Shared<TaskSpec>
        @usableFromInline var desired: DesiredState
        @usableFromInline var state: TaskState
        @usableFromInline var reason: String
        @usableFromInline var attempts: [Attempt]
        @usableFromInline var attemptCount: Int
        @usableFromInline var restartStreak: Int
        @usableFromInline var nodeStreak: Int?
        @usableFromInline var startBy: Timestamp?
        @usableFromInline var notBefore: Timestamp?
        @usableFromInline var createdAt: Timestamp
        @usableFromInline var createdBy: String
        @usableFromInline var finishedAt: Timestamp?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, name, project, revision
            case sharedSpec = "spec"
            case desired, state, reason, attempts, attemptCount, restartStreak, nodeStreak, startBy,
                notBefore,
                createdAt, createdBy, finishedAt
        }
    }

    /// Changed by its only owner alone (``own()``).
    @usableFromInline
    final class Box: @unchecked Sendable {
        @exclusivity(unchecked) @usableFromInline var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    @usableFromInline var box: Box
    /// Counts every change; the API's `ETag`. Beside the rest, which another revision may share.
    public var revision: Int64

    public init(
        id: TaskID, name: String, project: String, revision: Int64 = 1, spec: TaskSpec,
        desired: DesiredState = .run,
        state: TaskState = .pending, reason: String, attempts: [Attempt] = [], attemptCount: Int = 0,
        restartStreak: Int = 0, notBefore: Timestamp? = nil, createdAt: Timestamp, createdBy: String,
        finishedAt: Timestamp? = nil
    ) {
        box = Box(
            Fields(
                id: id, name: name, project: project, sharedSpec: Shared(spec), desired: desired,
                state: state,
                reason: reason, attempts: attempts, attemptCount: attemptCount, restartStreak: restartStreak,
                notBefore: notBefore, createdAt: createdAt, createdBy: createdBy, finishedAt: finishedAt))
        self.revision = revision
    }

    public init(from decoder: any Decoder) throws {
        var fields = try Fields(from: decoder)
        revision = fields.revision
        fields.revision = 0
        box = Box(fields)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = box.fields
        fields.revision = revision
        try fields.encode(to: encoder)
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.revision == b.revision && (a.box === b.box || a.box.fields == b.box.fields)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(revision)
        hasher.combine(box.fields)
    }

    /// What it is made of, for tests of that.
    var fields: Fields { box.fields }

    /// Makes it the only owner of its storage.
    private mutating func own() {
        if !isKnownUniquelyReferenced(&box) { box = Box(box.fields) }
    }

    public var id: TaskID {
        @inlinable get { box.fields.id }
        _modify {
            own()
            yield &box.fields.id
        }
    }

    /// Unique within its project.
    public var name: String {
        @inlinable get { box.fields.name }
        _modify {
            own()
            yield &box.fields.name
        }
    }

    public var project: String {
        @inlinable get { box.fields.project }
        _modify {
            own()
            yield &box.fields.project
        }
    }

    /// What was asked, for whoever keeps it beside the record or hands it on.
    public var sharedSpec: Shared<TaskSpec> {
        @inlinable get { box.fields.sharedSpec }
        _modify {
            own()
            yield &box.fields.sharedSpec
        }
    }

    public var desired: DesiredState {
        @inlinable get { box.fields.desired }
        _modify {
            own()
            yield &box.fields.desired
        }
    }

    public var state: TaskState {
        @inlinable get { box.fields.state }
        _modify {
            own()
            yield &box.fields.state
        }
    }

    /// Why the task is in this state, in words a person can act on.
    public var reason: String {
        @inlinable get { box.fields.reason }
        _modify {
            own()
            yield &box.fields.reason
        }
    }

    /// The tries so far, oldest first. Old ones are dropped beyond a bound; `attemptCount` counts them all.
    public var attempts: [Attempt] {
        @inlinable get { box.fields.attempts }
        _modify {
            own()
            yield &box.fields.attempts
        }
    }

    public var attemptCount: Int {
        @inlinable get { box.fields.attemptCount }
        _modify {
            own()
            yield &box.fields.attemptCount
        }
    }

    /// Restarts in a row without a long run between them: what the back-off grows by.
    public var restartStreak: Int {
        @inlinable get { box.fields.restartStreak }
        _modify {
            own()
            yield &box.fields.restartStreak
        }
    }

    /// Of these, those after failures in a row on one node; nil for none.
    public var nodeStreak: Int? {
        @inlinable get { box.fields.nodeStreak }
        _modify {
            own()
            yield &box.fields.nodeStreak
        }
    }

    /// When it has failed unless an attempt has begun to run; nil where that has no bound, and once one has.
    public var startBy: Timestamp? {
        @inlinable get { box.fields.startBy }
        _modify {
            own()
            yield &box.fields.startBy
        }
    }

    /// When a pending task may be tried again; nil when it waits for nothing but room.
    public var notBefore: Timestamp? {
        @inlinable get { box.fields.notBefore }
        _modify {
            own()
            yield &box.fields.notBefore
        }
    }

    public var createdAt: Timestamp {
        @inlinable get { box.fields.createdAt }
        _modify {
            own()
            yield &box.fields.createdAt
        }
    }

    /// Who asked for it: a principal's URI.
    public var createdBy: String {
        @inlinable get { box.fields.createdBy }
        _modify {
            own()
            yield &box.fields.createdBy
        }
    }

    public var finishedAt: Timestamp? {
        @inlinable get { box.fields.finishedAt }
        _modify {
            own()
            yield &box.fields.finishedAt
        }
    }

    /// What was asked.
    @inlinable public var spec: TaskSpec {
        get { sharedSpec.value }
        set { sharedSpec = Shared(newValue) }
    }

    /// The latest attempt.
    @inlinable public var current: Attempt? { box.fields.attempts.last }

    /// Where the latest attempt is and takes room; nil without one, and once it has ended. Told without a copy of the attempt.
    @inlinable public var occupiedNode: NodeID? {
        guard let last = box.fields.attempts.indices.last, box.fields.attempts[last].state != .ended else {
            return nil
        }
        return box.fields.attempts[last].node
    }

    /// How the attempt that runs does; nil for one that does not run or is not probed.
    @inlinable public var health: Health? { state == .running ? current?.health : nil }
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
