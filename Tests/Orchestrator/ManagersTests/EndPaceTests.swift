import Core
import Testing

@testable import Managers

/// Which ends are stored at once, and which wait for others.
struct EndPaceTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    /// Which of so many are few that come at such an interval; and whether one is that comes after a rest.
    private func judge(_ count: Int, every interval: Duration) -> (few: [Bool], afterRest: Bool) {
        var pace = EndPace()
        let few = (0..<count).map { pace.isFew(at: start.advanced(by: interval * $0)) }
        return (few, pace.isFew(at: start.advanced(by: interval * count + .seconds(1))))
    }

    @Test func `what ends now and then is stored at once`() {
        #expect(judge(1000, every: .milliseconds(10)).few.allSatisfy { $0 })
    }

    @Test func `of many only the first are stored at once, and after a rest each is again`() {
        let (few, afterRest) = judge(300, every: .milliseconds(1))
        #expect(few == (0..<300).map { $0 < 32 })
        #expect(afterRest)
    }
}
