import Arguments
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job status`.
enum JobStatusCommand {
    static let handle = Parameter.argument(JobCommand.handle, help: "The job.")

    static let command = Command(
        "status", aliases: ["inspect"],
        summary: "Show all about one job: its reason, its tasks, its instances",
        parameters: [handle], examples: [Example("why it is not ready", "apollo job status web")],
        seeAlso: ["apollo task logs", "apollo task explain"]
    ) { invocation in
        let session = try Session(invocation)
        let detail = try await session.withClient { try await $0.job(invocation[handle]) }
        guard session.format == .table else {
            try session.output.writeJSON(detail)
            return .success
        }
        let job = detail.job
        try session.output.write(fields: [
            ("Name", job.name), ("Identifier", job.id.text), ("Project", job.project),
            ("Type", job.spec.type.rawValue), ("State", job.state.rawValue), ("Reason", job.reason),
            (
                "Schedule",
                job.spec.cron.map {
                    "\($0.schedule) (\($0.timeZone)), concurrency \($0.concurrency.rawValue)"
                }
            ),
            (
                "Next runs",
                detail.nextRuns.flatMap { $0.isEmpty ? nil : $0.map(minutes).joined(separator: ", ") }
            ),
            (
                "Skipped",
                job.cron.flatMap { cron in
                    cron.skipped == 0 ? nil : "\(cron.skipped) times; \(cron.lastSkip ?? "")"
                }
            ),
            ("Version", "\(job.version), by \(job.createdBy)"),
            ("Created", "\(job.createdAt) (\(job.createdAt.duration(to: session.now).short) ago)"),
            ("Finished", job.finishedAt.map { "\($0)" }),
        ])
        try session.output.write("\n")
        try session.output.write(job.groups, groups)
        if let cron = job.cron, !cron.runs.isEmpty {
            try session.output.write("\n")
            try session.output.write(cron.runs.reversed(), runs)
        }
        guard !detail.instances.isEmpty else { return .success }
        try session.output.write("\n")
        let order = detail.instances.sorted {
            ($1.run ?? 0, $0.group, $0.index, $0.attempt) < ($0.run ?? 0, $1.group, $1.index, $1.attempt)
        }
        try session.output.write(order, instances)
        return .success
    }

    /// To the minute where it is one: `2026-11-28T02:30Z`.
    private static func minutes(_ time: Timestamp) -> String {
        let text = time.description
        return text.hasSuffix(":00.000Z") ? "\(text.dropLast(8))Z" : text
    }

    private static let runs = Table<CronRun>([
        Column("RUN", .right) { "\($0.number)" },
        Column("SCHEDULED") { $0.scheduledAt.map(minutes) ?? "by \($0.createdBy ?? "hand")" },
        Column("STATE", style: { JobText.style($0.state) }) { $0.state.rawValue },
        Column("STARTED") { "\($0.createdAt)" },
        Column("TOOK", .right) { run in run.finishedAt.map { run.createdAt.duration(to: $0).short } ?? "" },
        Column("REASON") { $0.reason },
    ])

    private static let groups = Table<JobGroup>([
        Column("TASK") { $0.name }, Column("WANTED", .right) { "\($0.desired)" },
        Column("PENDING", .right) { "\($0.pending)" }, Column("RUNNING", .right) { "\($0.running)" },
        Column("READY", .right) { "\($0.ready)" }, Column("COMPLETED", .right) { "\($0.completed)" },
        Column("FAILED", .right) { "\($0.failed)" },
        Column("LAST PROBLEM") { group in group.waitsFor.map { "waits for \($0)" } ?? group.problem },
    ])

    private static let instances = Table<JobInstance>([
        Column("INSTANCE") { $0.name }, Column("INDEX", .right) { "\($0.index)" },
        Column("RUN", .right) { $0.run.map { "\($0)" } ?? "" },
        Column("VERSION", .right) { "\($0.version)" }, Column("TRY", .right) { "\($0.attempt)" },
        Column("STATE") {
            guard $0.phase == .active else { return $0.phase.rawValue }
            return $0.runningSince == nil ? "pending" : $0.readySince == nil ? "not healthy" : "running"
        },
        Column("EXIT", .right) { $0.exitCode.map { "\($0)" } }, Column("REASON") { $0.reason },
    ])
}
