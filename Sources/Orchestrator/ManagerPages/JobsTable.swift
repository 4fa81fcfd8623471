import ClusterModel
import Core
import HTML
import JobModel
import Pages

/// The jobs of a project, as a part of the home page.
struct JobsTable {
    let jobs: [JobRecord]
    let now: Timestamp
    private static let shown = 100

    var fragment: Fragment {
        guard !jobs.isEmpty else {
            return .element(
                .p, [.class("empty")],
                ["No jobs in this project. Run one: ", .element(.code, [], ["apollo job run -f job.yaml"])])
        }
        let order = jobs.sorted {
            $0.state.isFinal != $1.state.isFinal ? !$0.state.isFinal : $0.name < $1.name
        }
        let table = Parts.table(
            "Jobs",
            columns: [
                ("Name", ""), ("Type", "wide"), ("State", ""), ("Ready", "number"),
                ("Version", "number wide"),
                ("Age", "number"), ("Reason", ""),
            ], rows: order.prefix(Self.shown).map(row))
        guard order.count > Self.shown else { return table }
        return Fragment([
            table, .element(.p, [.class("note")], [Fragment("\(Self.shown) of \(order.count) are shown.")]),
        ])
    }

    private func row(_ job: JobRecord) -> Fragment {
        .element(
            .tr,
            [
                .data(.key, job.id.text),
                .data(.text, "\(job.name) \(job.spec.type.rawValue) \(job.state.rawValue) \(job.reason)"),
            ],
            [
                .element(
                    .td, [.class("name")],
                    [
                        .element(
                            .a, [.href(SitePath(segments: ["jobs", job.project, job.name]))],
                            [Fragment(job.name)])
                    ]), .element(.td, [.class("wide")], [Fragment(job.spec.type.rawValue)]),
                .element(.td, [.class("tight")], [Parts.state(job.state.rawValue)]),
                .element(.td, [.class("number")], [Fragment(JobWords.progress(job))]),
                .element(.td, [.class("number wide")], [Fragment("\(job.version)")]),
                .element(.td, [.class("number")], [Parts.age(job.createdAt, now: now)]),
                .element(.td, [.class("reason")], [Fragment(job.reason)]),
            ])
    }
}

/// How jobs are put into words on pages.
enum JobWords {
    /// `3/3`: what is ready of a lasting job, what is done of a batch; how often a cron job ran.
    static func progress(_ job: JobRecord) -> String {
        if let cron = job.cron { return cron.runCount == 1 ? "1 run" : "\(cron.runCount) runs" }
        let wanted = job.groups.reduce(0) { $0 + $1.desired }
        let done = job.groups.reduce(0) { $0 + (job.spec.type.runsThrough ? $1.completed : $1.ready) }
        return "\(done)/\(wanted)"
    }

    static func state(_ instance: JobInstance) -> String {
        instance.phase == .active || instance.phase == .planned
            ? (instance.runningSince == nil ? "pending" : "running") : instance.phase.rawValue
    }

    static func tasks(_ spec: JobSpec) -> String {
        spec.tasks.map { "\($0.name) × \($0.instances): \($0.spec.image ?? $0.spec.executable ?? "")" }
            .joined(separator: ", ")
    }
}
