import Core
import JobDecisions
import JobModel
import Testing

struct JobWakesTests {
    private let job = JobID(time: Timestamp(microseconds: 0), random: 1)
    private let now = Timestamp(microseconds: 1_000_000_000_000)
    private let instant = MonotonicInstant(nanoseconds: 0)

    private func after(_ seconds: Int64) -> MonotonicInstant { instant.advanced(by: .seconds(seconds)) }

    private var wakes: JobWakes {
        var wakes = JobWakes()
        wakes.set(job, at: now.advanced(by: .seconds(10)), from: now, instant)
        return wakes
    }

    @Test func `a job is looked at when its time has come, once`() {
        var wakes = wakes
        #expect(wakes.wait(from: now, instant) == .seconds(10))
        #expect(wakes.takeDue(now.advanced(by: .seconds(9)), after(9)).isEmpty)
        #expect(wakes.takeDue(now.advanced(by: .seconds(10)), after(10)) == [job])
        #expect(wakes.count == 0)
        #expect(wakes.wait(from: now, instant) == nil)
    }

    @Test func `a clock that is set back keeps no job waiting`() {
        var wakes = wakes
        let back = now.advanced(by: .seconds(-3600))
        #expect(wakes.wait(from: back, after(1)) == .seconds(9))
        #expect(wakes.takeDue(back, after(9)).isEmpty)
        #expect(wakes.takeDue(back, after(10)) == [job])
    }

    @Test func `a clock that is set forward has the time come earlier`() {
        var wakes = wakes
        #expect(wakes.takeDue(now.advanced(by: .seconds(3600)), after(1)) == [job])
    }

    @Test
    func `of two times within which to look the earlier counts, and one that is set takes the place of both`()
    {
        var wakes = wakes
        wakes.set(job, within: .seconds(20), from: now, instant)
        #expect(wakes.wait(from: now, instant) == .seconds(10))
        wakes.set(job, within: .seconds(5), from: now, instant)
        #expect(wakes.wait(from: now, instant) == .seconds(5))
        wakes.set(job, at: now.advanced(by: .seconds(30)), from: now, instant)
        #expect(wakes.wait(from: now, instant) == .seconds(30))
        wakes.remove(job)
        #expect(wakes.count == 0)
    }
}
