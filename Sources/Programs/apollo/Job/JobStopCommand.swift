import Arguments
import Concurrency
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job stop`.
enum JobStopCommand {
    static let handles = Parameter.arguments(JobCommand.handle, help: "The jobs.")
    static let wait = Parameter.flag("wait", default: true, help: "Return only when their tasks have ended.")

    static let command = Command(
        "stop", summary: "Ask all tasks of jobs to end, and wait until they have",
        discussion: "A stopped job is still there: 'apollo job run' starts it again.",
        parameters: [handles, wait], examples: [Example("stop a job", "apollo job stop web")],
        seeAlso: ["apollo job rm"]
    ) { invocation in
        let session = try Session(invocation)
        let clock = LiveClock()
        try await session.withClient { client in
            for handle in invocation[handles] { _ = try await client.stopJob(handle) }
            for handle in invocation[handles] {
                while invocation[wait], try await !client.job(handle).job.state.isFinal {
                    try await clock.sleep(for: .milliseconds(100))
                }
                try session.output.write("\(handle)\n")
            }
        }
        return .success
    }
}
