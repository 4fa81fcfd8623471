import Concurrency
public import Core
import Synchronization

/// How many refusals of nobody known are recorded: whoever guesses must not fill the disk. All doors have one in common.
public final class RefusalLimit: Sendable {
    private struct State {
        var bucket: TokenBucket
        var leftOut = 0
    }

    private let clock: any MonotonicClock
    private let state: Mutex<State>

    /// Enough for every mistake of a person, and 17 million records a year at most.
    public init(clock: any MonotonicClock) {
        self.clock = clock
        state = Mutex(State(bucket: TokenBucket(capacity: 100, interval: .seconds(2), now: clock.now)))
    }

    /// How many were left out since the last that was recorded; nil where this one is left out, too.
    public func take() -> Int? {
        let now = clock.now
        return state.withLock { state in
            guard state.bucket.take(now: now) else {
                state.leftOut += 1
                return nil
            }
            defer { state.leftOut = 0 }
            return state.leftOut
        }
    }
}
