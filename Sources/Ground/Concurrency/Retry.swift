public import Core

/// Repeats `operation` while it fails in a way that may pass, with waits from `backoff`.
///
/// - Parameters:
///   - activity: what is tried, as the final error names it.
///   - isTransient: whether trying again may help; by default the kinds `unavailable`, `exhausted` and `deadline`.
/// - Throws: what is not transient as it is; what still fails after the last try as an ``ApolloError`` of the same kind that
///   says how often it was tried; `CancellationError` when cancelled between tries.
public func retrying<Value>(
    _ activity: String, backoff: Backoff, in environment: Environment,
    isTransient: (any Error) -> Bool = isTransient(_:),
    _ operation: () async throws -> Value
) async throws -> Value {
    var backoff = backoff
    let start = environment.clock.now
    while true {
        do {
            return try await operation()
        } catch  where isTransient(error) && !Task.isCancelled {
            guard let wait = backoff.next(random: environment.random) else {
                let elapsed = start.duration(to: environment.clock.now)
                let kind = (error as? ApolloError)?.kind ?? .unavailable
                throw ApolloError(
                    kind,
                    "\(activity) failed \(backoff.count + 1) times in \(elapsed.short); the last time: \(error)"
                )
            }
            try await environment.clock.sleep(for: wait)
        }
    }
}

/// Whether an error is of a kind that may pass by itself: `unavailable`, `exhausted` or `deadline`.
public func isTransient(_ error: any Error) -> Bool {
    switch (error as? ApolloError)?.kind {
    case .unavailable, .exhausted, .deadline: true
    default: false
    }
}
