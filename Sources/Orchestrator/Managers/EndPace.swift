import Core

/// When ends of attempts wait to be stored together. While few come none waits: whoever follows a job of a few tasks learns of each at
/// once. A job of thousands has its ends stored some hundred times a second, and not each for itself.
struct EndPace {
    /// So many in so long are many.
    private static let count = 32
    private static let span = Duration.milliseconds(320)

    /// When the last ones came, and which of them came first.
    private var times = [MonotonicInstant?](repeating: nil, count: count)
    private var first = 0

    /// Whether one more that comes now is among few.
    mutating func isFew(at now: MonotonicInstant) -> Bool {
        defer {
            times[first] = now
            first = (first + 1) % Self.count
        }
        return times[first].map { $0.duration(to: now) >= Self.span } ?? true
    }
}
