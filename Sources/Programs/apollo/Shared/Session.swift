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
    private let project: String
    private let address: String?
    private let tokenFile: String?
    /// The file of the authorities to trust; nil for the system's.
    let authorities: String?

    init(_ invocation: Invocation) throws {
        try self.init(
            data: invocation[GlobalOptions.data], address: invocation[GlobalOptions.address],
            tokenFile: invocation[GlobalOptions.tokenFile],
            authorities: invocation[GlobalOptions.authorities],
            project: invocation[GlobalOptions.project],
            format: invocation[GlobalOptions.output], config: invocation[GlobalOptions.config])
    }

    private init(
        data: String?, address: String?, tokenFile: String?, authorities: String?, project: String,
        format: OutputFormat, config: String?
    ) throws {
        variables = ProcessVariables.current
        output = .standardOutput(variables: variables)
        errors = .standardError(variables: variables)
        self.format = format
        self.project = project
        self.address = address
        self.tokenFile = tokenFile
        // A variable that is set to nothing is how scripts unset one.
        let named = variables["APOLLO_CA_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        self.authorities = authorities ?? named
        var flags: [ConfigurationLoader.Flag] = []
        if let data { flags.append(.init(key: "data.directory", text: data, spelling: "--data")) }
        configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: config, flags: flags)
    }

    var now: Timestamp { LiveWallClock().now }

    /// Runs `body` with a client of the platform, and lets go of it afterwards.
    ///
    /// - Parameter isKnown: false for calls that anybody may make: then no token is looked for.
    func withClient<Result: Sendable>(
        isKnown: Bool = true, _ body: (PlatformClient) async throws -> Result
    ) async throws -> Result {
        let token = isKnown ? try token() : ""
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: authorities), maximumIdleConnections: 4))
        let client = PlatformClient(
            APIClient(address: try resolvedAddress(), project: project, token: token, http: http))
        do {
            let result = try await body(client)
            await http.close()
            return result
        } catch {
            await http.close()
            throw error
        }
    }

    /// Where the platform answers: what was said, else where the platform of the data directory says it is, else where
    /// the settings put it.
    func resolvedAddress() throws -> String {
        if let said = address ?? variables["APOLLO_ADDRESS"], !said.isEmpty {
            let url = said.contains("://") ? said : "http://\(said)"
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }
        let data = DataDirectory(at: configuration[PlatformSettings.dataDirectory])
        if let written = try PrivateFile.read(data.address) {
            return String(written.prefix { !$0.isNewline })
        }
        let scheme = configuration[PlatformSettings.tlsCertificate] == nil ? "http" : "https"
        return
            "\(scheme)://\(configuration[PlatformSettings.httpAddress]):\(configuration[PlatformSettings.httpPort])"
    }

    /// Whether the platform is the one of the data directory, and no other was named.
    var hasNoGivenAddress: Bool { (address ?? variables["APOLLO_ADDRESS"] ?? "").isEmpty }

    /// Whether something said that a platform runs: an address was given, or one wrote its own.
    func isPlatformExpected() throws -> Bool {
        if let said = address ?? variables["APOLLO_ADDRESS"], !said.isEmpty { return true }
        return try PrivateFile.read(DataDirectory(at: configuration[PlatformSettings.dataDirectory]).address)
            != nil
    }

    private func token() throws -> String {
        if let tokenFile {
            guard let text = try PrivateFile.read(tokenFile) else {
                throw ApolloError(
                    .notFound, "there is no file \(tokenFile)",
                    hint: "name the token's file with --token-file")
            }
            return String(text.prefix { !$0.isNewline })
        }
        if let token = variables["APOLLO_TOKEN"], !token.isEmpty { return token }
        return try AdminTokenFile.load(in: configuration[PlatformSettings.dataDirectory]).text
    }

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
                address: context.value(of: GlobalOptions.address),
                tokenFile: context.value(of: GlobalOptions.tokenFile),
                authorities: context.value(of: GlobalOptions.authorities),
                project: context.value(of: GlobalOptions.project) ?? "default", format: .table,
                config: context.value(of: GlobalOptions.config))
            return try await withDeadline(.seconds(1), clock: LiveClock(), of: "completion") {
                try await session.withClient { client in
                    try await client.tasks(unfinishedOnly: false, cursor: nil).items.map {
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
