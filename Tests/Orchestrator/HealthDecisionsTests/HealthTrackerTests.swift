import ClusterModel
import Core
import HealthDecisions
import Testing

private let start = MonotonicInstant(nanoseconds: 0)

/// A tracker with a clock of the test's own.
private struct Trial {
    var tracker: HealthTracker
    var now = start

    init(_ check: HealthCheck, known: Health.State = .starting) {
        tracker = HealthTracker(check, known: known, at: start)
    }

    /// Waits for the next probe, and gives its result.
    mutating func probe(_ isGood: Bool, _ text: String? = nil) -> HealthTracker.News? {
        if let next = tracker.nextProbe { now = next }
        return tracker.take(ProbeResult(isGood: isGood, text ?? (isGood ? "good" : "bad")), at: now)
    }

    /// The waits between the next `count` probes, all with the same result.
    mutating func waits(_ count: Int, _ isGood: Bool) -> [Duration] {
        (0..<count).map { _ in
            let before = now
            _ = probe(isGood)
            return before.duration(to: now)
        }
    }
}

struct HealthTrackerTests {
    private let check = HealthCheck(
        tcp: .init(port: 1), startPeriod: Seconds(5), interval: Seconds(10), retries: 3)

    @Test func `the first success makes it healthy, at once and told once`() {
        var trial = Trial(check)
        #expect(trial.probe(true) == HealthTracker.News(state: .healthy, reason: "good"))
        #expect(trial.now == start)
        #expect(trial.probe(true) == nil)
        #expect(trial.now == start.advanced(by: .seconds(10)))
    }

    @Test func `in the start period it is asked soon and then every second, and failures do not count`() {
        var trial = Trial(check)
        let waits = trial.waits(7, false).map(\.inSeconds)
        #expect(waits == [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1])
        #expect(trial.tracker.news.state == .starting)
    }

    @Test func `a start that takes longer than its period counts failures, to the end`() {
        var trial = Trial(check)
        while trial.now < start.advanced(by: .seconds(5)) { _ = trial.probe(false) }
        // The one at the end of the period was the first that counts.
        #expect(trial.tracker.news.reason == "bad (1 of 3 times)")
        _ = trial.probe(false)
        #expect(
            trial.probe(false) == HealthTracker.News(state: .unhealthy, reason: "bad (3 times in a row)"))
        #expect(trial.tracker.nextProbe == nil)
    }

    @Test func `a probe that found out nothing counts for nothing, and is made again when it is time`() {
        var trial = Trial(check, known: .healthy)
        _ = trial.probe(false)
        _ = trial.probe(false)
        for _ in 0..<5 {
            let due = trial.tracker.nextProbe!
            trial.tracker.skip(at: due)
            #expect(trial.tracker.nextProbe == due.advanced(by: .seconds(10)))
        }
        #expect(trial.tracker.news.state == .healthy)
        #expect(trial.probe(false)?.state == .unhealthy)
        trial.tracker.skip(at: trial.now)
        #expect(trial.tracker.nextProbe == nil)
        var first = Trial(check)
        first.tracker.skip(at: start)
        #expect(first.tracker.nextProbe == start.advanced(by: .milliseconds(50)))
    }

    @Test func `failures count only in a row`() {
        var trial = Trial(check)
        _ = trial.probe(true)
        for _ in 0..<5 {
            _ = trial.probe(false)
            _ = trial.probe(false)
            _ = trial.probe(true)
        }
        #expect(trial.tracker.news.state == .healthy)
        _ = trial.probe(false)
        _ = trial.probe(false)
        #expect(trial.probe(false)?.state == .unhealthy)
    }

    @Test func `with one retry the first failure says nothing of times`() {
        var trial = Trial(HealthCheck(tcp: .init(), startPeriod: Seconds(0), retries: 1))
        #expect(trial.probe(false) == HealthTracker.News(state: .unhealthy, reason: "bad"))
    }

    @Test func `what was healthy before has no start period`() {
        var trial = Trial(check, known: .healthy)
        #expect(trial.waits(2, false) == [.zero, .seconds(10)])
        #expect(trial.probe(false)?.state == .unhealthy)
    }

    @Test
    func
        `reasons that change without the state are told at most every five seconds, and the last one is told`()
    {
        var trial = Trial(
            HealthCheck(tcp: .init(), startPeriod: Seconds(0), interval: Seconds(1), retries: 1000))
        _ = trial.probe(true)
        var told: [(Duration, String)] = []
        for number in 1...20 {
            if let news = trial.probe(false, "bad \(number)") {
                told.append((start.duration(to: trial.now), news.reason))
            }
        }
        #expect(told.map(\.0) == [.seconds(5), .seconds(10), .seconds(15), .seconds(20)])
        #expect(told.last?.1 == "bad 20 (20 of 1000 times)")
    }

    @Test func `a short interval is not made longer by the start period`() {
        var trial = Trial(
            HealthCheck(tcp: .init(), startPeriod: Seconds(60), interval: Seconds(0.1), retries: 3))
        #expect(trial.waits(5, false).max() == .milliseconds(100))
    }
}
