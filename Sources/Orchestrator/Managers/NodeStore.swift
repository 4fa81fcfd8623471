public import ClusterModel
public import Core

/// Where the manager keeps which nodes there are, and what was ordered about them.
public protocol NodeStore: Sendable {
    func load() async throws -> [StoredNode]
    func save(_ node: StoredNode) async throws
    func remove(_ node: NodeID) async throws
}

/// A node as stored: as its worker described it last, and what people have ordered.
public struct StoredNode: Hashable, Sendable, Codable {
    public var node: Node
    public var orders: NodeOrders

    public init(node: Node, orders: NodeOrders) {
        self.node = node
        self.orders = orders
    }
}
