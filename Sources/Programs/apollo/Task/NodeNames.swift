import ClusterModel
import Core
import PlatformClients

/// What nodes are called: tasks know them by their identifiers.
struct NodeNames {
    private let names: [NodeID: String]

    /// Those of whom nothing was asked, or may be told.
    static let unknown = NodeNames(names: [:])

    private init(names: [NodeID: String]) { self.names = names }

    /// Asks the platform; ``unknown`` where the caller may not see its nodes.
    init(of client: PlatformClient) async throws {
        do {
            let nodes = try await client.nodes()
            names = Dictionary(nodes.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        } catch let error as ApolloError where error.kind == .denied {
            names = [:]
        }
    }

    var areSeveral: Bool { names.count > 1 }

    /// The identifier of one that was removed, or may not be seen.
    subscript(node: NodeID) -> String { names[node] ?? node.text }
}
