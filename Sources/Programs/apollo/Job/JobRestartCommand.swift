import Arguments
import JobModel
import PlatformClients
import Terminal

/// `apollo job restart`.
enum JobRestartCommand {
    private static let handle = Parameter.argument(
        JobCommand.handle, help: "The job, a service or a system job.")
    private static let task = Parameter.option(
        "task", .text("TASK"), help: "The instances of this task of it alone.")
    private static let wait = Parameter.flag(
        "wait", help: "Return when all of it is ready again; fails where that fails.")

    static let command = Command(
        "restart", summary: "Replace the instances of a job by others of the same",
        discussion: """
            Step by step like an update, within the bounds of the job's 'update': a service stays reachable. It is a version \
            of its own in the job's history.
            """,
        parameters: [handle, task, wait],
        examples: [Example("so that it reads its secrets again", "apollo job restart web --wait")],
        seeAlso: ["apollo job status", "apollo job history"]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { client in
            let job = try await client.restart(client.job(invocation[handle]).job, task: invocation[task])
            try session.output.write("\(job.name)\n")
            if invocation[wait] { try await JobRunCommand.awaitReady(job, client) }
        }
        return .success
    }
}
