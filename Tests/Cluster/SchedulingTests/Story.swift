@testable import Scheduling

/// Random events on a small cell, with each placement held against a scan.
struct Story {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private var random: Numbers
    private var scheduler: Scheduler
    private var nodes: [(number: Scheduler.NodeNumber, offer: Offer)] = []
    private var placed: [Scheduler.PlacementNumber] = []
    private(set) var mismatches = 0
    private(set) var compared = 0
    /// Ports that two tasks on a node had, or that nobody chose.
    private(set) var oversold = 0

    init(seed: UInt64, policy: SchedulingPolicy) {
        random = Numbers(state: seed)
        scheduler = Scheduler(policy: policy, entryLimit: 400)
        for _ in 0..<12 { add() }
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0: add()
        case 1..<4: change()
        case 4..<45: release()
        default: place()
        }
    }

    private mutating func add() {
        let offer = Offer(
            capacity: Amounts(
                cpuMillis: .random(in: 1000...16_000, using: &random),
                memory: .random(in: 1...64, using: &random) << 30,
                disk: 100 << 30, gpus: .random(in: 0...2, using: &random), tasks: 8),
            labels: labels(), ports: Bool.random(using: &random) ? 20_000...20_005 : nil)
        nodes.append((scheduler.add(offer), offer))
    }

    private mutating func labels() -> [String: String] {
        [
            "zone": "z\(Int.random(in: 0...2, using: &random))",
            "disk": Bool.random(using: &random) ? "ssd" : "hdd",
        ]
    }

    private mutating func change() {
        let index = Int.random(in: 0..<nodes.count, using: &random)
        nodes[index].offer.isOpen.toggle()
        if Bool.random(using: &random) { nodes[index].offer.labels = labels() }
        scheduler.update(nodes[index].number, nodes[index].offer)
    }

    private mutating func release() {
        guard !placed.isEmpty else { return }
        let index = Int.random(in: 0..<placed.count, using: &random)
        placed.swapAt(index, placed.count - 1)
        scheduler.release(placed.removeLast())
    }

    /// Whether each port of a node belongs to one task.
    private mutating func countPorts(of node: Scheduler.NodeNumber) {
        let ports = scheduler.placements(on: node).flatMap { scheduler.ports(of: $0) }
            .filter { $0.number != 0 }
        oversold += ports.count - Set(ports).count
    }

    private mutating func place() {
        var ask = Ask(
            amounts: Amounts(
                cpuMillis: Int64(500 << Int.random(in: 0...3, using: &random)),
                memory: Int64(1 << Int.random(in: 0...4, using: &random)) << 30,
                gpus: Int.random(in: 0...4, using: &random) == 0 ? 1 : 0, tasks: 1))
        switch Int.random(in: 0...5, using: &random) {
        case 0: ask.constraints = [Constraint("disk", .isIn, ["ssd"])]
        case 1: ask.constraints = [Constraint("zone", .isNotIn, ["z1"]), Constraint("gone", .isAbsent)]
        case 2: ask.affinities = [Affinity(Constraint("zone", .isIn, ["z2"]), weight: 50)]
        case 3: ask.apartFrom = "group-\(Int.random(in: 0...3, using: &random))"
        case 4:
            ask.ports = [HostPort(0), HostPort(.random(in: 20_000...20_008, using: &random))]
                .shuffled(using: &random)
        default: break
        }
        let number = scheduler.classify(ask)
        let expected = scheduler.scan(number)?.node
        let found = scheduler.place(number)
        compared += 1
        if found?.node != expected { mismatches += 1 }
        guard let found else { return }
        placed.append(found.number)
        countPorts(of: found.node)
    }
}
