import ClusterModel
import Core
import TaskDecisions
import Testing

/// Starts of which nobody knows whether they came about.
struct UnclearStartTests {
    private let away = AttemptEvent.startUnclear(reason: "engine away")

    @Test func `it is asked again as the same attempt, which cannot become two`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.restart.mode = .always }
        let decision = bench.observe(away, record)
        #expect(bench.state(record).state == .scheduled)
        #expect(bench.state(record).reason == "engine away; trying again in 500ms")
        #expect(decision.wakes == [seconds(0.5)])
        let again = bench.core.wake(record.id, at: seconds(0.5))
        #expect(again.launches.map(\.attempt) == [record.current!.id])
        #expect(bench.state(record).reason == "starting on one")
        #expect(bench.state(record).attemptCount == 1)
    }

    @Test func `a wake that comes early is ordered again`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        _ = bench.observe(away, record)
        let early = bench.core.wake(record.id, at: seconds(0.1))
        #expect(early.launches.isEmpty)
        #expect(early.wakes == [seconds(0.5)])
    }

    @Test func `what had started is taken as started`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        _ = bench.observe(away, record)
        _ = bench.core.wake(record.id, at: seconds(1))
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        #expect(bench.state(record).state == .running)
        #expect(bench.state(record).notBefore == nil)
    }

    @Test func `a stop between two tries ends whatever there is, and waits until that is known`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        _ = bench.observe(away, record)
        #expect(try bench.core.stop(record.id, grace: nil, at: origin).stops == 1)
        #expect(bench.state(record).state == .stopping)
        #expect(bench.core.wake(record.id, at: seconds(9)).isEmpty)
        _ = bench.observe(.exited(code: nil, at: seconds(1), reason: "unknown"), record)
        #expect(bench.state(record).state == .stopped)
        #expect(bench.state(record).reason == "stopped before it started")
    }

    @Test func `a stop that came during the try is not forgotten`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit()
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        #expect(bench.observe(away, record).stops == 1)
        #expect(bench.state(record).state == .stopping)
    }

    @Test func `a task that is never restarted fails once it is certain that nothing runs`() throws {
        var bench = Bench(limits: .init(startTries: 1))
        let (record, _) = try bench.submit()
        _ = bench.observe(away, record)
        _ = bench.core.wake(record.id, at: seconds(1))
        #expect(bench.observe(away, record).stops == 1)
        #expect(bench.state(record).state == .stopping)
        _ = bench.observe(.exited(code: nil, at: seconds(2), reason: "unknown"), record)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "engine away")
        #expect(bench.core.nodes[bench.node.id]!.allocated == Capacity())
    }

    @Test func `waits grow also where the policy's are zero`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.restart = RestartPolicy(mode: .always, wait: Seconds(0)) }
        var waits: [Duration] = []
        var now = origin
        for _ in 0..<9 {
            let wake = bench.core.observe(
                away, of: record.current!.id, task: record.id, at: now
            ).wakes[0]
            waits.append(now.duration(to: wake))
            now = wake
            _ = bench.core.wake(record.id, at: now)
        }
        #expect(waits.first == .milliseconds(100))
        #expect(waits.last == .seconds(10))
    }
}
