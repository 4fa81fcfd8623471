public import Documents
import Scheduling

// The schemas that check what comes in, fill in what was left out, and are published as the API's documentation.

extension TaskSpec: SchemaProviding {
    private static let argument = Schema.string(.withoutNUL, length: 0...131_072)

    public static var schema: Schema { .object("What runs, and how.", properties) }

    public static var properties: [Schema.Property] {
        [
            .optional("image", .string(1...512), "The container image, such as busybox:1.36."),
            .optional(
                "executable", .string(.withoutNUL, length: 1...4096),
                "An executable of the host: a path, or a name to find on the service's PATH."),
            .optional(
                "runtime", .values(RuntimeKind.self),
                "What runs an image: 'docker', a container engine, or 'oci', Apollo itself by runc. Left out, a container engine."
            ),
            .optional(
                "command", .array(argument, count: 0...10_000), default: [],
                "With an image, the words that replace its command; with an executable, its arguments."),
            .optional(
                "entrypoint", .array(argument, count: 0...1000), default: [],
                "Replaces the image's entry point. Containers only."),
            .optional(
                "environment", .map(of: argument, keys: .environmentName, maximumCount: 1000), default: [:],
                "Environment variables."),
            .optional("workingDirectory", .string(.absolutePath), "Where the command starts."),
            .optional("user", .string(.withoutNUL, length: 1...64), "Whom to run as: name, uid or uid:gid."),
            .optional(
                "mounts", .array(.of(Mount.self), count: 0...100), default: [], "What of the host it sees."),
            .optional(
                "volumes", .array(.of(VolumeMount.self), count: 0...100), default: [],
                "Volumes that it uses: it runs where they are."),
            .optional(
                "secrets", .array(.of(SecretReference.self), count: 0...100), default: [],
                "Secrets of the project that it is given."),
            .optional(
                "ports", .array(.of(PortMapping.self), count: 0...100), default: [], "Ports to reach it by."),
            .optional("resources", .of(Resources.self), default: [:], "The most it may use."),
            .optional(
                "constraints", .array(.of(Constraint.self), count: 0...64), default: [],
                "What its node must be."),
            .optional(
                "affinities", .array(.of(Affinity.self), count: 0...64), default: [],
                "What its node should rather be."),
            .optional(
                "group", .string(1...128),
                "What of its project it belongs to, for 'spread' and 'apart'; in a job the instances of its task if left out."
            ),
            .optional("spread", .of(SpreadRule.self), "Over which label of the nodes its group goes evenly."),
            .optional(
                "apart", .boolean, default: false,
                "Whether it keeps off nodes that have another of its group."),
            .optional(
                "restart", .of(RestartPolicy.self), default: [:], "What happens when it ends by itself."),
            .optional("pull", .values(PullPolicy.self), default: "missing", "When to fetch the image."),
            .optional(
                "labels", .map(of: .string(0...256), maximumCount: 100), default: [:], "Marks of your own."),
            .optional(
                "priority", .integer(-1000...1000), default: 0,
                "Who goes first when room is short: higher wins."),
            .optional(
                "onDisconnect", .values(DisconnectPolicy.self), default: "keep",
                "What a worker that is cut off does with it: it runs on, and another may run elsewhere until the cut heals; or it is stopped, and only then is there another."
            ),
            .optional(
                "stopAfter", .seconds(0...86_400), default: 0,
                "With stop_after, how long after its worker was cut off for longer than the lease."),
            .optional(
                "stopGrace", .seconds(0...3600), default: 10,
                "How long a stop waits between SIGTERM and SIGKILL."),
            .optional("timeout", .seconds(0.001...31_536_000), "The longest an attempt may run."),
            .optional(
                "startWithin", .seconds(0.001...31_536_000),
                "How long after the request its first attempt may begin to run; later it has failed."),
            .optional(
                "finishWithin", .seconds(0.001...31_536_000),
                "How long after the request it must be over, restarts included; later it is ended and has failed."
            ),
            .optional(
                "health", .of(HealthCheck.self), "How it is found out whether it does its work."),
        ]
    }
}

extension Mount: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A file or directory of the host that the task sees.",
            [
                .required("source", .string(.absolutePath), "The path on the host, which must exist."),
                .required("target", .string(.absolutePath), "The path inside the task."),
                .optional("readOnly", .boolean, default: false),
            ])
    }
}

extension PortMapping: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A port of the task that is reached through its node.",
            [
                .required("container", .integer(1...65535), "The port the task listens on."),
                .optional(
                    "host", .integer(1...65535),
                    "The port of the node, which no other task there has; one of the node's 'node.ports' if left out."
                ),
                .optional(
                    "address", .string(1...64), default: "127.0.0.1", "The node's address it listens on."),
                .optional("transport", .values(Transport.self), default: "tcp"),
                .optional("name", .string(.name), "What other tasks find it by, such as http."),
            ])
    }
}

