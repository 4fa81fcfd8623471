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
    /// Asks a node what it is busy with.
    let measure: @Sendable (Node) async throws -> NodeMetrics
    /// Calls back the certificates of the node of this name.
    let revoke: @Sendable (String) async throws -> Void

    private static let handle = Parameter<String>.path("node", "The name or the identifier of a node.")

    var routes: [Route<Caller>] { [list, get, metrics, cordon, uncordon, drain, label, remove] }

    var list: Route<Caller> {
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
            try .json(try self.manager.node(call[Self.handle]))
        }
    }

    private var metrics: Route<Caller> {
        Route(
            .get, "/api/v1/nodes/{node}/metrics", operation: "getNodeMetrics",
            summary: "Ask a node what it is busy with",
            description: """
                Now, over the bus; what it said last is in the node itself. `cpuBusy` is since it was asked before. Where it does                 not answer, 503 or 504 says why.
                """,
            tag: "nodes", access: .permissionFor { _ in Caller.Permission(.read, try Resources.nodes()) },
            parameters: [Self.handle],
            responses: [.json(.of(NodeMetrics.self), "What it is busy with.")]
        ) { call in
            try .json(try await self.measure(try self.manager.node(call[Self.handle])))
        }
    }

    private static let manage: Access<Caller> = .permissionFor { _ in
        Caller.Permission(.manage, try Resources.nodes())
    }

    private var cordon: Route<Caller> {
        Route(
            .post, "/api/v1/nodes/{node}/cordon", operation: "cordonNode",
            summary: "Let a node take no new tasks",
            description: "Those it has run on. It stays so until it is uncordoned, also over restarts.",
            tag: "nodes", access: Self.manage, parameters: [Self.handle],
            responses: [.json(.of(Node.self), "The node.")]
        ) { call in
            try .json(
                try await self.manager.order(call[Self.handle]) {
                    ($0.service, $0.drainBy) = (.cordoned, nil)
                })
        }
    }

    private var uncordon: Route<Caller> {
        Route(
            .post, "/api/v1/nodes/{node}/uncordon", operation: "uncordonNode",
            summary: "Let a node take tasks again", tag: "nodes", access: Self.manage,
            parameters: [Self.handle], responses: [.json(.of(Node.self), "The node.")]
        ) { call in
            try .json(
                try await self.manager.order(call[Self.handle]) {
                    ($0.service, $0.drainBy) = (.open, nil)
                })
        }
    }

    private var drain: Route<Caller> {
        Route(
            .post, "/api/v1/nodes/{node}/drain", operation: "drainNode",
            summary: "Move the tasks of a node elsewhere",
            description: """
                Each is stopped, with its own grace unless another is given, and started on another node, as soon as there is \
                room; after the `deadline` what is still there is killed. Asked again, the new deadline counts. The node is `draining` until it has none, then `drained`, until it is uncordoned.
                """,
            tag: "nodes", access: Self.manage, parameters: [Self.handle],
            body: .json(DrainRequest.self, isRequired: false),
            responses: [.json(.of(Node.self), "The node.")]
        ) { call in
            let wanted = try await call.body(DrainRequest.self)
            return try .json(
                try await self.manager.drain(
                    call[Self.handle], grace: wanted.grace?.duration, deadline: wanted.deadline?.duration))
        }
    }

    private var label: Route<Caller> {
        Route(
            .post, "/api/v1/nodes/{node}/labels", operation: "labelNode",
            summary: "Set and remove labels of a node",
            description: "They count beside those that its worker was started with, and in their place.",
            tag: "nodes", access: Self.manage, parameters: [Self.handle], body: .json(LabelRequest.self),
            responses: [.json(.of(Node.self), "The node.")]
        ) { call in
            let wanted = try await call.body(LabelRequest.self)
            if let fault = wanted.fault() { throw fault }
            return try .json(try await self.manager.order(call[Self.handle]) { wanted.apply(to: &$0) })
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/nodes/{node}", operation: "deleteNode", summary: "Forget a node that is lost",
            description: """
                What it ran is placed elsewhere now, also what must not run twice: be sure that the machine is off. Its \
                certificate is called back: the machine has to join again.
                """,
            tag: "nodes", access: Self.manage, parameters: [Self.handle],
            responses: [.noContent("It is forgotten.")]
        ) { call in
            let node = try self.manager.node(call[Self.handle])
            try await self.manager.forget(call[Self.handle])
            try await self.revoke(node.name)
            return HTTPResponse(.noContent)
        }
    }
}
