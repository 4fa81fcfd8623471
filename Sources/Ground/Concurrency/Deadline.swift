public import Core

/// Runs `operation` and returns its result, or throws ``ApolloError`` of kind `deadline` when it failed to end within `limit`.
///
/// At the limit the operation is cancelled and awaited: it must end soon after its cancellation. A value that it returns
/// all the same is handed on, late but not lost: it may be a connection, or the proof that something was done.
public func withDeadline<Value: Sendable>(
    _ limit: Duration, clock: any MonotonicClock, of activity: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await race(clock.now.advanced(by: limit), limit, clock, activity, operation)
}

/// As ``withDeadline(_:clock:of:_:)``, with a moment instead of a length of time: deadlines that were handed on stay what
/// they were.
public func withDeadline<Value: Sendable>(
    _ deadline: MonotonicInstant, clock: any MonotonicClock, of activity: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await race(deadline, clock.now.duration(to: deadline), clock, activity, operation)
}

/// `limit` is told as it was given: what is left of it by a second look at the clock is a little less.
private func race<Value: Sendable>(
    _ deadline: MonotonicInstant, _ limit: Duration, _ clock: any MonotonicClock, _ activity: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: DeadlineEvent<Value>.self) { group in
        group.addTask {
            do { return .ended(.success(try await operation())) } catch { return .ended(.failure(error)) }
        }
        group.addTask {
            do {
                try await clock.sleep(until: deadline)
                return .timeIsUp
            } catch { return .cancelled }
        }
        var isLate = false
        while let event = try await group.next() {
            switch event {
            case .timeIsUp:
                isLate = true
                group.cancelAll()
            case .cancelled:
                // The caller gave up; the operation was told as well, and its answer decides.
                break
            case .ended(.success(let value)):
                group.cancelAll()
                return value
            case .ended(.failure(let error)):
                group.cancelAll()
                guard isLate else { throw error }
                throw ApolloError(.deadline, "\(activity) took longer than \(limit.short)")
            }
        }
        preconditionFailure("a task group ended without its operation")
    }
}

private enum DeadlineEvent<Value: Sendable>: Sendable {
    case ended(Result<Value, any Error>)
    case timeIsUp
    case cancelled
}
