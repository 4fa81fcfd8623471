import Arguments
import ClusterModel
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job history`.
enum JobHistoryCommand {
    static let handle = Parameter.argument(JobCommand.handle, help: "The job.")

    static let command = Command(
        "history", summary: "List the versions of a job that are kept", parameters: [handle],
        examples: [Example("what there is to go back to", "apollo job history web")],
        seeAlso: ["apollo job revert"]
    ) { invocation in
        let session = try Session(invocation)
        let job = try await session.withClient { try await $0.job(invocation[handle]).job }
        try session.output.write(job.history.reversed(), as: session.format, table(now: session.now))
        return .success
    }

    private static func table(now: Timestamp) -> Table<JobVersion> {
        Table([
            Column("VERSION", .right) { "\($0.version)" },
            Column("STABLE") { $0.isStable ? "yes" : "no" },
            Column("AGE", .right) { $0.createdAt.duration(to: now).short }, Column("BY") { $0.createdBy },
            Column("TASKS") { version in
                version.spec.tasks.map { task in
                    "\(task.name) × \(task.instances): \(task.spec.image ?? task.spec.executable ?? "")"
                }.joined(separator: ", ")
            },
        ])
    }
}
