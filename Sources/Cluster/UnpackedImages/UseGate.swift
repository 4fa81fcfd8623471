import Concurrency
import Synchronization

/// Many use what is there, or one takes away what nobody uses.
final class UseGate: Sendable {
    private struct State {
        var users = 0
        /// Opened when what is not used has been taken away.
        var closed: Latch<Void>?
    }

    private let state = Mutex(State())

    /// Runs `body` while nothing is taken away.
    func using<Value>(_ body: () async throws -> Value) async throws -> Value {
        while let closed = state.withLock({ state in
            if state.closed == nil { state.users += 1 }
            return state.closed
        }) {
            try await closed.wait()
        }
        defer { state.withLock { $0.users -= 1 } }
        return try await body()
    }

    /// Runs `body` while nobody uses anything; nil where somebody does.
    func clearing<Value>(_ body: () async throws -> Value) async rethrows -> Value? {
        let mayClear = state.withLock { state in
            guard state.users == 0, state.closed == nil else { return false }
            state.closed = Latch()
            return true
        }
        guard mayClear else { return nil }
        defer {
            state.withLock { state in
                defer { state.closed = nil }
                return state.closed
            }?.open()
        }
        return try await body()
    }
}
