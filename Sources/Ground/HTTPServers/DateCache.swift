import Core
import EventLoops
import HTTPModel

/// The `Date` of responses, made anew when the second changes. One for each loop.
final class DateCache {
    private let clock: any WallClock
    private let loop: EventLoop
    private var bytes: [UInt8] = []
    private var goodUntil = Int64.min

    init(clock: any WallClock, loop: EventLoop) {
        self.clock = clock
        self.loop = loop
    }

    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        if loop.now >= goodUntil {
            let now = clock.now
            bytes = Array(HTTPDate.text(now).utf8)
            let inSecond = (now.microseconds % 1_000_000 + 1_000_000) % 1_000_000
            goodUntil = loop.now + (1_000_000 - inSecond) * 1000
        }
        bytes.withUnsafeBytes(body)
    }
}
