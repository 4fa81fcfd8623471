import Core
import EventLoops
import HTTPModel
import HTTPServers
import Synchronization
import TLS
import Telemetry

/// The server of everything people and programs use. It listens for as long as the process lives; who answers changes: the platform
/// while this manager leads, and who stands by otherwise. So nobody who comes between the two is refused.
final class HTTPDoor: Sendable {
    /// Who answers.
    struct Answerer: Sendable {
        let handler: HTTPServer.Handler
        /// What the server answers by itself.
        let problem: @Sendable (HTTPStatus, String?) -> HTTPResponse
    }

    /// What listens.
    private struct Opened: Sendable {
        let server: HTTPServer
        let address: SocketAddress
        let certificate: TLSCertificate?
        let answerer: Seat
    }

    /// Holds who answers now.
    private final class Seat: Sendable {
        private let answerer: Mutex<Answerer>

        init(_ answerer: Answerer) { self.answerer = Mutex(answerer) }

        var current: Answerer { answerer.withLock { $0 } }

        func take(_ new: Answerer) { answerer.withLock { $0 = new } }
    }

    private let endpoint: ListeningEndpoint
    private let advertised: ManagerAddress
    private let loops: EventLoopGroup
    private let environment: Environment
    private let logger: Logger
    private let opened = Mutex<Opened?>(nil)

    init(
        _ endpoint: ListeningEndpoint, advertised: ManagerAddress, loops: EventLoopGroup,
        environment: Environment, logger: Logger
    ) {
        self.endpoint = endpoint
        self.advertised = advertised
        self.loops = loops
        self.environment = environment
        self.logger = logger
    }

    /// Nil before it listens.
    var server: HTTPServer? { opened.withLock { $0?.server } }

    /// What is shown in TLS, and stays the same: it is replaced by what it holds. Nil for plain HTTP, and before it listens.
    var certificate: TLSCertificate? { opened.withLock { $0?.certificate } }

    /// Where others reach it; empty before it listens.
    var url: String { opened.withLock { opened in opened.map { advertised.url(of: $0.address) } ?? "" } }

    /// Has `answerer` answer from now on, and listens where nobody did: then with `certificate`, nil for plain HTTP. Returns how
    /// this machine reaches it.
    func open(to answerer: Answerer, certificate: TLSCertificate?) async throws -> String {
        if let opened = opened.withLock(\.self) {
            opened.answerer.take(answerer)
            return endpoint.url(of: opened.address)
        }
        let seat = Seat(answerer)
        var configuration = HTTPServerConfiguration(
            endpoints: [HTTPServerConfiguration.Endpoint(endpoint.address, certificate: certificate)],
            environment: environment, report: { [logger] in Self.report($0, to: logger) })
        configuration.problem = { seat.current.problem($0, $1) }
        let server = HTTPServer(configuration: configuration) { try await seat.current.handler($0) }
        let address = try await server.start(on: loops)[0]
        opened.withLock {
            $0 = Opened(server: server, address: address, certificate: certificate, answerer: seat)
        }
        return endpoint.url(of: address)
    }

    /// Has `answerer` answer from now on. Requests that are under way may finish until `deadline` has passed, and are cut then.
    func hand(to answerer: Answerer, deadline: Duration) async {
        guard let opened = opened.withLock(\.self) else { return }
        opened.answerer.take(answerer)
        await opened.server.endRequests(deadline: deadline)
    }

    /// Listens no more. Requests that are under way may finish until `deadline` has passed, and are cut then.
    func close(deadline: Duration) async { await server?.shutdown(deadline: deadline) }

    /// Has the log tell what a server tells.
    static func report(_ event: HTTPServerEvent, to logger: Logger) {
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
