public import APIClients
public import APIMessages
public import ClusterModel
import Documents
import HTTPModel

/// The orchestrator's part of a platform's API: one method a call.
public struct PlatformClient: Sendable {
    public let api: APIClient

    public init(_ api: APIClient) { self.api = api }

    // MARK: Tasks

    /// Submits a task; `key` makes it safe to send again.
    public func submit(_ request: TaskRequest, key: String) async throws -> TaskRecord {
        try await api.decode(api.call(.post, "/tasks", body: JSONWriter.bytes(encoding: request), key: key))
    }

    public func task(_ handle: String) async throws -> TaskRecord {
        try await api.decode(api.call(.get, path(handle)))
    }

    /// Why the task is where it is, or nowhere.
    public func explain(_ handle: String) async throws -> TaskExplanation {
        try await api.decode(api.call(.get, path(handle) + "/explain"))
    }

    /// What a running task uses now; `conflict` for one that does not run.
    public func usage(_ handle: String) async throws -> TaskUsage {
        try await api.decode(api.call(.get, path(handle) + "/usage"))
    }

    /// One page of tasks, oldest first.
    public func tasks(_ query: TasksQuery = .all, cursor: String? = nil, limit: Int = 500) async throws
        -> TaskPage
    {
        let after = cursor.map { "&cursor=\(APIClient.escape($0))" } ?? ""
        return try await api.decode(api.call(.get, "/tasks?limit=\(limit)" + query.text + after))
    }

    /// Every task, page by page.
    public func allTasks(_ query: TasksQuery = .all) async throws -> [TaskRecord] {
        var all: [TaskRecord] = []
        var cursor: String?
        repeat {
            let page = try await tasks(query, cursor: cursor)
            all += page.items
            cursor = page.next
        } while cursor != nil
        return all
    }

    public func stop(_ handle: String, grace: Seconds?) async throws -> TaskRecord {
        let body = try JSONWriter.bytes(encoding: StopRequest(grace: grace))
        return try await api.decode(api.call(.post, path(handle) + "/stop", body: body, isIdempotent: true))
    }

    public func remove(_ handle: String) async throws { _ = try await api.call(.delete, path(handle)) }

    /// The task's states from now on, until it is finished or removed.
    public func watch(_ handle: String) async throws -> TaskEvents {
        let response = try await api.open(path(handle) + "/watch", accept: "text/event-stream")
        return TaskEvents(body: response)
    }

    /// What the task wrote.
    public func logs(_ handle: String, _ query: LogsQuery) async throws -> LogLines {
        let response = try await api.open(path(handle) + "/logs" + query.text, accept: "application/x-ndjson")
        return LogLines(body: response)
    }

    /// How a program beside a task's own is asked for: by a WebSocket.
    public func exec(_ handle: String, _ query: ExecQuery) throws -> APIClient.SocketRequest {
        try api.socket(path(handle) + "/exec" + query.text)
    }

    // MARK: Nodes

    /// Where workers of other machines register. Needs no token.
    public func registry() async throws -> RegistryDoor { try await api.decode(api.call(.get, "/registry")) }

    public func nodes() async throws -> [Node] {
        let page: NodePage = try await api.decode(api.unscoped.call(.get, "/nodes"))
        return page.items
    }

    public func node(_ handle: String) async throws -> Node {
        try await api.decode(api.unscoped.call(.get, nodePath(handle)))
    }

    /// Asks a node what it is busy with now; `unavailable` or `deadline` where it does not answer.
    public func nodeMetrics(_ handle: String) async throws -> NodeMetrics {
        try await api.decode(api.unscoped.call(.get, nodePath(handle) + "/metrics"))
    }

    /// Which tasks would be moved so that nodes are evenly full.
    public func rebalancePlan(limit: Int?) async throws -> RebalanceDescription {
        try await api.decode(api.unscoped.call(.get, rebalancePath(limit)))
    }

    /// Moves the next of them.
    public func rebalance(limit: Int?) async throws -> RebalanceDescription {
        try await api.decode(api.unscoped.call(.post, rebalancePath(limit), isIdempotent: true))
    }

    private func rebalancePath(_ limit: Int?) -> String {
        "/rebalance" + (limit.map { "?limit=\($0)" } ?? "")
    }

    public func cordon(_ handle: String) async throws -> Node {
        try await api.decode(api.unscoped.call(.post, nodePath(handle) + "/cordon", isIdempotent: true))
    }

    public func uncordon(_ handle: String) async throws -> Node {
        try await api.decode(api.unscoped.call(.post, nodePath(handle) + "/uncordon", isIdempotent: true))
    }

    public func drain(_ handle: String, _ request: DrainRequest) async throws -> Node {
        let body = try JSONWriter.bytes(encoding: request)
        let path = nodePath(handle) + "/drain"
        return try await api.decode(api.unscoped.call(.post, path, body: body, isIdempotent: true))
    }

    public func label(_ handle: String, _ request: LabelRequest) async throws -> Node {
        let body = try JSONWriter.bytes(encoding: request)
        let path = nodePath(handle) + "/labels"
        return try await api.decode(api.unscoped.call(.post, path, body: body, isIdempotent: true))
    }

    public func forgetNode(_ handle: String) async throws {
        _ = try await api.unscoped.call(.delete, nodePath(handle))
    }

    /// All managers, and who leads.
    public func managers() async throws -> [ManagerDescription] {
        let page: ManagerDescriptions = try await api.decode(api.unscoped.call(.get, "/managers"))
        return page.items
    }

    /// Takes a manager out of the platform.
    public func forgetManager(_ handle: String) async throws {
        _ = try await api.unscoped.call(.delete, "/managers/\(APIClient.escape(handle))")
    }

    private func nodePath(_ handle: String) -> String { "/nodes/\(APIClient.escape(handle))" }

    /// What changes from now on, of all projects or of the client's one alone.
    public func events(ofOneProject isOne: Bool) async throws -> PlatformEvents {
        // Another project than the default one is said with every call.
        let path = isOne && api.project == "default" ? "/events?project=default" : "/events"
        return PlatformEvents(body: try await api.open(path, accept: "text/event-stream"))
    }

    /// What every part of the platform is doing; for administrators.
    public func activity(limit: Int) async throws -> PlatformActivity {
        try await api.decode(api.unscoped.call(.get, "/debug?limit=\(limit)"))
    }

    public func version() async throws -> PlatformVersion {
        try await api.decode(api.unscoped.call(.get, "/version"))
    }

    private func path(_ handle: String) -> String { "/tasks/\(APIClient.escape(handle))" }
}
