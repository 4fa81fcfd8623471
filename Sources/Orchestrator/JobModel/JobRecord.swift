public import Core

/// A job as the platform knows it.
public struct JobRecord: Hashable, Sendable, Codable {
    public var id: JobID
    public var name: String
    public var project: String
    /// Counts every change that someone asked for; the API's `ETag`.
    public var revision: Int64
    /// Counts the specifications; the newest is `spec`.
    public var version: Int
    public var spec: JobSpec
    public var isStopped: Bool
    public var state: JobState
    /// Why it is in this state, in words a person can act on.
    public var reason: String
    public var groups: [JobGroup]
    /// The change to a new version that is under way or has failed; nil when all is as it should be.
    public var rollout: Rollout?
    /// How a cron job stands.
    public var cron: CronState?
    /// The versions that are kept, oldest first.
    public var history: [JobVersion]
    public var createdAt: Timestamp
    /// Who asked for what is there now: a principal's URI.
    public var createdBy: String
    public var finishedAt: Timestamp?

    public init(
        id: JobID, name: String, project: String, spec: JobSpec, createdAt: Timestamp, createdBy: String
    ) {
        self.id = id
        self.name = name
        self.project = project
        revision = 1
        version = 1
        self.spec = spec
        isStopped = false
        state = .pending
        reason = "its tasks are being started"
        groups = spec.tasks.map { JobGroup(name: $0.name, desired: $0.instances, template: 1) }
        history = [JobVersion(version: 1, spec: spec, createdAt: createdAt, createdBy: createdBy)]
        self.createdAt = createdAt
        self.createdBy = createdBy
        // The first version, too, has to become ready before it is one to go back to.
        if spec.type == .cron { cron = CronState(from: createdAt) }
        if spec.type == .service { rollout = Rollout(version: 1, at: createdAt) }
    }
}

/// How a job stands.
public enum JobState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Less than what is wanted is there yet.
    case pending
    case running
    /// A new version is taking the place of an old one.
    case updating
    /// Its tasks are asked to end.
    case stopping
    /// A cron job whose next run is to come.
    case scheduled
    /// A cron job that begins no runs until it is resumed.
    case suspended
    case completed, failed, stopped

    public var isFinal: Bool {
        switch self {
        case .completed, .failed, .stopped: true
        case .pending, .running, .updating, .stopping, .scheduled, .suspended: false
        }
    }
}

/// How the instances of one task of a job stand.
public struct JobGroup: Hashable, Sendable, Codable {
    public var name: String
    public var desired: Int
    /// The job's version that last changed what its instances are made of.
    public var template: Int
    public var pending = 0
    public var running = 0
    /// Those that run for long enough to count.
    public var ready = 0
    public var completed = 0
    public var failed = 0
    /// Failures in a row: what the wait before the next instance grows by.
    public var streak = 0
    /// Before then no instance takes the place of one that ended.
    public var notBefore: Timestamp?
    /// What went wrong last.
    public var problem: String?
    /// The template for which what it starts after has been so.
    public var released: Int?
    /// What it waits for before it starts, such as `db to be healthy (0 of 1)`; nil for nothing.
    public var waitsFor: String?

    public init(name: String, desired: Int, template: Int) {
        self.name = name
        self.desired = desired
        self.template = template
    }
}

/// A change of a service to a new version.
public struct Rollout: Hashable, Sendable, Codable {
    public var version: Int
    /// The version it goes back to; nil for what a user asked for.
    public var revertsTo: Int?
    /// Instances of the new version that failed.
    public var failures: Int
    /// The most that were ready at once, and when that was reached.
    public var bestReady: Int
    public var progressedAt: Timestamp
    public var hasFailed: Bool

    public init(version: Int, revertsTo: Int? = nil, at now: Timestamp) {
        self.version = version
        self.revertsTo = revertsTo
        failures = 0
        bestReady = 0
        progressedAt = now
        hasFailed = false
    }
}

/// One specification that a job had.
public struct JobVersion: Hashable, Sendable, Codable {
    public var version: Int
    public var spec: JobSpec
    /// Whether all of it was ready at once.
    public var isStable: Bool
    public var createdAt: Timestamp
    public var createdBy: String

    public init(version: Int, spec: JobSpec, createdAt: Timestamp, createdBy: String) {
        self.version = version
        self.spec = spec
        isStable = false
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}
