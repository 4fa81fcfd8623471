import Arguments
import Concurrency
import Configuration
import Core
import Databases
import EventLoops
import Glibc
import Identity
import SQLiteDatabases
import Telemetry
import Terminal

/// The whole platform in this process: puts the parts together, runs them, and takes them apart.
struct PlatformProcess: Sendable {
    let configuration: ResolvedConfiguration
    let variables: [String: String]
    let output: Output

    let environment = Environment.live
    let log = QueuedLogSink(FileDescriptorLogSink.standardError)

    let scope: PlatformScope
    /// What lets it join as a further manager; nil where it is the first, or is in already.
    let invitation: WorkerInvitation?
    /// A file of those to trust for the manager that it joins at.
    let authorities: String?

    init(
        configuration: ResolvedConfiguration, variables: [String: String], output: Output,
        scope: PlatformScope = .whole, invitation: WorkerInvitation? = nil, authorities: String? = nil
    ) {
        self.scope = scope
        self.invitation = invitation
        self.authorities = authorities
        self.configuration = configuration
        self.variables = variables
        self.output = output
    }

    func run() async throws -> ExitStatus {
        do {
            return try await log.flushing(within: .seconds(1), clock: environment.clock, runAll)
        } catch let error as DatabaseError {
            // Such as a disk too full for what the start writes, which is no fault of ours.
            throw error.asApolloError
        }
    }

    private func runAll() async throws -> ExitStatus {
        let endpoint = try ListeningEndpoint(configuration)
        let rpc = try RPCEndpoint(configuration, beside: endpoint)
        let data = try DataDirectory(preparing: configuration[PlatformSettings.dataDirectory])
        let logger = Logger(configuration, environment: environment, sink: log)
        for warning in configuration.warnings { logger.warning(warning) }
        let loops = try EventLoopGroup()
        let door = HTTPDoor(
            endpoint, advertised: try ManagerAddress(configuration, endpoint), loops: loops,
            environment: environment, logger: logger)
        let place = try DatabasePlace(configuration)
        if case .file = place, invitation != nil {
            throw ApolloError(
                .conflict, "the state would be in SQLite, which one manager alone can use",
                hint: "give the PostgreSQL database of the other manager: --database (database.url)")
        }
        let lock = try place.lock(data)
        defer { lock?.release() }
        let database = try await place.openMigrated(in: data, environment: environment)
        do {
            let stops = ProcessStops()
            // At a terminal a hang-up means that the terminal is gone, and ends the platform as ever.
            let reloads = endpoint.isSecure && isatty(STDIN_FILENO) == 0
            let signals = try await Signals.catching(
                reloads ? [.interrupt, .terminate, .hangUp] : [.interrupt, .terminate], on: loops.next())
            let base = PlatformBase(
                endpoint: endpoint, rpc: rpc, data: data, logger: logger, loops: loops, door: door,
                database: database,
                isShared: place.isShared, place: "\(place)",
                node: try NodeIdentity.load(from: data.path, environment: environment),
                token: try AdminTokenFile.loadOrCreate(in: data.path), stops: stops)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stops.run(signals) }
                defer { group.cancelAll() }
                try await runPeriods(base)
            }
            await signals.close()
            await database.close()
            _ = await loops.stop()
            return .success
        } catch {
            await door.close(deadline: .zero)
            await database.close()
            _ = await loops.stop()
            throw error
        }
    }
}
