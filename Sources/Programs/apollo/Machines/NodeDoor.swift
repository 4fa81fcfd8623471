import APIMessages
import APIServers
import Authorities
import Buses
import Certificates
import Concurrency
import Configuration
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers
import NodeMessages
import RPC
import RPCModel
import Registries
import Secrets
import ServiceDirectories
import Synchronization
import Telemetry

/// Where workers of other machines register, and from where they are called: gRPC with mutual TLS, by certificates of the
/// platform's own authority.
struct NodeDoor: Service {
    let name = "nodes"
    let registry: NodeRegistry
    private let server: RPCServer
    private let credentials: ManagerCredentials
    private let poller: RPCPoller
    /// Where the APIs of all managers answer, the leader first; empty where there is one.
    private let managers: @Sendable () -> [String]
    private let bound = Latch<UInt16>()

    /// What the manager's certificate is for, and the name that TLS looks for in it.
    static let service = "manager"
    static let serverName = "manager.service.apollo.internal"

    /// The name that TLS looks for in the certificate of a machine.
    static func serverName(ofNode name: String) -> String { "\(name).node.apollo.internal" }

    init(
        _ configuration: ResolvedConfiguration, data: DataDirectory, epoch: Int64, manager: Manager,
        directory: ServiceDirectory, secrets: PlatformSecrets, bus: (any Bus)?, environment: Environment,
        logger: Logger,
        managers: @escaping @Sendable () -> [String]
    ) async throws {
        self.managers = managers
        let lease = configuration[PlatformSettings.nodesLease]
        guard lease >= .milliseconds(500), lease <= .seconds(3600) else {
            throw ApolloError(
                .invalid, "nodes.lease is \(lease.short), and has to be 0.5 s to an hour",
                hint: "leave it out for 15 s")
        }
        credentials = try await ManagerCredentials(
            secrets.authorities, directory: data.path + "/manager", environment: environment, logger)
        poller = RPCPoller(name: "nodes")
        let (authorities, credentials, poller) = (secrets.authorities, credentials, poller)
        registry = NodeRegistry(
            manager: manager, settings: NodeRegistry.Settings(lease: lease, epoch: epoch, managers: managers),
            environment: environment, secrets: secrets.provider, bus: bus,
            services: {
                let feed = directory.follow()
                return { try await feed.next() }
            },
            identify: { try await Self.node(of: $0, authorities) },
            dial: { name, host, port in
                var channel = RPCChannelConfiguration(environment: environment)
                channel.certificates = credentials.certificates
                channel.serverName = Self.serverName(ofNode: name)
                channel.keepAlive = RPCKeepAlive(after: .seconds(10), timeout: .seconds(5))
                return try RPCChannel(.tcp(host, port), configuration: channel, poller: poller)
            }, note: { logger.warning($0) })
        server = RPCServer(
            [registry.service],
            configuration: RPCServerConfiguration(
                endpoints: [
                    .init(
                        .tcp(
                            configuration[PlatformSettings.httpAddress],
                            configuration[PlatformSettings.nodesPort]), certificates: credentials.server)
                ], environment: environment), poller: poller)
    }

    /// Whose certificate it is: a machine's that has joined, and was not called back.
    private static func node(
        of identity: RPCPeerIdentity?, _ authorities: AuthorityStore
    ) async throws -> String {
        guard let identity else {
            throw ApolloError(
                .unauthenticated, "a worker shows the certificate that it got when it joined",
                hint: "join with 'apollo worker --join'")
        }
        let chain: [Certificate]
        do throws(CertificateError) {
            chain = try Certificate.chain(pem: Array(identity.certificate.utf8))
        } catch { throw error.asApolloError }
        let principal = try await authorities.verify(chain, for: .client)
        guard principal.kind == .node else {
            throw ApolloError(.denied, "\(principal) is no machine", hint: "join with 'apollo worker --join'")
        }
        return principal.name
    }

    /// Where workers register: of `door`, or of a platform that takes none.
    static func routes(_ door: NodeDoor?) -> [Route<Caller>] {
        [
            Route(
                .get, "/api/v1/registry", operation: "getRegistry",
                summary: "Where workers of other machines register",
                description: "Needs no token; registering needs a certificate.", tag: "nodes", access: .open,
                responses: [.json(.of(RegistryDoor.self), "Its port.")]
            ) { _ in
                guard let door else { return try .json(RegistryDoor(port: nil)) }
                guard let port = door.bound.current else {
                    throw ApolloError(
                        .unavailable, "workers cannot register yet", hint: "try again in a moment")
                }
                let managers = door.managers()
                return try .json(RegistryDoor(port: port, managers: managers.isEmpty ? nil : managers))
            }
        ]
    }

    func run(_ context: ServiceContext) async throws {
        for case .tcp(_, let port) in try server.start() { bound.set(port) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await registry.run() }
            group.addTask { await credentials.run() }
            context.markReady()
            do { try await context.waitForDrain() } catch {
                await server.shutdown(deadline: .zero)
                throw error
            }
            await server.shutdown(deadline: .seconds(1))
            group.cancelAll()
            try await group.waitForAll()
        }
        await poller.stop()
    }
}
