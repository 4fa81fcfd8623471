/// What a node offers the scheduler.
public struct Offer: Hashable, Sendable {
    /// What tasks may use in all.
    public var capacity: Amounts
    /// What constraints, affinities and spreads look at.
    public var labels: [String: String]
    /// Whether new tasks may come.
    public var isOpen: Bool
    /// From which ports are chosen for tasks that ask for any; nil where the node chooses by itself.
    public var ports: ClosedRange<UInt16>?
    /// Where in that the choice begins, so that two nodes on one machine rarely choose the same.
    public var firstChoice: UInt64

    public init(
        capacity: Amounts, labels: [String: String] = [:], isOpen: Bool = true,
        ports: ClosedRange<UInt16>? = nil, firstChoice: UInt64 = 0
    ) {
        self.ports = ports
        self.firstChoice = firstChoice
        self.capacity = capacity
        self.labels = labels
        self.isOpen = isOpen
    }
}

/// The nodes, and the order in which they changed last: whoever has seen the state of some time finds what changed since
/// without looking at the rest.
struct NodeTable: Sendable {
    /// Tasks of one priority on one node.
    struct Level: Sendable {
        var priority: Int
        var used: Amounts
    }

    struct Node: Sendable {
        var offer: Offer
        var free: Amounts
        var figures: NodeFigures
        /// Which of the capacities that there are it has.
        var kind: Int32
        var version: UInt32 = 0
        /// When it changed last, and when what it is changed, rather than its room.
        var changedAt: UInt64 = 0
        var renewedAt: UInt64 = 0
        var isThere = true
        /// By priority, lowest first.
        var levels: [Level] = []
        /// What is placed on it.
        var residents: [Int32] = []
        fileprivate var newer: Int32 = -1
        fileprivate var older: Int32 = -1

        @inline(__always)
        var isOpen: Bool { isThere && offer.isOpen }
    }

    var nodes: [Node] = []
    /// Those of each node: beside the nodes, since few tasks ask for any.
    var ports: [PortTable] = []
    /// One over each capacity that nodes have.
    private(set) var inverses: [SIMD4<Float>] = []
    /// Counts changes.
    private(set) var time: UInt64 = 0
    /// When what some node is changed last, rather than the room it has.
    private(set) var renewedAt: UInt64 = 0
    private var newest: Int32 = -1
    private var kinds: [Amounts: Int32] = [:]
    let policy: SchedulingPolicy

    init(policy: SchedulingPolicy) { self.policy = policy }

    var count: Int { nodes.count }

    mutating func add(_ offer: Offer) -> Int32 {
        let index = Int32(nodes.count)
        nodes.append(
            Node(
                offer: offer, free: offer.capacity,
                figures: NodeFigures(capacity: offer.capacity, used: .zero, policy: policy),
                kind: kind(of: offer.capacity)))
        ports.append(PortTable())
        ports[Int(index)].offer(offer.ports, from: offer.firstChoice)
        touch(index, isRenewed: true)
        return index
    }

    mutating func update(_ index: Int32, _ offer: Offer) {
        var node = nodes[Int(index)]
        var used = node.offer.capacity
        used -= node.free
        node.offer = offer
        node.free = offer.capacity
        node.free -= used
        node.figures = NodeFigures(capacity: offer.capacity, used: used, policy: policy)
        node.kind = kind(of: offer.capacity)
        nodes[Int(index)] = node
        ports[Int(index)].offer(offer.ports, from: offer.firstChoice)
        touch(index, isRenewed: true)
    }

    mutating func remove(_ index: Int32) {
        nodes[Int(index)].isThere = false
        touch(index, isRenewed: true)
    }

    /// Takes `amounts` from what is free for a task of `priority`, or gives them back.
    @inline(__always)
    mutating func allocate(_ amounts: Amounts, priority: Int, on index: Int32, gives: Bool) {
        let policy = policy
        Self.change(&nodes[Int(index)]) { node in
            let level = node.levels.firstIndex { $0.priority >= priority } ?? node.levels.count
            if level == node.levels.count || node.levels[level].priority != priority {
                node.levels.insert(Level(priority: priority, used: .zero), at: level)
            }
            if gives {
                node.free += amounts
                node.levels[level].used -= amounts
                if node.levels[level].used.tasks == 0 { node.levels.remove(at: level) }
            } else {
                node.free -= amounts
                node.levels[level].used += amounts
            }
            var used = node.offer.capacity
            used -= node.free
            node.figures.update(capacity: node.offer.capacity, used: used, policy: policy)
        }
        touch(index)
    }

    @inline(__always)
    private static func change(_ node: inout Node, _ body: (inout Node) -> Void) { body(&node) }

    /// Makes the node the one that changed last.
    mutating func touch(_ index: Int32, isRenewed: Bool = false) {
        time += 1
        if isRenewed { renewedAt = time }
        nodes.withUnsafeMutableBufferPointer { nodes in
            let at = Int(index)
            nodes[at].version &+= 1
            nodes[at].changedAt = time
            if isRenewed { nodes[at].renewedAt = time }
            guard newest != index else { return }
            let (newer, older) = (nodes[at].newer, nodes[at].older)
            if newer >= 0 { nodes[Int(newer)].older = older }
            if older >= 0 { nodes[Int(older)].newer = newer }
            nodes[at].newer = -1
            nodes[at].older = newest
            if newest >= 0 { nodes[Int(newest)].newer = index }
            newest = index
        }
    }

    /// Calls `body` with each node, none of which is copied.
    @inline(__always)
    func forEach(_ body: (Int32, borrowing Node) -> Void) {
        nodes.withUnsafeBufferPointer { nodes in
            for index in nodes.indices { body(Int32(index), nodes[index]) }
        }
    }

    /// Calls `body` with all nodes where they are: what is read of one is copied, and not the whole of it.
    @inline(__always)
    func withNodes(_ body: (UnsafeBufferPointer<Node>) -> Void) { nodes.withUnsafeBufferPointer(body) }

    /// Calls `body` with each node that changed after `time`, the newest first.
    @inline(__always)
    func forEachChanged(after time: UInt64, _ body: (Int32, borrowing Node) -> Void) {
        nodes.withUnsafeBufferPointer { nodes in
            var index = newest
            while index >= 0, nodes[Int(index)].changedAt > time {
                body(index, nodes[Int(index)])
                index = nodes[Int(index)].older
            }
        }
    }

    private mutating func kind(of capacity: Amounts) -> Int32 {
        if let kind = kinds[capacity] { return kind }
        let kind = Int32(inverses.count)
        kinds[capacity] = kind
        inverses.append(NodeFigures(capacity: capacity, used: .zero, policy: policy).inverse)
        return kind
    }
}
