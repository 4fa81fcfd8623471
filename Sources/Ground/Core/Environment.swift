/// A moment of a clock that never jumps: nanoseconds since an origin that only this process knows.
public struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable
    public func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds + duration.inNanoseconds)
    }

    @inlinable
    public func duration(to other: MonotonicInstant) -> Duration {
        .nanoseconds(other.nanoseconds - nanoseconds)
    }

    @inlinable
    public static func < (a: MonotonicInstant, b: MonotonicInstant) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// Time that passes, for deadlines and waits.
public protocol MonotonicClock: Sendable {
    var now: MonotonicInstant { get }

    /// Returns at `deadline` or soon after; throws `CancellationError` as soon as the task is cancelled.
    func sleep(until deadline: MonotonicInstant) async throws
}

extension MonotonicClock {
    /// Returns after `duration`; throws `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: now.advanced(by: duration))
    }
}

/// Civil time, for records.
public protocol WallClock: Sendable {
    var now: Timestamp { get }
}

/// Where random numbers come from. Cryptographic ones come from `Cryptography` alone.
public protocol RandomSource: Sendable {
    func next() -> UInt64
}

extension RandomSource {
    /// A number in `0..<bound`, without modulo bias (Lemire's multiplication).
    public func next(below bound: UInt64) -> UInt64 {
        precondition(bound > 0)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// A number in `0..<1`.
    public func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// What a part of Apollo may know of the world: everything else that is not a parameter would escape the simulator.
///
/// `Environment.live` is in `Concurrency`, the simulated one in `Simulation`.
public struct Environment: Sendable {
    public var clock: any MonotonicClock
    public var wallClock: any WallClock
    public var random: any RandomSource

    public init(clock: any MonotonicClock, wallClock: any WallClock, random: any RandomSource) {
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
    }

    /// A fresh identifier.
    public func identifier<Kind>(of kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(time: wallClock.now, random: random.next())
    }
}
