public import Core

/// Runs `operation` and returns its result, or throws ``ApolloError`` of kind `deadline` once `limit` has passed.
///
/// The operation is cancelled then and awaited: it must end soon after its cancellation.
public func withDeadline<Value: Sendable>(
    _ limit: Duration, clock: any MonotonicClock, of activity: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw ApolloError(.deadline, "\(activity) took longer than \(limit.short)")
        }
        return value
    }
}
