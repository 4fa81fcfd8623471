public import Core

/// How long to wait before the next try: exponential, capped, with full jitter, so that those who failed together do not
/// come back together.
///
/// Each wait is drawn evenly from `0...min(cap, base · 2ⁿ)`: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct Backoff: Hashable, Sendable {
    /// The longest first wait.
    public var base: Duration
    /// The longest wait of all.
    public var cap: Duration
    /// How many waits are given before ``next(random:)`` returns nil; nil for no end.
    public var limit: Int?
    /// The waits given so far.
    public private(set) var count = 0

    public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(10), limit: Int? = nil) {
        precondition(base > .zero && cap >= base)
        self.base = base
        self.cap = cap
        self.limit = limit
    }

    /// The longest that the next wait can be.
    public var ceiling: Duration {
        // 2⁶² times a nanosecond is over a century: beyond any cap, and short of overflow.
        let doublings = min(count, 62)
        let cap = cap.inNanoseconds
        let base = base.inNanoseconds
        return .nanoseconds(base > cap >> Int64(doublings) ? cap : base << Int64(doublings))
    }

    /// The next wait, or nil once the limit is reached.
    public mutating func next(random: any RandomSource) -> Duration? {
        if let limit, count >= limit { return nil }
        let ceiling = UInt64(ceiling.inNanoseconds)
        count += 1
        return .nanoseconds(Int64(random.next(below: ceiling + 1)))
    }

    /// Starts again from `base`, after a success.
    public mutating func reset() { count = 0 }
}
