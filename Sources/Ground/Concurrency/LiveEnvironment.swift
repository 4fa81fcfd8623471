public import Core
import Glibc
import Synchronization

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
    /// Numbers drawn and not given out yet: the kernel is asked for many at once, for the call takes longer than all else that an
    /// identifier is made of.
    private struct Block {
        /// As much as `getentropy` gives at a time: 256 bytes.
        static let count = 32

        var numbers: [UInt64] = []

        mutating func next() -> UInt64 {
            if let number = numbers.popLast() { return number }
            numbers = [UInt64](repeating: 0, count: Self.count)
            // It fails only where the kernel has no such call (getentropy(3)), and then nothing here can run.
            let result = getentropy(&numbers, Self.count * MemoryLayout<UInt64>.size)
            precondition(result == 0, "the kernel gives no random bytes: errno \(errno)")
            return numbers.removeLast()
        }
    }

    private static let block = Mutex(Block())

    public init() {}

    public func next() -> UInt64 { Self.block.withLock { $0.next() } }
}
