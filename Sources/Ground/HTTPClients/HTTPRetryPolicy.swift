public import Concurrency
import HTTPModel

/// When a request is sent again, and after how long.
///
/// Only requests that mean the same when they are sent twice, with a body that can be sent twice, are retried: after a
/// failure to connect, a connection broken off before the response began, or one of `statuses`.
public struct HTTPRetryPolicy: Hashable, Sendable {
    /// The waits between tries; its limit is the number of retries.
    public var backoff: Backoff
    /// The longest `Retry-After` that is waited for; a response that asks for more is returned as it is.
    public var maximumRetryAfter: Duration
    public var statuses: Set<Int>

    public init(
        backoff: Backoff = Backoff(base: .milliseconds(100), cap: .seconds(5), limit: 3),
        maximumRetryAfter: Duration = .seconds(30), statuses: Set<Int> = [429, 502, 503, 504]
    ) {
        self.backoff = backoff
        self.maximumRetryAfter = maximumRetryAfter
        self.statuses = statuses
    }

    /// Every request is sent once.
    public static let never = HTTPRetryPolicy(backoff: Backoff(limit: 0))

    func retries(_ status: HTTPStatus) -> Bool { statuses.contains(status.rawValue) }

    func retries(_ error: HTTPClientError) -> Bool {
        switch error {
        case .couldNotConnect, .couldNotResolve, .disconnected, .timedOut(.connecting, _, _): true
        default: false
        }
    }
}
