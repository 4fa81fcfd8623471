import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo task wait`.
enum TaskWaitCommand {
    static let handles = Parameter.arguments(TaskCommand.handle, required: true, help: "The tasks.")
    static let any = Parameter.flag(
        "any", help: "Until the first of them is finished, whose name is printed.")
    static let timeout = Parameter.option("timeout", .duration, help: "Give up after so long.")

    static let command = Command(
        "wait", summary: "Wait until tasks are finished, and exit with their exit code",
        discussion: """
            Of several tasks the exit code is that of the first in the order given that has not completed, and 0 where all \
            have; with --any it is that of the one that finished.
            """,
        parameters: [handles, any, timeout],
        examples: [
            Example("run in the background, then wait", "apollo task wait sort-1 && echo sorted"),
            Example(
                "whichever is first, for a minute at most", "apollo task wait --any --timeout 1m left right"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let names = invocation[handles]
        let isAny = invocation[any]
        let records = try await session.withClient { client in
            guard let limit = invocation[timeout] else {
                return try await ends(of: names, any: isAny, client)
            }
            let what = "waiting for \(names.joined(separator: isAny ? " or " : ", "))"
            return try await withDeadline(limit, clock: LiveClock(), of: what) {
                try await ends(of: names, any: isAny, client)
            }
        }
        if isAny { for record in records { try session.output.write("\(record.name)\n") } }
        let runner = TaskRunner(session: session, detach: false)
        var status = ExitStatus.success
        for record in records {
            let own = try runner.status(of: record)
            if status == .success { status = own }
        }
        return status
    }

    /// The tasks once they are finished, in the order of `names`; or only the first that is.
    private static func ends(
        of names: [String], any: Bool, _ client: PlatformClient
    ) async throws -> [TaskRecord] {
        try await withThrowingTaskGroup(of: (Int, TaskRecord).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    try await TaskStopCommand.end(of: name, client)
                    return (index, try await client.task(name))
                }
            }
            var finished: [(index: Int, record: TaskRecord)] = []
            while let (index, record) = try await group.next() {
                finished.append((index, record))
                if any { break }
            }
            group.cancelAll()
            return finished.sorted { $0.index < $1.index }.map(\.record)
        }
    }
}
