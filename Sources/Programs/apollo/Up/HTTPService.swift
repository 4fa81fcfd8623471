import Concurrency
import Core
import EventLoops
import HTTPModel
import HTTPServers
import TLS
import Telemetry

/// The server of everything people and programs use.
struct HTTPService: Service {
    let name = "http"
    let endpoint: ListeningEndpoint
    /// Nil for plain HTTP.
    let certificate: TLSCertificate?
    let loops: EventLoopGroup
    let environment: Environment
    let logger: Logger
    let metrics: MetricsRegistry
    /// Told the server once it listens.
    let running: RunningServer
    let handler: HTTPServer.Handler
    /// What the server answers by itself.
    let problem: @Sendable (HTTPStatus, String?) -> HTTPResponse
    /// Where it listened before, if it did, and from now on.
    let bound: BoundAddress
    /// How others reach it; nil for as this machine does.
    let advertised: ManagerAddress?
    /// Opened when it listens no more.
    var closed = Concurrency.Latch<Void>()
    /// Told the address once it is listened on.
    let announce: @Sendable (String) throws -> Void

    func run(_ context: ServiceContext) async throws {
        defer { closed.open() }
        var configuration = HTTPServerConfiguration(
            endpoints: [
                HTTPServerConfiguration.Endpoint(bound.address ?? endpoint.address, certificate: certificate)
            ],
            environment: environment, report: report)
        configuration.problem = problem
        let server = HTTPServer(configuration: configuration, handler: handler)
        PlatformMetrics.register(server, in: metrics)
        let addresses = try await server.start(on: loops)
        running.set(server)
        do {
            for address in addresses {
                bound.set(address, url: advertised?.url(of: address) ?? endpoint.url(of: address))
                try announce(endpoint.url(of: address))
            }
            context.markReady()
            try await context.waitForDrain()
        } catch {
            await server.shutdown(deadline: .zero)
            throw error
        }
        // Streams of followers never end by themselves: they are cut when requests have had their time.
        await server.shutdown(deadline: .seconds(2))
    }

    private func report(_ event: HTTPServerEvent) {
        switch event {
        case .handlerFailed(let method, let target, let error),
            .streamFailed(let method, let target, let error):
            logger.warning(
                "a response broke off",
                ["method": .text(method.rawValue), "target": .text(target), "error": .text("\(error)")])
        case .responseInvalid(let method, let target, let reason):
            logger.error(
                "a response cannot be sent",
                ["method": .text(method.rawValue), "target": .text(target), "reason": .text(reason)])
        case .acceptFailed(let address, let error):
            logger.warning(
                "no connection can be accepted", ["address": .text("\(address)"), "error": .text("\(error)")])
        case .handshakeFailed(let peer, let error):
            logger.debug("a TLS handshake failed", ["peer": .text(peer), "error": .text("\(error)")])
        }
    }
}
