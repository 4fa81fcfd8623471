import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo task rm`.
enum TaskRmCommand {
    static let handles = Parameter.arguments(TaskCommand.handle, required: false, help: "The tasks.")
    static let finished = Parameter.flag("finished", help: "Every finished task.")
    static let force = Parameter.flag("force", short: "f", help: "Stop them first where they still run.")

    static let command = Command(
        "rm", aliases: ["remove"], summary: "Forget finished tasks, and their output",
        parameters: [handles, finished, force],
        examples: [
            Example("forget one", "apollo task rm sort-1"),
            Example("end it and forget it", "apollo task rm --force web"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let given = invocation[handles]
        guard invocation[finished] != !given.isEmpty else {
            throw invocation.usageError("name the tasks to forget, or give --finished")
        }
        try await session.withClient { client in
            let names =
                invocation[finished]
                ? try await client.allTasks().filter(\.state.isFinal).map(\.name) : given
            try await withProgress(on: session.errors, clock: LiveClock()) { display in
                let bar = display.start("removing", total: Int64(names.count), unit: .items("tasks"))
                for (index, name) in names.enumerated() {
                    if invocation[force] {
                        _ = try await client.stop(name, grace: nil)
                        try await TaskStopCommand.end(of: name, client)
                    }
                    try await client.remove(name)
                    bar.update(Int64(index + 1))
                }
            }
            for name in names { try session.output.write("\(name)\n") }
        }
        return .success
    }
}
