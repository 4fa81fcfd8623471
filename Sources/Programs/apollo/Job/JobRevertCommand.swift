import Arguments
import JobModel
import PlatformClients
import Terminal

/// `apollo job revert`.
enum JobRevertCommand {
    static let handle = Parameter.argument(JobCommand.handle, help: "The job.")
    static let version = Parameter.option(
        "to", .integer("VERSION", in: 1...1_000_000_000),
        help: "The version to go back to; the last that was ready as a whole if left out.")

    static let command = Command(
        "revert", aliases: ["rollback"], summary: "Go back to an older version of a job",
        discussion: "What that version was becomes a new one, and takes its place like any other update.",
        parameters: [handle, version],
        examples: [Example("the one before", "apollo job revert web")], seeAlso: ["apollo job history"]
    ) { invocation in
        let session = try Session(invocation)
        let job = try await session.withClient { client in
            try await client.revert(
                client.job(invocation[handle]).job, to: invocation[version].map { Int($0) })
        }
        try session.output.write("\(job.name)\n")
        return .success
    }
}
