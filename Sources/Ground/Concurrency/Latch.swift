public import Synchronization

/// A value that is set once and that any number of tasks may wait for: the start of a service, the end of a process.
public final class Latch<Value: Sendable>: Sendable {
    @usableFromInline
    struct State {
        @usableFromInline var value: Value?
        @usableFromInline var waiters = WaitList<UnsafeContinuation<Value, any Error>>()

        @usableFromInline
        init() {}
    }

    // Inlinable, as a mailbox: every task that is submitted has one of these.
    @usableFromInline let state = Mutex(State())

    @inlinable
    public init() {}

    /// The value, or nil while it is not set.
    public var current: Value? { state.withLock { $0.value } }

    /// Sets the value and wakes everyone; false, and nothing changed, if it was set before.
    @inlinable
    @discardableResult
    public func set(_ value: Value) -> Bool {
        let waiters: [UnsafeContinuation<Value, any Error>]? = state.withLock { state in
            guard state.value == nil else { return nil }
            state.value = value
            return state.waiters.takeAll()
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume(returning: value) }
        return true
    }

    /// Waits until the value is set. Throws `CancellationError` when cancelled while it waits.
    public func value() async throws -> Value {
        let (value, id) = state.withLock { ($0.value, $0.waiters.makeID()) }
        if let value { return value }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let (value, isCancelled) = state.withLock { state in
                    // Asked under the lock: a cancellation that comes later finds the waiter.
                    let isCancelled = Task.isCancelled
                    if state.value == nil, !isCancelled { state.waiters.append(continuation, id: id) }
                    return (state.value, isCancelled)
                }
                if let value {
                    continuation.resume(returning: value)
                } else if isCancelled {
                    continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            state.withLock { $0.waiters.remove(id: id) }?.resume(throwing: CancellationError())
        }
    }
}

extension Latch where Value == Void {
    /// Opens the latch; false if it was open.
    @discardableResult
    public func open() -> Bool { set(()) }

    public var isOpen: Bool { current != nil }

    /// Waits until the latch is open. Throws `CancellationError` when cancelled while it waits.
    public func wait() async throws { try await value() }
}
