import Concurrency
import Core
import Synchronization

/// Both clocks of a test, which go on when it says so.
final class ScriptedClock: MonotonicClock {
    /// The same time as people tell it.
    struct Wall: WallClock {
        let clock: ScriptedClock
        var now: Timestamp { Timestamp(microseconds: 1_000_000_000_000).advanced(by: clock.passed) }
    }

    private struct State {
        var passed = Duration.zero
        var moved = Latch<Void>()
    }

    private let state = Mutex(State())

    func advance(by duration: Duration) {
        let moved = state.withLock { state in
            state.passed += duration
            defer { state.moved = Latch() }
            return state.moved
        }
        moved.set(())
    }

    private var passed: Duration { state.withLock { $0.passed } }

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: 0).advanced(by: passed) }
    var wall: Wall { Wall(clock: self) }

    func sleep(until deadline: MonotonicInstant) async throws {
        while true {
            let (passed, moved) = state.withLock { ($0.passed, $0.moved) }
            if MonotonicInstant(nanoseconds: 0).advanced(by: passed) >= deadline { return }
            try await moved.value()
        }
    }
}
