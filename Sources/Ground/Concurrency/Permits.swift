import Synchronization

/// A number of permits, given in the order they were asked for: at most so many pulls, uploads, connections at once.
public final class Permits: Sendable {
    private typealias Waiter = UnsafeContinuation<Void, any Error>

    private struct State {
        var available: Int
        var waiters = WaitList<Waiter>()
    }

    private let state: Mutex<State>
    public let count: Int

    public init(_ count: Int) {
        precondition(count > 0)
        self.count = count
        state = Mutex(State(available: count))
    }

    /// The permits nobody holds.
    public var available: Int { state.withLock { $0.available } }

    /// Runs `operation` while holding a permit. Throws `CancellationError` when cancelled while it waits for one.
    public func withPermit<Value>(_ operation: () async throws -> Value) async throws -> Value {
        try await acquire()
        defer { release() }
        return try await operation()
    }

    /// Takes a permit if one is free and nobody waits for it.
    public func tryAcquire() -> Bool {
        state.withLock { state in
            // A free permit means that nobody waits: release hands it on before it counts it as free.
            guard state.available > 0 else { return false }
            state.available -= 1
            return true
        }
    }

    /// Takes a permit, waiting in line for it. Each one is given back by ``release()``.
    public func acquire() async throws {
        try Task.checkCancellation()
        let id = state.withLock { $0.waiters.makeID() }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let (isGranted, isCancelled) = state.withLock { state in
                    // Asked under the lock: a cancellation that comes later finds the waiter.
                    if Task.isCancelled { return (false, true) }
                    if state.available > 0 {
                        state.available -= 1
                        return (true, false)
                    }
                    state.waiters.append(continuation, id: id)
                    return (false, false)
                }
                if isGranted { return continuation.resume() }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.waiters.remove(id: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Gives a permit back, to the first who waits.
    public func release() {
        let next: Waiter? = state.withLock { state in
            if let waiter = state.waiters.popFirst() { return waiter }
            state.available += 1
            precondition(state.available <= count, "a permit was given back twice")
            return nil
        }
        next?.resume()
    }
}
