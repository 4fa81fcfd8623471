package import Core
package import Databases
import Synchronization

/// One call of `read` or `write` on its way: it waits in a queue, is claimed by a thread, runs, and then its caller
/// goes on. Whoever moves it out of a phase answers the caller, so that exactly one does.
package class Operation: @unchecked Sendable {
    package enum Phase: UInt8 {
        case preparing, queued, running, finished
    }

    /// When it was asked for, and when it must have started.
    let queued: MonotonicInstant
    let deadline: MonotonicInstant
    private let phase = Atomic<UInt8>(Phase.preparing.rawValue)
    private let cancelled = Atomic<Bool>(false)

    init(at now: MonotonicInstant, within limit: Duration) {
        queued = now
        deadline = now.advanced(by: limit)
    }

    /// Whether the caller has given up.
    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Moves it from `old` to `new`; false if somebody else moved it before.
    final func move(_ old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(
            expected: old.rawValue, desired: new.rawValue, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Ends it unless it runs already; a read that runs sees ``isCancelled``.
    final func cancel() {
        cancelled.store(true, ordering: .relaxed)
        if move(.preparing, to: .finished) { return }  // `submit` sees it and answers
        if move(.queued, to: .finished) { answer(failure: CancellationError()) }
    }

    /// Takes it off the queue to run it at `now`; false if there is nothing left to do.
    package final func claim(at now: MonotonicInstant) -> Bool {
        guard move(.queued, to: .running) else { return false }
        guard now <= deadline else {
            answer(
                failure: DatabaseError(
                    .deadline, "the database had no time for this call before its deadline",
                    hint: "the machine or its disk is overloaded; try again"))
            return false
        }
        return true
    }

    // For the thread that claimed it.

    /// Runs the body in a transaction that stands open on `engine`, and keeps what comes of it.
    package func perform(in engine: any TransactionEngine) { fatalError("abstract") }
    /// Whether what is kept is a value and no error.
    package var hasSucceeded: Bool { fatalError("abstract") }
    /// Keeps `error` instead of what came of it.
    package func fail(_ error: any Error) { fatalError("abstract") }
    /// Gives the caller what is kept.
    package func answer() { fatalError("abstract") }
    /// Gives the caller `error`.
    package final func answer(failure error: any Error) {
        fail(error)
        answer()
    }
}

/// An operation with a body and a caller.
package final class BodyOperation<Value: Sendable>: Operation, @unchecked Sendable {
    private let body: @Sendable (borrowing Transaction) throws -> Value
    private var continuation: CheckedContinuation<Value, any Error>?
    private var result: Result<Value, any Error>?

    package init(
        at now: MonotonicInstant, within limit: Duration,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) {
        self.body = body
        super.init(at: now, within: limit)
    }

    /// Queues it and waits for what comes of it.
    package func submit(to queue: WorkQueue) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.continuation = continuation
                guard move(.preparing, to: .queued) else {
                    return continuation.resume(throwing: CancellationError())
                }
                do {
                    try queue.push(self)
                } catch {
                    if move(.queued, to: .finished) { answer(failure: error) }
                }
            }
        } onCancel: {
            cancel()
        }
    }

    /// What is kept, for a caller that ran it itself.
    package var value: Value {
        get throws {
            guard let result else { throw DatabaseError(.other, "the operation did not run") }
            return try result.get()
        }
    }

    package override func perform(in engine: any TransactionEngine) {
        result = Result { try body(Transaction(engine: engine)) }
    }

    package override var hasSucceeded: Bool {
        if case .success = result { true } else { false }
    }

    package override func fail(_ error: any Error) { result = .failure(error) }

    package override func answer() {
        guard let result, let continuation else { return }
        self.continuation = nil
        continuation.resume(with: result)
    }
}
