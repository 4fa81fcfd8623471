public import Core

/// A limit of so many a second with bursts of up to `capacity`: a value, to be kept by whoever decides.
///
/// Counted in nanoseconds of credit, as in the generic cell rate algorithm (ITU-T I.371): no fraction is ever lost.
public struct TokenBucket: Hashable, Sendable {
    /// The most tokens that can be saved up.
    public let capacity: Int64
    private let nanosecondsPerToken: Int64
    /// When the bucket is full again if nothing more is taken.
    private var fullAt: MonotonicInstant

    /// A full bucket that gets one token each `interval`.
    public init(capacity: Int64, interval: Duration, now: MonotonicInstant) {
        precondition(capacity > 0 && interval > .zero)
        self.capacity = capacity
        nanosecondsPerToken = interval.inNanoseconds
        fullAt = now
    }

    /// Takes `count` tokens, or none if there are fewer: false.
    public mutating func take(_ count: Int64 = 1, now: MonotonicInstant) -> Bool {
        guard wait(for: count, now: now) == .zero else { return false }
        fullAt = max(fullAt, now).advanced(by: .nanoseconds(count * nanosecondsPerToken))
        return true
    }

    /// How long until `count` tokens (at most `capacity`) are there if nobody takes any: what to put into `Retry-After`.
    public func wait(for count: Int64 = 1, now: MonotonicInstant) -> Duration {
        precondition(count > 0 && count <= capacity, "a bucket of \(capacity) never holds \(count)")
        let earliest = fullAt.advanced(by: .nanoseconds((count - capacity) * nanosecondsPerToken))
        return max(.zero, now.duration(to: earliest))
    }
}
