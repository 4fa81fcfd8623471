import CGRPC
import Concurrency
import Core
import Glibc
public import RPCModel
import Synchronization

/// Answers calls, each in a task of its own on the poller's thread.
public final class RPCServer: Sendable {
    private enum Phase {
        case idle, running, ending, ended
    }

    private struct State {
        var phase = Phase.idle
        var calls = 0
        var refused: UInt64 = 0
        var total: UInt64 = 0
    }

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

    let configuration: RPCServerConfiguration
    let poller: RPCPoller
    private let handle: ServerHandle
    private let handlers: [String: RPCHandler]
    private let state = Mutex(State())
    /// Opened when the server ends and no handler runs any more.
    private let drained = Latch<Void>()
    private let ids: CallIDs
    private let usesTLS: Bool

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
        handle = ServerHandle(configuration, poller)
        ids = CallIDs(random: configuration.environment.random)
        usesTLS = configuration.endpoints.contains { $0.certificates != nil }
    }

    private static func surround(_ handler: RPCHandler, with interceptor: RPCInterceptor) -> RPCHandler {
        let inner = handler.handle
        return RPCHandler(path: handler.path, kind: handler.kind) { exchange, context in
            try await interceptor.intercept(context) { try await inner(exchange, $0) }
        }
    }

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
        let isEmpty = state.withLock { state in
            state.phase = .ended
            return state.calls == 0
        }
        if isEmpty { drained.open() }
        // The core is done with the calls; their handlers are told, and may still be on their way out.
        do { try await drained.wait() } catch {}  // Who waits was cancelled, and waits no longer.
    }

    // MARK: Calls

    private func ended() {
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

    /// A call has come, on the poller's thread.
    fileprivate func accept(_ handle: consuming CallHandle) {
        request()
        let call = ServerCall(handle, poller)
        let isAllowed = state.withLock { state in
            state.total += 1
            guard state.calls < configuration.maximumCalls else {
                state.refused += 1
                return false
            }
            state.calls += 1
            return true
        }
        poller.begins(call)
        let task = Task(executorPreference: poller) {
            if isAllowed {
                await call.finish(self.answer(call))
                self.ended()
            } else {
                await call.finish(
                    RPCStatus(
                        RPCError(
                            .resourceExhausted, "more than \(self.configuration.maximumCalls) calls at once",
                            hint: "call again later")))
            }
        }
        call.runs(in: task)
    }

    private func answer(_ call: ServerCall) async -> RPCStatus {
        let path = call.path
        guard let handler = handlers[path] else {
            return RPCStatus(
                RPCError(
                    .unimplemented, "there is no method \(path.prefix(200))",
                    hint: "the server may be of another version; its reflection lists what it has"))
        }
        let metadata = call.metadata
        let context = RPCContext(
            path: path, kind: handler.kind, metadata: metadata,
            deadline: call.deadline(configuration.environment.clock),
            peer: call.peer, identity: usesTLS ? call.identity : nil, requestID: ids.id(from: metadata))
        do {
            try await RPCContext.$current.withValue(context) { try await run(handler, call, context) }
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

    func operationEnded(_ succeeded: Bool) {
        // Freed here where the server has ended.
        let handle = CallHandle(call)
        if succeeded { server.accept(handle) }
    }
}
