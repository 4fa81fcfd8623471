import APIMessages
import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers

/// `/api/v1/nodes`.
struct NodeRoutes {
    let manager: Manager

    private static let handle = Parameter<String>.path("node", "The name or the identifier of a node.")

    var routes: [Route<Caller>] { [list, get] }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/nodes", operation: "listNodes", summary: "List nodes", tag: "nodes",
            access: .permissionFor { _ in Caller.Permission(.list, try Resources.nodes()) },
            responses: [.json(.page(of: .of(Node.self)), "All nodes.")]
        ) { _ in
            try .json(NodePage(items: self.manager.nodes()))
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/nodes/{node}", operation: "getNode", summary: "Look at one node", tag: "nodes",
            access: .permissionFor { _ in Caller.Permission(.read, try Resources.nodes()) },
            parameters: [Self.handle],
            responses: [.json(.of(Node.self), "The node.")]
        ) { call in
            let handle = call[Self.handle]
            guard let node = self.manager.nodes().first(where: { $0.name == handle || $0.id.text == handle })
            else {
                throw ApolloError(.notFound, "no node '\(handle)'", hint: "'apollo node ls' lists them")
            }
            return try .json(node)
        }
    }
}
