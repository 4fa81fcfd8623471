import Arguments
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job plan`.
enum JobPlanCommand {
    static let command = Command(
        "plan", summary: "Show what running a job would come to, without running it",
        discussion: """
            Which fields differ from the running version, which instances would be made, replaced and stopped, on which \
            nodes, and what would wait and why. The exit code is 0 where nothing would change, 1 where something would, and \
            another for errors.
            """,
        parameters: [JobCommand.file, JobCommand.place],
        examples: [
            Example("before a change", "apollo job plan -f web.yaml"),
            Example(
                "run it only where it changes something",
                "apollo job plan -f web.yaml || apollo job run -f web.yaml"),
        ],
        seeAlso: ["apollo job run", "apollo job validate"]
    ) { invocation in
        let session = try Session(invocation)
        let spec = try JobFile.read(invocation)
        let plan = try await session.withClient { try await $0.planJob(spec) }
        let status: ExitStatus = plan.changes ? ExitStatus(1) : .success
        guard session.format == .table else {
            try session.output.writeJSON(plan)
            return status
        }
        try write(plan, session)
        return status
    }

    private static func write(_ plan: JobPlan, _ session: Session) throws {
        try session.output.write(headline(plan) + "\n")
        for change in plan.differences {
            let (before, after) = (change.before ?? "nothing", change.after ?? "nothing")
            try session.output.write("  \(change.path): \(before) → \(after)\n")
        }
        if plan.changes {
            try session.output.write("\n")
            try session.output.write(plan.groups, groups)
        }
        if !plan.placements.isEmpty {
            try session.output.write("\n")
            try session.output.write(plan.placements, placements)
        }
        if !plan.stops.isEmpty {
            try session.output.write("\n")
            try session.output.write(plan.stops, stops)
        }
        guard plan.changes else { return }
        if !plan.nextRuns.isEmpty {
            try session.output.write(
                "\nNext runs: \(plan.nextRuns.map { "\($0)" }.joined(separator: ", "))\n")
        }
        for note in plan.notes { try session.output.write("\nNote: \(note)\n") }
    }

    private static func headline(_ plan: JobPlan) -> String {
        switch plan.action {
        case .create: "job '\(plan.job)' would be new"
        case .update: "job '\(plan.job)' would go from version \(plan.version ?? 0) to \(plan.nextVersion)"
        case .again: "job '\(plan.job)' would run again as it is, as version \(plan.nextVersion)"
        case .nothing: "job '\(plan.job)' would stay as it is"
        }
    }

    private static let groups = Table<JobPlan.Group>([
        Column("TASK") { $0.name }, Column("NOW", .right) { "\($0.now)" },
        Column("WANTED", .right) { "\($0.wanted)" }, Column("NEW", .right) { "\($0.created)" },
        Column("REPLACED", .right) { "\($0.replaced)" }, Column("STOPPED", .right) { "\($0.stopped)" },
        Column("KEPT", .right) { "\($0.kept)" }, Column("LATER", .right) { "\($0.later)" },
    ])

    private static let placements = Table<JobPlan.Placement>([
        Column("TASK") { $0.task }, Column("INDEX", .right) { "\($0.index)" },
        Column("NODE") { $0.node ?? "waits" }, Column("EVICTS") { $0.evicts.joined(separator: ", ") },
        Column("REASON") { $0.reason ?? "" },
    ])

    private static let stops = Table<JobPlan.Stop>([
        Column("STOPPED") { $0.name }, Column("NODE") { $0.node ?? "" }, Column("REASON") { $0.reason },
    ])
}
