import APIServers
import ClusterModel
import Core
import Documents
import HTTPRouting
import Identity

/// Which tasks a list is to have: those for which everything holds that was asked for.
struct TaskFilter {
    private static let finished = Parameter<Bool?>.query(
        "finished", "Only finished tasks, or only unfinished ones.")
    private static let states = Parameter<[TaskState]>.query(
        "state", "Only tasks in this state, or in one of these.",
        schema: .array(.values(TaskState.self), count: 0...TaskState.allCases.count))
    private static let node = Parameter<String?>.query(
        "node", "Only tasks that are on this node, or were there last: its name or its identifier.",
        schema: .string(1...256))
    private static let job = Parameter<String?>.query(
        "job", "Only tasks that the job of this name has made, those it has replaced among them.",
        schema: .string(1...256))
    private static let labels = Parameter<[String]>.query(
        "label",
        "Only tasks with this label: `name=value`, or `name` for any value; with all of them where there are several.",
        schema: .array(.string(1...512), count: 0...8))

    static let parameters: [any RouteParameter] = [finished, states, node, job, labels]

    private let finished: Bool?
    private let states: [TaskState]
    /// Nil for any; empty where there is no such node.
    private let nodes: Set<NodeID>?
    private let job: String?
    private let labels: [(name: String, value: String?)]

    /// - Parameter nodes: Those that there are. Of one that was removed, tasks are found by its identifier.
    init(_ call: Call<Caller>, nodes: @autoclosure () -> [Node]) {
        finished = call[Self.finished]
        states = call[Self.states]
        self.nodes = call[Self.node].map { handle in
            Set(
                nodes().lazy.filter { $0.name == handle }.map(\.id)
                    + [NodeID(parsing: handle)].compactMap { $0 })
        }
        job = call[Self.job]
        labels = call[Self.labels].map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            return (parts[0], parts.count == 2 ? parts[1] : nil)
        }
    }

    func admits(_ record: TaskRecord) -> Bool {
        if let finished, record.state.isFinal != finished { return false }
        if !states.isEmpty, !states.contains(record.state) { return false }
        if let nodes, record.current.map({ !nodes.contains($0.node) }) ?? true { return false }
        // What a job makes finds the job's name there, and nothing else says whose it is once the job has forgotten it.
        if let job, record.spec.environment["APOLLO_JOB"] != job { return false }
        return labels.allSatisfy { label in
            guard let value = record.spec.labels[label.name] else { return false }
            return label.value.map { $0 == value } ?? true
        }
    }
}
