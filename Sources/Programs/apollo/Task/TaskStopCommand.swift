import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo task stop`.
enum TaskStopCommand {
    static let handles = Parameter.arguments(TaskCommand.handle, required: false, help: "The tasks.")
    static let all = Parameter.flag("all", short: "a", help: "Every task that is not finished.")
    static let grace = Parameter.option(
        "grace", .duration, help: "Between SIGTERM and SIGKILL; each task's own --stop-grace if left out.")
    static let wait = Parameter.flag("wait", default: true, help: "Return only when they have ended.")

    static let command = Command(
        "stop", summary: "Ask tasks to end, and wait until they have",
        discussion:
            "Sends SIGTERM, and SIGKILL to what is left after the grace. A stopped task is not started again.",
        parameters: [handles, all, grace, wait],
        examples: [
            Example("stop two tasks", "apollo task stop web worker"),
            Example("kill at once", "apollo task stop --grace 0 web"),
        ],
        seeAlso: ["apollo task rm"]
    ) { invocation in
        let session = try Session(invocation)
        let given = invocation[handles]
        guard invocation[all] != !given.isEmpty else {
            throw invocation.usageError("name the tasks to stop, or give --all")
        }
        try await session.withClient { client in
            let names = invocation[all] ? try await client.allTasks(.unfinished).map(\.name) : given
            for name in names {
                _ = try await client.stop(name, grace: invocation[grace].map { Seconds($0.inSeconds) })
            }
            try await withProgress(on: session.errors, clock: LiveClock()) { display in
                let bar = display.start("stopping", total: Int64(names.count), unit: .items("tasks"))
                for (index, name) in names.enumerated() {
                    if invocation[wait] { try await Self.end(of: name, client) }
                    bar.update(Int64(index + 1))
                }
            }
            for name in names { try session.output.write("\(name)\n") }
        }
        return .success
    }

    /// Returns when the task is finished.
    static func end(of name: String, _ client: PlatformClient) async throws {
        var events = try await client.watch(name)
        while let event = try await events.next() {
            if case .state(let record) = event, record.state.isFinal { return }
        }
    }
}
