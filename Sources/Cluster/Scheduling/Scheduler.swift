/// Finds nodes for tasks: a plain value, with no clock, no randomness and no I/O.
///
/// Each placement goes through three steps: the candidates that can run the task, the score of each by the policy, and the
/// pick of the best. Tasks that ask the same share the first two: a class keeps its candidates in a heap, and looks only at
/// the nodes that changed since it was asked last. So the result is that of scoring every node, at a cost that depends on
/// what changed; a class that found no room is refused at once until a node changes.
public struct Scheduler: Sendable {
    /// A node, as the scheduler numbers them.
    public struct NodeNumber: Hashable, Comparable, Sendable {
        let index: Int32
        public static func < (a: Self, b: Self) -> Bool { a.index < b.index }

        /// From 0, without gaps: a place in a list beside the scheduler's.
        public var place: Int { Int(index) }
    }

    /// A class of asks, as the scheduler numbers them; valid until ``release(_:)`` of its last placement.
    public struct ClassNumber: Hashable, Sendable { let index: Int32 }

    /// A task on a node.
    public struct PlacementNumber: Hashable, Sendable {
        let index: Int32

        /// From 0, used again after a release: a place in a list beside the scheduler's.
        public var place: Int { Int(index) }
    }

    public struct Placement: Hashable, Sendable {
        public let number: PlacementNumber
        public let node: NodeNumber
    }

    struct Slot: Sendable {
        var node: Int32
        var askClass: Int32
        var priority: Int
        /// Where it is among the residents of its node.
        var position: Int32
        var isLeaving = false
    }

    /// Tasks that belong together, for spreads and for those that stay apart.
    struct Group: Sendable {
        /// How many of them each node has.
        var counts: [Int32: Int32] = [:]
        /// The classes that spread it.
        var spreads: Set<Int32> = []
        /// How many classes know it: without one it is forgotten.
        var members = 0
        var name = ""
    }

    public let policy: SchedulingPolicy
    /// How many entries the heaps may hold together; classes that were not asked for longest give theirs up.
    let entryLimit: Int

    var table: NodeTable
    var classes: [AskClass?] = []
    var classOf: [Ask: Int32] = [:]
    var freeClasses: [Int32] = []
    var slots: [Slot] = []
    var freeSlots: [Int32] = []
    var groups: [Group] = []
    var groupOf: [String: Int32] = [:]
    var freeGroups: [Int32] = []
    var views = ViewTable()
    /// The ports of those placements that ask for any.
    var portsOf: [Int32: [HostPort]] = [:]
    /// Where the next turn of round-robin begins.
    private var cursor = 0
    private var uses: UInt64 = 0
    /// What the heaps hold together.
    var indexed = 0

    public init(policy: SchedulingPolicy = .hybrid, entryLimit: Int = 8 << 20) {
        self.policy = policy
        self.entryLimit = entryLimit
        table = NodeTable(policy: policy)
    }

    // MARK: Nodes

    /// Takes a node in.
    public mutating func add(_ offer: Offer) -> NodeNumber { NodeNumber(index: table.add(offer)) }

    /// Changes what a node offers. What is placed on it stays, also where that is more than it offers now.
    public mutating func update(_ node: NodeNumber, _ offer: Offer) { table.update(node.index, offer) }

    /// Takes a node out; what was placed on it is to be released.
    public mutating func remove(_ node: NodeNumber) { table.remove(node.index) }

    /// What is free on a node; negative where more is placed than it offers.
    public func free(on node: NodeNumber) -> Amounts { table.nodes[Int(node.index)].free }

    public func labels(of node: NodeNumber) -> [String: String] { table.nodes[Int(node.index)].offer.labels }

    /// Counts what changes about nodes and the room they have.
    public var changes: UInt64 { table.time }

    /// What is placed on a node, in no order.
    public func placements(on node: NodeNumber) -> [PlacementNumber] {
        table.nodes[Int(node.index)].residents.map { PlacementNumber(index: $0) }
    }

    // MARK: Placements

