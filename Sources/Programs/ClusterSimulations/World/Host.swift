import Core
import Simulation

/// A process: it may crash, or be stopped and go on later, and what it does is only done while it works.
class Host {
    unowned(unsafe) let world: World
    private(set) var isAlive = true
    private(set) var isPaused = false
    private var deferred: [() -> Void] = []

    init(_ world: World) { self.world = world }

    var works: Bool { isAlive && !isPaused }

    /// Does it now, or when it goes on; not at all once it is dead.
    func perform(_ action: @escaping () -> Void) {
        guard isAlive else { return }
        if isPaused { deferred.append(action) } else { action() }
    }

    func after(_ wait: Int64, _ action: @escaping () -> Void) {
        world.after(wait, by: self, action)
    }

    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        let actions = deferred
        deferred = []
        for (index, action) in actions.enumerated() {
            guard isAlive else { return }
            guard !isPaused else {
                deferred = Array(actions[index...]) + deferred
                return
            }
            action()
        }
    }

    func die() {
        isAlive = false
        deferred = []
        letGo()
    }

    /// Lets go of what may know of it: nothing of that is needed once it is dead.
    func letGo() {}
}

/// How a machine sees time: civil time may be off and may be set, the other runs a little too fast or slow, and never jumps.
struct Clocks {
    var drift: Double
    var offset: Int64
    var civilError: Int64 = 0

    /// 2026-01-01.
    private static let origin: Int64 = 1_767_225_600_000_000

    static func draw(_ random: inout SplitMix64) -> Clocks {
        Clocks(
            drift: Double(random.number(-200...200)) * 1e-6, offset: random.number(0...Span.hour),
            civilError: random.chance(0.7)
                ? random.number(-Span.second...Span.second) : random.number(-Span.hour...Span.hour))
    }

    func monotonic(_ now: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: (now + Int64(Double(now) * drift) + offset) * 1000)
    }

    func civil(_ now: Int64) -> Timestamp { Timestamp(microseconds: Self.origin + now + civilError) }

    /// How long to wait from `now` for `instant`; at least the clock's tick.
    func wait(for instant: MonotonicInstant, from now: Int64) -> Int64 {
        let left = (instant.nanoseconds - monotonic(now).nanoseconds + 999) / 1000
        return max(0, left + Int64((Double(left) * abs(drift)).rounded(.up)))
    }
}
