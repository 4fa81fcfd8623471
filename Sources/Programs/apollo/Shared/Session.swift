import APIClients
import APIMessages
import Arguments
import ClusterModel
import Concurrency
import Configuration
import Core
import EventLoops
import Glibc
import HTTPClients
import Identity
import PlatformClients
import Terminal

/// One run of a command against a platform: where to find it, who asks, and where results go.
struct Session: Sendable {
    let variables: [String: String]
    let output: Output
    let errors: Output
    let format: OutputFormat
    let configuration: ResolvedConfiguration
    let target: Target

    init(_ invocation: Invocation) throws {
        try self.init(
            data: invocation[GlobalOptions.data], context: invocation[GlobalOptions.context],
            address: invocation[GlobalOptions.address],
            tokenFile: invocation[GlobalOptions.tokenFile],
            authorities: invocation[GlobalOptions.authorities],
            project: invocation[GlobalOptions.project],
            format: invocation[GlobalOptions.output], config: invocation[GlobalOptions.config])
    }

    private init(
        data: String?, context: String?, address: String?, tokenFile: String?, authorities: String?,
        project: String?, format: OutputFormat, config: String?
    ) throws {
        variables = ProcessVariables.current
        output = .standardOutput(variables: variables)
        errors = .standardError(variables: variables)
        self.format = format
        var flags: [ConfigurationLoader.Flag] = []
        if let data { flags.append(.init(key: "data.directory", text: data, spelling: "--data")) }
        configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: config, flags: flags)
        target = try Target(
            variables: variables, configuration: configuration, isDataGiven: data != nil, context: context,
            address: address, tokenFile: tokenFile, authorities: authorities, project: project)
    }

    /// The file of the authorities to trust; nil for the system's.
    var authorities: String? { target.authorities }

    var now: Timestamp { LiveWallClock().now }

    /// Runs `body` with a client of the platform, and lets go of it afterwards.
    ///
    /// - Parameters:
    ///   - isKnown: false for calls that anybody may make: then no token is looked for.
    ///   - authorities: a file of those to trust, other than the target's.
    func withClient<Result: Sendable>(
        isKnown: Bool = true, trusting authorities: String? = nil,
        _ body: (PlatformClient) async throws -> Result
    ) async throws -> Result {
        let token = isKnown ? try target.token() : ""
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: authorities ?? target.authorities),
                maximumIdleConnections: 4))
        let client = PlatformClient(
            APIClient(
                address: try target.address(), project: target.project, token: token, http: http,
                pin: authorities == nil ? target.pin : nil))
        do {
            let result = try await body(client)
            await PinnedAuthorities(target).refresh(client.api, at: now)
            await http.close()
            return result
        } catch {
            await http.close()
            throw target.explaining(error)
        }
    }

    /// Where the platform answers.
    func resolvedAddress() throws -> String { try target.address() }

    /// Whether the platform is the one of the data directory, and no other was named.
    var hasNoGivenAddress: Bool { !target.isNamed }

    /// Whether something said that a platform runs: an address was given, or one wrote its own.
    func isPlatformExpected() throws -> Bool { try target.isExpected() }

    /// Runs `body` until it is done; each interrupt of the user (Ctrl-C) is given to `onInterrupt` with its number.
    func untilInterrupted(
        _ body: @escaping @Sendable () async throws -> Void,
        onInterrupt: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let loops = try EventLoopGroup(count: 1, name: "signals")
        let signals = try await Signals.catching([.interrupt, .terminate], on: loops.next())
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await body()
                    return true
                }
                group.addTask {
                    var count = 0
                    while !Task.isCancelled {
                        do {
                            _ = try await signals.next()
                        } catch {
                            return false  // The body is done.
                        }
                        count += 1
                        try await onInterrupt(count)
                    }
                    return false
                }
                while let isDone = try await group.next(), !isDone {}
                group.cancelAll()
            }
        } catch {
            await signals.close()
            _ = await loops.stop()
            throw error
        }
        await signals.close()
        _ = await loops.stop()
    }

    /// The names of tasks, for the shell's completion. Silent where there is no platform.
    static func candidates(_ context: CompletionContext) async -> [Candidate] {
        do {
            let session = try Session(
                data: context.value(of: GlobalOptions.data),
                context: context.value(of: GlobalOptions.context),
                address: context.value(of: GlobalOptions.address),
                tokenFile: context.value(of: GlobalOptions.tokenFile),
                authorities: context.value(of: GlobalOptions.authorities),
                project: context.value(of: GlobalOptions.project), format: .table,
                config: context.value(of: GlobalOptions.config))
            return try await withDeadline(.seconds(1), clock: LiveClock(), of: "completion") {
                try await session.withClient { client in
                    try await client.tasks().items.map {
                        Candidate(
                            $0.name, "\($0.state.rawValue), \($0.spec.image ?? $0.spec.executable ?? "")")
                    }
                }
            }
        } catch {
            return []  // The user has a finger on the key: no offer is better than a message.
        }
    }
}
