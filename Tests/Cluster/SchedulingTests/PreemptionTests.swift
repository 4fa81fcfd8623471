import Scheduling
import Testing

@Suite struct PreemptionTests {
    private static let node = Amounts(cpuMillis: 4000, memory: 8 << 30, tasks: 10)

    private func ask(_ cpu: Int64) -> Ask { Ask(amounts: Amounts(cpuMillis: cpu, memory: 1 << 30, tasks: 1)) }

    @Test func `the least important have to go, and as few as will do`() {
        var scheduler = Scheduler()
        let low = scheduler.add(Offer(capacity: Self.node))
        let middle = scheduler.add(Offer(capacity: Self.node))
        let (small, half) = (scheduler.classify(ask(1000)), scheduler.classify(ask(2000)))
        let one = scheduler.place(small, on: low, priority: 1)
        let large = scheduler.place(half, on: low, priority: 1)
        _ = scheduler.place(small, on: low, priority: 1)
        for _ in 0..<2 { _ = scheduler.place(half, on: middle, priority: 5) }
        let wanted = scheduler.classify(ask(1500))
        #expect(scheduler.place(wanted, priority: 10) == nil)
        let preemption = scheduler.preempt(for: wanted, priority: 10)
        #expect(preemption?.node == low)
        #expect(preemption?.victims == [large.number])
        #expect(scheduler.preempt(for: wanted, priority: 1) == nil)
        scheduler.release(one.number)
        scheduler.release(large.number)
        #expect(scheduler.place(wanted, priority: 10)?.node == low)
    }

    @Test func `who is larger than any node puts nobody out`() {
        var scheduler = Scheduler()
        _ = scheduler.add(Offer(capacity: Self.node))
        _ = scheduler.place(ask(4000))
        let wanted = scheduler.classify(ask(5000))
        #expect(scheduler.preempt(for: wanted, priority: 10) == nil)
    }

    @Test func `nobody is put out on a node that constraints rule out`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "a"]))
        _ = scheduler.place(ask(4000))
        var wanted = ask(1000)
        wanted.constraints = [Constraint("zone", .isIn, ["b"])]
        #expect(scheduler.preempt(for: scheduler.classify(wanted), priority: 10) == nil)
        wanted.constraints = [Constraint("zone", .isIn, ["a"])]
        #expect(scheduler.preempt(for: scheduler.classify(wanted), priority: 10)?.node == node)
    }
}
