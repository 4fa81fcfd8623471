import ClusterModel
import Core
import TaskDecisions
import Testing

struct DeadlineTests {
    @Test func `a task that waits for room fails when it should have started, and says what it waited for`()
        throws
    {
        var bench = Bench()
        let (record, decision) = try bench.submit {
            $0.resources.cpuMillis = 4000
            $0.startWithin = Seconds(5)
        }
        #expect(decision.wakes == [seconds(5)])
        #expect(bench.core.wake(record.id, at: seconds(4)).wakes == [seconds(5)])
        #expect(bench.state(record).state == .pending)
        _ = bench.core.wake(record.id, at: seconds(5))
        #expect(bench.state(record).state == .failed)
        #expect(
            bench.state(record).reason
                == "did not start within 5s: waiting for room: one has 2 of 2 cores free, asked are 4")
        #expect(bench.state(record).finishedAt == seconds(5))
    }

    @Test func `once it runs the bound for its start is over, also after a restart`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.startWithin = Seconds(5)
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(10))
        }
        #expect(bench.state(record).startBy == nil)
        #expect(bench.core.wake(record.id, at: seconds(5)).isEmpty)
        #expect(bench.exit(record, code: 1, at: seconds(6)).wakes == [seconds(16)])
        _ = bench.core.wake(record.id, at: seconds(16))
        #expect(bench.state(record).state == .scheduled)
    }

    @Test func `a start under way is given up at the bound`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.startWithin = Seconds(5) }
        let decision = bench.core.wake(record.id, at: seconds(5))
        #expect(decision.directives.contains { if case .cancelLaunch = $0 { true } else { false } })
        #expect(bench.state(record).state == .stopping)
        _ = bench.observe(.startCancelled, record, at: seconds(6))
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "did not start within 5s: starting on one")
        #expect(bench.core.nodes[bench.node.id]!.allocated == Capacity())
    }

    @Test func `a start that fails or comes too late while it is given up is no start`() throws {
        var bench = Bench()
        let restart = RestartPolicy(mode: .always)
        let (failing, _) = try bench.submit {
            $0.startWithin = Seconds(5)
            $0.restart = restart
        }
        _ = bench.core.wake(failing.id, at: seconds(5))
        _ = bench.observe(.startFailed(reason: "no registry", retry: true), failing, at: seconds(6))
        #expect(bench.state(failing).state == .failed)
        let (late, _) = try bench.submit {
            $0.startWithin = Seconds(5)
            $0.restart = restart
        }
        _ = bench.core.wake(late.id, at: seconds(5))
        let decision = bench.observe(
            .started(at: seconds(5.5), ports: [], warnings: []), late, at: seconds(6))
        #expect(decision.stops == 1)
        #expect(bench.state(late).state == .stopping)
        _ = bench.exit(late, code: 143, at: seconds(7))
        #expect(bench.state(late).state == .failed)
        #expect(bench.state(late).reason == "did not start within 5s: starting on one")
    }

    @Test func `a start in time of which the news is late counts`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.startWithin = Seconds(5) }
        _ = bench.core.wake(record.id, at: seconds(5))
        _ = bench.observe(.started(at: seconds(4.9), ports: [], warnings: []), record, at: seconds(6))
        #expect(bench.state(record).state == .running)
    }

    @Test func `between two tries what became of the last one is the reason`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit {
            $0.startWithin = Seconds(5)
            $0.restart = RestartPolicy(mode: .always, wait: Seconds(30))
        }
        let decision = bench.observe(.startFailed(reason: "no registry", retry: true), record, at: seconds(1))
        #expect(decision.wakes == [seconds(5)])
        _ = bench.core.wake(record.id, at: seconds(5))
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "did not start within 5s: no registry")
    }

    @Test func `what is not over at its deadline is ended, and not started again`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.finishWithin = Seconds(60)
            $0.timeout = Seconds(50)
            $0.restart = RestartPolicy(mode: .always, wait: Seconds(1))
        }
        _ = bench.exit(record, code: 1, at: seconds(20))
        _ = bench.core.wake(record.id, at: seconds(21))
        // Its time-out would be later.
        #expect(
            bench.observe(.started(at: seconds(21), ports: [], warnings: []), record, at: seconds(21)).wakes
                == [seconds(60)])
        #expect(bench.core.wake(record.id, at: seconds(60)).stops == 1)
        #expect(bench.state(record).reason == "was not done within 60s")
        _ = bench.exit(record, code: 0, at: seconds(61))
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "was not done within 60s")
    }

    @Test func `a restart that would come after the deadline does not`() throws {
        var bench = Bench()
        let record = try bench.running {
            $0.finishWithin = Seconds(10)
            $0.restart = RestartPolicy(mode: .onFailure, wait: Seconds(30))
        }
        #expect(bench.exit(record, code: 3, at: seconds(1)).wakes == [seconds(10)])
        _ = bench.core.wake(record.id, at: seconds(10))
        #expect(bench.state(record).state == .failed)
        #expect(bench.state(record).reason == "was not done within 10s: exit code 3")
    }

    @Test func `a stop that was asked for stays a stop`() throws {
        var bench = Bench()
        let record = try bench.running { $0.finishWithin = Seconds(10) }
        _ = try bench.core.stop(record.id, grace: nil, at: seconds(9))
        #expect(bench.core.wake(record.id, at: seconds(10)).isEmpty)
        _ = bench.exit(record, code: 143, at: seconds(11))
        #expect(bench.state(record).state == .stopped)
    }

    @Test func `stored deadlines count again after a restart`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit {
            $0.resources.cpuMillis = 4000
            $0.startWithin = Seconds(5)
        }
        let counter = bench.counter
        var again = TaskCore(epoch: 2) { counter.next() }
        again.restore(bench.state(record), idempotencyKey: nil)
        #expect(again.restored().wakes == [seconds(5)])
        _ = again.wake(record.id, at: seconds(5))
        #expect(again.tasks[record.id]!.reason == "did not start within 5s: waiting for a node to join")
    }

    @Test func `after a restart what waits says what is so now`() throws {
        var bench = Bench()
        let (record, _) = try bench.submit { $0.resources.cpuMillis = 4000 }
        let counter = bench.counter
        var again = TaskCore(epoch: 2) { counter.next() }
        again.restore(bench.state(record), idempotencyKey: nil)
        again.restore(bench.core.description(of: bench.node.id)!, orders: NodeOrders())
        #expect(again.restored().changes.count == 1)
        #expect(
            again.tasks[record.id]!.reason
                == "waiting for room: one is disconnected (has not come back since the manager started)")
        #expect(again.restored().isEmpty)
    }

    @Test func `what has to make room and finds none in time fails as well`() throws {
        var bench = Bench()
        let record = try bench.running { $0.finishWithin = Seconds(10) }
        _ = try bench.core.obey(NodeOrders(service: .drained), about: bench.node.id, at: seconds(1))
        #expect(bench.exit(record, code: 143, at: seconds(2)).wakes == [seconds(2)])
        #expect(bench.core.wake(record.id, at: seconds(2)).wakes == [seconds(10)])
        _ = bench.core.wake(record.id, at: seconds(10))
        #expect(bench.state(record).state == .failed)
        #expect(
            bench.state(record).reason.hasPrefix("was not done within 10s: waiting for room: one is drained"))
    }
}
