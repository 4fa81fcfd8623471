public import Core

/// What people have said about a node; it outlives the node's absence.
public struct NodeOrders: Hashable, Sendable, Codable {
    /// Whether it takes tasks.
    public enum Service: String, Hashable, Sendable, Codable, CaseIterable {
        case open
        /// It takes no new tasks, and keeps those it has.
        case cordoned
        /// It takes no new tasks, and those it has go elsewhere.
        case drained
    }

    public var service: Service
    /// When what is drained is killed, however long its grace is; nil for never.
    public var drainBy: Timestamp?
    /// When that was ordered: what was given then is all there is, also when the clock was set back while nobody counted.
    public var drainSince: Timestamp?
    /// Labels beside those that its worker says, or in their place.
    public var labels: [String: String]
    /// Labels of its worker that do not count.
    public var hiddenLabels: Set<String>

    public init(
        service: Service = .open, drainBy: Timestamp? = nil, drainSince: Timestamp? = nil,
        labels: [String: String] = [:], hiddenLabels: Set<String> = []
    ) {
        self.service = service
        self.drainBy = drainBy
        self.drainSince = drainSince
        self.labels = labels
        self.hiddenLabels = hiddenLabels
    }

    /// The labels of a node whose worker says `own`.
    public func labels(of own: [String: String]) -> [String: String] {
        own.filter { !hiddenLabels.contains($0.key) }.merging(labels) { $1 }
    }
}
