import ClusterModel
import Core
import TaskDecisions
import Testing

struct RestartTests {
    @Test func `waits grow by the factor up to the cap`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(1), factor: 3, maximumWait: Seconds(5))
        }
        var now = origin
        var waits: [Double] = []
        for _ in 0..<4 {
            let decision = bench.exit(record, code: 1, at: now)
            waits.append(now.duration(to: decision.wakes[0]).inSeconds)
            now = decision.wakes[0]
            _ = bench.core.wake(record.id, at: now)
            _ = bench.observe(.started(at: now, ports: [], warnings: []), record, at: now)
        }
        #expect(waits == [1, 3, 5, 5])
    }

    @Test func `a long run forgets the failures before it`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .always, wait: Seconds(1), factor: 2, maximumWait: Seconds(4))
        }
        _ = bench.exit(record, code: 1)
        _ = bench.core.wake(record.id, at: seconds(1))
        _ = bench.observe(.started(at: seconds(1), ports: [], warnings: []), record)
        let decision = bench.exit(record, code: 1, at: seconds(100))
        #expect(decision.wakes == [seconds(101)])
    }

    @Test func `a clock that is set back makes no wait longer, and lets nothing run longer than it may`()
        throws
    {
        var bench = Bench()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(8))
            $0.timeout = Seconds(20)
        }
        #expect(bench.exit(record, code: 1, at: seconds(1)).wakes == [seconds(9)])
        // A little does not count: the wait is not over.
        #expect(bench.core.wake(record.id, at: seconds(-50)).wakes == [seconds(9)])
        #expect(bench.core.wake(record.id, at: seconds(-3600)).launches.count == 1)
        _ = bench.observe(.started(at: seconds(9), ports: [], warnings: []), record, at: seconds(9))
        #expect(bench.core.wake(record.id, at: seconds(20)).wakes == [seconds(29)])
        #expect(bench.core.wake(record.id, at: seconds(-3600)).stops == 1)
    }

    @Test
    func `a manager whose clock is behind starts again what waits, and stops what has run for its time`()
        throws
    {
        var bench = Bench()
        let waiting = try bench.running { $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(8)) }
        let running = try bench.running { $0.timeout = Seconds(20) }
        _ = bench.exit(waiting, code: 1)
        var next = Bench(joined: false)
        for record in [waiting, running] { next.core.restore(bench.state(record), idempotencyKey: nil) }
        let found = FoundAttempt(
            attempt: running.current!.id, task: running.id, runtime: .process, startedAt: origin)
        let joined = next.core.join(bench.node, found: [.process: [found], .docker: []], at: seconds(-3600))
        #expect(joined.launches.map(\.task) == [waiting.id])
        #expect(joined.wakes == [seconds(-3580)])
        #expect(next.core.wake(running.id, at: seconds(-3580)).stops == 1)
    }

    @Test func `a start that is told to be later than now counts from now`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.timeout = Seconds(20) }
        let decision = bench.observe(.started(at: seconds(3600), ports: [], warnings: []), record)
        #expect(decision.wakes == [seconds(20)])
        #expect(bench.state(record).current?.startedAt == origin)
    }

    @Test func `with a window the bound counts restarts in a row, and a run as long forgets them`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.restart = RestartPolicy(
                mode: .onFailure, attempts: 1, wait: Seconds(1), window: Seconds(10))
        }
        for start in [0.0, 20, 40] {
            // Each has run for longer than the window: the one restart is there again.
            let decision = bench.exit(record, code: 1, at: seconds(start + 15))
            #expect(decision.wakes == [seconds(start + 16)])
            _ = bench.core.wake(record.id, at: seconds(start + 16))
            let running = AttemptEvent.started(at: seconds(start + 20), ports: [], warnings: [])
            _ = bench.observe(running, record, at: seconds(start + 20))
        }
        _ = bench.exit(record, code: 1, at: seconds(61))
        #expect(bench.state(record).state == .failed)
    }

    @Test func `being moved is no restart`() throws {
        var bench = Bench()
        let record = try bench.running { $0.restart = RestartPolicy(mode: .onFailure, attempts: 1) }
        _ = try bench.core.obey(NodeOrders(service: .drained), about: bench.node.id, at: origin)
        _ = bench.exit(record, code: 143)
        _ = bench.core.wake(record.id, at: origin)
        _ = try bench.core.obey(NodeOrders(), about: bench.node.id, at: origin)
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        _ = bench.exit(record, code: 1)
        #expect(bench.state(record).state == .pending)
    }

    @Test func `restarts end at their bound with the last failure's reason`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.restart = RestartPolicy(mode: .onFailure, attempts: 1, wait: Seconds(0))
        }
        _ = bench.exit(record, code: 7)
        _ = bench.core.wake(record.id, at: origin)
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        _ = bench.exit(record, code: 8)
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "exit code 8")
        #expect(bench.state(record).attempts.map(\.exitCode) == [7, 8])
    }

    @Test func `on-failure leaves a success alone and always does not`() throws {
        var bench = Bench()
        let once = try bench.running { $0.restart.mode = .onFailure }
        _ = bench.exit(once, code: 0)
        #expect(bench.state(once).state == .completed)
        let ever = try bench.running { $0.restart.mode = .always }
        _ = bench.exit(ever, code: 0)
        #expect(bench.state(ever).state == .pending)
    }

    @Test func `old attempts leave the record, and their logs with them`() throws {
        var bench = Bench(limits: .init(attemptsKept: 2))
        let record = try bench.running { $0.restart = RestartPolicy(mode: .always, wait: Seconds(0)) }
        var removed = 0
        for _ in 0..<3 {
            _ = bench.exit(record, code: 0)
            let decision = bench.core.wake(record.id, at: origin)
            removed += decision.directives.count { if case .remove = $0 { true } else { false } }
            _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        }
        #expect(bench.state(record).attempts.map(\.number) == [3, 4])
        #expect(bench.state(record).attemptCount == 4)
        #expect(removed == 2)
    }
}