extension Resources: SchemaProviding {
    public static var schema: Schema {
        .object(
            "The most a task may use; what is left out has no limit of its own.",
            [
                .optional("cpu", .number(0.001...4096), "Cores: 0.5 is half of one."),
                .optional(
                    "memory", .byteCount(4_194_304...1_125_899_906_842_624), "Bytes, or a text such as 64Mi."),
                .optional("disk", .byteCount(0...1_125_899_906_842_624), "Bytes, or a text such as 10Gi."),
                .optional("gpus", .integer(0...1024), "Of its node, each for it alone."),
                .optional("processes", .integer(1...4_194_304), "Processes and threads at once."),
            ])
    }
}

extension RestartPolicy: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Whether and when another attempt follows one that ended by itself.",
            [
                .optional("mode", .values(Mode.self), default: "never"),
                .optional("attempts", .integer(0...1_000_000), "The most restarts; no bound if left out."),
                .optional("wait", .seconds(0...86_400), default: 0.5, "The wait before the first restart."),
                .optional("factor", .number(1...100), default: 2, "How much longer each next wait is."),
                .optional("maximumWait", .seconds(0...604_800), default: 60, "The longest wait."),
                .optional(
                    "window", .seconds(0.001...31_536_000),
                    "A run of at least this long forgets the restarts before it: for the wait, and for 'attempts'."
                ),
                .optional(
                    "sameNode", .integer(0...1_000_000),
                    "So many restarts after failures in a row are on the same node, then it goes elsewhere; 2 if left out."
                ),
            ])
    }
}

extension TaskRecord: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A task: what was asked, what is wanted now, and what is seen.",
            [
                .required("id", .string(.identifier)), .required("name", .string(.name)),
                .required("project", .string(.name)),
                .required("revision", .integer(0...), "Counts every change; the ETag."),
                .required("spec", .of(TaskSpec.self)), .required("desired", .values(DesiredState.self)),
                .required("state", .values(TaskState.self)),
                .required("reason", .string, "Why it is in this state, in words."),
                .required("attempts", .array(.of(Attempt.self)), "The latest tries, oldest first."),
                .required("attemptCount", .integer(0...), "All tries so far."),
                .required(
                    "restartStreak", .integer(0...), "Restarts in a row without a long run between them."),
                .optional("nodeStreak", .integer(0...), "Restarts after failures in a row on the same node."),
                .optional(
                    "startBy", .string(.timestamp),
                    "When it has failed unless an attempt has begun to run; absent once one has."),
                .optional("notBefore", .string(.timestamp), "When a pending task is tried again."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
                .optional("finishedAt", .string(.timestamp)),
            ])
    }
}

extension Attempt: SchemaProviding {
    public static var schema: Schema {
        .object(
            "One try of a task on one node.",
            [
                .required("id", .string(.identifier)), .required("number", .integer(1...)),
                .required("node", .string(.identifier)), .required("epoch", .integer(0...)),
                .required("state", .values(State.self)), .required("createdAt", .string(.timestamp)),
                .optional("startedAt", .string(.timestamp)), .optional("endedAt", .string(.timestamp)),
                .optional("outcome", .values(Outcome.self)),
                .optional("exitCode", .integer(0...255), "128 plus its number for a signal."),
                .optional("reason", .string), .required("ports", .array(.of(PortMapping.self))),
                .optional("gpus", .array(.of(AssignedGPU.self)), "Those of its node that it has alone."),
                .optional("health", .of(Health.self), "Of one that is probed."),
            ])
    }
}

extension Node: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A machine with a worker on it.",
            [
                .required("id", .string(.identifier)), .required("name", .string),
                .required("state", .values(State.self)),
                .optional("reason", .string, "Why it is not ready."),
                .required("capacity", .of(Capacity.self)),
                .required("allocated", .of(Capacity.self), "What its tasks have asked for."),
                .optional(
                    "reserved", .of(Capacity.self),
                    "What is kept beside that for tasks of a higher priority, for which others make room."),
                .required("architecture", .string), .required("operatingSystem", .string),
                .required("version", .string), .required("runtimes", .array(.of(RuntimeStatus.self))),
                .required("registeredAt", .string(.timestamp)), .required("labels", .map(of: .string)),
                .optional("address", .string, "Where what runs on it is reached by others."),
                .optional(
                    "ports", .of(PortRange.self), "From which ports are chosen for tasks that name none."),
                .optional("gpus", .array(.of(GPU.self))),
                .optional("metrics", .of(NodeMetrics.self), "What it said last."),
                .optional("metricsProblem", .string, "Why it did not say when it was asked last."),
            ])
    }
}

extension Capacity: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Amounts of what a node can give.",
            [
                .required("cpuMillis", .integer(0...), "Thousandths of a core."),
                .required("memory", .integer(0...), "Bytes."), .required("disk", .integer(0...), "Bytes."),
                .required("gpus", .integer(0...)), .required("tasks", .integer(0...)),
            ])
    }
}

extension RuntimeStatus: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Whether a runtime can be used on a node.",
            [
                .required("kind", .values(RuntimeKind.self)), .required("isAvailable", .boolean),
                .required("detail", .string, "Its version; or why it cannot be used and what would help."),
            ])
    }
}
