public import APIMessages
public import APIServers
public import Buses
public import ClusterModel
public import Core
public import HTTPRouting
public import Managers
public import Telemetry

/// The routes of the orchestrator: its tasks and nodes, and the health of the whole.
public enum ManagerRoutes {
    public static let tags: [(name: String, description: String)] = [
        ("tasks", "What runs."), ("nodes", "Where it runs."), ("service", "The platform itself."),
    ]

    /// Of a manager alone.
    public static let originalTag = (
        name: OriginalPaths.tag, description: "The same at the paths of the system it grew from."
    )

    public static func routes(
        manager: Manager, bus: any Bus, environment: Environment, metrics: MetricsRegistry, version: String,
        admission: TaskAdmission, exec: ExecLimits = ExecLimits(),
        measure: @escaping @Sendable (Node) async throws -> NodeMetrics,
        revokeNode: @escaping @Sendable (String) async throws -> Void,
        answersOriginalPaths: Bool = false,
        leader: @escaping @Sendable () -> ManagerDescription? = { nil }
    ) -> [Route<Caller>] {
        let tasks = TaskRoutes(
            manager: manager, environment: environment, admission: admission, execLimits: exec)
        let nodes = NodeRoutes(manager: manager, measure: measure, revoke: revokeNode)
        return tasks.routes + nodes.routes
            + (answersOriginalPaths ? OriginalPaths.routes(tasks, nodes) : [])
            + EventRoutes(bus: bus, environment: environment, leader: leader).routes
            + ServiceRoutes(manager: manager, metrics: metrics, version: version).routes
    }
}
