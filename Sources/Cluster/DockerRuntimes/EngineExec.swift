public import ClusterModel
public import Core
import HTTPClients
import HTTPModel
public import TaskRuntimes

/// Programs beside a container's first one.
extension Engine {
    func createExec(
        _ exec: ExecSpecification, in container: String, ignoresCancellation: Bool = false
    ) async throws(EngineFailure) -> String {
        struct Answer: Decodable {
            var id: String
            enum CodingKeys: String, CodingKey { case id = "Id" }
        }
        let call = Call(
            method: .post, path: "/containers/\(container)/exec", body: Self.json(exec),
            ignoresCancellation: ignoresCancellation)
        return try await fetch(Answer.self, call).id
    }

    func startExecDetached(_ id: String) async throws(EngineFailure) {
        let body = Self.json(ExecStart(isDetached: true, hasTerminal: false))
        try await send(
            Call(method: .post, path: "/exec/\(id)/start", body: body, ignoresCancellation: true))
    }

    func inspectExec(
        _ id: String, ignoresCancellation: Bool = false
    ) async throws(EngineFailure) -> ExecInspection {
        let call = Call(method: .get, path: "/exec/\(id)/json", ignoresCancellation: ignoresCancellation)
        return try await fetch(ExecInspection.self, call)
    }

    func resizeExec(_ id: String, _ size: TerminalSize) async throws(EngineFailure) {
        try await send(
            Call(
                method: .post, path: "/exec/\(id)/resize",
                query: [("h", "\(size.rows)"), ("w", "\(size.columns)")]))
    }
}

/// The body of `/containers/{id}/exec`.
struct ExecSpecification: Hashable, Sendable, Encodable {
    var command: [String]
    var environment: [String]
    var takesInput: Bool
    var hasTerminal: Bool
    var givesOutput = true
    var givesErrors = true

    init(_ request: ExecRequest) {
        command = request.command
        environment = request.terminal.map { ["TERM=\($0.type)"] } ?? []
        takesInput = request.takesInput
        hasTerminal = request.terminal != nil
    }

    enum CodingKeys: String, CodingKey {
        case command = "Cmd"
        case environment = "Env"
        case takesInput = "AttachStdin"
        case givesOutput = "AttachStdout"
        case givesErrors = "AttachStderr"
        case hasTerminal = "Tty"
    }
}

/// The body of `/exec/{id}/start`.
struct ExecStart: Hashable, Sendable, Encodable {
    var isDetached: Bool
    var hasTerminal: Bool

    enum CodingKeys: String, CodingKey {
        case isDetached = "Detach"
        case hasTerminal = "Tty"
    }
}

/// What `/exec/{id}/json` says that matters here.
struct ExecInspection: Hashable, Sendable, Decodable {
    var isRunning: Bool
    var exitCode: Int32?
    /// On the engine's machine.
    var pid: Int32?

    enum CodingKeys: String, CodingKey {
        case isRunning = "Running"
        case exitCode = "ExitCode"
        case pid = "Pid"
    }
}

extension DockerRuntime {
    public func exec(
        _ attempt: AttemptID, _ request: ExecRequest
    ) async throws(RuntimeError) -> any ExecSession {
        let clock = environment.clock
        return try await call("starting a program in the container") { (engine) throws(EngineFailure) in
            guard let container = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            let found = try await engine.inspect(container)
            guard found.state.isRunning else { throw .known(.ended) }
            try await Self.lookUp(request.command[0], in: found, engine)
            let id: String
            do throws(EngineFailure) {
                id = try await engine.createExec(ExecSpecification(request), in: container)
            } catch {
                throw error.isConflict ? .known(.ended) : error
            }
            let body = Engine.json(ExecStart(isDetached: false, hasTerminal: request.terminal != nil))
            let (stream, first) = try await EngineStream.open(engine, "/exec/\(id)/start", body: body)
            do throws(RuntimeError) {
                let session = try DockerExec(
                    engine, id: id, container: container, stream: stream, first: first,
                    hasTerminal: request.terminal != nil, clock: clock)
                if let size = request.terminal?.size { try await session.begin(size: size) }
                return session
            } catch {
                await stream.close()
                throw .known(error)
            }
        }
    }

    /// Refuses what is nowhere in the container: of that the engine only says something among the output.
    private static func lookUp(
        _ command: String, in container: ContainerInspection, _ engine: Engine
    ) async throws(EngineFailure) {
        let path = container.configuration.environment?.first { $0.hasPrefix("PATH=") }
        let lookup = CommandLookup(
            command, path: path.map { String($0.dropFirst(5)) },
            directory: container.configuration.workingDirectory ?? "")
        for candidate in lookup.candidates {
            if let found = try await engine.stat(candidate, in: container.id), !found.isDirectory,
                found.isExecutable
            {
                return
            }
        }
        throw .known(
            .rejected(
                "command: there is no program '\(command)' in the container",
                hint: "give a path, or a name that is in the container's PATH"))
    }
}
