public import ClusterModel
public import Concurrency
public import Core
import HTTPClients
import HTTPModel
import Synchronization
public import TaskRuntimes

/// Runs attempts as containers of a Docker engine, or of Podman's, through its API on a unix socket.
///
/// What is known of an attempt lives in the engine: the container's labels say whose it is, its state how it ended.
/// Nothing but the way to find containers quickly is kept here, so that a new runtime of the same instance takes over
/// where the last one was killed.
public final class DockerRuntime: TaskRuntime {
    public let kind = RuntimeKind.docker
    let configuration: DockerRuntimeConfiguration
    let environment: Environment
    let session: EngineSession
    let memory = Mutex(Memory())

    /// What saves asking the engine.
    struct Memory {
        /// The containers of attempts, by id.
        var containers: [AttemptID: String] = [:]
        var started: [AttemptID: StartedAttempt] = [:]
        var addresses: [AttemptID: String] = [:]
        /// Attempts whose start is under way: their containers exist before they run.
        var starting: Set<AttemptID> = []
        /// Commands that were found in images already.
        var foundCommands: Set<String> = []
        /// The engine has no init to put in front of commands.
        var lacksInit = false
    }

    public init(_ configuration: DockerRuntimeConfiguration, environment: Environment = .live) {
        self.configuration = configuration
        self.environment = environment
        session = EngineSession(configuration, environment: environment)
    }

    public func probe() async -> RuntimeStatus {
        do throws(RuntimeError) {
            return RuntimeStatus(kind: kind, isAvailable: true, detail: try await session.describe())
        } catch {
            let reason = error.asApolloError
            let detail = reason.hint.map { "\(reason.message); \($0)" } ?? reason.message
            return RuntimeStatus(kind: kind, isAvailable: false, detail: detail)
        }
    }

    public func remove(_ attempt: AttemptID) async throws(RuntimeError) {
        do throws(RuntimeError) {
            try await call("removing the container") { (engine) throws(EngineFailure) in
                guard let id = try await find(attempt, engine) else { return }
                // Asked first, since a conflict does not say why: another removal may be under way, which is fine.
                guard try await !engine.inspect(id).state.isRunning else { throw .known(.stillRunning) }
                do throws(EngineFailure) { try await engine.remove(id) } catch {
                    if !error.isConflict { throw error }
                }
            }
        } catch {
            if error != .unknownAttempt { throw error }
        }
        forget(attempt)
    }

    public func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        let hasLocalLog = try await session.abilities().hasLocalLog
        var query = query
        var place = query.offset.map { LogPlace($0) }
        if let wanted = place {
            if let since = query.since, since > wanted.time { place = nil }
            query.since = max(query.since ?? wanted.start, wanted.start)
            query.tail = nil
        }
        let body = try await logBody(attempt, query)
        guard query.follow else {
            return ContainerLogReader(body, mendsLineEnds: hasLocalLog, after: place)
        }
        return ContainerLogReader(body, mendsLineEnds: hasLocalLog, after: place) {
            [query] (since) throws(RuntimeError) in
            // Of a tail of which nothing has come nobody knows where it began.
            guard since != nil || query.tail == nil else { throw .unknownAttempt }
            return try await self.logBody(attempt, LogQuery(since: since ?? query.since))
        }
    }

    private func logBody(
        _ attempt: AttemptID, _ query: LogQuery
    ) async throws(RuntimeError) -> any HTTPBodyReader {
        try await call("reading the log") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            return try await engine.logs(id, query)
        }
    }

    public func address(_ attempt: AttemptID) async throws(RuntimeError) -> String? {
        if let known = memory.withLock({ $0.addresses[attempt] }) { return known }
        return try await call("looking up the container's address") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            let address = try await engine.inspect(id).network?.address
            // It keeps it as long as it runs.
            if let address { memory.withLock { $0.addresses[attempt] = address } }
            return address
        }
    }

    public func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? {
        try await call("reading the usage") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            return try await engine.statistics(id).usage
        }
    }
}
