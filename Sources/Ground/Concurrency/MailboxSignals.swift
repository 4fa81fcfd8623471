public import Core

extension Mailbox<Void> {
    /// Takes the signals there are; where there is none it waits for one, at most until `deadline`, and for ever without one. Throws
    /// `CancellationError` when cancelled while it waits.
    public func takeSignals(until deadline: MonotonicInstant?, clock: any MonotonicClock) async throws {
        guard let deadline else {
            _ = try await nextBatch()
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(until: deadline) }
            group.addTask { _ = try await self.nextBatch() }
            try await group.next()
            group.cancelAll()
        }
    }
}