    /// The class of `ask`: worth keeping by whoever places many alike.
    public mutating func classify(_ ask: Ask) -> ClassNumber {
        if let known = classOf[ask] { return ClassNumber(index: known) }
        var new = AskClass(ask, view: views.join(NodeTraits.View(ask)))
        if let spread = ask.spread { new.spreadGroup = join(group(spread.group)) }
        if let apart = ask.apartFrom { new.apartGroup = join(group(apart)) }
        let index: Int32
        if let reused = freeClasses.popLast() {
            index = reused
            classes[Int(index)] = new
        } else {
            index = Int32(classes.count)
            classes.append(new)
        }
        if let group = new.spreadGroup { groups[Int(group)].spreads.insert(index) }
        classOf[ask] = index
        return ClassNumber(index: index)
    }

    /// Places a task, or returns nil where no node has room.
    public mutating func place(_ number: ClassNumber, priority: Int = 0) -> Placement? {
        guard let node = pick(number.index) else { return nil }
        return settle(number.index, on: node, priority: priority)
    }

    public mutating func place(_ ask: Ask, priority: Int = 0) -> Placement? {
        place(classify(ask), priority: priority)
    }

    /// Places tasks that came together: those of a class one after the other, higher priorities first. That is the order in
    /// which each class has to look at changes only once; none of them overtakes one of its own class or of a higher priority.
    ///
    /// - Returns: for each ask its placement, or nil.
    public mutating func place(batch: [(askClass: ClassNumber, priority: Int)]) -> [Placement?] {
        var order = Array(batch.indices)
        order.sort { a, b in
            let (one, other) = (batch[a], batch[b])
            if one.priority != other.priority { return one.priority > other.priority }
            if one.askClass != other.askClass { return one.askClass.index < other.askClass.index }
            return a < b
        }
        var placements = [Placement?](repeating: nil, count: batch.count)
        for index in order {
            placements[index] = place(batch[index].askClass, priority: batch[index].priority)
        }
        return placements
    }

    /// Puts a task on this very node, whether there is room or not: it runs there already, or was promised the place.
    ///
    /// - Parameter ports: those that it has already; nil for those that it asks for.
    public mutating func place(
        _ number: ClassNumber, on node: NodeNumber, priority: Int = 0, ports: [HostPort]? = nil
    ) -> Placement {
        settle(number.index, on: node.index, priority: priority, ports: ports)
    }

    /// Gives back what a task had.
    public mutating func release(_ placement: PlacementNumber) {
        let slot = slots[Int(placement.index)]
        let number = Int(slot.askClass)
        count(slot.askClass, on: slot.node, by: -1)
        classes[number]!.placed -= 1
        let moved = Self.leave(&table.nodes[Int(slot.node)].residents, at: Int(slot.position))
        if let moved { slots[Int(moved)].position = slot.position }
        if let ports = portsOf.removeValue(forKey: placement.index) {
            table.ports[Int(slot.node)].give(ports)
        }
        table.allocate(classes[number]!.ask.amounts, priority: slot.priority, on: slot.node, gives: true)
        freeSlots.append(placement.index)
        if classes[number]!.placed == 0, classes[number]!.index == nil { forget(slot.askClass) }
    }

    /// How many tasks are placed.
    public var taskCount: Int { slots.count - freeSlots.count }

    public func node(of placement: PlacementNumber) -> NodeNumber {
        NodeNumber(index: slots[Int(placement.index)].node)
    }

    /// Takes out what is at `position`, and says what is there now.
    private static func leave(_ residents: inout [Int32], at position: Int) -> Int32? {
        let last = residents.removeLast()
        guard position < residents.count else { return nil }
        residents[position] = last
        return last
    }

