import APIClients
public import ClusterModel

/// Which tasks are wanted of a project: those for which all of it holds.
public struct TasksQuery: Hashable, Sendable {
    public var unfinishedOnly: Bool
    /// Any, where it is empty.
    public var states: [TaskState]
    /// The name or the identifier of the node that they are on, or were on last.
    public var node: String?
    /// The name of the job that has made them.
    public var job: String?
    /// `name=value`, or `name` for any value.
    public var labels: [String]

    public init(
        unfinishedOnly: Bool = false, states: [TaskState] = [], node: String? = nil, job: String? = nil,
        labels: [String] = []
    ) {
        self.unfinishedOnly = unfinishedOnly
        self.states = states
        self.node = node
        self.job = job
        self.labels = labels
    }

    public static let all = TasksQuery()
    public static let unfinished = TasksQuery(unfinishedOnly: true)

    /// The parameters of the URL, each with its mark.
    var text: String {
        var parts = states.map { "state=\($0.rawValue)" }
        if unfinishedOnly { parts.append("finished=false") }
        if let node { parts.append("node=\(APIClient.escape(node))") }
        if let job { parts.append("job=\(APIClient.escape(job))") }
        parts += labels.map { "label=\(APIClient.escape($0))" }
        return parts.map { "&" + $0 }.joined()
    }
}
