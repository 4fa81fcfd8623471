public import Core
import Glibc

extension Environment {
    /// The machine's own clocks and random numbers.
    public static let live = Environment(
        clock: LiveClock(), wallClock: LiveWallClock(), random: SystemRandomSource())
}

/// `CLOCK_MONOTONIC`, which stands still while the machine sleeps.
public struct LiveClock: MonotonicClock {
    public init() {}

    public var now: MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        guard deadline > now else { return }
        try await LiveTimers.shared.sleep(until: deadline.nanoseconds)
    }
}

/// `CLOCK_REALTIME`.
public struct LiveWallClock: WallClock {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// The system's generator.
public struct SystemRandomSource: RandomSource {
    public init() {}

    public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}
