import Core
import HTML
import HTTPModel
import JobModel
import Pages

/// `/jobs/{project}/{job}`: one job, what it has made, its versions, and what can be done with it.
struct JobPage {
    let context: PageContext
    let job: JobRecord
    let instances: [JobInstance]
    let nextRuns: [Timestamp]
    let mayChange: Bool
    private static let shown = 200

    func response() -> HTTPResponse {
        context.layout(job.name).page([
            .element(.h1, [], [Fragment(job.name)]),
            .element(.p, [.class("problem"), .role("alert"), .id("said"), .hidden], []),
            Parts.live("facts", [facts(), rollout()]),
            Parts.live("actions", mayChange ? [JobActions(context: context, job: job).fragment] : []),
            Parts.live("groups", [.element(.h2, [], ["Tasks"]), groups()]),
            Parts.live("runs", job.cron == nil ? [] : [.element(.h2, [], ["Runs"]), runs()]),
            Parts.live("instances", [.element(.h2, [], ["Instances"]), table()]),
            Parts.live("versions", [.element(.h2, [], ["Versions"]), versions()]),
        ])
    }

    private func facts() -> Fragment {
        Parts.facts([
            ("State", Parts.state(job.state.rawValue)), ("Reason", Fragment(job.reason)),
            ("Type", Fragment(job.spec.type.rawValue)),
            (
                "Schedule",
                job.spec.cron.map {
                    Fragment(
                        "\($0.schedule), \($0.timeZone); when one is not over: \($0.concurrency.rawValue)")
                }
            ),
            ("Next runs", nextRuns.isEmpty ? nil : Fragment(nextRuns.prefix(3).flatMap { [time($0), " "] })),
            (
                "Left out",
                job.cron.flatMap { cron in
                    cron.skipped == 0 ? nil : Fragment("\(cron.skipped) times; \(cron.lastSkip ?? "")")
                }
            ),
            ("Version", Fragment("\(job.version)")),
            ("Submitted", Parts.age(job.createdAt, now: context.now)), ("By", Fragment(job.createdBy)),
            ("Finished", job.finishedAt.map { Parts.age($0, now: context.now) }),
            ("Identifier", .element(.code, [], [Fragment(job.id.text)])),
        ])
    }

    private func time(_ time: Timestamp) -> Fragment {
        .element(
            .time, [.datetime("\(time)"), .title("\(time)")],
            [Fragment("in \(Parts.short(max(.zero, context.now.duration(to: time))))")])
    }

    /// How far the change to a new version is.
    private func rollout() -> Fragment {
        guard let rollout = job.rollout, job.history.count > 1 else { return .nothing }
        let wanted = job.groups.reduce(0) { $0 + $1.desired }
        let new = instances.count { instance in
            !instance.phase.isOver && instance.runningSince != nil
                && job.groups.contains { $0.name == instance.group && $0.template == instance.version }
        }
        let what =
            rollout.hasFailed
            ? "The update to version \(rollout.version) has failed and is held."
            : rollout.revertsTo.map { "Going back to what version \($0) was, as version \(rollout.version)." }
                ?? "Changing to version \(rollout.version)."
        return .element(
            .div, [.class(rollout.hasFailed ? "problem" : "progress")],
            [
                .element(.strong, [], [Fragment(what)]), " ",
                Parts.share(
                    "\(new) of \(wanted) run it", used: Double(new), of: Double(wanted), label: "Instances"),
            ])
    }

    private func groups() -> Fragment {
        Parts.table(
            "Tasks",
            columns: [
                ("Task", ""), ("Wanted", "number"), ("Pending", "number"), ("Running", "number"),
                ("Ready", "number"), ("Completed", "number wide"), ("Failed", "number"), ("Last problem", ""),
            ],
            rows: job.groups.map { group in
                let counts = [
                    (group.desired, ""), (group.pending, ""), (group.running, ""), (group.ready, ""),
                    (group.completed, " wide"), (group.failed, ""),
                ]
                return .element(
                    .tr, [],
                    [.element(.td, [], [Fragment(group.name)])]
                        + counts.map { .element(.td, [.class("number\($1)")], [Fragment("\($0)")]) }
                        + [
                            .element(
                                .td, [.class("reason")],
                                [Fragment(group.waitsFor.map { "waits for \($0)" } ?? group.problem ?? "")])
                        ])
            })
    }

