import ClusterModel
import Core
import TaskDecisions
import Testing

/// What a manager does with what it finds after it was killed and started again.
struct ReconcileTests {
    /// A second core that knows only what the first had stored.
    private func restarted(_ bench: Bench) -> Bench {
        var next = Bench(joined: false)
        for record in bench.core.tasks.values { next.core.restore(record, idempotencyKey: nil) }
        return next
    }

    private func found(_ record: TaskRecord, exit: FoundAttempt.Exit? = nil) -> FoundAttempt {
        FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin, exit: exit)
    }

    @Test func `a running attempt is adopted, not restarted`() throws {
        var first = Bench()
        let record = try first.running { $0.resources.cpuMillis = 500 }
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: [found(record)]], at: seconds(9))
        #expect(decision.launches.isEmpty)
        #expect(decision.changes.isEmpty)
        #expect(decision.directives.count == 1)
        #expect(second.state(record) == record)
        #expect(second.core.nodes[first.node.id]!.allocated.cpuMillis == 500)
    }

    @Test func `what finished meanwhile is known with its exit code`() throws {
        var first = Bench()
        let record = try first.running()
        var second = restarted(first)
        let exit = FoundAttempt.Exit(code: 4, endedAt: seconds(3), reason: "exit code 4")
        _ = second.core.join(first.node, found: [.process: [found(record, exit: exit)]], at: seconds(9))
        #expect(second.state(record).state == .failed)
        #expect(second.state(record).current?.exitCode == 4)
        #expect(second.state(record).finishedAt == seconds(3))
    }

    @Test func `an attempt whose start was not known to have happened is started again as the same`() throws {
        var first = Bench()
        let (record, _) = try first.submit()
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: []], at: seconds(1))
        #expect(decision.launches.map(\.attempt) == [record.current!.id])
    }

    @Test func `what gets the room of an attempt that ended meanwhile is started once`() throws {
        var bench = Bench()
        let (ended, _) = try bench.submit {
            $0 = TaskSpec(image: "work:1")
            $0.resources.cpuMillis = 2000
        }
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), ended)
        let (waiting, _) = try bench.submit { $0.resources.cpuMillis = 2000 }
        #expect(bench.state(waiting).state == .pending)
        _ = bench.core.disconnect(bench.node.id, because: "the connection broke", at: seconds(1))
        var there = found(ended, exit: .init(code: 0, endedAt: seconds(2), reason: "exit code 0"))
        there.runtime = .docker
        let decision = bench.core.join(bench.node, found: [.docker: [there], .process: []], at: seconds(3))
        #expect(bench.state(ended).state == .completed)
        #expect(decision.launches.map(\.task) == [waiting.id])
    }

    @Test func `an attempt that had started without our knowing is taken as started`() throws {
        var first = Bench()
        let (record, _) = try first.submit()
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: [found(record)]], at: seconds(1))
        #expect(decision.launches.isEmpty)
        #expect(second.state(record).state == .running)
    }

    @Test func `an attempt that is gone is lost and its task tried again`() throws {
        var first = Bench()
        let record = try first.running()
        var second = restarted(first)
        _ = second.core.join(first.node, found: [.process: []], at: seconds(1))
        #expect(second.state(record).state == .pending)
        #expect(second.state(record).current?.outcome == .lost)
        #expect(second.core.wake(record.id, at: seconds(2)).launches.count == 1)
    }

    @Test func `a stop that was under way is taken up again`() throws {
        var first = Bench()
        let record = try first.running()
        _ = try first.core.stop(record.id, grace: nil, at: origin)
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: [found(record)]], at: seconds(1))
        #expect(decision.stops == 1)
        #expect(second.state(record).state == .stopping)
    }

    @Test func `what belongs to no task is discarded`() throws {
        var bench = Bench(joined: false)
        let stray = FoundAttempt(
            attempt: bench.counter.next(), task: bench.counter.next(), runtime: .process, startedAt: origin)
        let decision = bench.core.join(bench.node, found: [.process: [stray]], at: origin)
        let place = AttemptPlace(
            task: stray.task, attempt: stray.attempt, node: bench.node.id, runtime: .process)
        #expect(decision.directives == [.discard(place)])
    }

    @Test func `attempts of a runtime that does not answer are neither lost nor started again`() throws {
        var first = Bench()
        let running = try first.running()
        let (starting, _) = try first.submit()
        var second = restarted(first)
        let silent = second.core.join(first.node, found: [:], at: seconds(1))
        #expect(silent.isEmpty)
        #expect(second.state(running).state == .running)
        #expect(second.core.nodes[first.node.id]!.allocated.tasks == 2)
        let answer = second.core.settle(
            first.node.id, .process, found: [found(running), found(starting)], at: seconds(9))
        #expect(answer.launches.isEmpty)
        #expect(second.state(starting).state == .running)
    }

    @Test func `a stop asked for while the runtime is away reaches the attempt when it answers`() throws {
        var first = Bench()
        let record = try first.running()
        var second = restarted(first)
        _ = second.core.join(first.node, found: [:], at: seconds(1))
        _ = try second.core.stop(record.id, grace: nil, at: seconds(2))
        let answer = second.core.settle(first.node.id, .process, found: [found(record)], at: seconds(9))
        #expect(answer.stops == 1)
    }

    @Test func `nothing is placed on a runtime that has not told what it has`() throws {
        var bench = Bench(joined: false)
        _ = bench.core.join(bench.node, found: [:], at: origin)
        #expect(throws: TaskRefusal.noRuntime(.process, detail: "what it runs is not known yet")) {
            try bench.submit()
        }
        _ = bench.core.settle(bench.node.id, .process, found: [], at: origin)
        _ = bench.core.update(bench.node.id, runtimes: bench.node.runtimes, at: origin)
        _ = try bench.submit()
    }

    @Test func `an older list takes nothing for lost`() throws {
        var bench = Bench()
        let record = try bench.running()
        #expect(bench.core.settle(bench.node.id, .process, found: [], at: seconds(1)).isEmpty)
        #expect(bench.state(record).state == .running)
    }

    @Test func `an attempt that runs on after its task has ended is ended`() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.exit(record, code: 0)
        let late = FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin)
        #expect(bench.core.settle(bench.node.id, .process, found: [late], at: seconds(1)).stops == 1)
    }

    @Test func `what a removal that is being stored will forget is not discarded before`() throws {
        var bench = Bench()
        let record = try bench.running()
        _ = bench.exit(record, code: 0)
        _ = try bench.core.remove(record.id)
        let exit = FoundAttempt.Exit(code: 0, endedAt: origin, reason: "exit code 0")
        let found = found(record, exit: exit)
        #expect(bench.core.settle(bench.node.id, .process, found: [found], at: origin).isEmpty)
        bench.core.removed(record.id)
        let after = bench.core.settle(bench.node.id, .process, found: [found], at: origin)
        #expect(after.directives.count == 1)
    }

    @Test func `a stop that finds its start unknown ends what may still come of it`() throws {
        var first = Bench()
        let (record, _) = try first.submit()
        _ = try first.core.stop(record.id, grace: nil, at: origin)
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: []], at: seconds(1))
        #expect(decision.stops == 1)
        #expect(second.state(record).state == .stopping)
    }

    @Test func `what was made and never ran is started again as the same`() throws {
        var first = Bench()
        let (record, _) = try first.submit()
        var second = restarted(first)
        let exit = FoundAttempt.Exit(code: nil, endedAt: origin, reason: "never started")
        let decision = second.core.join(
            first.node, found: [.process: [found(record, exit: exit)]], at: seconds(1))
        #expect(decision.launches.map(\.attempt) == [record.current!.id])
    }

    @Test func `a task in its back-off keeps its time`() throws {
        var first = Bench()
        let record = try first.running { $0.restart = RestartPolicy(mode: .always, wait: Seconds(30)) }
        _ = first.exit(record, code: 1)
        var second = restarted(first)
        let decision = second.core.join(first.node, found: [.process: []], at: seconds(1))
        #expect(decision.launches.isEmpty)
        #expect(decision.wakes == [seconds(30)])
    }
}
