import APIServers
import ClusterModel
import Concurrency
import Core
import HTTPRouting
import Identity
public import ManagerAPI
public import Managers
import Protobuf
public import RPCModel
public import RPCServices
import TaskRuntimes

/// `apollo.v1.Tasks`: the manager's tasks, as calls.
public struct TaskCalls: TasksService {
    private let manager: Manager
    private let admission: TaskAdmission

    /// The most bytes of tasks in a page, well below the 4 MiB that clients take in a message unless told otherwise.
    private static let maximumPage = 3 << 20

    public init(manager: Manager, admission: TaskAdmission) {
        self.manager = manager
        self.admission = admission
    }

    public static let rules: [String: RPCRule] = [
        TasksMethods.get.path: RPCRule("getTask", .read),
        TasksMethods.list.path: RPCRule("listTasks", .read),
        TasksMethods.watch.path: RPCRule("watchTask", .read),
        TasksMethods.create.path: RPCRule("createTask", .change),
        TasksMethods.stop.path: RPCRule("stopTask", .change),
        TasksMethods.remove.path: RPCRule("deleteTask", .change),
    ]

    public func get(_ request: GetTaskRequest, context: RPCContext) async throws -> TaskInfo {
        TaskInfo(try await find(request.task, request.project, .read, context))
    }

    public func list(_ request: ListTasksRequest, context: RPCContext) async throws -> ListTasksResponse {
        let project = try Self.project(request.project)
        try await Self.require(.list, Resources.all(.task, in: project), context)
        guard request.limit <= 1000 else {
            throw Self.invalid("limit", "must be at most 1000")
        }
        let limit = request.limit == 0 ? 100 : Int(request.limit)
        let after = try Self.after(request.cursor)
        let (state, finished) = (try Self.state(request.state), request.finished)
        let found = manager.list(project: project, after: after, limit: limit + 1) { record in
            (finished.map { record.state.isFinal == $0 } ?? true)
                && (state.map { record.state == $0 } ?? true)
        }
        var (page, bytes) = (ListTasksResponse(), 0)
        for record in found.prefix(limit) {
            let task = TaskInfo(record)
            bytes += task.protobufBytes().count + 8
            guard page.tasks.isEmpty || bytes <= Self.maximumPage else { break }
            page.tasks.append(task)
        }
        if page.tasks.count < found.count, let last = page.tasks.last {
            page.nextCursor = Cursor([last.id]).text
        }
        return page
    }

    public func watch(
        _ request: WatchTaskRequest, to responses: RPCWriter<TaskEvent>, context: RPCContext
    ) async throws {
        let record = try await find(request.task, request.project, .read, context)
        try await manager.follow(record.id) { news in
            switch news {
            case .state(let record): try await responses.write(TaskEvent(event: .state(TaskInfo(record))))
            case .progress(let progress):
                try await responses.write(
                    TaskEvent(
                        event: .progress(
                            TaskEvent.StartProgress(
                                activity: progress.activity, completedBytes: progress.completedBytes,
                                totalBytes: progress.totalBytes))))
            }
        }
    }

    public func create(_ request: CreateTaskRequest, context: RPCContext) async throws -> TaskInfo {
        let project = try Self.project(request.project)
        let caller = try await Self.require(.write, Resources.all(.task, in: project), context)
        do {
            let task = try SpecReading.taskRequest(of: request)
            let key = request.idempotencyKey.isEmpty ? nil : request.idempotencyKey
            let record = try await admission.submit(task, to: project, by: caller, idempotencyKey: key)
            AuditNote.note(resource: try Resources.one(.task, record.name, in: project).description)
            return TaskInfo(record)
        } catch let error as ApolloError {
            throw SpecReading.renamed(error)
        }
    }

    public func stop(_ request: StopTaskRequest, context: RPCContext) async throws -> TaskInfo {
        let record = try await find(request.task, request.project, .write, context)
        try Self.requireRevision(request.revision, of: record)
        if let grace = request.grace, !(0...3600).contains(grace) {
            throw Self.invalid("grace", "must be 0 to 3600 seconds")
        }
        return TaskInfo(try await manager.stop(record.id, grace: request.grace.map { Seconds($0).duration }))
    }

    public func remove(_ request: RemoveTaskRequest, context: RPCContext) async throws -> RemoveTaskResponse {
        let record = try await find(request.task, request.project, .write, context)
        try Self.requireRevision(request.revision, of: record)
        try await manager.remove(record.id)
        return RemoveTaskResponse()
    }

    // MARK: Parts

    /// The task of a request, where the caller may do that to it.
    private func find(
        _ handle: String, _ project: String, _ level: Permission, _ context: RPCContext
    ) async throws -> TaskRecord {
        guard !handle.isEmpty else {
            throw Self.invalid("task", "must be the name or the identifier of a task")
        }
        let project = try Self.project(project)
        let place = project == "default" ? "" : " in project \(project)"
        let unknown = ApolloError(
            .notFound, "no task '\(handle.prefix(200))'\(place)", hint: "List tells those that there are")
        // What cannot be a task's name is none.
        guard let resource = try? Resources.one(.task, handle, in: project) else { throw unknown }
        try await Self.require(level, resource, context)
        guard let record = manager.find(handle, project: project) else { throw unknown }
        return record
    }

    /// Who calls, once it is known that they may; the audit record says on what.
    @discardableResult
    private static func require(
        _ level: Permission, _ resource: ResourceURI, _ context: RPCContext
    ) async throws -> Caller {
        AuditNote.note(resource: resource.description)
        guard let caller = context[Caller.self] else {
            throw ApolloError(.unauthenticated, "nobody known is asking", hint: "send a token")
        }
        try await caller.require(Caller.Permission(level, resource))
        return caller
    }

    private static func project(_ name: String) throws -> String {
        guard !name.isEmpty else { return "default" }
        do { _ = try Resources.all(.task, in: name) } catch {
            throw invalid("project", "must be the name of a project")
        }
        return name
    }

    private static func requireRevision(_ revision: Int64, of record: TaskRecord) throws {
        guard revision == 0 || revision == record.revision else {
            throw ApolloError(
                .conflict, "task '\(record.name)' has changed: it has revision \(record.revision) by now",
                hint: "look at it again, then decide anew")
        }
    }

    private static func after(_ cursor: String) throws -> TaskID? {
        guard !cursor.isEmpty else { return nil }
        guard let parsed = Cursor(parsing: cursor),
            let id = parsed.parts.first.flatMap({ TaskID(parsing: $0) })
        else { throw invalid("cursor", "must be the next_cursor of another page of this list") }
        return id
    }

    private static func state(_ text: String) throws -> TaskState? {
        guard !text.isEmpty else { return nil }
        guard let state = TaskState(rawValue: text) else {
            throw invalid(
                "state", "must be one of " + TaskState.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return state
    }

    private static func invalid(_ field: String, _ message: String) -> ApolloError {
        ApolloError(
            .invalid, "'\(field)' of the request \(message)",
            fields: [FieldError(path: field, message: message)])
    }
}
