import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers
import TaskDecisions
import TaskRuntimes
import WebSockets
import Workers

// Programs beside a task's own.
extension TaskRoutes {
    private static let command = Parameter<[String]>.query(
        "command", "The program and its arguments, one parameter each.",
        schema: .array(.string(0...131_072), count: 1...1024))
    private static let stdin = Parameter<Bool>.query(
        "stdin", "Whether the program is given input.", default: false)
    private static let tty = Parameter<Bool>.query(
        "tty", "Whether it runs on a terminal.", default: false)
    private static let columns = Parameter<Int>.query(
        "columns", "The terminal's width.", schema: .integer(1...65535), default: 80)
    private static let rows = Parameter<Int>.query(
        "rows", "The terminal's height.", schema: .integer(1...65535), default: 24)
    private static let term = Parameter<String>.query(
        "term", "The terminal's kind, which the program has as TERM.",
        schema: .string(1...64), default: "xterm")

    var exec: Route<Caller> {
        Route(
            .get, "/api/v1/tasks/{task}/exec", operation: "execTask",
            summary: "Run a program beside a task's own",
            description: """
                By a WebSocket only. The program runs as the task's user, in its directory, with its environment and limits, and \
                ends with the task or the connection. Binary messages are its input; text messages are JSON: `{"event":"end"}` \
                ends the input, `{"event":"resize","columns":80,"rows":24}` tells of the terminal. What comes back: binary \
                messages of one byte (1 stdout, 2 stderr) and output; and `{"event":"started"}`, \
                `{"event":"exit","code":0,"reason":…}` or `{"event":"error","kind":…,"message":…,"hint":…}` as texts.

                Beside an executable of the host it takes the right to manage the nodes, as running one does.
                """,
            tag: "tasks",
            access: .permissionFor { call in
                // Before it is decided: of what was refused the command is recorded too.
                AuditNote.note(detail: "command: \(CommandText.quoted(call[Self.command]))")
                return try Self.permission(.write, call)
            },
            parameters: [
                Self.handle, Self.project, Self.command, Self.stdin, Self.tty, Self.columns, Self.rows,
                Self.term,
            ],
            responses: [RouteResponse(101, "The program, over a WebSocket.")]
        ) { call in
            let words = call[Self.command]
            guard call.request.method == .get, WebSocketHandshake.isWanted(by: call.request) else {
                throw ApolloError(
                    .invalid, "a program beside a task is run over a WebSocket",
                    hint: "send 'Upgrade: websocket', or use 'apollo task exec'")
            }
            let request = try Self.request(words, call)
            let record = try self.find(call)
            AuditNote.note(
                resource: try Resources.one(.task, record.name, in: record.project).description)
            try await self.admission.requireHost(record.spec, call.context)
            let (place, connection) = try self.running(record)
            let credential = try call.context.known()
            let (access, wallClock) = (call.context.access, self.environment.wallClock)
            return try call.request.webSocket(
                WebSocketHandshake(), ExecSocket.configuration, clock: self.environment.clock,
                ExecSocket(
                    connection: connection, place: place, request: request, limits: self.execLimits,
                    clock: self.environment.clock,
                    isAllowed: { access.isValid(credential, at: wallClock.now) }
                ).run)
        }
    }

    private static func request(_ words: [String], _ call: Call<Caller>) throws -> ExecRequest {
        guard let first = words.first, !first.isEmpty, words.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw ApolloError(
                .invalid, "no command that could be run",
                fields: [
                    FieldError(path: "command", message: "has to name a program, and have no zero bytes")
                ])
        }
        guard call[term].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ApolloError(
                .invalid, "no such kind of terminal",
                fields: [FieldError(path: "term", message: "has to be visible ASCII characters")])
        }
        let size = TerminalSize(columns: UInt16(clamping: call[columns]), rows: UInt16(clamping: call[rows]))
        return ExecRequest(
            command: words, takesInput: call[stdin],
            terminal: call[tty] ? ExecRequest.Terminal(size: size, type: call[term]) : nil)
    }

    /// Where the task runs now.
    func running(_ record: TaskRecord) throws(ApolloError) -> (AttemptPlace, any NodeConnection) {
        guard let attempt = record.current, attempt.state == .running else {
            throw ApolloError(
                .conflict, "\(record.name) does not run: \(record.state.rawValue), \(record.reason)",
                hint: "'apollo task ps' shows what runs")
        }
        guard let connection = manager.connection(to: attempt.node) else {
            throw ApolloError(
                .unavailable, "the node that runs \(record.name) is not connected",
                hint: "see 'apollo node ls'; try again later")
        }
        let place = AttemptPlace(
            task: record.id, attempt: attempt.id, node: attempt.node, runtime: record.spec.runtime)
        return (place, connection)
    }
}

/// A command as people read it, for records.
enum CommandText {
    /// The words as a shell would take them, at most 1 KiB.
    static func quoted(_ words: [String]) -> String {
        let text = words.map { word in
            let isPlain = word.utf8.allSatisfy { byte in
                byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
                    || "-._/=:,@%+".utf8.contains(byte)
            }
            return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
        }.joined(separator: " ")
        return text.utf8.count <= 1024 ? text : text.prefix(1000) + "…"
    }
}
