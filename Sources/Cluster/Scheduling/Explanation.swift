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
    }

    public enum Resource: String, Hashable, Sendable, CaseIterable { case cpu, memory, disk, gpus, tasks }

    public var nodes = 0
    /// Nodes that would take it now.
    public var possible = 0
    /// What rules the others out, the most frequent first.
    public var obstacles: [(obstacle: Obstacle, nodes: Int)] = []
    /// The most that a node which would do otherwise has free, for each resource that is short.
    public var mostFree: [Resource: Int64] = [:]

    public static func == (a: Self, b: Self) -> Bool {
        a.nodes == b.nodes && a.possible == b.possible && a.mostFree == b.mostFree
            && a.obstacles.elementsEqual(b.obstacles) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(nodes)
        hasher.combine(possible)
        for (obstacle, count) in obstacles {
            hasher.combine(obstacle)
            hasher.combine(count)
        }
    }
}

extension Scheduler {
    /// Looks at every node for `ask`. For people who ask, not for placing.
    public func explain(_ ask: Ask) -> Explanation {
        var explanation = Explanation()
        var counts: [Explanation.Obstacle: Int] = [:]
        let crowded = crowdedDomains(for: ask)
        for (index, node) in table.nodes.enumerated() where node.isThere {
            explanation.nodes += 1
            guard let obstacle = obstacle(for: ask, at: Int32(index), node, crowded) else {
                explanation.possible += 1
                continue
            }
            counts[obstacle, default: 0] += 1
            if case .full(let resource) = obstacle {
                let free = node.free[resource]
                explanation.mostFree[resource] = max(free, explanation.mostFree[resource] ?? free)
            }
        }
        explanation.obstacles = counts.map { ($0.key, $0.value) }.sorted {
            ($1.nodes, "\($0.obstacle)") < ($0.nodes, "\($1.obstacle)")
        }
        return explanation
    }

    /// Whether a node would take `ask` now.
    public func admits(_ ask: Ask, on node: NodeNumber) -> Bool { obstacle(for: ask, at: node.index) == nil }

    /// What rules a node out; `despiteTasks`, also when nothing were on it.
    func obstacle(for ask: Ask, at index: Int32, despiteTasks: Bool = false) -> Explanation.Obstacle? {
        let node = table.nodes[Int(index)]
        guard node.isThere else { return .closed }
        let obstacle = obstacle(for: ask, at: index, node, crowdedDomains(for: ask))
        if despiteTasks, case .full = obstacle { return nil }
        return obstacle
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
        for ask: Ask, at index: Int32, _ node: NodeTable.Node, _ crowded: Set<String?>
    ) -> Explanation.Obstacle? {
        guard node.offer.isOpen else { return .closed }
        if let unmet = ask.constraints.first(where: { !$0.holds(for: node.offer.labels) }) {
            return .constraint(unmet)
        }
        if let small = Explanation.Resource.allCases.first(where: {
            ask.amounts[$0] > node.offer.capacity[$0]
        }) {
            return .tooSmall(small)
        }
        if let obstacle = portObstacle(for: ask, at: index) { return obstacle }
        if let apart = ask.apartFrom, let group = groupOf[apart], groups[Int(group)].counts[index] != nil {
            return .apart(group: apart)
        }
        if let spread = ask.spread, crowded.contains(node.offer.labels[spread.label]) {
            return .skewed(label: spread.label)
        }
        return Explanation.Resource.allCases.first { ask.amounts[$0] > node.free[$0] }.map { .full($0) }
    }
}

extension Scheduler {
    /// What keeps `ask` off a node for the sake of its ports.
    func portObstacle(for ask: Ask, at index: Int32) -> Explanation.Obstacle? {
        guard !ask.ports.isEmpty else { return nil }
        let ports = table.ports[Int(index)]
        if let taken = ask.ports.first(where: { ports.isTaken($0) }) { return .port(taken) }
        if let foreign = ask.ports.first(where: { ports.isBlocked($0) }) { return .foreignPort(foreign) }
        return ports.canChoose(for: ask.ports) ? nil : .portsUsedUp
    }
}

extension Amounts {
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
