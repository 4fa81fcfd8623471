import Concurrency
import Core

/// The cuts of a connection since something was heard on it: how long to wait after each, and when there were enough.
struct ConnectionCuts {
    /// How long the platform may stay away.
    private static let patience = Duration.seconds(20)

    private var backoff = Backoff(base: .milliseconds(200), cap: .seconds(2))
    private var hasConnected = false
    private var since: MonotonicInstant?

    /// Whether nothing was heard since the last but one.
    var isFirst: Bool { backoff.count == 0 }

    mutating func connected() { hasConnected = true }

    mutating func heard() {
        hasConnected = true
        backoff.reset()
        since = nil
    }

    /// Whether it is the connection that failed, of which there was one.
    func isOne(_ error: ApolloError) -> Bool {
        hasConnected && (error.kind == .unavailable || error.kind == .deadline)
    }

    /// How long to wait before it is tried again.
    ///
    /// - Throws: `unavailable` where the platform has been away for too long.
    mutating func pause(after error: ApolloError, at now: MonotonicInstant) throws -> Duration {
        let first = since ?? now
        since = first
        guard first.duration(to: now) < Self.patience else {
            throw ApolloError(
                .unavailable, "the platform is gone: \(error.message)",
                hint: "its tasks run on; start it again with 'apollo up', and read on from there")
        }
        return backoff.next(random: Environment.live.random) ?? .zero
    }
}
