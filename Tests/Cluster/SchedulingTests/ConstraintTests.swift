import Scheduling
import Testing

@Suite struct ConstraintTests {
    private static let node = Amounts(cpuMillis: 4000, memory: 8 << 30, tasks: 10)
    private let small = Amounts(cpuMillis: 100, memory: 1 << 20, tasks: 1)

    @Test func `constraints choose by labels`() {
        var scheduler = Scheduler()
        let ssd = scheduler.add(Offer(capacity: Self.node, labels: ["disk": "ssd"]))
        let bare = scheduler.add(Offer(capacity: Self.node))
        func place(_ constraint: Constraint) -> Scheduler.NodeNumber? {
            scheduler.place(Ask(amounts: small, constraints: [constraint]))?.node
        }
        #expect(place(Constraint("disk", .isIn, ["ssd", "nvme"])) == ssd)
        #expect(place(Constraint("disk", .isNotIn, ["ssd"])) == bare)
        #expect(place(Constraint("disk", .exists)) == ssd)
        #expect(place(Constraint("disk", .isAbsent)) == bare)
        #expect(place(Constraint("disk", .isIn, ["tape"])) == nil)
        scheduler.update(bare, Offer(capacity: Self.node, labels: ["disk": "tape"]))
        #expect(place(Constraint("disk", .isIn, ["tape"])) == bare)
    }

    @Test func `affinities choose among those that will do`() {
        var scheduler = Scheduler(policy: .bestFit)
        let full = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "a"]))
        let empty = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "b"]))
        _ = scheduler.place(scheduler.classify(Ask(amounts: small)), on: full)
        func place(_ weight: Int) -> Scheduler.NodeNumber? {
            let affinity = Affinity(Constraint("zone", .isIn, ["b"]), weight: weight)
            return scheduler.place(Ask(amounts: small, affinities: [affinity]))?.node
        }
        #expect(place(100) == empty)
        #expect(place(-100) == full)
    }

    @Test func `a spread is even over the values of a label that have room`() {
        var scheduler = Scheduler()
        var zones: [Scheduler.NodeNumber: String] = [:]
        for index in 0..<9 {
            let zone = index < 6 ? "a" : index < 8 ? "b" : "c"
            zones[scheduler.add(Offer(capacity: Self.node, labels: ["zone": zone]))] = zone
        }
        let ask = Ask(amounts: small, spread: Spread(over: "zone", group: "web"))
        let placed = (0..<9).compactMap { _ in scheduler.place(ask) }
        var counts: [String: Int] = [:]
        for placement in placed { counts[zones[placement.node]!, default: 0] += 1 }
        #expect(counts == ["a": 3, "b": 3, "c": 3])
        // Whoever leaves makes the gap that the next one fills; other shapes of the group count.
        for placement in placed where zones[placement.node] == "b" { scheduler.release(placement.number) }
        let larger = Ask(
            amounts: Amounts(cpuMillis: 200, memory: 1 << 20, tasks: 1),
            spread: Spread(over: "zone", group: "web"))
        for _ in 0..<3 { #expect(scheduler.place(larger).map { zones[$0.node]! } == "b") }
    }

    @Test func `a spread with a greatest skew waits rather than pile up`() {
        var scheduler = Scheduler()
        let a = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "a"]))
        let b = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "b"], isOpen: false))
        let ask = Ask(amounts: small, spread: Spread(over: "zone", group: "web", maximumSkew: 1))
        #expect(scheduler.place(ask)?.node == a)
        #expect(scheduler.place(ask) == nil)
        scheduler.update(b, Offer(capacity: Self.node, labels: ["zone": "b"]))
        #expect(scheduler.place(ask)?.node == b)
    }

    @Test func `a spread is not held back by values that its constraints rule out`() {
        var scheduler = Scheduler()
        let a = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "a", "disk": "ssd"]))
        _ = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "b"]))
        let ask = Ask(
            amounts: small, constraints: [Constraint("disk", .exists)],
            spread: Spread(over: "zone", group: "web", maximumSkew: 1))
        for _ in 0..<3 { #expect(scheduler.place(ask)?.node == a) }
        #expect(scheduler.explain(ask).possible == 1)
    }

    @Test func `a spread that waits is explained`() {
        var scheduler = Scheduler()
        let a = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "a"]))
        let b = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "b"], isOpen: false))
        let ask = Ask(amounts: small, spread: Spread(over: "zone", group: "web", maximumSkew: 1))
        #expect(scheduler.obstacle(for: ask, on: a) == nil)
        _ = scheduler.place(ask)
        #expect(scheduler.obstacle(for: ask, on: a) == .skewed(label: "zone"))
        #expect(scheduler.obstacle(for: ask, on: b) == .closed)
        #expect(scheduler.explain(ask).possible == 0)
    }

    @Test func `groups and classes of tasks that are over are forgotten`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node))
        for index in 0..<5000 {
            let ask = Ask(
                amounts: small, spread: Spread(over: "zone", group: "job-\(index)"),
                apartFrom: "job-\(index)")
            let placement = scheduler.place(ask)!
            #expect(scheduler.obstacle(for: ask, on: node) == .apart(group: "job-\(index)"))
            scheduler.release(placement.number)
            if index % 1000 == 999 {
                scheduler.forgetIdle()
                #expect(scheduler.classCount == 0)
            }
        }
        #expect(scheduler.place(Ask(amounts: small, apartFrom: "job-0")) != nil)
    }

    @Test func `those that keep apart share no node`() {
        var scheduler = Scheduler(policy: .bestFit)
        for _ in 0..<2 { _ = scheduler.add(Offer(capacity: Self.node)) }
        let ask = Ask(amounts: small, apartFrom: "database")
        let placed = (0..<3).map { _ in scheduler.place(ask) }
        #expect(Set(placed.compactMap { $0?.node }).count == 2)
        #expect(placed[2] == nil)
        scheduler.release(placed[0]!.number)
        #expect(scheduler.place(ask)?.node == placed[0]?.node)
    }

    @Test func `an explanation counts each node once, under what rules it out`() {
        var scheduler = Scheduler()
        let full = scheduler.add(Offer(capacity: Self.node, labels: ["disk": "ssd"]))
        _ = scheduler.add(
            Offer(capacity: Amounts(cpuMillis: 500, memory: 8 << 30, tasks: 10), labels: ["disk": "ssd"]))
        _ = scheduler.add(Offer(capacity: Self.node))
        _ = scheduler.add(Offer(capacity: Self.node, labels: ["disk": "ssd"], isOpen: false))
        let hog = scheduler.classify(Ask(amounts: Amounts(cpuMillis: 3500, memory: 1 << 30, tasks: 1)))
        _ = scheduler.place(hog, on: full)
        let ssd = Constraint("disk", .isIn, ["ssd"])
        let explanation = scheduler.explain(
            Ask(amounts: Amounts(cpuMillis: 1000, memory: 1 << 30, tasks: 1), constraints: [ssd]))
        #expect(explanation.nodes == 4)
        #expect(explanation.possible == 0)
        #expect(
            Set(explanation.obstacles.map(\.obstacle)) == [
                .closed, .constraint(ssd), .tooSmall(.cpu), .full(.cpu),
            ])
        #expect(explanation.mostFree == [.cpu: 500])
    }
}
