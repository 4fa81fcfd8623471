import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo task ps`.
enum TaskPsCommand {
    static let all = Parameter.flag("all", short: "a", help: "Finished tasks too.")
    static let quiet = Parameter.flag("quiet", short: "q", help: "Names only.")

    static let command = Command(
        "ps", aliases: ["ls"], summary: "List tasks",
        discussion: "Lists what is not finished, oldest first; with --all everything that is remembered.",
        parameters: [all, quiet],
        examples: [
            Example("what runs, and what waits for what", "apollo task ps"),
            Example(
                "the names of all failed tasks",
                "apollo task ps --all --output json | jq -r '.[] | select(.state==\"failed\").name'"),
        ],
        seeAlso: ["apollo task status"]
    ) { invocation in
        let session = try Session(invocation)
        let tasks = try await session.withClient { try await $0.allTasks(unfinishedOnly: !invocation[all]) }
        if invocation[quiet] {
            for task in tasks { try session.output.write("\(task.name)\n") }
            return .success
        }
        let showsHealth = tasks.contains { $0.health != nil }
        try session.output.write(
            tasks, as: session.format, table(now: session.now, showsHealth: showsHealth))
        return .success
    }

    /// - Parameter showsHealth: False where none of the tasks is probed.
    static func table(now: Timestamp, showsHealth: Bool) -> Table<TaskRecord> {
        let health = Column<TaskRecord>("HEALTH", style: { TaskText.style($0.health) }) {
            $0.health?.state.rawValue
        }
        return Table(
            [
                Column("NAME") { $0.name },
                Column("STATE", style: { TaskText.style($0.state) }) { $0.state.rawValue },
            ] + (showsHealth ? [health] : []) + [
                Column("AGE", .right) { $0.createdAt.duration(to: now).short },
                Column("TRIES", .right) { "\($0.attemptCount)" },
                Column("RUNS") { $0.spec.image ?? $0.spec.executable },
                Column("PORTS") { TaskText.ports($0.current?.ports ?? []) },
                Column("REASON") { $0.reason },
            ])
    }
}
