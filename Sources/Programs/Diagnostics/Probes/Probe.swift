import Concurrency
import Core

/// Looks at something that may hang, such as a network file system, and gives up on it in time.
enum Probe {
    /// What `look` returns, or nil when it takes longer than `limit`: its thread then goes on alone until the program
    /// ends.
    static func blocking<Fact: Sendable>(
        _ name: String, limit: Duration, _ look: @escaping @Sendable () -> Fact?
    ) async -> Fact? {
        let result = Latch<Fact?>()
        OSThread.start(name: "look-\(name)") { result.set(look()) }
        return await inTime(limit) { try await result.value() }
    }

    /// What `look` returns, or nil when it takes longer than `limit`.
    static func inTime<Fact: Sendable>(
        _ limit: Duration, _ look: @escaping @Sendable () async throws -> Fact?
    ) async -> Fact? {
        do {
            return try await withDeadline(limit, clock: LiveClock(), of: "looking at the machine", look)
        } catch {
            return nil  // Not known, which is a finding of its own.
        }
    }
}
