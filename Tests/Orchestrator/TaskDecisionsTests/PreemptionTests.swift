import ClusterModel
import Core
import TaskDecisions
import Testing

@Suite("Room for what is more important")
struct PreemptionTests {
    /// Submits a task that no free room is left for, and lets the core look for it.
    private static func submit(
        _ bench: inout Bench, _ name: String, priority: Int, cpu: Int64 = 2000
    ) throws -> (TaskRecord, Decision) {
        let (record, first) = try bench.submit(name) {
            $0.priority = priority
            $0.resources.cpuMillis = cpu
        }
        return (record, first + bench.core.wake(record.id, at: origin))
    }

    private static func running(
        _ bench: inout Bench, _ name: String, priority: Int, cpu: Int64 = 2000
    ) throws -> TaskRecord {
        try bench.running(name) {
            $0.priority = priority
            $0.resources.cpuMillis = cpu
        }
    }

    @Test("a task of a lower priority is stopped, and both say why")
    func preempts() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, decision) = try Self.submit(&bench, "high", priority: 10)
        #expect(decision.stops == 1)
        #expect(bench.state(low).state == .stopping)
        #expect(bench.state(low).reason == "preempted by 'high', whose priority is 10, not 0")
        #expect(
            bench.state(high).reason
                == "preempting 1 task of lower priority on node one, and waiting for it to end")
        let after = bench.exit(low, code: 143, at: seconds(1))
        #expect(after.launches.map(\.task) == [high.id])
        #expect(bench.state(low).state == .pending)
        #expect(bench.state(low).attempts.map(\.outcome) == [.preempted])
        #expect(bench.state(low).restartStreak == 0)
        _ = bench.core.wake(low.id, at: seconds(1))
        #expect(
            bench.state(low).reason
                == "preempted by 'high', whose priority is 10, not 0; waiting for room: one has 0 of 2 cores free, asked are 2"
        )
    }

    @Test("a port that a task of a lower priority has is made free, and is had only once that has ended")
    func ports() throws {
        var bench = Bench()
        func web(_ priority: Int) -> (inout TaskSpec) -> Void {
            { spec in
                spec.priority = priority
                spec.resources.cpuMillis = 100
                spec.ports = [PortMapping(container: 80, host: 8080)]
            }
        }
        let low = try bench.running("low", web(0))
        let (high, first) = try bench.submit("high", web(10))
        let decision = first + bench.core.wake(high.id, at: origin)
        #expect(decision.stops == 1)
        #expect(bench.state(low).reason == "preempted by 'high', whose priority is 10, not 0")
        #expect(
            bench.state(high).reason
                == "preempting 1 task of lower priority on node one, and waiting for it to end")
        // Room there is already; what changes meanwhile gives nobody the port.
        let (equal, second) = try bench.submit("equal", web(10))
        #expect((second + bench.core.wake(equal.id, at: origin)).launches.isEmpty)
        #expect(bench.state(high).state == .pending)
        let after = bench.exit(low, code: 143, at: seconds(1))
        #expect(after.launches.map(\.task) == [high.id])
        #expect(bench.state(high).current?.ports.map(\.host) == [8080])
        _ = bench.core.wake(low.id, at: seconds(1))
        #expect(bench.state(low).reason.contains("has port 8080 taken"))
        #expect(bench.state(equal).reason == "waiting for room: one has port 8080 taken")
        let last = bench.observe(.started(at: seconds(1), ports: [], warnings: []), high)
        #expect(last.stops == 0)
        #expect(bench.exit(bench.state(high), code: 0, at: seconds(2)).launches.map(\.task) == [equal.id])
    }

    @Test("a plan says whose port would be taken")
    func rehearsal() throws {
        var bench = Bench()
        var spec = TaskSpec(executable: "/bin/true")
        spec.ports = [PortMapping(container: 80, host: 8080)]
        let low = try bench.running("low") { $0.ports = spec.ports }
        var rehearsal = bench.core.rehearsal(project: "default", tasks: [])
        let id: TaskID = bench.counter.next()
        #expect(rehearsal.place(id, spec) == .waits("waiting for room: one has port 8080 taken"))
        spec.priority = 1
        #expect(rehearsal.place(id, spec) == .node("one", evicts: [low.id]))
    }

    @Test("what was stopped starts again when there is room, and nothing is oversold")
    func returns() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, _) = try Self.submit(&bench, "high", priority: 10)
        _ = bench.exit(low, code: 143, at: seconds(1))
        _ = bench.core.wake(low.id, at: seconds(1))
        #expect(bench.state(low).state == .pending)
        #expect(bench.core.nodes[bench.node.id]!.allocated.cpuMillis == 2000)
        _ = bench.observe(.started(at: seconds(1), ports: [], warnings: []), high)
        let decision = bench.exit(high, code: 0, at: seconds(2))
        #expect(decision.launches.map(\.task) == [low.id])
        #expect(bench.core.nodes[bench.node.id]!.allocated.cpuMillis == 2000)
    }

    @Test("an equal priority waits, and no more than needed are stopped")
    func least() throws {
        var bench = Bench()
        let important = try Self.running(&bench, "important", priority: 5, cpu: 1000)
        let least = try Self.running(&bench, "least", priority: -5, cpu: 1000)
        let (equal, none) = try Self.submit(&bench, "equal", priority: -5, cpu: 1000)
        #expect(none.stops == 0)
        #expect(bench.state(equal).reason.hasPrefix("waiting for room"))
        let (_, decision) = try Self.submit(&bench, "high", priority: 10, cpu: 1000)
        #expect(decision.stops == 1)
        #expect(bench.state(least).state == .stopping)
        #expect(bench.state(important).state == .running)
    }

    @Test("the place that is being cleared goes to nobody else, however small")
    func reserved() throws {
        var bench = Bench()
        let one = try Self.running(&bench, "one", priority: 0, cpu: 1000)
        let other = try Self.running(&bench, "other", priority: 0, cpu: 1000)
        let (high, decision) = try Self.submit(&bench, "high", priority: 10)
        #expect(decision.stops == 2)
        let half = bench.exit(one, code: 143)
        #expect(half.launches.isEmpty)
        let (small, _) = try bench.submit("small") { $0.resources.cpuMillis = 500 }
        #expect(bench.state(small).state == .pending)
        #expect(
            bench.state(small).reason
                == "waiting for room: one has 0 of 2 cores free (2 kept for a higher priority), asked are 0.5"
        )
        #expect(bench.core.nodes[bench.node.id]?.reserved?.cpuMillis == 2000)
        #expect(bench.exit(other, code: 143).launches.map(\.task) == [high.id])
        #expect(bench.state(small).state == .pending)
    }

    @Test("whoever waits for a place that is being cleared stops nobody a second time")
    func once() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, _) = try Self.submit(&bench, "high", priority: 10)
        #expect(bench.core.wake(high.id, at: seconds(1)).stops == 0)
        let (higher, decision) = try Self.submit(&bench, "higher", priority: 20)
        #expect(decision.stops == 0)
        #expect(bench.exit(low, code: 143, at: seconds(1)).launches.map(\.task) == [higher.id])
        #expect(bench.state(high).state == .pending)
    }

    @Test("a stopped preemptor gives its place back, and what was stopped for it goes on")
    func givenUp() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, _) = try Self.submit(&bench, "high", priority: 10)
        _ = try bench.core.stop(high.id, grace: nil, at: origin)
        var after = bench.exit(low, code: 143, at: seconds(1))
        after += bench.core.wake(low.id, at: seconds(1))
        #expect(after.launches.map(\.task) == [low.id])
    }

    @Test("a node that is lost or cordoned meanwhile is not waited for")
    func lost() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, _) = try Self.submit(&bench, "high", priority: 10)
        _ = try bench.core.obey(NodeOrders(service: .cordoned), about: bench.node.id, at: seconds(1))
        #expect(bench.state(high).reason.contains("is cordoned"))
        let after = bench.exit(low, code: 143, at: seconds(2))
        #expect(after.launches.isEmpty)
        let open = try bench.core.obey(NodeOrders(), about: bench.node.id, at: seconds(3))
        #expect(open.launches.map(\.task) == [high.id])
    }

    @Test("a submission stops nobody in its own decision, which may have to be taken back")
    func apart() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0)
        let (high, decision) = try bench.submit("high") {
            $0.priority = 1
            $0.resources.cpuMillis = 2000
        }
        #expect(decision.stops == 0)
        #expect(decision.changes.map(\.task) == [high.id])
        #expect(decision.wakes == [origin])
        _ = bench.core.withdraw(high.id, at: origin)
        #expect(bench.core.wake(high.id, at: origin).isEmpty)
        #expect(bench.state(low).state == .running)
    }

    @Test("a start that is under way is given up")
    func starting() throws {
        var bench = Bench()
        let (low, _) = try bench.submit("low") { $0.resources.cpuMillis = 2000 }
        let (high, decision) = try Self.submit(&bench, "high", priority: 1)
        #expect(decision.directives.contains { if case .cancelLaunch = $0 { true } else { false } })
        let after = bench.observe(.startCancelled, low)
        #expect(after.launches.map(\.task) == [high.id])
        #expect(bench.state(low).attempts.map(\.outcome) == [.preempted])
    }

    @Test("room that comes otherwise is taken, and the victims need not have ended")
    func sooner() throws {
        var bench = Bench()
        let low = try Self.running(&bench, "low", priority: 0, cpu: 1000)
        let equal = try Self.running(&bench, "equal", priority: 10, cpu: 1000)
        let (high, decision) = try Self.submit(&bench, "high", priority: 10, cpu: 1000)
        #expect(decision.stops == 1)
        let after = bench.exit(equal, code: 0, at: seconds(1))
        #expect(after.launches.map(\.task) == [high.id])
        #expect(bench.state(low).state == .stopping)
        #expect(bench.core.nodes[bench.node.id]?.reserved == nil)
    }

    @Test("a place elsewhere is taken by whoever waits for one to be cleared, and the rest is given back")
    func elsewhere() throws {
        var bench = Bench()
        _ = try Self.running(&bench, "low", priority: 0)
        let (high, _) = try Self.submit(&bench, "high", priority: 10)
        var other = bench.node
        other.id = bench.counter.next()
        other.name = "two"
        let joined = bench.core.join(other, found: [.process: [], .docker: []], at: seconds(1))
        #expect(joined.launches.map(\.task) == [high.id])
        #expect(bench.core.nodes[bench.node.id]?.reserved == nil)
    }

    @Test(
        "a task that comes back more important than what took its place meanwhile finds room in the same way")
    func event() throws {
        var bench = Bench()
        let first = try Self.running(&bench, "first", priority: 10, cpu: 1500)
        let (high, none) = try Self.submit(&bench, "high", priority: 10, cpu: 2000)
        #expect(none.stops == 0)
        let low = try Self.running(&bench, "low", priority: 0, cpu: 500)
        let decision = bench.exit(first, code: 0, at: seconds(1))
        #expect(decision.stops == 1)
        #expect(bench.state(low).state == .stopping)
        #expect(bench.state(high).reason.hasPrefix("preempting 1 task"))
        #expect(bench.exit(low, code: 0, at: seconds(2)).launches.map(\.task) == [high.id])
    }

    @Test("of two nodes the one is cleared that costs less, and what ends anyway costs nothing")
    func cheapest() throws {
        var bench = Bench()
        var other = bench.node
        other.id = bench.counter.next()
        other.name = "two"
        _ = bench.core.join(other, found: [.process: [], .docker: []], at: origin)
        let one = try Self.running(&bench, "one", priority: 0)
        let two = try Self.running(&bench, "two", priority: 0)
        _ = try bench.core.stop(two.id, grace: nil, at: origin)
        let (high, decision) = try Self.submit(&bench, "high", priority: 10)
        #expect(decision.stops == 0)
        #expect(bench.state(one).state == .running)
        #expect(bench.exit(two, code: 143, at: seconds(1)).launches.map(\.task) == [high.id])
    }

}

extension Decision {
    fileprivate static func + (a: Decision, b: Decision) -> Decision {
        var sum = a
        sum += b
        return sum
    }
}
