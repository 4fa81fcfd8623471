import Arguments
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job ls`.
enum JobLsCommand {
    static let command = Command(
        "ls", aliases: ["list"], summary: "List jobs",
        examples: [Example("what is there", "apollo job ls")], seeAlso: ["apollo job status"]
    ) { invocation in
        let session = try Session(invocation)
        let jobs = try await session.withClient { try await $0.jobs() }
        try session.output.write(jobs, as: session.format, table(now: session.now))
        return .success
    }

    private static func table(now: Timestamp) -> Table<JobRecord> {
        Table([
            Column("NAME") { $0.name }, Column("TYPE") { $0.spec.type.rawValue },
            Column("STATE", style: { JobText.style($0.state) }) { $0.state.rawValue },
            Column("READY", .right) { JobText.progress($0) }, Column("VERSION", .right) { "\($0.version)" },
            Column("AGE", .right) { $0.createdAt.duration(to: now).short }, Column("REASON") { $0.reason },
        ])
    }
}
