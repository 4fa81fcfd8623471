public import ClusterModel
import Scheduling

/// How the nodes look to a task: how many would take it, what rules out the others, and what would help.
public struct PlacementReport: Hashable, Sendable {
    public struct Obstacle: Hashable, Sendable {
        public var nodes: Int
        /// What rules them out, such as `have too little memory free`.
        public var reason: String
    }

    public let record: TaskRecord
    /// The name of the node that it is on; nil for a task that is nowhere.
    public let node: String?
    public let nodes: Int
    public let possible: Int
    public let obstacles: [Obstacle]
    /// What stands behind that: what would rule them out all the same.
    public let besides: [Obstacle]
    /// Only for a task that waits for a place.
    public let remedies: [String]

    /// Where another attempt would go, for a task that is started again where there is a choice.
    public let next: String?

    init(_ record: TaskRecord, _ explanation: Explanation, node: String?, next: String?) {
        self.record = record
        self.node = node
        self.next = next
        nodes = explanation.nodes
        possible = explanation.possible
        let told = { (found: Explanation.Count) in
            Obstacle(
                nodes: found.nodes, reason: WaitingReason.phrase(found.obstacle, plural: found.nodes != 1))
        }
        obstacles = explanation.obstacles.map(told)
        besides = explanation.besides.map(told)
        let isStuck = record.state == .pending && explanation.possible == 0
        remedies = isStuck ? WaitingReason.remedies(for: record.spec, explanation) : []
    }

    /// In a sentence, where it is or what it waits for: `running on db-1`, `pending: waiting for room: …`.
    public var summary: String {
        let state = record.state.rawValue
        let place = node.map { " on \($0)" } ?? ""
        // What runs gives its state as its reason, and behind it what there is to heed.
        let reason =
            record.reason.hasPrefix(state) ? record.reason.dropFirst(state.count) : ": \(record.reason)"
        return state + place + reason
    }
}
