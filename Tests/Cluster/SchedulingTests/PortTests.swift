import Testing

@testable import Scheduling

@Suite struct PortTests {
    private static let node = Amounts(cpuMillis: 4000, memory: 8 << 30, tasks: 100)

    private func ask(_ ports: HostPort...) -> Ask {
        Ask(amounts: Amounts(cpuMillis: 100, memory: 1 << 20, tasks: 1), ports: ports)
    }

    private func offer(_ ports: ClosedRange<UInt16>? = nil) -> Offer {
        Offer(capacity: Self.node, ports: ports)
    }

    @Test(arguments: SchedulingPolicy.allCases)
    func `a port of a node goes to one task at a time`(policy: SchedulingPolicy) {
        var scheduler = Scheduler(policy: policy)
        let nodes = Set((0..<2).map { _ in scheduler.add(offer()) })
        let web = ask(HostPort(8080))
        let placed = (0..<3).compactMap { _ in scheduler.place(web) }
        #expect(Set(placed.map(\.node)) == nodes)
        #expect(scheduler.place(ask(HostPort(8080), HostPort(9090))) == nil)
        #expect(scheduler.explain(web).obstacles.map(\.obstacle) == [.port(HostPort(8080))])
        #expect(scheduler.explain(web).obstacles.map(\.nodes) == [2])
        scheduler.release(placed[0].number)
        #expect(scheduler.place(web)?.node == placed[0].node)
    }

    @Test func `those of TCP and UDP are two`() {
        var scheduler = Scheduler()
        _ = scheduler.add(offer())
        #expect(scheduler.place(ask(HostPort(53))) != nil)
        #expect(scheduler.place(ask(HostPort(53, isUDP: true))) != nil)
        #expect(scheduler.place(ask(HostPort(53, isUDP: true))) == nil)
    }

    @Test func `ports are chosen from the node's until none is left`() throws {
        var scheduler = Scheduler()
        _ = scheduler.add(offer(20_000...20_003))
        #expect(scheduler.place(ask(HostPort(20_001))) != nil)
        let two = ask(HostPort(0), HostPort(0, isUDP: true))
        let placed = scheduler.place(two)
        let first = try #require(placed)
        let ports = scheduler.ports(of: first.number)
        #expect(ports.map(\.isUDP) == [false, true])
        #expect(Set(ports.map(\.number)).isSubset(of: [20_000, 20_002, 20_003]))
        #expect(ports[0].number != ports[1].number)
        #expect(scheduler.place(two) == nil)
        #expect(scheduler.explain(two).obstacles.map(\.obstacle) == [.portsUsedUp])
        #expect(scheduler.place(ask(HostPort(0))) != nil)
        #expect(scheduler.place(ask(HostPort(0))) == nil)
        // One that was chosen is not to be had by its number either.
        #expect(scheduler.explain(ask(ports[0])).obstacles.map(\.obstacle) == [.port(ports[0])])
        scheduler.release(first.number)
        #expect(scheduler.place(two) != nil)
    }

    @Test func `what asks for one of the range by its number leaves the others to choose from`() {
        var scheduler = Scheduler()
        _ = scheduler.add(offer(20_000...20_001))
        let placed = scheduler.place(ask(HostPort(20_000), HostPort(0)))
        #expect(placed.map { scheduler.ports(of: $0.number) } == [HostPort(20_000), HostPort(20_001)])
        #expect(scheduler.place(ask(HostPort(0))) == nil)
    }

    @Test func `a node without a range chooses by itself, and what it chose is taken`() throws {
        var scheduler = Scheduler()
        let node = scheduler.add(offer())
        let found = scheduler.place(ask(HostPort(0)))
        let placed = try #require(found)
        #expect(scheduler.ports(of: placed.number) == [HostPort(0)])
        scheduler.note([HostPort(40_000)], of: placed.number)
        #expect(scheduler.obstacle(for: ask(HostPort(40_000)), on: node) == .port(HostPort(40_000)))
        scheduler.release(placed.number)
        #expect(scheduler.obstacle(for: ask(HostPort(40_000)), on: node) == nil)
    }

    @Test func `what another program has is not given out until it is tried again`() {
        var scheduler = Scheduler()
        let node = scheduler.add(offer(20_000...20_000))
        scheduler.block(HostPort(20_000), on: node)
        #expect(scheduler.place(ask(HostPort(0))) == nil)
        #expect(
            scheduler.obstacle(for: ask(HostPort(20_000)), on: node) == .foreignPort(HostPort(20_000)))
        scheduler.block(HostPort(20_000), on: node, false)
        #expect(scheduler.place(ask(HostPort(0))) != nil)
    }

    @Test func `a range that changes keeps what is given out`() throws {
        var scheduler = Scheduler()
        let node = scheduler.add(offer(20_000...20_001))
        let found = scheduler.place(ask(HostPort(0)))
        let placed = try #require(found)
        let port = scheduler.ports(of: placed.number)[0].number
        scheduler.update(node, offer(port...port))
        #expect(scheduler.place(ask(HostPort(0))) == nil)
        scheduler.release(placed.number)
        #expect(scheduler.place(ask(HostPort(0))) != nil)
    }

    @Test func `nobody is stopped for a port that something else has too, or that has as much importance`()
        throws
    {
        var scheduler = Scheduler()
        let node = scheduler.add(offer())
        let found = scheduler.place(ask(HostPort(8080)), priority: 5)
        let placed = try #require(found)
        let number = scheduler.classify(ask(HostPort(8080)))
        #expect(scheduler.preempt(for: number, priority: 5) == nil)
        #expect(scheduler.preempt(for: number, priority: 6)?.victims == [placed.number])
        scheduler.block(HostPort(8080), on: node)
        #expect(scheduler.preempt(for: number, priority: 6) == nil)
    }
}