    private mutating func settle(
        _ number: Int32, on node: Int32, priority: Int, ports: [HostPort]? = nil
    ) -> Placement {
        let slot = Slot(
            node: node, askClass: number, priority: priority,
            position: Int32(table.nodes[Int(node)].residents.count))
        let index: Int32
        if let reused = freeSlots.popLast() {
            index = reused
            slots[Int(index)] = slot
        } else {
            index = Int32(slots.count)
            slots.append(slot)
        }
        table.nodes[Int(node)].residents.append(index)
        if let ports {
            take(ports, for: index, on: node)
        } else if classes[Int(number)]!.hasPorts {
            take(table.ports[Int(node)].choose(classes[Int(number)]!.ask.ports), for: index, on: node)
        }
        let amounts = classes[Int(number)]!.ask.amounts
        table.allocate(amounts, priority: priority, on: node, gives: false)
        classes[Int(number)]!.placed += 1
        count(number, on: node, by: 1)
        return Placement(number: PlacementNumber(index: index), node: NodeNumber(index: node))
    }

    /// The node that ``place(_:priority:)`` takes, found by scoring all of them: what the quick way is held against. Nil where
    /// none has room. Not for spreads, whose pick depends on more than the score.
    public func scan(_ number: ClassNumber) -> (node: NodeNumber, score: Float)? {
        var askClass = classes[Int(number.index)]!
        askClass.index = nil
        // From nothing, too.
        var traits = NodeTraits(NodeTraits.View(askClass.ask))
        traits.learn(table)
        askClass.learn(traits, table)
        let apart = askClass.apartGroup.map { groups[Int($0)] }
        var best: ScoreHeap.Entry?
        for index in 0..<Int32(table.count) {
            let node = table.nodes[Int(index)]
            guard askClass.admits(index, node, apart: apart, table.ports) else { continue }
            let entry = ScoreHeap.Entry(
                score: askClass.score(index, node, policy), node: index, version: node.version)
            if best.map({ entry.precedes($0) }) ?? true { best = entry }
        }
        return best.map { (NodeNumber(index: $0.node), $0.score) }
    }

    // MARK: Candidates, score, pick

    private mutating func pick(_ number: Int32) -> Int32? {
        uses += 1
        let (spreadGroup, apartGroup, hasIndex, before) = Self.withClass(&classes[Int(number)]) { askClass in
            askClass.usedAt = uses
            return (
                askClass.spreadGroup, askClass.apartGroup, askClass.index != nil,
                askClass.index?.entryCount ?? 0
            )
        }
        if policy == .roundRobin, spreadGroup == nil { return turn(number) }
        if !hasIndex { makeRoomForIndex() }
        if classes[Int(number)]!.isIgnorant(of: table) { teach(number) }
        let group = apartGroup.map { groups[Int($0)] }
        let spread = spreadGroup.map { groups[Int($0)] }
        let (node, count) = Self.withClass(&classes[Int(number)]) { askClass -> (Int32?, Int) in
            askClass.refresh(table, apart: group, spread: spread)
            return (askClass.best(table), askClass.index?.entryCount ?? 0)
        }
        indexed += count - before
        return node
    }

    @inline(__always)
    static func withClass<Result>(
        _ askClass: inout AskClass?, _ body: (inout AskClass) -> Result
    ) -> Result {
        body(&askClass!)
    }

    /// Round robin: the first node with room from the cursor on.
    private mutating func turn(_ number: Int32) -> Int32? {
        let group = classes[Int(number)]!.apartGroup.map { groups[Int($0)] }
        let count = table.count
        let cursor = cursor
        if classes[Int(number)]!.isIgnorant(of: table) { teach(number) }
        let found = Self.withClass(&classes[Int(number)]) { askClass -> Int? in
            // Nothing changed since none had room.
            guard askClass.index!.counts[0] == 0 || askClass.index!.seen != table.time else { return nil }
            for step in 0..<count {
                let index = cursor + step < count ? cursor + step : cursor + step - count
                if askClass.admits(Int32(index), table.nodes[index], apart: group, table.ports) {
                    return index
                }
            }
            askClass.index!.counts[0] = 1
            askClass.index!.seen = table.time
            return nil
        }
        guard let found else { return nil }
        self.cursor = found + 1 == count ? 0 : found + 1
        return Int32(found)
    }
}
