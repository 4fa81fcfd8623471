import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo task status`.
enum TaskStatusCommand {
    static let handle = Parameter.argument(TaskCommand.handle, help: "The task.")

    static let command = Command(
        "status", aliases: ["inspect"],
        summary: "Show all about one task: its reason, its limits, its attempts",
        parameters: [handle],
        examples: [Example("why it is where it is", "apollo task status web")],
        seeAlso: ["apollo task logs"]
    ) { invocation in
        let session = try Session(invocation)
        let (task, names) = try await session.withClient { client in
            (
                try await client.task(invocation[handle]),
                session.format == .table ? try await NodeNames(of: client) : .unknown
            )
        }
        guard session.format == .table else {
            try session.output.writeJSON(task)
            return .success
        }
        try session.output.write(fields: fields(task, names, now: session.now))
        guard !task.attempts.isEmpty else { return .success }
        try session.output.write("\n")
        try session.output.write(task.attempts, attempts(names))
        return .success
    }

    private static func fields(_ task: TaskRecord, _ names: NodeNames, now: Timestamp) -> [(
        name: String, text: String?
    )] {
        [
            ("Name", task.name), ("Identifier", task.id.text), ("Project", task.project),
            ("State", task.state.rawValue), ("Reason", task.reason),
            ("Node", task.occupiedNode.map { names[$0] }),
            ("Health", TaskText.health(task.health, now: now)), ("Image", task.spec.image),
            ("Command", TaskText.command(task.spec)), ("Limits", TaskText.limits(task.spec.resources)),
            ("Ports", TaskText.ports(task.current?.ports ?? task.spec.ports)),
            ("GPUs", TaskText.gpus(task.current?.gpus)),
            (
                "Mounts",
                task.spec.mounts.isEmpty
                    ? nil
                    : task.spec.mounts.map {
                        "\($0.source) at \($0.target)\($0.readOnly ? " (read-only)" : "")"
                    }
                    .joined(separator: ", ")
            ),
            (
                "Volumes",
                task.spec.volumes.isEmpty
                    ? nil
                    : task.spec.volumes.map {
                        "\($0.name)\($0.target.map { " at \($0)" } ?? "")\($0.readOnly ? " (read-only)" : "")"
                    }
                    .joined(separator: ", ")
            ),
            ("Restart", TaskText.restart(task.spec.restart)),
            ("Check", TaskText.check(task.spec.health)),
            ("Start within", task.spec.startWithin.map { $0.duration.short }),
            ("Finish within", task.spec.finishWithin.map { $0.duration.short }),
            (
                "Labels",
                task.spec.labels.isEmpty
                    ? nil
                    : task.spec.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(
                        separator: ", ")
            ),
            (
                "Created",
                "\(task.createdAt) (\(task.createdAt.duration(to: now).short) ago) by \(task.createdBy)"
            ),
            ("Finished", task.finishedAt.map { "\($0) (\($0.duration(to: now).short) ago)" }),
            ("Tries", "\(task.attemptCount)"),
        ]
    }

    private static func attempts(_ names: NodeNames) -> Table<Attempt> {
        Table([
            Column("ATTEMPT", .right) { "\($0.number)" },
            Column("STATE") { $0.outcome?.rawValue ?? $0.state.rawValue },
            Column("NODE") { names[$0.node] },
            Column("STARTED") { $0.startedAt?.description },
            Column("RAN", .right) { attempt in
                guard let start = attempt.startedAt, let end = attempt.endedAt else { return nil }
                return start.duration(to: end).short
            },
            Column("EXIT", .right) { $0.exitCode.map { "\($0)" } },
            Column("REASON") { $0.reason },
        ])
    }
}
