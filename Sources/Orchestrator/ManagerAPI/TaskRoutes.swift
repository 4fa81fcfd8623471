import APIMessages
import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
import Managers
import TaskDecisions
import TaskRuntimes
import WebSockets

/// `/api/v1/tasks`.
struct TaskRoutes {
    let manager: Manager
    let environment: Environment
    let admission: TaskAdmission
    let execLimits: ExecLimits

    private typealias API = Route<Caller>

    static let handle = Parameter<String>.path("task", "The name or the identifier of a task.")
    static let project = Parameter<String>.query(
        "project", "The project it belongs to.", schema: .string(.name), default: "default")
    private static let follow = Parameter<Bool>.query(
        "follow", "Whether to go on until the task is finished.", default: false)
    private static let since = Parameter<Timestamp?>.query(
        "since", "Only what was written at or after this time.")
    private static let tail = Parameter<Int?>.query(
        "tail", "Begin with this many of the last lines.", schema: .integer(0...10_000_000))
    private static let all = Parameter<Bool>.query(
        "all",
        "The output of every attempt that is kept, or of `attempt` and those after it, one after the other.",
        default: false)
    private static let attempt = Parameter<Int?>.query(
        "attempt", "The output of this attempt, rather than of the latest.",
        schema: .integer(1...1_000_000_000))
    private static let offset = Parameter<Int64?>.query(
        "offset", "Only what comes after this place of the attempt: the `offset` of a line.",
        schema: .integer(0...))

    var routes: [Route<Caller>] { [create, list, get, explain, stop, remove, watch, logs, exec, usage] }

    var create: Route<Caller> {
        API(
            .post, "/api/v1/tasks", operation: "createTask", summary: "Run a task",
            description: """
                Returns once the task is stored: from then on it is not lost. A request with an `Idempotency-Key` can be \
                sent again: it gives the task that the first one made.
                """,
            tag: "tasks",
            access: .permissionFor {
                Caller.Permission(.write, try Resources.all(.task, in: $0[Self.project]))
            },
            parameters: [Self.project], body: .json(TaskRequest.self),
            responses: [.json(.of(TaskRecord.self), "The task.", status: .created)]
        ) { call in
            let request = try await call.body(TaskRequest.self)
            let record = try await self.admission.submit(
                request, to: call[Self.project], by: call.context,
                idempotencyKey: call.request.fields["Idempotency-Key"])
            var response = Self.response(record, .created)
            response.fields["Location"] = "/api/v1/tasks/\(record.id)"
            return response
        }
    }

    var list: Route<Caller> {
        API(
            .get, "/api/v1/tasks", operation: "listTasks", summary: "List tasks, oldest first", tag: "tasks",
            access: .permissionFor {
                Caller.Permission(.list, try Resources.all(.task, in: $0[Self.project]))
            },
            parameters: [Self.project] + TaskFilter.parameters + PageRequest.parameters,
            responses: [.json(.page(of: .of(TaskRecord.self)), "A page of tasks.")]
        ) { call in
            let page = try call.page()
            let after = try page.cursor.map { cursor in
                guard let id = cursor.parts.first.flatMap({ TaskID(parsing: $0) }) else {
                    throw ApolloError(.invalid, "the cursor is not one of this list")
                }
                return id
            }
            let filter = TaskFilter(call, nodes: self.manager.nodes())
            let found = self.manager.list(
                project: call[Self.project], after: after, limit: page.limit + 1, where: filter.admits)
            let items = Array(found.prefix(page.limit))
            let next = found.count > page.limit ? items.last.map { Cursor([$0.id.text]) } : nil
            return .json(bytes: RecordCoding.page(items, next: next?.text))
        }
    }

