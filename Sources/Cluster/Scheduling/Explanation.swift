/// Why a task is nowhere, or how many places there are for it: each node counted once, under the first thing that rules it out.
public struct Explanation: Hashable, Sendable {
    public enum Obstacle: Hashable, Sendable {
        /// It takes no new tasks: it is drained, cordoned or lost.
        case closed
        case constraint(Constraint)
        /// It has a task already that this one keeps apart from.
        case apart(group: String)
        /// Its value of the label has as many tasks of the group as the least used one may be exceeded by.
        case skewed(label: String)
        /// A task there has this port already.
        case port(HostPort)
        /// Something that is no task has this port.
        case foreignPort(HostPort)
        /// It has not as many ports left to choose from.
        case portsUsedUp
        /// It is too small, even when nothing else is on it.
        case tooSmall(Resource)
        /// It has not enough of it free now.
        case full(Resource)

        /// Of equally frequent ones this comes first.
        fileprivate static func precedes(_ a: Self, _ b: Self) -> Bool {
            let (one, other) = (a.rank, b.rank)
            return one != other ? one < other : a.detail < b.detail
        }

        private var rank: Int {
            switch self {
            case .apart: 0
            case .closed: 1
            case .constraint: 2
            case .foreignPort: 3
            case .full: 4
            case .port: 5
            case .portsUsedUp: 6
            case .skewed: 7
            case .tooSmall: 8
            }
        }

        private var detail: String {
            switch self {
            case .closed, .portsUsedUp: ""
            case .constraint(let constraint): constraint.description
            case .apart(let group): group
            case .skewed(let label): label
            case .port(let port), .foreignPort(let port): "\(port)"
            case .tooSmall(let resource), .full(let resource): resource.rawValue
            }
        }
    }

    /// How many nodes one thing rules out.
    public struct Count: Hashable, Sendable {
        public let obstacle: Obstacle
        public internal(set) var nodes: Int
    }

    public enum Resource: String, Hashable, Sendable, CaseIterable { case cpu, memory, disk, gpus, tasks }

    public var nodes = 0
    /// Nodes that would take it now.
    public var possible = 0
    /// What rules the others out, the most frequent first.
    public var obstacles: [Count] = []
    /// What would rule out nodes all the same without what is counted for them above: further constraints, and what they are too
    /// small for. Only of ``Scheduler/explain(_:thoroughly:)``.
    public var besides: [Count] = []
    /// The most that a node which would do otherwise has free, for each resource that is short.
    public var mostFree: [Resource: Int64] = [:]
}

extension Scheduler {
    /// Looks at every node for `ask`. For people who ask, not for placing.
    /// - Parameter thoroughly: says also what stands behind the first thing that rules a node out.
    public func explain(_ ask: Ask, thoroughly: Bool = false) -> Explanation {
        var explanation = Explanation()
        var (counts, further) = (ObstacleCounts(), ObstacleCounts())
        explanation.nodes = lookThrough(for: ask) { index, obstacle in
            guard let obstacle else {
                explanation.possible += 1
                return
            }
            counts.add(obstacle)
            if thoroughly {
                for other in others(than: obstacle, for: ask, at: index) { further.add(other) }
            }
            if case .full(let resource) = obstacle {
                let free = table.nodes[index].free[resource]
                explanation.mostFree[resource] = max(free, explanation.mostFree[resource] ?? free)
            }
        }
        (explanation.obstacles, explanation.besides) = (counts.sorted, further.sorted)
        return explanation
    }

    /// What rules nodes out, and how many nodes there are: all that a task that waits says of them.
    public func obstacles(for ask: Ask) -> (obstacles: [Explanation.Count], nodes: Int) {
        var counts = ObstacleCounts()
        let nodes = lookThrough(for: ask) { _, obstacle in if let obstacle { counts.add(obstacle) } }
        return (counts.sorted, nodes)
    }

    /// Has each node looked at, with what rules it out. Returns how many there are.
    private func lookThrough(
        for ask: Ask, _ look: (_ index: Int, _ obstacle: Explanation.Obstacle?) -> Void
    ) -> Int {
        let crowded = crowdedDomains(for: ask)
        var count = 0
        for index in table.nodes.indices where table.nodes[index].isThere {
            count += 1
            look(index, obstacle(for: ask, at: Int32(index), crowded))
        }
        return count
    }

    /// What else keeps `ask` off a node that `first` rules out, whatever is on it.
    private func others(
        than first: Explanation.Obstacle, for ask: Ask, at index: Int
    ) -> [Explanation.Obstacle] {
        let offer = table.nodes[index].offer
        guard offer.isOpen else { return [] }
        let unmet = ask.constraints.filter { !$0.holds(for: offer.labels) }
            .map { Explanation.Obstacle.constraint($0) }
        let small = Explanation.Resource.allCases.filter { ask.amounts[$0] > offer.capacity[$0] }
            .map { Explanation.Obstacle.tooSmall($0) }
        return (unmet + small).filter { $0 != first }
    }

