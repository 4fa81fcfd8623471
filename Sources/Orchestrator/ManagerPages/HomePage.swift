import ClusterModel
import Core
import HTML
import HTTPModel
import JobModel
import Managers
import Pages

/// `/`: the health of the platform, its machines, its tasks, and what happened last.
struct HomePage {
    let context: PageContext
    let query: String
    let state: TaskState?
    let jobs: [JobRecord]
    private static let shown = 200

    func response() -> HTTPResponse {
        let all =
            context.projects.contains(context.project)
            ? context.manager.list(project: context.project, limit: .max) : []
        let wanted = all.filter { record in
            (state == nil || record.state == state) && (query.isEmpty || matches(record))
        }.sorted(by: Self.isBefore)
        return context.layout("Home", hasFigures: context.maySeeNodes).page([
            .element(.h1, [.class("visually")], [Fragment("Project \(context.project)")]),
            Parts.live("health", [tiles(all)]),
            Parts.live(
                "jobs", [.element(.h2, [], ["Jobs"]), JobsTable(jobs: jobs, now: context.now).fragment]),
            .element(.h2, [], ["Tasks"]), filter(),
            Parts.live("tasks", [tasks(wanted, of: all.count)]),
            Parts.live("nodes", context.maySeeNodes ? [.element(.h2, [], ["Nodes"]), nodes()] : []),
            Parts.live("events", [.element(.h2, [], ["Latest"]), latest(all)]),
        ])
    }

    private func matches(_ record: TaskRecord) -> Bool {
        let needle = query.lowercased()
        return Self.text(record).lowercased().contains(needle)
    }

    /// What the filter looks at.
    private static func text(_ record: TaskRecord) -> String {
        "\(record.name) \(record.state.rawValue) \(TaskWords.runs(record.spec)) \(record.reason)"
    }

    /// What is not over first, and the newest first.
    private static func isBefore(_ a: TaskRecord, _ b: TaskRecord) -> Bool {
        a.state.isFinal != b.state.isFinal ? !a.state.isFinal : a.id > b.id
    }

    private func tiles(_ all: [TaskRecord]) -> Fragment {
        var counts: [TaskState: Int] = [:]
        for record in all { counts[record.state, default: 0] += 1 }
        let problem = context.manager.storageProblem
        var tiles: [Fragment] = [
            .element(
                .li, [],
                [
                    .element(.strong, [], [Parts.state(problem == nil ? "ready" : "bad")]),
                    .element(
                        .span, [],
                        [problem == nil ? "platform and storage" : "nothing can be stored: see the log"]),
                ])
        ]
        if context.maySeeNodes {
            let nodes = context.manager.nodes()
            tiles.append(tile("\(nodes.count { $0.state == .ready }) of \(nodes.count)", "nodes ready", nil))
        }
        for state in [TaskState.running, .pending, .failed, .completed] {
            tiles.append(tile("\(counts[state] ?? 0)", state.rawValue, state))
        }
        return .element(.ul, [.class("tiles")], tiles)
    }

    private func tile(_ figure: String, _ label: String, _ state: TaskState?) -> Fragment {
        let inner: [Fragment] = [
            .element(.strong, [], [Fragment(figure)]), .element(.span, [], [Fragment(label)]),
        ]
        guard let state else { return .element(.li, [], inner) }
        let path = SitePath("/").query([("project", context.project), ("state", state.rawValue)])
        return .element(.li, [], [.element(.a, [.href(path)], inner)])
    }

    private func filter() -> Fragment {
        .element(
            .form, [.class("filter"), .method("get"), .action(SitePath("/")), .role("search")],
            [
                .element(.input, [.type("hidden"), .name("project"), .value(context.project)]),
                .element(
                    .input,
                    [
                        .id("filter"), .type("search"), .name("q"), .value(query),
                        .placeholder("Filter by name, state, reason ( / )"),
                        .aria(.label, "Filter tasks"),
                    ]),
                .element(
                    .select, [.name("state"), .aria(.label, "State")],
                    [.element(.option, [.value("")], ["any state"])]
                        + TaskState.allCases.map { choice in
                            .element(
                                .option, [.value(choice.rawValue)] + (choice == state ? [.selected] : []),
                                [Fragment(choice.rawValue)])
                        }), .element(.button, [.type("submit")], ["Filter"]),
            ])
    }