    var get: Route<Caller> {
        API(
            .get, "/api/v1/tasks/{task}", operation: "getTask", summary: "Look at one task", tag: "tasks",
            access: Self.access(.read), parameters: [Self.handle, Self.project],
            responses: [.json(.of(TaskRecord.self), "The task; its revision is the ETag.")]
        ) { call in
            guard let (revision, json) = self.manager.json(call[Self.handle], project: call[Self.project])
            else {
                throw Self.unknown(call)
            }
            return try await call.conditional(EntityTag(revision: revision)) { .json(bytes: json) }
        }
    }

    private var explain: Route<Caller> {
        API(
            .get, "/api/v1/tasks/{task}/explain", operation: "explainTask",
            summary: "Why a task is where it is, or nowhere", tag: "tasks", access: Self.access(.read),
            parameters: [Self.handle, Self.project],
            responses: [.json(.of(TaskExplanation.self), "What each node says to it.")]
        ) { call in
            guard let found = self.manager.explain(try self.find(call).id) else { throw Self.unknown(call) }
            let told = { (found: PlacementReport.Obstacle) in
                TaskExplanation.Obstacle(nodes: found.nodes, reason: found.reason)
            }
            return try .json(
                TaskExplanation(
                    summary: found.summary, node: found.node,
                    nodes: found.nodes, possible: found.possible,
                    obstacles: found.obstacles.map(told),
                    besides: found.besides.isEmpty ? nil : found.besides.map(told), remedies: found.remedies,
                    next: found.next))
        }
    }

    var stop: Route<Caller> {
        API(
            .post, "/api/v1/tasks/{task}/stop", operation: "stopTask", summary: "Ask a task to end",
            description:
                "Sends SIGTERM, and SIGKILL after the grace. Stopping a finished task changes nothing.",
            tag: "tasks", access: Self.access(.write), parameters: [Self.handle, Self.project],
            body: .json(StopRequest.self, isRequired: false),
            responses: [.json(.of(TaskRecord.self), "The task as it is now.")]
        ) { call in
            let record = try self.find(call)
            try call.requireMatch(EntityTag(revision: record.revision))
            let grace = try await call.body(StopRequest.self).grace?.duration
            return Self.response(try await self.manager.stop(record.id, grace: grace))
        }
    }

    private var remove: Route<Caller> {
        API(
            .delete, "/api/v1/tasks/{task}", operation: "deleteTask",
            summary: "Forget a finished task and its output", tag: "tasks", access: Self.access(.write),
            parameters: [Self.handle, Self.project], responses: [.noContent("It is forgotten.")]
        ) { call in
            let record = try self.find(call)
            try call.requireMatch(EntityTag(revision: record.revision))
            try await self.manager.remove(record.id)
            return HTTPResponse(.noContent)
        }
    }

    private var watch: Route<Caller> {
        API(
            .get, "/api/v1/tasks/{task}/watch", operation: "watchTask", summary: "Follow a task's states",
            description: """
                Server-sent events: `state` with the task, now and whenever it changes, and `progress` with what its start \
                is busy with. Ends when the task is finished or removed. A slow reader misses states, never the last.
                """,
            tag: "tasks", access: Self.access(.read), parameters: [Self.handle, Self.project],
            responses: [.events("States as they come.")]
        ) { call in
            let record = try self.find(call)
            let follower = WatchFollower(manager: self.manager, task: record.id)
            let pump = LivePump(clock: self.environment.clock, heartbeat: ServerSentEvent.heartbeat)
            return .events { writer in try await pump.run(to: writer, follower.run) }
        }
    }

