public import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
public import Workers

/// What a worker alone says of itself over HTTP, at the paths of the system that it grew from. It only tells: orders come from the
/// manager.
public struct WorkerRoutes: Sendable {
    private let worker: Worker

    public init(_ worker: Worker) { self.worker = worker }

    public static let tags: [(name: String, description: String)] = [("worker", "What this machine runs.")]

    public var routes: [Route<Caller>] { [tasks, stats, health] }

    private static let access: Access<Caller> = .permissionFor { _ in
        Caller.Permission(.read, try Resources.nodes())
    }

    private var tasks: Route<Caller> {
        Route(
            .get, "/tasks", operation: "listAttempts", summary: "List the attempts on this machine",
            description:
                "Of every runtime that answers, those that run and those that ended and are kept, oldest first.",
            tag: "worker", access: Self.access,
            responses: [.json(.page(of: .of(MachineAttempt.self)), "All of them.")]
        ) { _ in
            let found = await self.worker.attempts().values.joined().map { MachineAttempt($0) }
            return try .json(MachineAttempts(items: found.sorted { $0.attempt < $1.attempt }))
        }
    }

    private var stats: Route<Caller> {
        Route(
            .get, "/stats", operation: "getStats", summary: "What this machine is busy with",
            description: "As the manager is told that asks for it: GET /api/v1/nodes/{node}/metrics.",
            tag: "worker", access: Self.access,
            responses: [.json(.of(NodeMetrics.self), "CPU, load, memory, disk, GPUs, attempts.")]
        ) { _ in
            guard let metrics = await self.worker.metrics() else {
                throw ApolloError(.unavailable, "this machine does not tell what it is busy with")
            }
            return try .json(metrics)
        }
    }

    private var health: Route<Caller> {
        Route(
            .get, "/healthz", operation: "getHealth", summary: "Whether this worker answers", tag: "worker",
            access: .open, responses: [.bytes("text/plain", "It does.")]
        ) { _ in .text("ok\n") }
    }
}
