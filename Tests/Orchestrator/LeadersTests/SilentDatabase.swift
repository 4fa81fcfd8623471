import Concurrency
import Core
import Databases
import Synchronization

/// A database that does not answer, as behind a cut network, until it is told to; then every call fails.
final class SilentDatabase: Database {
    struct Answer: Error {}

    /// Set once two calls have come.
    let asked = Latch<Void>()
    let answers = Latch<Void>()
    private let calls = Mutex(0)

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await answer()
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await answer()
    }

    func close() async {}

    private func answer<Value>() async throws -> Value {
        let count = calls.withLock { count in
            count += 1
            return count
        }
        if count == 2 { asked.open() }
        // Deaf to cancellation, as a call that waits for a socket.
        await Task { _ = try? await answers.wait() }.value
        throw Answer()
    }
}
