import Core
public import EventLoops
public import HTTPModel
import Synchronization

/// An HTTP/1.1 server.
///
/// Each connection is an actor on one of the loops, and so is the code of the handler between its own awaits: what computes for
/// long or blocks there holds up the other connections of that loop, and belongs elsewhere.
public final class HTTPServer: Sendable {
    /// Answers one request. Called on a loop; it is cancelled when its client is gone.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    private struct State {
        var listeners: [Listener] = []
        var acceptors: [Task<Void, Never>] = []
        var services: [LoopServices] = []
        var isStarted = false
    }

    private let configuration: HTTPServerConfiguration
    private let handler: Handler
    let registry: ConnectionRegistry
    private let state = Mutex(State())

    public init(configuration: HTTPServerConfiguration, handler: @escaping Handler) {
        self.configuration = configuration
        self.handler = handler
        registry = ConnectionRegistry(limit: configuration.limits.connections)
    }

    /// Listens on every endpoint and serves from now on. Returns the addresses, with the ports that the kernel chose, in the order
    /// of the endpoints. Throws ``ApolloError`` where one cannot be listened on; none is then.
    public func start(on group: EventLoopGroup) async throws -> [SocketAddress] {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { throw ApolloError(.conflict, "this HTTP server has been started before") }
        let services = group.loops.map {
            LoopServices(loop: $0, configuration: configuration, registry: registry, handler: handler)
        }
        var listeners: [Listener] = []
        do {
            for endpoint in configuration.endpoints {
                listeners.append(try await Listener.listening(on: endpoint.address, loop: group.next()))
            }
        } catch {
            for listener in listeners { await listener.close() }
            throw error
        }
        let acceptors = zip(listeners, configuration.endpoints).map { listener, endpoint in
            let acceptor = Acceptor(
                listener: listener, certificate: endpoint.certificate, services: services, registry: registry,
                report: configuration.report)
            return acceptor.start()
        }
        state.withLock { state in
            state.listeners = listeners
            state.acceptors = acceptors
            state.services = services
        }
        return listeners.map(\.address)
    }

    /// Stops: listens no more, closes idle connections, lets requests under way finish until `deadline` has passed, and then cancels
    /// their handlers and cuts their connections. Returns how many were cut.
    @discardableResult
    public func shutdown(deadline: Duration = .seconds(10)) async -> Int {
        let (listeners, acceptors, services) = state.withLock { state in
            defer {
                state.listeners = []
                state.acceptors = []
            }
            return (state.listeners, state.acceptors, state.services)
        }
        for listener in listeners { await listener.close() }
        for acceptor in acceptors { await acceptor.value }
        for connection in registry.drain() { connection.finishSoon() }
        guard let loop = services.first?.loop else { return 0 }
        if await isEmpty(within: deadline, loop) { return 0 }
        let left = registry.all
        for connection in left { connection.cut() }
        // Handlers end soon after their cancellation; those that do not are left behind.
        _ = await isEmpty(within: .seconds(1), loop)
        return left.count
    }

    /// Ends what is under way, and serves on: requests may finish until `deadline` has passed, then their handlers are cancelled
    /// and their connections cut. Those that come meanwhile are served as ever. For who has become another to his clients. Returns
    /// how many were cut.
    @discardableResult
    public func endRequests(deadline: Duration = .seconds(10)) async -> Int {
        guard let loop = state.withLock({ $0.services.first?.loop }) else { return 0 }
        let connections = registry.all
        let requests = RequestsUnderWay(connections)
        for connection in connections { connection.await(requests) }
        await wait(within: deadline, loop) { requests.whenEnded($0) }
        let left = requests.connections
        for connection in left { connection.cut(requests) }
        await wait(within: .seconds(1), loop) { requests.whenEnded($0) }
        return left.count
    }

    private func isEmpty(within limit: Duration, _ loop: EventLoop) async -> Bool {
        await wait(within: limit, loop) { registry.whenEmpty($0) }
        return registry.count == 0
    }

    /// Waits until what `tell` is given is opened, or the time has passed.
    private func wait(within limit: Duration, _ loop: EventLoop, for tell: (Latch) -> Void) async {
        let latch = Latch()
        tell(latch)
        loop.execute { _ = loop.schedule(at: loop.now + limit.inNanoseconds) { latch.open() } }
        await latch.wait()
    }

    /// What the server has done so far, for metrics.
    public var statistics: HTTPServerStatistics {
        var statistics = HTTPServerStatistics()
        for services in state.withLock({ $0.services }) { services.counters.addTo(&statistics) }
        statistics.openConnections = registry.count
        return statistics
    }
}
