import Concurrency
import Core
import EventLoops
import Glibc
import Testing

struct LoopReportTests {
    @Test func `a loop that waits answers, and says what it watches`() async throws {
        let group = try EventLoopGroup(count: 1)
        let report = await group.loops[0].report(within: .seconds(60), clock: LiveClock())
        #expect(report.lag != nil)
        #expect(report.sources == 0)
        #expect(report.queued == 0)
        await group.stop()
    }

    @Test func `a loop that is stuck is seen to be`() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let (entered, leave) = (Latch<Void>(), Latch<Void>())
        loop.execute {
            entered.open()
            // What no one may do on a loop: hold it up.
            while !leave.isOpen { sched_yield() }
        }
        try await entered.wait()
        let report = await loop.report(within: .milliseconds(20), clock: LiveClock())
        #expect(report.lag == nil)
        #expect(report.sources == nil)
        #expect(report.busyFor != nil)
        leave.open()
        // Its answer says that the turn has ended; what was seen with it may be older.
        let later = await loop.report(within: .seconds(60), clock: LiveClock())
        #expect(later.lag != nil)
        let last = await loop.report(within: .seconds(60), clock: LiveClock())
        #expect(last.longestTurn >= .milliseconds(15))
        await group.stop()
    }
}
