import Synchronization

/// Answers unary calls, one after the other, in one task: making a task costs as much as a short call.
final class UnaryWorker: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Starts with `call`, and goes on with those that the server has for it, until it has none, or one is cancelled: so is the task then.
    func run(_ call: UnaryCall, of server: RPCServer) {
        let task = Task(executorPreference: server.poller) {
            var next: UnaryCall? = call
            while let call = next {
                guard await server.answer(call) else { return }
                next = await server.nextCall(for: self)
            }
        }
        self.task.withLock { $0 = task }
    }

    func cancel() { task.withLock { $0 }?.cancel() }
}
