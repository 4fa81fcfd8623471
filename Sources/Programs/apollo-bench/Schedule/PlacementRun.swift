import Core
import Glibc
import Scheduling

/// Places all of a cell's work, and checks every place by sums of its own.
struct PlacementRun: Sendable {
    let cell: Cell
    var policy = SchedulingPolicy.hybrid
    /// How many asks come at once.
    var batch = 2048

    struct Outcome: Sendable {
        var placed = 0
        /// Processor time, in seconds.
        var elapsed = 0.0
        /// By node, in the order of the cell.
        var used: [Amounts] = []
        /// For each ask the node it got.
        var places: [Int?] = []
        var gpusAsked: Int64 = 0
        var gpusPlaced: Int64 = 0

        var nodesUsed: Int { used.count { $0.tasks > 0 } }
    }

    /// Places the work; the time counts from the first ask to the last answer, classifying included.
    func run() throws -> Outcome {
        var scheduler = Scheduler(policy: policy)
        let nodes = cell.nodes.map { scheduler.add($0) }
        var placements: [Scheduler.Placement?] = []
        placements.reserveCapacity(cell.asks.count)
        let start = ProcessorTime.now
        var index = 0
        while index < cell.asks.count {
            let end = min(index + batch, cell.asks.count)
            let work = cell.asks[index..<end].map { (askClass: scheduler.classify($0), priority: 0) }
            placements += scheduler.place(batch: work)
            index = end
        }
        let elapsed = ProcessorTime.now - start
        return try check(placements, nodes, elapsed: elapsed)
    }

    private func check(
        _ placements: [Scheduler.Placement?], _ nodes: [Scheduler.NodeNumber], elapsed: Double
    ) throws -> Outcome {
        var outcome = Outcome(elapsed: elapsed, used: [Amounts](repeating: .zero, count: nodes.count))
        let position = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
        var seen = Set<Scheduler.PlacementNumber>()
        for (ask, placement) in zip(cell.asks, placements) {
            outcome.gpusAsked += ask.amounts.gpus
            guard let placement, let node = position[placement.node] else {
                outcome.places.append(nil)
                continue
            }
            outcome.places.append(node)
            guard seen.insert(placement.number).inserted else { throw Self.wrong("a place was given twice") }
            outcome.placed += 1
            outcome.gpusPlaced += ask.amounts.gpus
            outcome.used[node].add(ask.amounts)
        }
        for (used, offer) in zip(outcome.used, cell.nodes) where !used.isWithin(offer.capacity) {
            throw Self.wrong("a node was given more than it has")
        }
        return outcome
    }

    /// A scheduler that has placed the work.
    func filled() throws -> Scheduler {
        var scheduler = Scheduler(policy: policy)
        for node in cell.nodes { _ = scheduler.add(node) }
        for ask in cell.asks { _ = scheduler.place(ask) }
        return scheduler
    }

    /// Places the work one by one, and holds one in `every` against a scan of all nodes.
    func verify(every: Int) throws {
        var scheduler = Scheduler(policy: policy)
        for node in cell.nodes { _ = scheduler.add(node) }
        for (index, ask) in cell.asks.enumerated() {
            let number = scheduler.classify(ask)
            let expected = index % every == 0 ? scheduler.scan(number) : nil
            let placement = scheduler.place(number)
            guard index % every == 0 else { continue }
            guard expected?.node == placement?.node else {
                throw Self.wrong("ask \(index) got a place that a scan of all nodes does not give")
            }
        }
    }

    static func wrong(_ what: String) -> ApolloError {
        ApolloError(.internal, "the scheduler is wrong: \(what)")
    }
}

extension Amounts {
    mutating func add(_ other: Amounts) {
        cpuMillis += other.cpuMillis
        memory += other.memory
        disk += other.disk
        gpus += other.gpus
        tasks += other.tasks
    }

    func isWithin(_ other: Amounts) -> Bool {
        cpuMillis <= other.cpuMillis && memory <= other.memory && disk <= other.disk && gpus <= other.gpus
            && tasks <= other.tasks
    }
}
