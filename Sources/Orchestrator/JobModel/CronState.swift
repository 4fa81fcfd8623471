public import Core
public import Documents

/// How a cron job stands.
public struct CronState: Hashable, Sendable, Codable {
    /// Whether it begins no runs by itself for now.
    public var isSuspended: Bool
    /// Runs that were to begin until then did, or will not any more.
    public var settledUntil: Timestamp
    /// When the next run begins by itself; nil while there is none to come.
    public var nextRun: Timestamp?
    /// How many runs there were.
    public var runCount: Int
    /// Those that are not over, and those that are kept; oldest first.
    public var runs: [CronRun]
    /// How many times there was no run, and why the last time.
    public var skipped: Int
    public var lastSkip: String?

    public init(from now: Timestamp) {
        isSuspended = false
        settledUntil = now
        runCount = 0
        runs = []
        skipped = 0
    }
}

/// One run of a cron job: all its tasks, as a batch.
public struct CronRun: Hashable, Sendable, Codable {
    /// From 1.
    public var number: Int
    /// The time that its schedule said; nil where somebody asked for it.
    public var scheduledAt: Timestamp?
    /// The job's version that it runs.
    public var version: Int
    public var isStopped: Bool
    public var state: JobState
    public var reason: String
    public var groups: [JobGroup]
    public var createdAt: Timestamp
    /// Who asked for it, where somebody did.
    public var createdBy: String?
    public var finishedAt: Timestamp?

    public init(
        number: Int, scheduledAt: Timestamp?, version: Int, spec: JobSpec, at now: Timestamp,
        by principal: String? = nil
    ) {
        self.number = number
        self.scheduledAt = scheduledAt
        self.version = version
        isStopped = false
        state = .pending
        reason = "its tasks are being started"
        groups = spec.tasks.map { JobGroup(name: $0.name, desired: $0.instances, template: version) }
        createdAt = now
        createdBy = principal
    }
}

extension CronState: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How a cron job stands.",
            [
                .required("isSuspended", .boolean, "Whether it begins no runs by itself for now."),
                .required(
                    "settledUntil", .string(.timestamp),
                    "Runs that were to begin until then did, or will not any more."),
                .optional("nextRun", .string(.timestamp), "When the next run begins by itself."),
                .required("runCount", .integer(0...), "How many runs there were."),
                .required("runs", .array(.of(CronRun.self)), "Those that are kept, oldest first."),
                .required("skipped", .integer(0...), "How many times there was no run."),
                .optional("lastSkip", .string, "Why, the last time."),
            ])
    }
}

extension CronRun: SchemaProviding {
    public static var schema: Schema {
        .object(
            "One run of a cron job: all its tasks, as a batch.",
            [
                .required("number", .integer(1...)),
                .optional(
                    "scheduledAt", .string(.timestamp),
                    "What its schedule said; none where somebody asked for it."),
                .required("version", .integer(1...)), .required("isStopped", .boolean),
                .required("state", .values(JobState.self)), .required("reason", .string),
                .required("groups", .array(.of(JobGroup.self))),
                .required("createdAt", .string(.timestamp)), .optional("createdBy", .string),
                .optional("finishedAt", .string(.timestamp)),
            ])
    }
}
