import APIServers
import ClusterModel
import Core
import HTML
import HTTPModel
import Managers
import Pages
import Scheduling
import TaskDecisions

/// `/tasks/{project}/{task}`: one task, why it is where it is, its attempts and its output.
struct TaskPage {
    let context: PageContext
    let record: TaskRecord

    func response() -> HTTPResponse {
        let logs = SitePath(segments: ["api", "v1", "tasks", record.id.text, "logs"]).query([
            ("project", record.project), ("follow", "true"), ("tail", "500"),
        ])
        return context.layout(record.name).page([
            .element(.h1, [], [Fragment(record.name)]),
            Parts.live("facts", [facts(), explanation()]),
            Parts.live("attempts", [.element(.h2, [], ["Attempts"]), attempts()]),
            .element(.h2, [], ["Output"]),
            .element(
                .pre, [.class("logs"), .tabIndex(0), .aria(.label, "Output"), .data(.logs, logs.text)],
                [
                    .element(
                        .noscript, [],
                        ["apollo task logs \(record.name) prints it; here it needs JavaScript."])
                ]),
        ])
    }

    private func facts() -> Fragment {
        Parts.facts([
            ("State", Parts.state(record.state.rawValue)), ("Reason", Fragment(record.reason)),
            ("Health", record.health.map(health)),
            ("Runs", code(TaskWords.runs(record.spec))),
            ("Command", TaskWords.command(record.spec).map(code)),
            ("Limits", TaskWords.limits(record.spec.resources).map { Fragment($0) }),
            ("Ports", TaskWords.ports(record.current?.ports ?? record.spec.ports).map { Fragment($0) }),
            ("GPUs", TaskWords.gpus(record.current?.gpus ?? []).map { Fragment($0) }),
            ("Volumes", volumes()),
            (
                "Restart",
                record.spec.restart.mode == .never ? nil : Fragment(record.spec.restart.mode.rawValue)
            ),
            (
                "Constraints",
                record.spec.constraints.isEmpty
                    ? nil : Fragment(record.spec.constraints.map { "\($0)" }.joined(separator: "; "))
            ),
            (
                "Together",
                record.spec.group.map { group in
                    let spread = record.spec.spread.map { "; spread over \($0)" } ?? ""
                    return Fragment("\(group)\(spread)\(record.spec.apart ? "; one a node" : "")")
                }
            ),
            ("Submitted", Parts.age(record.createdAt, now: context.now)), ("By", Fragment(record.createdBy)),
            ("Identifier", code(record.id.text)),
        ])
    }

    /// Where it sees which volumes, and the node that has them.
    private func volumes() -> Fragment? {
        guard !record.spec.volumes.isEmpty else { return nil }
        let views = context.mayListVolumes ? context.manager.volumes(in: record.project) : []
        return Fragment(
            record.spec.volumes.map { volume in
                let target = volume.target.map { " at \($0)" } ?? ""
                let place = views.first { $0.volume.name == volume.name }?.node
                let node = context.maySeeNodes ? place.map { " on \($0)" } ?? "" : ""
                return "\(volume.name)\(target)\(volume.readOnly ? ", for reading" : "")\(node)"
            }.joined(separator: "; "))
    }

    /// What keeps it waiting, for one that waits for a place.
    private func explanation() -> Fragment {
        guard record.state == .pending, record.notBefore == nil, context.maySeeNodes,
            let report = context.manager.explain(record.id), report.possible == 0
        else { return .nothing }
        let obstacles: [Fragment] = (report.obstacles + report.besides).map {
            .element(.li, [], ["\($0.nodes) \($0.reason)"])
        }
        let remedies: [Fragment] = report.remedies.map { .element(.li, [], [Fragment($0)]) }
        return .element(
            .div, [.class("problem")],
            [
                .element(
                    .strong, [],
                    [
                        Fragment(
                            report.nodes == 1
                                ? "The one node would not take it now"
                                : "None of \(report.nodes) nodes would take it now")
                    ]),
                .element(.ul, [], obstacles),
            ]
                + (remedies.isEmpty
                    ? [] : [.element(.span, [], ["What would help:"]), .element(.ul, [], remedies)]))
    }

    private func attempts() -> Fragment {
        guard !record.attempts.isEmpty else {
            return .element(.p, [.class("empty")], ["It was not started yet."])
        }
        let names = context.nodeNames
        return Parts.table(
            "Attempts",
            columns: [
                ("Attempt", "number"), ("State", ""), ("Node", ""), ("Started", "number"),
                ("Ended", "number"),
                ("Exit code", "number"), ("Reason", ""),
            ],
            rows: record.attempts.reversed().map { attempt in
                let state = attempt.outcome?.rawValue ?? attempt.state.rawValue
                let node = context.maySeeNodes ? names[attempt.node] ?? attempt.node.text : "a node"
                return .element(
                    .tr, [],
                    [
                        .element(.td, [.class("number")], [Fragment("\(attempt.number)")]),
                        .element(.td, [], [Parts.state(state)]), .element(.td, [], [Fragment(node)]),
                        .element(.td, [.class("number")], [age(attempt.startedAt)]),
                        .element(.td, [.class("number")], [age(attempt.endedAt)]),
                        .element(.td, [.class("number")], [Fragment(attempt.exitCode.map { "\($0)" } ?? "")]),
                        .element(.td, [.class("reason")], [Fragment(attempt.reason ?? "")]),
                    ])
            })
    }

    private func age(_ time: Timestamp?) -> Fragment {
        time.map { Parts.age($0, now: context.now) } ?? .nothing
    }

    private func health(_ health: Health) -> Fragment {
        Fragment([
            Parts.state(health.state.rawValue), " for ", Parts.age(health.since, now: context.now),
            Fragment(": \(health.reason)"),
        ])
    }

    private func code(_ text: String) -> Fragment { .element(.code, [], [Fragment(text)]) }
}
