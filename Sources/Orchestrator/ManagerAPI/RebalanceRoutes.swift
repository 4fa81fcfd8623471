import APIMessages
public import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
public import Jobs
import TaskDecisions

/// `/api/v1/rebalance`.
public struct RebalanceRoutes: Sendable {
    private let rebalancer: Rebalancer

    public init(_ rebalancer: Rebalancer) { self.rebalancer = rebalancer }

    /// The most moves of a plan.
    private static let longest = 1000
    private static let limit = Parameter<Int?>.query(
        "limit", "How many moves at most.", schema: .integer(1...1000))

    public var routes: [Route<Caller>] { [plan, step] }

    private static let access: Access<Caller> = .permissionFor { _ in
        Caller.Permission(.manage, try Resources.nodes())
    }

    private var plan: Route<Caller> {
        Route(
            .get, "/api/v1/rebalance", operation: "planRebalance",
            summary: "Which tasks would be moved so that nodes are evenly full",
            description: """
                Nothing is moved. Instances of services are moved one at a time, while all others of the service do their work; other \
                tasks where they are restarted whatever ends them. A task with the label `apollo.rebalance=never` is not.
                """,
            tag: "nodes", access: Self.access, parameters: [Self.limit],
            responses: [
                .json(.of(RebalanceDescription.self), "The moves, the one that helps the most first.")
            ]
        ) { call in
            let moves = self.rebalancer.plan(limit: call[Self.limit] ?? Self.longest)
            return try .json(RebalanceDescription(moves: moves.map { MoveDescription($0) }, underWay: 0))
        }
    }

    private var step: Route<Caller> {
        Route(
            .post, "/api/v1/rebalance", operation: "rebalance", summary: "Move the next tasks",
            description: """
                Begins the next moves of the plan, so that no more than `limit` (`rebalance.moves`) are under way, and returns at once. \
                Asked again and again until there are none, it ends.
                """,
            tag: "nodes", access: Self.access, parameters: [Self.limit],
            responses: [.json(.of(RebalanceDescription.self), "The moves that were begun.")]
        ) { call in
            let (begun, underWay) = self.rebalancer.step(
                limit: call[Self.limit] ?? self.rebalancer.settings.moves)
            return try .json(
                RebalanceDescription(moves: begun.map { MoveDescription($0) }, underWay: underWay))
        }
    }
}

extension MoveDescription {
    init(_ move: RebalanceMove) {
        self.init(
            task: move.task, name: move.name, project: move.project, from: move.from, to: move.to,
            reason: move.reason)
    }
}
