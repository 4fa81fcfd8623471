import Arguments
import Concurrency
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job run`.
enum JobRunCommand {
    static let wait = Parameter.flag(
        "wait", help: "Return when all of a service is ready, or a batch is over; fails where that fails.")

    static let command = Command(
        "run", summary: "Run a job, or give a running one its new version",
        discussion: """
            A job of the same name takes over what changed: a service replaces its instances step by step, within the \
            bounds of 'update'. Running the same file again changes nothing.
            """,
        parameters: [JobCommand.file, wait, JobCommand.place],
        examples: [
            Example("run a job", "apollo job run -f web.yaml"),
            Example("and wait for its end", "apollo job run -f batch.yaml --wait"),
        ],
        seeAlso: ["apollo job status"]
    ) { invocation in
        let session = try Session(invocation)
        let spec = try JobFile.read(invocation)
        let key = Environment.live.identifier(of: JobKind.self).text
        try await session.withClient { client in
            let job = try await client.run(spec, key: key)
            try session.output.write("\(job.name)\n")
            if invocation[wait] { try await awaitReady(job, client) }
        }
        return .success
    }

    /// Returns once the job is over, or ready as a whole.
    ///
    /// - Throws: `conflict` where it has failed.
    static func awaitReady(_ job: JobRecord, _ client: PlatformClient) async throws {
        let clock = LiveClock()
        while true {
            let now = try await client.job(job.id.text).job
            if now.state == .failed || now.rollout?.hasFailed == true {
                throw ApolloError(.conflict, "job '\(now.name)' has failed: \(now.reason)")
            }
            // Of a cron job nothing has to run to be there.
            let isUp = now.state == .running && now.spec.type != .batch || now.spec.type == .cron
            if now.state.isFinal || isUp { return }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}
