import Buses
import Concurrency
import Configuration
import Core
import NATSBuses
import Telemetry

/// The bus between machines, where the settings name one.
enum PlatformBus {
    /// - Parameter name: what this process is called at the server.
    /// - Returns: nil where the settings name no server.
    static func make(
        _ configuration: ResolvedConfiguration, name: String, environment: Environment,
        note: @escaping @Sendable (String) -> Void
    ) throws -> NATSBus? {
        guard let location = try location(configuration) else { return nil }
        guard let prefix = Subject(parsing: configuration[PlatformSettings.busPrefix]),
            prefix.text.utf8.count <= 100
        else {
            throw ApolloError(
                .invalid, "bus.prefix is no subject: '\(configuration[PlatformSettings.busPrefix])'",
                hint:
                    "words of letters and digits with dots between them, at most 100 bytes; 'apollo' unless set"
            )
        }
        return NATSBus(location, name: name, prefix: prefix, environment: environment, note: note)
    }

    static func location(_ configuration: ResolvedConfiguration) throws -> NATSLocation? {
        guard let url = configuration[PlatformSettings.busURL] else { return nil }
        var location = try NATSLocation(parsing: url)
        if let path = configuration[PlatformSettings.busTokenFile] {
            let text = try PrivateFile.read(path)
            guard let token = text?.split(whereSeparator: \.isNewline).first, !token.isEmpty else {
                throw ApolloError(
                    .invalid, "\(path) holds no token",
                    hint: "put the token into its first line, or leave bus.token.file out")
            }
            location.token = String(token)
        }
        location.credentialsFile = configuration[PlatformSettings.busCredentialsFile]
        location.authoritiesFile = configuration[PlatformSettings.busAuthorities]
        location.certificateFile = configuration[PlatformSettings.busCertificate]
        location.keyFile = configuration[PlatformSettings.busKey]
        if (location.certificateFile == nil) != (location.keyFile == nil) {
            throw ApolloError(
                .invalid, "of bus.tls.certificate and bus.tls.key only one is set",
                hint: "set both, or neither")
        }
        return location
    }

    static func register(_ bus: NATSBus, in registry: MetricsRegistry) {
        registry.collect { exposition in
            let isConnected = if case .connected = bus.status { true } else { false }
            exposition.single(
                "apollo_bus_connected", "1 while the bus of bus.url is connected.", isConnected ? 1 : 0)
        }
    }
}

/// Keeps the bus between machines connected. Ready at once: a platform does its work without it.
struct BusService: Service {
    let name = "bus"
    let bus: NATSBus

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bus.run() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
