import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients

/// `apollo task wait`.
enum TaskWaitCommand {
    static let handle = Parameter.argument(TaskCommand.handle, help: "The task.")
    static let timeout = Parameter.option("timeout", .duration, help: "Give up after so long.")

    static let command = Command(
        "wait", summary: "Wait until a task is finished, and exit with its exit code",
        parameters: [handle, timeout],
        examples: [Example("run in the background, then wait", "apollo task wait sort-1 && echo sorted")]
    ) { invocation in
        let session = try Session(invocation)
        let name = invocation[handle]
        let record = try await session.withClient { client in
            guard let limit = invocation[timeout] else { return try await end(of: name, client) }
            return try await withDeadline(limit, clock: LiveClock(), of: "waiting for \(name)") {
                try await end(of: name, client)
            }
        }
        return try TaskRunner(session: session, detach: false).status(of: record)
    }

    private static func end(of name: String, _ client: PlatformClient) async throws -> TaskRecord {
        try await TaskStopCommand.end(of: name, client)
        return try await client.task(name)
    }
}
