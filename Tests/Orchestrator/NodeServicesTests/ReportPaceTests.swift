import Core
import Testing

@testable import NodeServices

/// Which reports wait for others, and which do not.
struct ReportPaceTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    @Test func `what a task does now and then is told at once`() {
        var pace = ReportPace(at: start)
        for number in 0..<1000 {
            let now = start.advanced(by: .milliseconds(10) * number)
            #expect(pace.wait(with: 2, at: now) == nil)
        }
    }

    @Test func `reports that come faster than that wait, and after a rest none does`() {
        var pace = ReportPace(at: start)
        let waits = (0..<100).map { pace.wait(with: 4, at: start.advanced(by: .milliseconds(1) * $0)) }
        #expect(waits.prefix(8).allSatisfy { $0 == nil })
        #expect(waits.suffix(50).contains(ReportPace.patience))
        #expect(pace.wait(with: 4, at: start.advanced(by: .seconds(2))) == nil)
    }

    @Test func `more at once than can be few is no fault`() {
        var pace = ReportPace(at: start)
        #expect(pace.wait(with: 100_000, at: start) == nil)
        #expect(pace.wait(with: 100_000, at: start) == ReportPace.patience)
    }
}