    private func tasks(_ records: [TaskRecord], of total: Int) -> Fragment {
        guard total > 0 else {
            return .element(
                .p, [.class("empty")],
                [
                    "No tasks in this project yet. Start one: ",
                    .element(.code, [], ["apollo task run --exec /bin/echo -- hello"]),
                ])
        }
        guard !records.isEmpty else {
            return .element(.p, [.class("empty")], ["No task is like that."])
        }
        // Where there is one node, everything is on it.
        let nodes = context.maySeeNodes ? context.nodeNames : [:]
        let names = nodes.count > 1 ? nodes : nil
        let table = Parts.table(
            "Tasks",
            columns: [
                ("Name", ""), ("State", ""), ("Age", "number"), ("Tries", "number wide"),
            ] + (names == nil ? [] : [("Node", "wide")]) + [("Runs", "wide"), ("Reason", "")],
            rows: records.prefix(Self.shown).map { row($0, names) })
        guard records.count > Self.shown else { return table }
        return Fragment([
            table,
            .element(
                .p, [.class("note")],
                [Fragment("\(Self.shown) of \(records.count) are shown; filter for the others.")]),
        ])
    }

    /// - Parameter names: What nodes are called, where it is shown on which a task is.
    private func row(_ record: TaskRecord, _ names: [NodeID: String]?) -> Fragment {
        let node = names.map { names in
            Fragment.element(
                .td, [.class("wide")],
                [Fragment(record.current.map { names[$0.node] ?? $0.node.text } ?? "")])
        }
        return .element(
            .tr, [.data(.key, record.id.text), .data(.text, Self.text(record))],
            [
                .element(
                    .td, [.class("name")],
                    [
                        .element(
                            .a, [.href(SitePath(segments: ["tasks", record.project, record.name]))],
                            [Fragment(record.name)])
                    ]), .element(.td, [.class("tight")], [state(of: record)]),
                .element(.td, [.class("number")], [Parts.age(record.createdAt, now: context.now)]),
                .element(.td, [.class("number wide")], [Fragment("\(record.attemptCount)")]),
                node ?? .nothing,
                .element(
                    .td, [.class("wide")], [.element(.code, [], [Fragment(TaskWords.runs(record.spec))])]),
                .element(.td, [.class("reason")], [Fragment(record.reason)]),
            ])
    }

    /// Its state, and how it does where that is not well.
    private func state(of record: TaskRecord) -> Fragment {
        let state = Parts.state(record.state.rawValue)
        guard let health = record.health, health.state != .healthy else { return state }
        return Fragment([state, " ", Parts.state(health.state.rawValue)])
    }

    private func nodes() -> Fragment {
        let nodes = context.manager.nodes()
        guard !nodes.isEmpty else { return .element(.p, [.class("empty")], ["No machine has joined."]) }
        return Parts.table(
            "Nodes",
            columns: [
                ("Name", ""), ("State", ""), ("Tasks", "number"), ("CPU", ""), ("Memory", ""),
                ("Busy", "wide"), ("Runtimes", "wide"),
            ],
            rows: nodes.map { node in
                .element(
                    .tr, [.data(.key, node.id.text)],
                    [
                        .element(
                            .td, [.class("name")],
                            [
                                .element(
                                    .a, [.href(SitePath(segments: ["nodes", node.name]))],
                                    [Fragment(node.name)])
                            ]),
                        .element(.td, [.class("tight")], [Parts.state(node.state.rawValue)]),
                        .element(.td, [.class("number")], [Fragment("\(node.allocated.tasks)")]),
                        .element(.td, [.class("tight")], [NodePage.cpu(node)]),
                        .element(.td, [.class("tight")], [NodePage.memory(node)]),
                        .element(.td, [.class("wide tight")], NodePage.busy(node).map { [$0] } ?? []),
                        .element(.td, [.class("wide")], [Fragment(NodePage.runtimes(node))]),
                    ])
            })
    }

    private func latest(_ records: [TaskRecord]) -> Fragment {
        let happenings = records.flatMap(TaskWords.happenings).sorted { $0.time > $1.time }.prefix(12)
        guard !happenings.isEmpty else { return .element(.p, [.class("empty")], ["Nothing happened yet."]) }
        return Parts.table(
            "Latest", columns: [("When", "number"), ("Task", ""), ("What", "")],
            rows: happenings.map { happening in
                .element(
                    .tr, [],
                    [
                        .element(.td, [.class("number")], [Parts.age(happening.time, now: context.now)]),
                        .element(
                            .td, [.class("name")],
                            [
                                .element(
                                    .a,
                                    [.href(SitePath(segments: ["tasks", context.project, happening.task]))],
                                    [Fragment(happening.task)])
                            ]), .element(.td, [.class("reason")], [Fragment(happening.what)]),
                    ])
            })
    }
}
