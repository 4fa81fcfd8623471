import HTTPModel

/// When a request is sent again, and after how long.
///
/// Only requests that mean the same when they are sent twice, with a body that can be sent twice, are retried: after a
/// failure to connect, a connection broken off before the response began, or one of `statuses`.
public struct HTTPRetryPolicy: Hashable, Sendable {
    /// The tries in all, the first one counted.
    public var maximumTries: Int
    /// The wait before the second try; doubled before each further one.
    public var firstWait: Duration
    public var maximumWait: Duration
    /// The longest `Retry-After` that is waited for; a response that asks for more is returned as it is.
    public var maximumRetryAfter: Duration
    public var statuses: Set<Int>

    public init(
        maximumTries: Int = 4, firstWait: Duration = .milliseconds(100), maximumWait: Duration = .seconds(5),
        maximumRetryAfter: Duration = .seconds(30), statuses: Set<Int> = [429, 502, 503, 504]
    ) {
        self.maximumTries = maximumTries
        self.firstWait = firstWait
        self.maximumWait = maximumWait
        self.maximumRetryAfter = maximumRetryAfter
        self.statuses = statuses
    }

    /// Every request is sent once.
    public static let never = HTTPRetryPolicy(maximumTries: 1)

    /// The wait before the next try after `tries` of them; nil when there is none.
    ///
    /// Between half and the whole of the doubled wait, by `jitter` in `0..<1`, so that clients that failed together
    /// do not return together; never less than the server asked for.
    func wait(afterTries tries: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard tries < maximumTries else { return nil }
        if let retryAfter, retryAfter > maximumRetryAfter { return nil }
        let doubled = firstWait * (1 << min(tries - 1, 30))
        let backoff = min(doubled, maximumWait) * (0.5 + jitter / 2)
        return max(backoff, retryAfter ?? .zero)
    }

    func retries(_ status: HTTPStatus) -> Bool { statuses.contains(status.rawValue) }

    func retries(_ error: HTTPClientError) -> Bool {
        switch error {
        case .couldNotConnect, .couldNotResolve, .disconnected, .timedOut(.connecting, _, _): true
        default: false
        }
    }
}