    /// Whether a node would take `ask` now.
    public func admits(_ ask: Ask, on node: NodeNumber) -> Bool { obstacle(for: ask, at: node.index) == nil }

    /// What rules a node out; `despiteTasks`, also without the room and the ports that tasks there have.
    func obstacle(for ask: Ask, at index: Int32, despiteTasks: Bool = false) -> Explanation.Obstacle? {
        guard table.nodes[Int(index)].isThere else { return .closed }
        return obstacle(for: ask, at: index, crowdedDomains(for: ask), despiteTasks: despiteTasks)
    }

    /// What keeps `ask` off one node; nil for nothing.
    public func obstacle(for ask: Ask, on node: NodeNumber) -> Explanation.Obstacle? {
        obstacle(for: ask, at: node.index)
    }

    /// The values of the spread's label, nil for nodes without it, that may not have one more of the group.
    func crowdedDomains(for ask: Ask) -> Set<String?> {
        guard let spread = ask.spread, let maximum = spread.maximumSkew else { return [] }
        let group = groupOf[spread.group].map { groups[Int($0)].counts } ?? [:]
        var (counts, usable): ([String?: Int], Set<String?>) = ([:], [])
        for (index, node) in table.nodes.enumerated() where node.isThere {
            let value = node.offer.labels[spread.label]
            counts[value, default: 0] += Int(group[Int32(index)] ?? 0)
            if ask.constraints.allSatisfy({ $0.holds(for: node.offer.labels) }) { usable.insert(value) }
        }
        let least = counts.lazy.filter { usable.contains($0.key) }.map(\.value).min() ?? 0
        return Set(counts.lazy.filter { $0.value - least >= maximum }.map(\.key))
    }

    private func obstacle(
        for ask: Ask, at index: Int32, _ crowded: Set<String?>, despiteTasks: Bool = false
    ) -> Explanation.Obstacle? {
        // Looked at where it is: a copy of the whole node would cost more than all of this.
        let at = Int(index)
        guard table.nodes[at].offer.isOpen else { return .closed }
        let labels = table.nodes[at].offer.labels
        if let unmet = ask.constraints.first(where: { !$0.holds(for: labels) }) {
            return .constraint(unmet)
        }
        let capacity = table.nodes[at].offer.capacity
        if let small = ask.amounts.firstAbove(capacity) { return .tooSmall(small) }
        if let obstacle = portObstacle(for: ask, at: index, despiteTasks: despiteTasks) { return obstacle }
        if let apart = ask.apartFrom, let group = groupOf[apart], groups[Int(group)].counts[index] != nil {
            return .apart(group: apart)
        }
        if let spread = ask.spread, crowded.contains(labels[spread.label]) {
            return .skewed(label: spread.label)
        }
        return despiteTasks ? nil : ask.amounts.firstAbove(table.nodes[at].free).map { .full($0) }
    }
}

extension Scheduler {
    /// What keeps `ask` off a node for the sake of its ports; `despiteTasks`, also when no task had any.
    func portObstacle(for ask: Ask, at index: Int32, despiteTasks: Bool = false) -> Explanation.Obstacle? {
        guard !ask.ports.isEmpty else { return nil }
        let ports = table.ports[Int(index)]
        if !despiteTasks, let taken = ask.ports.first(where: { ports.isTaken($0) }) { return .port(taken) }
        if let foreign = ask.ports.first(where: { ports.isBlocked($0) }) { return .foreignPort(foreign) }
        return despiteTasks || ports.canChoose(for: ask.ports) ? nil : .portsUsedUp
    }
}

/// Few things rule nodes out: looking through them is quicker than hashing.
private struct ObstacleCounts {
    private var counts: [Explanation.Count] = []

    mutating func add(_ obstacle: Explanation.Obstacle) {
        if let known = counts.firstIndex(where: { $0.obstacle == obstacle }) {
            counts[known].nodes += 1
        } else {
            counts.append(Explanation.Count(obstacle: obstacle, nodes: 1))
        }
    }

    /// The most frequent first.
    var sorted: [Explanation.Count] {
        guard counts.count > 1 else { return counts }
        return counts.sorted {
            $0.nodes != $1.nodes
                ? $0.nodes > $1.nodes : Explanation.Obstacle.precedes($0.obstacle, $1.obstacle)
        }
    }
}

extension Amounts {
    /// The first resource of which this is more.
    fileprivate func firstAbove(_ other: Amounts) -> Explanation.Resource? {
        fits(in: other) ? nil : Explanation.Resource.allCases.first { self[$0] > other[$0] }
    }

    public subscript(resource: Explanation.Resource) -> Int64 {
        switch resource {
        case .cpu: cpuMillis
        case .memory: memory
        case .disk: disk
        case .gpus: gpus
        case .tasks: tasks
        }
    }
}
