import RPCModel
import Synchronization

extension RPCServer {
    /// A unary call has come, on the poller's thread: asks for the next, and gives this one to a worker.
    func accept(_ call: UnaryCall) {
        let (isAllowed, spare, idle) = state.withLock { state in
            let isAllowed = state.begin(configuration.maximumCalls)
            return (
                isAllowed, state.reserve?.takeCall(of: call.method),
                isAllowed ? state.reserve?.takeWorker() : nil
            )
        }
        (spare ?? UnaryCall(call.method, of: self)).ask(handle)
        guard isAllowed else { return call.refuse(isOneTooMany) }
        poller.begins(call)
        let worker = idle?.worker ?? UnaryWorker()
        call.begins(worker)
        if let idle { idle.continuation.resume(returning: call) } else { worker.run(call, of: self) }
    }

    /// Answers a call, in the task of its worker. Returns whether that may go on.
    func answer(_ call: UnaryCall) async -> Bool {
        let handler = call.method.handler
        return call.finish(await answer(call, as: handler) { try await handler.handle(call, $0) })
    }

    /// Waits for a call; nil when there are workers enough, or the server has ended.
    func nextCall(for worker: UnaryWorker) async -> UnaryCall? {
        await withUnsafeContinuation { continuation in
            let waits = state.withLock {
                $0.reserve?.keep(UnaryReserve.Idle(worker: worker, continuation: continuation)) ?? false
            }
            if !waits { continuation.resume(returning: nil) }
        }
    }

    /// The core is done with a call.
    func ended(_ call: UnaryCall, wasRefused: Bool) {
        state.withLock { $0.reserve?.keep(call) }
        if !wasRefused { ended() }
    }
}
