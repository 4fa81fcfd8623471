import Concurrency
import Core
import Testing

/// A cancellation may come between any two steps of a wait that begins: it ends the wait all the same.
struct CancellationRaceTests {
    private func race(_ wait: @escaping @Sendable () async throws -> Void) async throws {
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "waits that were cancelled") {
            for _ in 0..<5000 {
                await withTaskGroup(of: Void.self) { group in
                    // Cancelled is how it should end.
                    group.addTask { try? await wait() }
                    await Task.yield()
                    group.cancelAll()
                }
            }
        }
    }

    @Test func `a cancelled wait for a latch ends`() async throws {
        let latch = Latch<Void>()
        try await race { try await latch.wait() }
    }

    @Test func `a cancelled wait for a permit ends`() async throws {
        let permits = Permits(1)
        try await permits.acquire()
        try await race { try await permits.acquire() }
    }

    @Test func `a cancelled wait for a mailbox ends`() async throws {
        let mailbox = Mailbox<Int>("test", capacity: 1)
        try await race { _ = try await mailbox.nextBatch() }
    }

    @Test func `a cancelled sleep ends`() async throws {
        let clock = LiveClock()
        try await race { try await clock.sleep(for: .seconds(3600)) }
    }
}
