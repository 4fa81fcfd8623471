import ClusterModel
import Core
import TaskDecisions
import Testing

struct StopTests {
    @Test func `a running task is asked with its grace and ends as stopped`() throws {
        var bench = Bench()
        let record = try bench.running { $0.restart.mode = .always }
        let decision = try bench.core.stop(record.id, grace: nil, at: origin)
        #expect(decision.stops == 1)
        #expect(bench.state(record).state == .stopping)
        _ = bench.exit(record, code: 143)
        #expect(bench.state(record).state == .stopped)
        #expect(bench.state(record).current?.outcome == .stopped)
        #expect(bench.state(record).current?.exitCode == 143)
    }

    @Test func `a task that waits for room is stopped at once`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.resources.cpuMillis = 9000 }
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        #expect(bench.state(record).state == .stopped)
        for _ in 0..<2 { bench.core.ripen() }
        #expect(
            bench.core.expire(finishedBefore: seconds(1)).changes == [
                .delete(record.id, project: record.project)
            ])
    }

    @Test func `a stop during the start gives the start up, or ends what was started`() throws {
        var bench = Bench()
        let (first, _) = try bench.submit()
        let decision = try bench.core.stop(first.id, grace: nil, at: origin)
        #expect(decision.directives.contains { if case .cancelLaunch = $0 { true } else { false } })
        _ = bench.observe(.startCancelled, first)
        #expect(bench.state(first).state == .stopped)

        let (second, _) = try bench.submit()
        _ = try bench.core.stop(second.id, grace: nil, at: origin)
        #expect(bench.observe(.started(at: origin, ports: [], warnings: []), second).stops == 1)
        #expect(bench.state(second).state == .stopping)
        _ = bench.exit(second, code: 0)
        #expect(bench.state(second).state == .stopped)
    }

    @Test func `stopping twice, or what has finished, changes nothing`() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        #expect(try bench.core.stop(record.id, grace: nil, at: origin).isEmpty)
        _ = bench.exit(record, code: 0)
        #expect(try bench.core.stop(record.id, grace: nil, at: origin).isEmpty)
    }

    @Test func `a second stop with a grace of its own makes the end come sooner`() throws {
        var bench = Bench()
        let record = try bench.running { $0.stopGrace = Seconds(600) }
        _ = try bench.core.stop(record.id, grace: nil, at: origin)
        let decision = try bench.core.stop(record.id, grace: .zero, at: origin)
        #expect(decision.changes.isEmpty)
        let graces = decision.directives.compactMap {
            if case .stop(_, let grace) = $0 { grace } else { nil }
        }
        #expect(graces == [.zero])
    }

    @Test func `a look at a time-out that comes early is ordered again`() throws {
        var bench = Bench()
        let record = try bench.running { $0.timeout = Seconds(5) }
        #expect(bench.core.wake(record.id, at: seconds(4)).wakes == [seconds(5)])
    }

    @Test func `a task past its time-out is ended as a failure`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.timeout = Seconds(5) }
        let started = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        #expect(started.wakes == [seconds(5)])
        #expect(bench.core.wake(record.id, at: seconds(5)).stops == 1)
        _ = bench.exit(record, code: 0, at: seconds(6))
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "timed out after 5s")
    }
}
