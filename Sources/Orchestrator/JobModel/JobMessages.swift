public import Core
public import Documents

/// A job with all it has made, as the API shows it.
public struct JobDetail: Hashable, Sendable, Codable {
    public var job: JobRecord
    public var instances: [JobInstance]
    /// When a cron job runs next by itself, the soonest first.
    public var nextRuns: [Timestamp]?

    public init(job: JobRecord, instances: [JobInstance], nextRuns: [Timestamp]? = nil) {
        self.job = job
        self.instances = instances
        self.nextRuns = nextRuns
    }
}

/// How many instances a task of a service is to have.
public struct ScaleRequest: Hashable, Sendable, Codable {
    /// May be left out where the job has one task.
    public var task: String?
    public var instances: Int

    public init(task: String?, instances: Int) {
        self.task = task
        self.instances = instances
    }
}

/// Which version a job goes back to.
public struct RevertRequest: Hashable, Sendable, Codable {
    /// The last that was ready as a whole if left out.
    public var version: Int?

    public init(version: Int?) { self.version = version }
}

/// Which instances of a job are replaced by others of the same.
public struct RestartRequest: Hashable, Sendable, Codable {
    /// Those of this task of it; all if left out.
    public var task: String?

    public init(task: String?) { self.task = task }
}

/// One page of jobs.
public struct JobPage: Sendable, Codable {
    public var items: [JobRecord]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?
}

extension JobDetail: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A job and what it has made.",
            [
                .required("job", .of(JobRecord.self)),
                .required("instances", .array(.of(JobInstance.self), count: 0...1_000_000)),
                .optional(
                    "nextRuns", .array(.string(.timestamp)), "When a cron job runs next, the soonest first."),
            ])
    }
}

extension ScaleRequest: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How many instances a task of a service is to have.",
            [
                .optional("task", .string(.name), "May be left out where the job has one task."),
                .required("instances", .integer(0...10_000)),
            ])
    }
}

extension RestartRequest: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Which instances of a job are replaced by others of the same.",
            [.optional("task", .string(.name), "Those of this task of it; all if left out.")])
    }
}

extension RevertRequest: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Which version a job goes back to.",
            [
                .optional(
                    "version", .integer(1...1_000_000_000),
                    "The last that was ready as a whole if left out.")
            ])
    }
}

extension JobRecord: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A job: what was asked, and how it stands.",
            [
                .required("id", .string(.identifier)), .required("name", .string(.name)),
                .required("project", .string(.name)),
                .required("revision", .integer(1...), "Counts what was asked of it; the ETag."),
                .required("version", .integer(1...), "Counts its specifications."),
                .required("spec", .of(JobSpec.self)), .required("isStopped", .boolean),
                .required("state", .values(JobState.self)), .required("reason", .string),
                .required("groups", .array(.of(JobGroup.self)), "How the instances of each task stand."),
                .optional("rollout", .of(Rollout.self), "The change to a new version, while there is one."),
                .optional("cron", .of(CronState.self), "How a cron job stands."),
                .required("history", .array(.of(JobVersion.self)), "Oldest first."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
                .optional("finishedAt", .string(.timestamp)),
            ])
    }
}

extension JobGroup: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How the instances of one task of a job stand.",
            [
                .required("name", .string(.name)), .required("desired", .integer(0...)),
                .required("template", .integer(1...), "The version that its instances are made of."),
                .required("pending", .integer(0...)), .required("running", .integer(0...)),
                .required("ready", .integer(0...)), .required("completed", .integer(0...)),
                .required("failed", .integer(0...)),
                .required("streak", .integer(0...), "Failures in a row."),
                .optional("notBefore", .string(.timestamp), "When the next instance may be made."),
                .optional("problem", .string, "What went wrong last."),
                .optional(
                    "released", .integer(1...), "The version for which what it starts after has been so."),
                .optional("waitsFor", .string, "What it waits for before it starts."),
            ])
    }
}

extension Rollout: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A change of a service to a new version.",
            [
                .required("version", .integer(1...)), .optional("revertsTo", .integer(1...)),
                .required("failures", .integer(0...)), .required("bestReady", .integer(0...)),
                .required("progressedAt", .string(.timestamp)), .required("hasFailed", .boolean),
            ])
    }
}

extension JobVersion: SchemaProviding {
    public static var schema: Schema {
        .object(
            "One specification that a job had.",
            [
                .required("version", .integer(1...)), .required("spec", .of(JobSpec.self)),
                .required("isStable", .boolean, "Whether all of it was ready at once."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
            ])
    }
}

extension JobInstance: SchemaProviding {
    public static var schema: Schema {
        .object(
            "One task that a job has made.",
            [
                .required("task", .string(.identifier)), .required("name", .string(.name)),
                .required("group", .string(.name)), .required("index", .integer(0...)),
                .optional("node", .string), .required("version", .integer(1...)),
                .optional("run", .integer(1...), "Which run of a cron job it is of."),
                .required("attempt", .integer(1...)), .required("phase", .values(Phase.self)),
                .required("createdAt", .string(.timestamp)), .optional("runningSince", .string(.timestamp)),
                .optional(
                    "readySince", .string(.timestamp),
                    "Since when it runs or, with a health check, is healthy."),
                .optional("endedAt", .string(.timestamp)), .optional("exitCode", .integer(0...255)),
                .required("reason", .string), .optional("notBefore", .string(.timestamp)),
            ])
    }
}
