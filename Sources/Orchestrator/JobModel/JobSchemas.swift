import ClusterModel
public import Documents
import Scheduling

extension JobSpec: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A job: tasks that belong together.",
            [
                .required("name", .string(.name, length: 1...32), "Unique within the project."),
                .optional(
                    "type", .values(JobType.self), default: "service",
                    "service keeps instances up, batch runs every index to its end, system has one on each node, cron is a batch by the clock."
                ),
                .optional(
                    "datacenters", .array(.string(1...256), count: 0...64), default: [],
                    "The values of the nodes' label 'datacenter' it may run in; any if left out."),
                .optional(
                    "constraints", .array(.of(Constraint.self), count: 0...64), default: [],
                    "What the nodes of all its tasks must be."),
                .optional(
                    "affinities", .array(.of(Affinity.self), count: 0...64), default: [],
                    "What the nodes of all its tasks should rather be."),
                .optional("spread", .of(SpreadRule.self), "Of tasks that name none of their own."),
                .optional(
                    "priority", .integer(-1000...1000), default: 0, "Of tasks that name none of their own."),
                .optional(
                    "update", .of(UpdatePolicy.self), default: [:], "How it changes to a new version."),
                .optional("cron", .of(CronPolicy.self), "When a cron job runs."),
                .required("tasks", .array(.of(JobTask.self), count: 1...32), "What it is made of."),
            ])
    }
}

extension UpdatePolicy: SchemaProviding {
    public static var schema: Schema {
        .object(
            "How a service changes to a new version.",
            [
                .optional(
                    "maxSurge", .integer(0...10_000), default: 1, "How many instances more there may be."),
                .optional(
                    "maxUnavailable", .integer(0...10_000), default: 0,
                    "How many instances less may be ready."),
                .optional(
                    "minReady", .seconds(0...3600), default: 1,
                    "How long an instance runs, and with a health check is healthy, before it counts as ready."
                ),
                .optional(
                    "progressDeadline", .seconds(1...86_400), default: 600,
                    "How long no further instance may become ready until the update has failed."),
                .optional(
                    "autoRevert", .boolean, default: true,
                    "Whether a failed update goes back to the last version that was ready."),
            ])
    }
}

extension JobTask: SchemaProviding {
    /// Those of a task of its own; what has a default by the job's type has none here.
    private static var properties: [Schema.Property] {
        TaskSpec.properties.map { property in
            guard property.name == "onDisconnect" else { return property }
            return .optional(
                "onDisconnect", .values(DisconnectPolicy.self),
                "What a worker that is cut off does with it; stop_after for batch and cron jobs, keep for others."
            )
        }
    }

    public static var schema: Schema {
        .object(
            "One kind of task of a job.",
            [
                .required("name", .string(.name, length: 1...16), "Unique within the job."),
                .optional("instances", .integer(0...10_000), default: 1, "How many there are of it."),
                .optional(
                    "parallelism", .integer(1...10_000), "Batch, cron: the most at once; all if left out."),
                .optional(
                    "retries", .integer(0...1000), default: 0,
                    "Batch, cron: how often an index is tried again after a failure."),
                .optional(
                    "after", .array(.string(1...64), count: 0...32), default: [],
                    "The tasks it starts after, such as db. Batch, cron: when they have completed. Service, system: when they are ready, or with db:started when they run."
                ),
            ] + properties)
    }
}
