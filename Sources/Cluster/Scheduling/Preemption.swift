// Room for what is more important: which tasks of lower priority have to go, and from which node.
extension Scheduler {
    /// A node that would have room without some of what is on it.
    public struct Preemption: Hashable, Sendable {
        public let node: NodeNumber
        /// What has to go, the least important first. The caller ends and releases them; until then the room is not there.
        public let victims: [PlacementNumber]
    }

    /// Finds the node where a task of `priority` costs the others the least: first that the most important of the victims
    /// is as unimportant as can be, then that they are few. Nil where no node would have room even without everything of a
    /// lower priority.
    public mutating func preempt(for number: ClassNumber, priority: Int) -> Preemption? {
        var candidates = candidates(for: number.index, priority: priority)
        candidates.sort { ($0.level, $0.count, $0.node) < ($1.level, $1.count, $1.node) }
        var best: (cost: (Int, Int, Int32), victims: [Int32])?
        // The counts are a lower bound of what the choice of single tasks comes to; a few of the cheapest tell.
        for candidate in candidates.prefix(Self.examined) {
            let victims = victims(for: number.index, on: candidate.node, upTo: candidate.level)
            let staying = victims.filter { !slots[Int($0)].isLeaving }
            let highest = staying.last.map { slots[Int($0)].priority } ?? .min
            let cost = (highest, staying.count, candidate.node)
            if best == nil || cost < best!.cost { best = (cost, victims) }
        }
        return best.map {
            Preemption(
                node: NodeNumber(index: $0.cost.2), victims: $0.victims.map { PlacementNumber(index: $0) })
        }
    }

    private static var examined: Int { 8 }

    /// The same on this very node: nil where it would not do.
    public mutating func preempt(for number: ClassNumber, priority: Int, on node: NodeNumber) -> Preemption? {
        guard obstacle(for: classes[Int(number.index)]!.ask, at: node.index, despiteTasks: true) == nil else {
            return nil
        }
        guard let level = level(for: classes[Int(number.index)]!.ask, under: priority, on: node.index)
        else { return nil }
        let victims = victims(for: number.index, on: node.index, upTo: level.level)
        return Preemption(node: node, victims: victims.map { PlacementNumber(index: $0) })
    }

    /// What would be free on a node without all that has a lower priority.
    public func room(on node: NodeNumber, below priority: Int) -> Amounts {
        var room = table.nodes[Int(node.index)].free
        for level in table.nodes[Int(node.index)].levels where level.priority < priority {
            room += level.used
        }
        return room
    }

    /// What is placed there ends already, so that making room by it costs nothing more.
    public mutating func markLeaving(_ placement: PlacementNumber) {
        slots[Int(placement.index)].isLeaving = true
    }

    private struct Candidate {
        var node: Int32
        /// The highest priority that has to go.
        var level: Int
        /// How many tasks there are up to that priority.
        var count: Int64
    }

    private func candidates(for number: Int32, priority: Int) -> [Candidate] {
        let askClass = classes[Int(number)]!
        let traits = traits(of: askClass).traits
        let apart = askClass.apartGroup.map { groups[Int($0)] }
        let crowded = crowdedDomains(for: askClass.ask)
        var found: [Candidate] = []
        for index in table.nodes.indices {
            guard table.nodes[index].isOpen, traits[index].isEligible,
                askClass.ask.amounts.fits(in: table.nodes[index].offer.capacity),
                apart == nil || apart!.counts[Int32(index)] == nil,
                portObstacle(for: askClass.ask, at: Int32(index), despiteTasks: true) == nil,
                crowded.isEmpty
                    || !crowded.contains(table.nodes[index].offer.labels[askClass.ask.spread?.label ?? ""])
            else { continue }
            guard let level = level(for: askClass.ask, under: priority, on: Int32(index)) else { continue }
            found.append(level)
        }
        return found
    }

    /// Up to which priority tasks have to go from the node.
    private func level(for ask: Ask, under priority: Int, on node: Int32) -> Candidate? {
        var room = room(on: node, for: ask)
        var count: Int64 = 0
        for level in table.nodes[Int(node)].levels where level.priority < priority {
            room.amounts += level.used
            count += level.used.tasks
            if room.ports != nil {
                for index in table.nodes[Int(node)].residents
                where slots[Int(index)].priority == level.priority {
                    room.ports!.give(portsOf[index] ?? [])
                }
            }
            if room.fits(ask) { return Candidate(node: node, level: level.priority, count: count) }
        }
        return nil
    }

    /// What is free on a node, of which more and more is taken to be.
    private struct Room {
        var amounts: Amounts
        /// nil where no ports are asked for.
        var ports: PortTable?

        func fits(_ ask: Ask) -> Bool {
            ask.amounts.fits(in: amounts) && (ports?.admits(ask.ports) ?? true)
        }
    }

    private func room(on node: Int32, for ask: Ask) -> Room {
        Room(
            amounts: table.nodes[Int(node)].free, ports: ask.ports.isEmpty ? nil : table.ports[Int(node)])
    }

    /// The tasks that go: those that have a port which is asked for, those that leave anyway, then the least important first and of
    /// those the largest, until there is room; then whoever need not go after all stays, the most important first.
    private func victims(for number: Int32, on node: Int32, upTo level: Int) -> [Int32] {
        let ask = classes[Int(number)]!.ask
        let state = table.nodes[Int(node)]
        let wanted = Set(ask.ports.lazy.filter { $0.number != 0 })
        let candidates = state.residents.filter { slots[Int($0)].priority <= level }.map { index in
            (
                index: index, order: wanted.isDisjoint(with: portsOf[index] ?? []) ? 1 : 0,
                rank: slots[Int(index)].isLeaving ? Int.min : slots[Int(index)].priority,
                share: share(of: index, on: state)
            )
        }.sorted { ($0.order, $0.rank, -$0.share, $0.index) < ($1.order, $1.rank, -$1.share, $1.index) }
        var room = room(on: node, for: ask)
        var chosen: [(index: Int32, rank: Int, share: Float)] = []
        for candidate in candidates {
            guard !room.fits(ask) else { break }
            room.amounts += amounts(of: candidate.index)
            room.ports?.give(portsOf[candidate.index] ?? [])
            chosen.append((candidate.index, candidate.rank, candidate.share))
        }
        chosen.sort { ($0.rank, -$0.share, $0.index) < ($1.rank, -$1.share, $1.index) }
        for index in chosen.indices.reversed() {
            var without = room
            without.amounts -= amounts(of: chosen[index].index)
            without.ports?.take(portsOf[chosen[index].index] ?? [])
            guard without.fits(ask) else { continue }
            room = without
            chosen.remove(at: index)
        }
        return chosen.map(\.index)
    }

    private func amounts(of slot: Int32) -> Amounts { classes[Int(slots[Int(slot)].askClass)]!.ask.amounts }

    private func share(of slot: Int32, on node: NodeTable.Node) -> Float {
        (amounts(of: slot).weights * node.figures.inverse).sum()
    }
}
