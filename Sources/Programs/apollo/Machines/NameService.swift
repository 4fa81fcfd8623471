import ClusterModel
import Concurrency
import Configuration
import Core
import DNSModel
import DNSServers
import Discovery
import EventLoops
import Networking
import SocketNetworking

/// DNS for the names of services, on this machine.
struct NameService: Service {
    let name = "dns"
    private let server: NameServer
    private let addresses: [NetworkAddress]
    private let file: String

    /// Listens; nil where that is not asked for.
    ///
    /// - Parameters:
    ///   - viewer: the node that is asked.
    ///   - table: what is known now; nil where nothing is yet.
    static func make(
        _ configuration: ResolvedConfiguration, data: String, _ viewer: Viewer, loops: EventLoopGroup,
        environment: Environment, table: @escaping @Sendable () -> ServiceTable?
    ) async throws -> NameService? {
        guard let settings = try DNSSettings(configuration) else { return nil }
        let (network, datagrams) = (SocketNetwork(loops: loops), SocketDatagrams(loops: loops))
        let resolver = Resolver(timeToLive: settings.timeToLive)
        let servers: (@Sendable () -> [NetworkAddress])? =
            switch settings.forward {
            case .off: nil
            case .system:
                { [system = SystemResolvers(clock: environment.clock, own: settings.addresses)] in
                    system.servers
                }
            case .servers(let servers): { servers }
            }
        let forwarder = servers.map {
            Forwarder(network: network, datagrams: datagrams, environment: environment, servers: $0)
        }
        let server = NameServer(
            network: network, datagrams: datagrams, environment: environment, forwarder: forwarder
        ) { query, sender in
            var viewer = viewer
            viewer.isLocal = IPAddress(sender.host)?.unmapped.isLoopback ?? false
            return resolver.outcome(query, in: table(), from: viewer, random: environment.random)
        }
        var addresses: [NetworkAddress] = []
        do {
            for address in settings.addresses { addresses.append(try await server.listen(at: address)) }
        } catch {
            server.close()
            throw error
        }
        return NameService(server: server, addresses: addresses, file: data + "/dns-address")
    }

    /// Where it answers, for people.
    var text: String { addresses.map(\.description).joined(separator: ", ") }

    /// What a process is told of it. Containers have resolvers of their own.
    func variables(of launch: AttemptLaunch) -> [String: String] {
        guard launch.spec.runtime == .process else { return [:] }
        return [
            "APOLLO_DNS": addresses.map(\.description).joined(separator: ","),
            "APOLLO_DNS_DOMAIN": ServiceAddress.searchDomain(of: launch.project),
        ]
    }

    func run(_ context: ServiceContext) async throws {
        try PrivateFile.write(addresses.map { "\($0)\n" }.joined(), to: file)
        defer { PrivateFile.remove(file) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            context.markReady()
            defer { server.close() }
            try await context.waitForDrain()
            group.cancelAll()
        }
    }
}
