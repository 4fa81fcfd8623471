import Core

/// The clocks of one simulated process: its own origin, its own rate, its own error in civil time.
///
/// The origin differs from process to process, as it does between machines: an instant that is sent to another machine and
/// compared there is a fault that shows.
final class SimulatedClock: MonotonicClock, @unchecked Sendable {
    /// 2026-01-01T00:00:00Z, in microseconds: when every simulation begins.
    static let epoch: Int64 = 1_767_225_600_000_000

    private let executor: ProcessExecutor
    private let start: Int64
    private let origin: Int64
    /// How much faster than true time it goes, in parts per million.
    private let drift: Int64
    private let wallError: () -> Duration

    init(executor: ProcessExecutor, origin: Int64, drift: Int64, wallError: @escaping () -> Duration) {
        precondition(abs(drift) < 500_000, "a clock that drifts by half its rate is no clock")
        self.executor = executor
        self.start = executor.scheduler.now
        self.origin = origin
        self.drift = drift
        self.wallError = wallError
    }

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: local(executor.scheduler.now)) }

    var wallNow: Timestamp {
        Timestamp(microseconds: Self.epoch + executor.scheduler.now / 1000 + wallError().inMicroseconds)
    }

    func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        let time = simulated(deadline)
        guard time > executor.scheduler.now else {
            // Time only goes on when nothing is ready: a loop that sleeps for nothing must let others in.
            await Task.yield()
            return
        }
        try await executor.wait(until: time, onTime: .success(()))
    }

    private func local(_ time: Int64) -> Int64 {
        let elapsed = time - start
        guard drift != 0 else { return origin + elapsed }
        return origin + elapsed + Self.scale(elapsed, drift, 1_000_000)
    }

    /// The simulator's time at which this clock has reached `instant`.
    func simulated(_ instant: MonotonicInstant) -> Int64 {
        let (elapsed, overflow) = instant.nanoseconds.subtractingReportingOverflow(origin)
        // A century is for ever.
        guard !overflow, elapsed < 3_200_000_000_000_000_000 else { return .max }
        guard drift != 0 else { return start + elapsed }
        var time = start + elapsed - Self.scale(elapsed, drift, 1_000_000 + drift)
        while local(time) < instant.nanoseconds { time += 1 }
        return time
    }

    /// `value · factor / divisor` without overflow for the values a simulation has.
    private static func scale(_ value: Int64, _ factor: Int64, _ divisor: Int64) -> Int64 {
        value / divisor * factor + value % divisor * factor / divisor
    }
}

/// Civil time of a simulated process. A type of its own, since both clocks call their moment `now`.
struct SimulatedWallClock: WallClock {
    let clock: SimulatedClock
    var now: Timestamp { clock.wallNow }
}
