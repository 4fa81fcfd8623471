import Testing

@testable import Scheduling

@Suite struct SchedulerTests {
    private static let node = Amounts(cpuMillis: 4000, memory: 8 << 30, disk: 100 << 30, tasks: 10)

    private func ask(cpu: Int64 = 1000, memory: Int64 = 1 << 30, gpus: Int64 = 0) -> Ask {
        Ask(amounts: Amounts(cpuMillis: cpu, memory: memory, gpus: gpus, tasks: 1))
    }

    @Test(arguments: SchedulingPolicy.allCases)
    func `no node is given more than it has`(policy: SchedulingPolicy) {
        var scheduler = Scheduler(policy: policy)
        let nodes = (0..<3).map { _ in scheduler.add(Offer(capacity: Self.node)) }
        let placed = (0..<13).compactMap { _ in scheduler.place(ask()) }
        #expect(placed.count == 12)
        for node in nodes { #expect(scheduler.free(on: node).cpuMillis == 0) }
        scheduler.release(placed[5].number)
        #expect(scheduler.place(ask())?.node == placed[5].node)
        #expect(scheduler.place(ask()) == nil)
    }

    @Test(arguments: SchedulingPolicy.allCases.filter { $0 != .roundRobin }, 1...4 as ClosedRange<UInt64>)
    func `the quick way finds what a scan of all nodes finds`(policy: SchedulingPolicy, seed: UInt64) {
        var story = Story(seed: seed, policy: policy)
        for _ in 0..<4000 { story.step() }
        #expect(story.mismatches == 0)
        #expect(story.oversold == 0)
        #expect(story.compared > 500)
    }

    @Test func `what was found is forgotten where there are too many classes, and found again`() {
        var scheduler = Scheduler(entryLimit: 64)
        for _ in 0..<20 { _ = scheduler.add(Offer(capacity: Self.node)) }
        for size in 1...50 {
            let number = scheduler.classify(ask(cpu: Int64(size)))
            let expected = scheduler.scan(number)?.node
            #expect(scheduler.place(number)?.node == expected)
        }
        #expect(scheduler.classes.count { $0?.index != nil } <= 4)
    }

    @Test func `classes that look at labels in the same way share what they find, also of nodes that change`()
    {
        var scheduler = Scheduler()
        let nodes = ["a", "b"].map { scheduler.add(Offer(capacity: Self.node, labels: ["zone": $0])) }
        func ask(_ size: Int64, in zone: String) -> Ask {
            var ask = self.ask(cpu: size)
            ask.constraints = [Constraint("zone", .isIn, [zone])]
            return ask
        }
        for size in 1...3 as ClosedRange<Int64> {
            #expect(scheduler.place(ask(size, in: "a"))?.node == nodes[0])
            #expect(scheduler.place(ask(size, in: "b"))?.node == nodes[1])
        }
        #expect(scheduler.classCount == 6)
        #expect(scheduler.views.count == 2)
        scheduler.update(nodes[0], Offer(capacity: Self.node, labels: ["zone": "b"]))
        scheduler.update(nodes[1], Offer(capacity: Self.node, labels: ["zone": "a"]))
        for size in 1...3 as ClosedRange<Int64> {
            #expect(scheduler.place(ask(size, in: "a"))?.node == nodes[1])
            #expect(scheduler.place(ask(size, in: "b"))?.node == nodes[0])
        }
        let third = scheduler.add(Offer(capacity: Self.node, labels: ["zone": "c"]))
        #expect(scheduler.place(ask(1, in: "c"))?.node == third)
        for node in nodes + [third] {
            for placement in scheduler.placements(on: node) { scheduler.release(placement) }
        }
        scheduler.forgetIdle()
        #expect(scheduler.views.count == 0)
    }

    @Test func `round robin takes turns`() {
        var scheduler = Scheduler(policy: .roundRobin)
        let nodes = (0..<3).map { _ in scheduler.add(Offer(capacity: Self.node)) }
        #expect(
            (0..<4).map { _ in scheduler.place(ask())?.node } == [nodes[0], nodes[1], nodes[2], nodes[0]])
    }

    @Test func `best fit fills, spread levels`() {
        for (policy, expected) in [(SchedulingPolicy.bestFit, 1), (.spread, 2), (.epvm, 2)] {
            var scheduler = Scheduler(policy: policy)
            _ = scheduler.add(Offer(capacity: Self.node))
            _ = scheduler.add(Offer(capacity: Self.node))
            let used = Set((0..<2).compactMap { _ in scheduler.place(ask())?.node })
            #expect(used.count == expected, "\(policy)")
        }
    }

    @Test func `E-PVM costs what the formula says`() {
        // A node half full and one empty but small: L^(used + ask) - L^used by hand.
        let ask = Amounts(cpuMillis: 1000, tasks: 1)
        let half = NodeFigures(
            capacity: Amounts(cpuMillis: 4000), used: Amounts(cpuMillis: 2000), policy: .epvm)
        var figures = Scoring.Figures(ask)
        figures.learn([half.inverse])
        let score = Scoring.score(figures, half, kind: 0, .epvm)
        let lieb = 1.5396007178390020
        let expected = -(exponential(lieb, 0.75) - exponential(lieb, 0.5))
        #expect(abs(Double(score) - expected) < 1e-5)
    }

    private func exponential(_ base: Double, _ power: Double) -> Double {
        // By square roots: 0.5 and 0.75 are enough here.
        let root = base.squareRoot()
        return power == 0.5 ? root : root * root.squareRoot()
    }

    @Test func `the hybrid keeps what stands beside GPUs for those who want them`() {
        var scheduler = Scheduler(policy: .hybrid)
        let small = Amounts(cpuMillis: 4000, memory: 8 << 30, gpus: 2, tasks: 10)
        let withGPUs = scheduler.add(Offer(capacity: small))
        let plain = scheduler.add(Offer(capacity: Self.node))
        #expect(scheduler.place(ask())?.node == plain)
        #expect(scheduler.place(ask(gpus: 1))?.node == withGPUs)
        // Rather there than nowhere.
        #expect((0..<4).map { _ in scheduler.place(ask())?.node } == [plain, plain, plain, withGPUs])
    }

    @Test func `a closed node gets nothing new and keeps what it has`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node))
        _ = scheduler.place(ask())
        scheduler.update(node, Offer(capacity: Self.node, isOpen: false))
        #expect(scheduler.place(ask()) == nil)
        #expect(scheduler.free(on: node).cpuMillis == 3000)
        scheduler.update(node, Offer(capacity: Self.node))
        #expect(scheduler.place(ask())?.node == node)
    }

    @Test func `a node that shrinks under its tasks is full`() {
        var scheduler = Scheduler()
        let node = scheduler.add(Offer(capacity: Self.node))
        for _ in 0..<3 { _ = scheduler.place(ask()) }
        scheduler.update(node, Offer(capacity: Amounts(cpuMillis: 2000, memory: 8 << 30, tasks: 10)))
        #expect(scheduler.free(on: node).cpuMillis == -1000)
        #expect(scheduler.place(ask()) == nil)
    }

    @Test func `a batch goes by priority, and in its order within a class`() {
        var scheduler = Scheduler()
        _ = scheduler.add(Offer(capacity: Self.node))
        let one = scheduler.classify(ask(cpu: 2000))
        let other = scheduler.classify(ask(cpu: 3000))
        let placed = scheduler.place(batch: [(one, 0), (other, 5), (one, 0), (one, 0)])
        #expect(placed.map { $0 != nil } == [false, true, false, false])
    }
}
