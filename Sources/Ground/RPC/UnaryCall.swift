import CGRPC
import RPCModel
import Synchronization

/// A unary call that a server answers. It is asked for with its method's name and comes with its message, and once it is over the
/// next one is asked for in its place: most of what a call needs is made once.
final class UnaryCall: ServedCall, RPCExchange, @unchecked Sendable {
    private enum Operation: Int {
        case asked, watched, answered
    }

    private struct State {
        /// Whether it is one more than the server takes.
        var isRefused = false
        var isCancelled = false
        /// The operations that the core has not handed back.
        var operations = 0
        /// Whether the core was asked to tell when the client gives up.
        var isWatched = false
        /// Who answers, until it has.
        var worker: UnaryWorker?
        var initial = RPCMetadata()
        var trailing = RPCMetadata()
        var answer: [UInt8]?
    }

    let method: UnaryMethod
    private let server: RPCServer
    private let state = Mutex(State())

    init(_ method: UnaryMethod, of server: RPCServer) {
        self.method = method
        self.server = server
        super.init(CallHandle(cgrpc_call_create()))
    }

    /// Asks for a call; no other may be running.
    func ask(_ handle: ServerHandle) {
        let tag = tag(.asked)
        if !handle.request(method.handle, pointer, tag.pointer) { tag.discard() }
    }

    private func tag(_ operation: Operation) -> OperationTag { OperationTag(self, operation.rawValue) }

    override func operationEnded(_ number: Int, _ succeeded: Bool) {
        switch Operation(rawValue: number) {
        case .asked: if succeeded { server.accept(self) }
        case .watched:
            if cgrpc_call_was_cancelled(pointer) { cancel() }
            operationEnded()
        default: operationEnded()
        }
    }

    private func operationEnded() {
        let over: State? = state.withLock { state in
            state.operations -= 1
            guard state.operations == 0, state.worker == nil else { return nil }
            defer { state = State() }
            return state
        }
        guard let over else { return }
        handle.reset()
        server.ended(self, wasRefused: over.isRefused)
    }

    // MARK: Its worker

    /// From now on the worker is cancelled when the client gives up.
    func begins(_ worker: UnaryWorker) { state.withLock { $0.worker = worker } }

    func refuse(_ error: RPCError) {
        state.withLock { $0.isRefused = true }
        _ = finish(RPCStatus(error))
    }

    override func watchUnlessOver() {
        let begins = state.withLock { state in
            guard !state.isWatched else { return false }
            state.isWatched = true
            state.operations += 1
            return true
        }
        guard begins else { return }
        let tag = tag(.watched)
        guard !cgrpc_call_watch(pointer, tag.pointer) else { return }
        tag.discard()
        operationEnded()
    }

    private func cancel() {
        let worker = state.withLock { state in
            state.isCancelled = true
            return state.worker
        }
        worker?.cancel()
    }

    /// Sends the answer and the status. Returns whether the worker may go on to another call: not when it was cancelled with this one.
    func finish(_ status: RPCStatus) -> Bool {
        let (state, isFree) = state.withLock { state in
            defer {
                state.worker = nil
                state.isWatched = true
                state.operations += 1
            }
            return (state, !state.isCancelled)
        }
        let tag = tag(.answered)
        let answer = status.code == .ok ? state.answer : nil
        let begins = (answer ?? []).withBytes { message in
            status.message.withBytes { text in
                var end = cgrpc_end(
                    first: true, has_message: answer != nil, watches: !state.isWatched,
                    code: Int32(status.code.rawValue), initial: state.initial.forCore(),
                    trailing: state.trailing.forCore(details: status.details), message: message, text: text)
                return cgrpc_call_finish(pointer, &end, tag.pointer)
            }
        }
        if !begins {
            tag.discard()
            operationEnded()
        }
        return isFree
    }

    // MARK: Messages

    func receive() async throws -> [UInt8]? { handle.takeMessage() }

    func send(_ message: [UInt8]) async throws { sendLast(message) }

    func sendLast(_ message: [UInt8]) { state.withLock { $0.answer = message } }

    func setInitialMetadata(_ metadata: RPCMetadata) throws { state.withLock { $0.initial = metadata } }

    func setTrailingMetadata(_ metadata: RPCMetadata) { state.withLock { $0.trailing = metadata } }
}

/// A method that is asked for by its name.
struct UnaryMethod: Sendable {
    let handle: MethodHandle
    let handler: RPCHandler
    /// Which of the server's it is.
    let number: Int
}
