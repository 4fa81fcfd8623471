import Core
import IdentityDecisions
import Testing

@Suite struct LoginThrottleTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func at(_ seconds: Double) -> MonotonicInstant { start.advanced(by: .seconds(seconds)) }

    @Test func `after some failures each wait is twice as long, up to the longest`() {
        var throttle = LoginThrottle()
        for _ in 0..<5 { #expect(throttle.begin(account: "ann", peer: "a", at: start) == nil) }
        var now = start
        var waits: [Duration] = []
        for _ in 0..<8 {
            let wait = throttle.begin(account: "ann", peer: "b\(waits.count)", at: now) ?? .zero
            waits.append(wait)
            now = now.advanced(by: wait)
            #expect(throttle.begin(account: "ann", peer: "c\(waits.count)", at: now) == nil)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    }

    @Test func `one peer that tries many accounts has to wait too, and others need not`() {
        var throttle = LoginThrottle()
        for n in 0..<20 { #expect(throttle.begin(account: "user\(n)", peer: "a", at: start) == nil) }
        #expect(throttle.begin(account: "user20", peer: "a", at: start) == .seconds(1))
        #expect(throttle.begin(account: "user20", peer: "b", at: start) == nil)
    }

    @Test func `many at once gain nothing, and a right one clears the account`() {
        var throttle = LoginThrottle()
        let begun = (0..<100).filter { _ in throttle.begin(account: "ann", peer: "a", at: start) == nil }
        #expect(begun.count == 5)
        throttle.succeed(account: "ann", peer: "a")
        #expect(throttle.begin(account: "ann", peer: "a", at: start) == nil)
    }

    @Test func `failures are forgotten after a quarter of an hour`() {
        var throttle = LoginThrottle()
        for _ in 0..<5 { _ = throttle.begin(account: "ann", peer: "a", at: start) }
        #expect(throttle.begin(account: "ann", peer: "a", at: at(900)) == nil)
        for _ in 0..<4 { #expect(throttle.begin(account: "ann", peer: "a", at: at(901)) == nil) }
    }

    @Test func `however many accounts are tried, the one that is guessed at is not forgotten`() {
        var throttle = LoginThrottle(limit: 100)
        for n in 0..<5 { _ = throttle.begin(account: "ann", peer: "p\(n)", at: at(1)) }
        for n in 0..<40 { _ = throttle.begin(account: "x\(n)", peer: "q\(n)", at: at(0.5)) }
        #expect(throttle.begin(account: "ann", peer: "z", at: at(1.5)) == .seconds(0.5))
    }
}