    private var logs: Route<Caller> {
        API(
            .get, "/api/v1/tasks/{task}/logs", operation: "getTaskLogs", summary: "Read what a task wrote",
            description: """
                One JSON object a line: `stream` (stdout or stderr), `time`, `attempt`, `offset`, and `text`, or `base64` where \
                the bytes are not UTF-8. Whoever is cut off goes on with the `attempt` and the `offset` of the last line; with \
                `all=true` also with the attempts after it. An empty line is a sign of life. Pieces are as the task wrote them, not always lines.

                A request that accepts `text/event-stream` gets the same objects as `output` events, whose ids (`ATTEMPT:OFFSET`) \
                go on as `Last-Event-ID`, and an `end` at the end. One to upgrade to a WebSocket gets them each as a text \
                message, and a close frame at the end.
                """,
            tag: "tasks", access: Self.access(.read),
            parameters: [
                Self.handle, Self.project, Self.follow, Self.since, Self.tail, Self.attempt, Self.all,
                Self.offset,
            ],
            responses: [
                RouteResponse(101, "The output, over a WebSocket, where the request asks to upgrade to one."),
                .bytes("application/x-ndjson", "The output."),
            ]
        ) { call in
            let record = try self.find(call)
            let wanted = try LogRequest(
                query: Self.query(call), attempts: Self.attempts(call), of: call.request)
            let follower = LogFollower(
                manager: self.manager, task: record.id, query: wanted.query, attempts: wanted.attempts,
                givesEvents: wanted.givesEvents)
            try follower.check()
            if call.request.method == .get, WebSocketHandshake.isWanted(by: call.request) {
                return try call.request.webSocket(
                    WebSocketHandshake(), LogSocket.configuration, clock: self.environment.clock,
                    LogSocket(follower: follower).run)
            }
            if wanted.givesEvents {
                let pump = LivePump(clock: self.environment.clock, heartbeat: ServerSentEvent.heartbeat)
                return .events { writer in try await pump.run(to: writer, follower.run) }
            }
            let pump = LivePump(clock: self.environment.clock, heartbeat: [UInt8(ascii: "\n")])
            let fields = HTTPFields(["Content-Type": "application/x-ndjson", "Cache-Control": "no-store"])
            return HTTPResponse(
                .ok, fields: fields,
                body: .stream(length: nil) { writer in try await pump.run(to: writer, follower.run) })
        }
    }

    // MARK: Parts

    private static func attempts(_ call: Call<Caller>) throws -> LogAttempts {
        switch (call[attempt], call[all]) {
        case (nil, false): return .latest
        case (nil, true): return .from(1)
        case (let number?, false): return .one(number)
        case (let number?, true): return .from(number)
        }
    }

    private static func query(_ call: Call<Caller>) throws(ApolloError) -> LogQuery {
        if call[offset] != nil, call[attempt] == nil || call[tail] != nil {
            let isAlone = call[attempt] == nil
            throw ApolloError(
                .invalid, "an offset is a place in the output of one attempt",
                fields: [
                    FieldError(
                        path: isAlone ? "attempt" : "tail",
                        message: isAlone ? "is required with 'offset'" : "excludes 'offset'")
                ])
        }
        return LogQuery(
            follow: call[follow], since: call[since], tail: call[tail], offset: call[offset])
    }

    static func access(_ level: Permission) -> Access<Caller> {
        .permissionFor { try permission(level, $0) }
    }

    static func permission(_ level: Permission, _ call: Call<Caller>) throws -> Caller.Permission {
        do {
            return Caller.Permission(level, try Resources.one(.task, call[handle], in: call[project]))
        } catch {
            throw unknown(call)  // What cannot be a task's name is none.
        }
    }

    func find(_ call: Call<Caller>) throws -> TaskRecord {
        guard let record = manager.find(call[Self.handle], project: call[Self.project]) else {
            throw Self.unknown(call)
        }
        return record
    }

    private static func unknown(_ call: Call<Caller>) -> ApolloError {
        let place = call[project] == "default" ? "" : " in project \(call[project])"
        return ApolloError(
            .notFound, "no task '\(call[handle])'\(place)", hint: "'apollo task ps --all' lists them")
    }

    private static func response(_ record: TaskRecord, _ status: HTTPStatus = .ok) -> HTTPResponse {
        .json(
            bytes: RecordCoding.encode(record), status: status,
            fields: HTTPFields(["ETag": EntityTag(revision: record.revision).description]))
    }
}

extension TaskState: ParameterValue {}