    private func runs() -> Fragment {
        guard let cron = job.cron, !cron.runs.isEmpty else {
            return .element(.p, [.class("empty")], ["It did not run yet."])
        }
        return Parts.table(
            "Runs",
            columns: [
                ("Run", "number"), ("State", ""), ("Began", "number"), ("Took", "number"), ("Reason", ""),
            ],
            rows: cron.runs.reversed().map { run in
                .element(
                    .tr, [],
                    [
                        .element(.td, [.class("number")], [Fragment("\(run.number)")]),
                        .element(.td, [.class("tight")], [Parts.state(run.state.rawValue)]),
                        .element(.td, [.class("number")], [Parts.age(run.createdAt, now: context.now)]),
                        .element(
                            .td, [.class("number")],
                            [
                                Fragment(
                                    run.finishedAt.map { Parts.short(run.createdAt.duration(to: $0)) } ?? "")
                            ]),
                        .element(.td, [.class("reason")], [Fragment(run.reason)]),
                    ])
            })
    }

    private func table() -> Fragment {
        guard !instances.isEmpty else { return .element(.p, [.class("empty")], ["There is none now."]) }
        let order = instances.sorted { a, b in
            a.phase.isOver != b.phase.isOver
                ? !a.phase.isOver
                : (b.run ?? 0, a.group, a.index, b.attempt) < (a.run ?? 0, b.group, b.index, a.attempt)
        }
        let table = Parts.table(
            "Instances",
            columns: [
                ("Instance", ""), ("State", ""), ("Version", "number wide"), ("Try", "number wide"),
                ("Running for", "number"), ("Exit code", "number wide"), ("Reason", ""),
            ], rows: order.prefix(Self.shown).map(row))
        guard order.count > Self.shown else { return table }
        return Fragment([
            table, .element(.p, [.class("note")], [Fragment("\(Self.shown) of \(order.count) are shown.")]),
        ])
    }

    private func row(_ instance: JobInstance) -> Fragment {
        .element(
            .tr, [.data(.key, instance.task.text)],
            [
                .element(
                    .td, [.class("name")],
                    [
                        .element(
                            .a, [.href(SitePath(segments: ["tasks", job.project, instance.name]))],
                            [Fragment(instance.name)])
                    ]), .element(.td, [.class("tight")], [Parts.state(JobWords.state(instance))]),
                .element(.td, [.class("number wide")], [Fragment("\(instance.version)")]),
                .element(.td, [.class("number wide")], [Fragment("\(instance.attempt)")]),
                .element(
                    .td, [.class("number")],
                    [instance.runningSince.map { Parts.age($0, now: context.now) } ?? .nothing]),
                .element(.td, [.class("number wide")], [Fragment(instance.exitCode.map { "\($0)" } ?? "")]),
                .element(.td, [.class("reason")], [Fragment(instance.reason)]),
            ])
    }

    private func versions() -> Fragment {
        let actions = JobActions(context: context, job: job)
        return Parts.table(
            "Versions",
            columns: [
                ("Version", "number"), ("Stable", ""), ("Age", "number"), ("By", "wide"), ("Tasks", ""),
                ("", ""),
            ],
            rows: job.history.reversed().map { version in
                .element(
                    .tr, [],
                    [
                        .element(.td, [.class("number")], [Fragment("\(version.version)")]),
                        .element(.td, [], [Fragment(version.isStable ? "yes" : "")]),
                        .element(.td, [.class("number")], [Parts.age(version.createdAt, now: context.now)]),
                        .element(.td, [.class("wide")], [Fragment(version.createdBy)]),
                        .element(.td, [.class("reason")], [Fragment(JobWords.tasks(version.spec))]),
                        .element(
                            .td, [.class("tight")],
                            [
                                mayChange && version.version != job.version
                                    ? actions.revert(to: version.version) : .nothing
                            ]),
                    ])
            })
    }
}
