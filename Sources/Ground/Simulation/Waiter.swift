import Concurrency
import Core

/// A wait that ends by a timer, by a cancellation, or by whoever holds the waiter: whatever comes first.
class WaiterBase: @unchecked Sendable {
    let executor: ProcessExecutor
    fileprivate var timer: Scheduler.Timers.Token?

    init(executor: ProcessExecutor) { self.executor = executor }

    func timeIsUp() { preconditionFailure("a waiter without an end") }
    func cancel() { preconditionFailure("a waiter without an end") }
}

final class Waiter<Value: Sendable>: WaiterBase, @unchecked Sendable {
    private var continuation: UnsafeContinuation<Value, any Error>?
    private let onTime: Result<Value, any Error>

    fileprivate init(executor: ProcessExecutor, onTime: Result<Value, any Error>) {
        self.onTime = onTime
        super.init(executor: executor)
    }

    /// Whether nothing has ended the wait yet.
    var isPending: Bool { continuation != nil }

    fileprivate func begin(_ continuation: UnsafeContinuation<Value, any Error>, until deadline: Int64) {
        self.continuation = continuation
        guard deadline < .max else { return }
        let token = executor.scheduler.reserveTimer()
        timer = token
        executor.scheduler.setTimer(.wake(self), at: deadline, token)
    }

    func end(_ result: Result<Value, any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        if let timer { executor.scheduler.cancelTimer(timer) }
        // A process that is no more is told nothing but that it has ended, when it unwinds.
        continuation.resume(with: executor.isAlive ? result : .failure(CancellationError()))
    }

    override func timeIsUp() {
        timer = nil
        end(onTime)
    }

    override func cancel() { end(.failure(CancellationError())) }
}

extension ProcessExecutor {
    /// Waits until `deadline`, in the simulator's time, for what `begin` hands the waiter to; `onTime` is the result if
    /// nothing came. Throws `CancellationError` when cancelled, at once.
    func wait<Value: Sendable>(
        until deadline: Int64, onTime: Result<Value, any Error>, _ begin: (Waiter<Value>) -> Void = { _ in }
    ) async throws -> Value {
        guard isAlive, !scheduler.isClosing else { throw CancellationError() }
        let waiter = Waiter(executor: self, onTime: onTime)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                waiter.begin(continuation, until: deadline)
                begin(waiter)
            }
        } onCancel: {
            waiter.cancel()
        }
    }
}
