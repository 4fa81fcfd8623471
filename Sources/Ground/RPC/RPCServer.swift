import CGRPC
import Concurrency
import Core
import Glibc
public import RPCModel
import Synchronization

/// Answers calls, each in a task of its own on the poller's thread.
public final class RPCServer: Sendable {
    /// What a server has done so far.
    public struct Statistics: Hashable, Sendable {
        /// Calls that are being answered.
        public var running: Int
        public var total: UInt64
        /// Calls that were one too many.
        public var refused: UInt64
    }

    /// How many calls are asked for ahead, so that none waits for the next request.
    private static let requestsAhead = 64
    /// How many unary calls are asked for ahead in all, each with its method: what more come at once wait in the core.
    private static let unaryRequestsAhead = 512

    let configuration: RPCServerConfiguration
    let poller: RPCPoller
    let handle: ServerHandle
    private let handlers: [String: RPCHandler]
    let state = Mutex(ServerState())
    /// Opened when the server ends and no handler runs any more.
    private let drained = Latch<Void>()
    private let ids: CallIDs
    private let usesTLS: Bool
    private let unaryMethods: [UnaryMethod]
    private let peers = PeerNames()

    /// - Precondition: no two services have one name.
    public init(_ services: [RPCService], configuration: RPCServerConfiguration, poller: RPCPoller) {
        self.configuration = configuration
        self.poller = poller
        var handlers: [String: RPCHandler] = [:]
        for service in services {
            for handler in service.methods {
                precondition(handlers[handler.path] == nil, "\(handler.path) is served twice")
                handlers[handler.path] = configuration.interceptors.reversed().reduce(handler, Self.surround)
            }
        }
        self.handlers = handlers
        let handle = ServerHandle(configuration, poller)
        self.handle = handle
        // What the core does not take by name comes like everything else.
        let named = handlers.values.filter { $0.kind == .unary }.compactMap { handler in
            handle.register(handler.path).map { (handler, $0) }
        }
        unaryMethods = named.enumerated().map { UnaryMethod(handle: $1.1, handler: $1.0, number: $0) }
        state.withLock { $0.reserve = UnaryReserve(methods: named.count) }
        ids = CallIDs(random: configuration.environment.random)
        usesTLS = configuration.endpoints.contains { $0.certificates != nil }
    }

    private static func surround(_ handler: RPCHandler, with interceptor: RPCInterceptor) -> RPCHandler {
        let inner = handler.handle
        return RPCHandler(path: handler.path, kind: handler.kind) { exchange, context in
            try await interceptor.intercept(context) { try await inner(exchange, $0) }
        }
    }

    /// The most calls at once.
    public var maximumCalls: Int { configuration.maximumCalls }

    public var statistics: Statistics {
        state.withLock { Statistics(running: $0.calls, total: $0.total, refused: $0.refused) }
    }

    /// Listens, and returns the addresses in the order of the endpoints, with the ports that were free.
    public func start() throws -> [RPCAddress] {
        var bound: [RPCAddress] = []
        do {
            for endpoint in configuration.endpoints { bound.append(try handle.listen(endpoint)) }
        } catch {
            handle.abandon()
            throw error
        }
        state.withLock { $0.phase = .running }
        handle.start()
        for _ in 0..<Self.requestsAhead { request() }
        let ahead = max(4, min(Self.requestsAhead, Self.unaryRequestsAhead / max(1, unaryMethods.count)))
        for method in unaryMethods {
            for _ in 0..<ahead { UnaryCall(method, of: self).ask(handle) }
        }
        return bound
    }

    /// Takes no new calls, lets those that run end until `deadline`, cancels what is left, and returns when all are over.
    public func shutdown(deadline: Duration) async {
        let begins = state.withLock { state in
            guard state.phase == .running else { return false }
            state.phase = .ending
            return true
        }
        guard begins else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [configuration, handle] in
                do { try await configuration.environment.clock.sleep(for: deadline) } catch { return }
                handle.cancelAll()
            }
            _ = await operation { handle.shutdown($0) }
            group.cancelAll()
        }
        let (isEmpty, reserve) = state.withLock { state in
            state.phase = .ended
            defer { state.reserve = nil }
            return (state.calls == 0, state.reserve)
        }
        reserve?.letGo()
        if isEmpty { drained.open() }
        // The core is done with the calls; their handlers are told, and may still be on their way out.
        do { try await drained.wait() } catch {}  // Who waits was cancelled, and waits no longer.
    }

    // MARK: Calls

    func ended() {
        let isDrained = state.withLock { state in
            state.calls -= 1
            return state.phase == .ended && state.calls == 0
        }
        if isDrained { drained.open() }
    }

    private func request() {
        let request = CallRequest(server: self)
        let tag = OperationTag(request)
        if !handle.request(request.call, tag.pointer) { tag.discard() }
    }

    /// A call of some method has come, on the poller's thread.
    fileprivate func accept(_ handle: consuming CallHandle) {
        request()
        let call = ServerCall(handle, poller)
        let isAllowed = state.withLock { $0.begin(configuration.maximumCalls) }
        poller.begins(call)
        let task = Task(executorPreference: poller) {
            if isAllowed {
                await call.finish(self.answer(call))
                self.ended()
            } else {
                await call.finish(RPCStatus(self.isOneTooMany))
            }
        }
        call.runs(in: task)
    }

    var isOneTooMany: RPCError {
        RPCError(
            .resourceExhausted, "more than \(configuration.maximumCalls) calls at once",
            hint: "call again later")
    }

    private func answer(_ call: ServerCall) async -> RPCStatus {
        let path = call.path
        guard let handler = handlers[path] else {
            return RPCStatus(
                RPCError(
                    .unimplemented, "there is no method \(path.prefix(200))",
                    hint: "the server may be of another version; its reflection lists what it has"))
        }
        return await answer(call, as: handler) { try await self.run(handler, call, $0) }
    }

    func answer(
        _ call: ServedCall, as handler: RPCHandler, _ body: (RPCContext) async throws -> Void
    ) async -> RPCStatus {
        let metadata = call.metadata
        let context = RPCContext(
            path: handler.path, kind: handler.kind, metadata: metadata,
            deadline: call.deadline(configuration.environment.clock),
            peer: call.peer(peers), identity: usesTLS ? call.identity : nil, requestID: ids.id(from: metadata)
        )
        do {
            try await RPCContext.$current.withValue(context) { try await body(context) }
            return .ok
        } catch {
            return RPCStatus(error, requestID: context.requestID)
        }
    }

    private func run(_ handler: RPCHandler, _ call: ServerCall, _ context: RPCContext) async throws {
        guard handler.kind != .unary, let text = context.metadata[RPCHeartbeat.metadata],
            let heartbeat = RPCHeartbeat(reading: text)
        else { return try await handler.handle(call, context) }
        try await call.withHeartbeat(heartbeat, kind: handler.kind, clock: configuration.environment.clock) {
            try await handler.handle(call, context)
        }
    }
}

/// A call that was asked for and has not come.
private final class CallRequest: OperationObserver, @unchecked Sendable {
    private let server: RPCServer
    // The core fills it in until the operation ends, and nobody looks at it before.
    private(set) var call: OpaquePointer

    init(server: RPCServer) {
        self.server = server
        call = cgrpc_call_create()
    }

    override func operationEnded(_ number: Int, _ succeeded: Bool) {
        // Freed here where the server has ended.
        let handle = CallHandle(call)
        if succeeded { server.accept(handle) }
    }
}
