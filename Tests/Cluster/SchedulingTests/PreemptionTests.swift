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

    @Test func `who has a port that is asked for has to go, and nobody else`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node))
        var web = ask(1000)
        web.ports = [HostPort(80)]
        let holder = scheduler.place(web, priority: 3)!
        _ = scheduler.place(ask(500), priority: 0)
        let wanted = scheduler.classify(web)
        #expect(scheduler.place(wanted, priority: 5) == nil)
        #expect(scheduler.preempt(for: wanted, priority: 3) == nil)
        let preemption = scheduler.preempt(for: wanted, priority: 5)
        #expect(preemption?.victims == [holder.number])
        #expect(scheduler.preempt(for: wanted, priority: 5, on: node) == preemption)
        let claim = scheduler.place(wanted, on: node, priority: 5)
        #expect(!scheduler.hasItsPorts(claim.number))
        scheduler.release(holder.number)
        #expect(scheduler.hasItsPorts(claim.number))
    }

    @Test func `a port and room are made together, and where it costs the least`() {
        var scheduler = Scheduler()
        let dear = scheduler.add(Offer(capacity: Self.node))
        let cheap = scheduler.add(Offer(capacity: Self.node))
        let web = Ask(amounts: Amounts(cpuMillis: 500, memory: 1, tasks: 1), ports: [HostPort(80)])
        let other = Ask(amounts: Amounts(cpuMillis: 3500, memory: 1, tasks: 1))
        let (webs, others) = (scheduler.classify(web), scheduler.classify(other))
        for (node, priority) in [(dear, 4), (cheap, 2)] {
            _ = scheduler.place(webs, on: node, priority: priority)
            _ = scheduler.place(others, on: node, priority: 1)
        }
        var large = web
        large.amounts.cpuMillis = 4000
        let preemption = scheduler.preempt(for: scheduler.classify(large), priority: 5)
        #expect(preemption?.node == cheap)
        #expect(preemption?.victims.count == 2)
        large.ports = [HostPort(80, isUDP: true)]
        #expect(scheduler.preempt(for: scheduler.classify(large), priority: 5)?.victims.count == 2)
        large.amounts.cpuMillis = 1000
        #expect(scheduler.preempt(for: scheduler.classify(large), priority: 5, on: cheap)?.victims.count == 1)
    }

    @Test func `ports to choose from are made free, and those of other programs are not`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node, ports: 100...101))
        var any = ask(100)
        any.ports = [HostPort(0)]
        let one = scheduler.place(any, priority: 1)!
        _ = scheduler.place(any, priority: 2)
        let wanted = scheduler.classify(any)
        #expect(scheduler.place(wanted, priority: 5) == nil)
        #expect(scheduler.preempt(for: wanted, priority: 5)?.victims == [one.number])
        let given = scheduler.ports(of: one.number)[0]
        scheduler.block(given, on: node)
        #expect(scheduler.preempt(for: wanted, priority: 2) == nil)
        var fixed = ask(100)
        fixed.ports = [given]
        #expect(scheduler.preempt(for: scheduler.classify(fixed), priority: 5) == nil)
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
