import Arguments

/// `apollo task`.
enum TaskCommand {
    static let command = Command(
        "task", summary: "Run tasks, and look after them",
        discussion: """
            A task is one thing that runs: a container made of an image, or an executable of the machine. Apollo starts \
            it, limits it, keeps its output, starts it again where you say so, and remembers how it ended.
            """,
        subcommands: [
            TaskRunCommand.command, TaskPsCommand.command, TaskStatusCommand.command,
            TaskExplainCommand.command, TaskLogsCommand.command, TaskExecCommand.command,
            TaskTopCommand.command, TaskCopyCommand.command,
            TaskEventsCommand.command, TaskStopCommand.command, TaskWaitCommand.command,
            TaskRmCommand.command,
        ])

    /// Names and identifiers of tasks, which the shell completes.
    static let handle = ValueType<String>(
        "TASK", expecting: "the name or identifier of a task",
        completion: .dynamic { context in await Session.candidates(context) }
    ) { $0.isEmpty ? nil : $0 }
}
