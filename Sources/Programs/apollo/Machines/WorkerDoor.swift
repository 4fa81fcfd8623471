import APIServers
import Concurrency
import Configuration
import Core
import EventLoops
import HTTPRouting
import HTTPServers
import Identity
import RPC
import TLS
import Telemetry
import WorkerAPI
import Workers

/// What a worker says of itself over HTTP: to whoever has the token in its directory, on this machine unless told otherwise, and
/// beyond it by TLS with the machine's own certificate.
struct WorkerDoor {
    let service: HTTPService
    /// Nil for plain HTTP.
    let certificate: TLSCertificate?

    /// - Parameter announce: told the address once it is listened on.
    static func make(
        _ configuration: ResolvedConfiguration, _ worker: Worker, _ membership: WorkerMembership,
        loops: EventLoopGroup, environment: Environment, logger: Logger,
        announce: @escaping @Sendable (String) throws -> Void
    ) throws -> WorkerDoor {
        let host = configuration[PlatformSettings.workerHTTPAddress]
        let endpoint = try ListeningEndpoint(
            host: host, port: try port(configuration),
            tls: WorkerInvitation.isLoopback(host)
                ? .off
                : .files(
                    certificates: membership.directory + "/node.crt", key: membership.directory + "/node.key")
        )
        let certificate =
            endpoint.isSecure
            ? try membership.certificates.identity.map { try TLSCertificate($0) } : nil
        let token = try AdminTokenFile.loadOrCreate(in: membership.directory)
        let api = APIRouter(
            environment: environment,
            access: AccessControl(
                TokenAuthenticator([StoredToken(hash: token.hash, principal: .localAdministrator)]),
                .embedded),
            audit: LoggedAudit(logger: logger), metrics: MetricsRegistry(), logger: logger,
            version: VersionCommand.version, isSecure: endpoint.isSecure)
        let router = api.router(WorkerRoutes(worker).routes, tags: WorkerRoutes.tags)
        let door = HTTPDoor(
            endpoint, advertised: try ManagerAddress(configuration, endpoint), loops: loops,
            environment: environment, logger: logger)
        return WorkerDoor(
            service: HTTPService(
                door: door,
                answerer: HTTPDoor.Answerer(handler: { await router.handle($0) }, problem: router.refuse),
                certificate: certificate, next: { nil }, announce: announce),
            certificate: certificate)
    }

    /// Two above the one on which the manager calls, unless told otherwise.
    private static func port(_ configuration: ResolvedConfiguration) throws -> UInt16 {
        if let port = configuration[PlatformSettings.workerHTTPPort] { return port }
        let base = configuration[PlatformSettings.workerPort]
        if base == 0 { return 0 }
        guard base <= .max - 2 else {
            throw ApolloError(
                .invalid, "two above worker.port there is no port", hint: "set worker.http.port")
        }
        return base + 2
    }
}

/// A worker has no database: what somebody is refused is said in the log.
private struct LoggedAudit: AuditSink {
    let logger: Logger

    func record(_ record: AuditRecord) async throws {
        logger.info(
            "audit",
            [
                "principal": .text(record.principal), "action": .text(record.action),
                "outcome": .text(record.outcome.rawValue), "peer": .text(record.peer),
            ])
    }
}
