import Concurrency
import Core

/// When reports wait for one another, so that many travel as one. While few come, none waits: what one task does is told at once. A
/// worker that starts hundreds of tasks a second has its manager woken a few hundred times a second, and not for each of them.
struct ReportPace {
    /// How long the first of many waits for the others.
    static let patience = Duration.milliseconds(4)

    /// 500 a second, and a start with many, are few.
    private var few: TokenBucket

    init(at now: MonotonicInstant) {
        few = TokenBucket(capacity: 32, interval: .milliseconds(2), now: now)
    }

    /// How long to wait before `count` reports are sent; nil for not at all.
    mutating func wait(with count: Int, at now: MonotonicInstant) -> Duration? {
        few.take(min(Int64(count), few.capacity), now: now) ? nil : Self.patience
    }
}
