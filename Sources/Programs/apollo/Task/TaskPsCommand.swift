import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo task ps`.
enum TaskPsCommand {
    static let all = Parameter.flag("all", short: "a", help: "Finished tasks too.")
    static let states = Parameter.repeated(
        "state", short: "s", .choice(TaskState.self, "STATE"),
        help: "Those in this state; of several in any. Finished tasks too.")
    static let node = Parameter.option(
        "node", .text("NODE"), help: "Those on this node, or last there.")
    static let job = Parameter.option("job", .text("JOB"), help: "Those that a job has made.")
    static let labels = Parameter.repeated(
        "label", short: "l", .text("KEY[=VALUE]"), help: "Those with this mark; of several with all.")
    static let quiet = Parameter.flag("quiet", short: "q", help: "Names only.")

    static let command = Command(
        "ps", aliases: ["ls"], summary: "List tasks",
        discussion: "Lists what is not finished, oldest first; with --all everything that is remembered.",
        parameters: [all, states, node, job, labels, quiet],
        examples: [
            Example("what runs, and what waits for what", "apollo task ps"),
            Example("the names of all failed tasks", "apollo task ps --state failed --quiet"),
            Example("what a machine would lose", "apollo task ps --node db-1"),
        ],
        seeAlso: ["apollo task status"]
    ) { invocation in
        let session = try Session(invocation)
        let query = TasksQuery(
            unfinishedOnly: !invocation[all] && invocation[states].isEmpty, states: invocation[states],
            node: invocation[node], job: invocation[job], labels: invocation[labels])
        let isTable = session.format == .table && !invocation[quiet]
        let (tasks, names) = try await session.withClient { client in
            (try await client.allTasks(query), isTable ? try await NodeNames(of: client) : .unknown)
        }
        if invocation[quiet] {
            for task in tasks { try session.output.write("\(task.name)\n") }
            return .success
        }
        try session.output.write(tasks, as: session.format, table(of: tasks, names, now: session.now))
        return .success
    }

    /// Has a column for health where one of the tasks is probed, and one for nodes where there are several.
    private static func table(of tasks: [TaskRecord], _ names: NodeNames, now: Timestamp) -> Table<TaskRecord>
    {
        let showsHealth = tasks.contains { $0.health != nil }
        let node = Column<TaskRecord>("NODE") { $0.current.map { names[$0.node] } }
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
            ] + (names.areSeveral ? [node] : []) + [
                Column("RUNS") { $0.spec.image ?? $0.spec.executable },
                Column("PORTS") { TaskText.ports($0.current?.ports ?? []) },
                Column("REASON") { $0.reason },
            ])
    }
}
