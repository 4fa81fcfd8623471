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
        let state = try await session.withClient { client in
            let job = try await client.run(spec, key: key)
            try session.output.write("\(job.name)\n")
            return invocation[wait] ? try await settled(job.id.text, client) : nil
        }
        guard let state, state.state == .failed || state.rollout?.hasFailed == true else { return .success }
        throw ApolloError(.conflict, "job '\(state.name)' has failed: \(state.reason)")
    }

    /// The job once it is over, or ready as a whole.
    static func settled(_ handle: String, _ client: PlatformClient) async throws -> JobRecord {
        let clock = LiveClock()
        while true {
            let job = try await client.job(handle).job
            // Of a cron job nothing has to run to be there.
            let isUp = job.state == .running && job.spec.type != .batch || job.spec.type == .cron
            if job.state.isFinal || isUp || job.rollout?.hasFailed == true { return job }
            try await clock.sleep(for: .milliseconds(200))
        }
    }
}
