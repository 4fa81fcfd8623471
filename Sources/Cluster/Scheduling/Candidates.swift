// How a class finds its candidates and the best of them.
extension AskClass {
    /// Whether the node could take one now.
    @inline(__always)
    func admits(
        _ number: Int32, _ node: borrowing NodeTable.Node, apart: Scheduler.Group?, _ ports: [PortTable]
    ) -> Bool {
        ask.amounts.fits(in: node.free) && node.isOpen && index!.traits[Int(number)].isEligible
            && (apart == nil || apart!.counts[number] == nil)
            && (!hasPorts || ports[Int(number)].admits(ask.ports))
    }

    @inline(__always)
    func score(_ number: Int32, _ node: borrowing NodeTable.Node, _ policy: SchedulingPolicy) -> Float {
        Scoring.score(figures, node.figures, kind: Int(node.kind), policy)
            + index!.traits[Int(number)].bonus
    }

    /// Takes in what the labels of nodes mean to it.
    mutating func learn(_ nodes: NodeTraits, _ table: NodeTable) {
        if table.policy == .epvm { figures.learn(table.inverses) }
        if index == nil { index = Index() }
        index!.traits = nodes.traits
        while index!.heaps.count < nodes.domainCount {
            index!.heaps.append(ScoreHeap())
            index!.counts.append(0)
            index!.usable.append(0)
        }
    }

    /// Whether ``learn(_:_:)`` has to come before the next pick.
    func isIgnorant(of table: NodeTable) -> Bool {
        guard let index else { return true }
        return index.traits.count != table.count || table.renewedAt > index.seen
    }

    /// Takes in what changed since it was asked last. It knows what nodes are (``isIgnorant(of:)``).
    mutating func refresh(_ table: NodeTable, apart: Scheduler.Group?, spread: Scheduler.Group?) {
        guard index!.seen != table.time else { return }
        let hasPorts = hasPorts
        // What nodes are has changed, or the heaps hold more of the past than of the present: from the beginning.
        if isOutdated(table) { return build(table, apart: apart, spread: spread) }
        Self.update(&index!) { index in
            table.forEachChanged(after: index.seen) { number, node in
                guard
                    ask.amounts.fits(in: node.free) && node.isOpen
                        && index.traits[Int(number)].isEligible
                        && (apart == nil || apart!.counts[number] == nil)
                        && (!hasPorts
                            || table.ports[Int(number)].admits(ask.ports))
                else { return }
                let traits = index.traits[Int(number)]
                let score =
                    Scoring.score(figures, node.figures, kind: Int(node.kind), table.policy) + traits.bonus
                index.heaps[Int(traits.domain)].push(
                    ScoreHeap.Entry(score: score, node: number, version: node.version))
            }
            index.seen = table.time
        }
    }

    @inline(__always)
    private static func update(_ index: inout Index, _ body: (inout Index) -> Void) { body(&index) }

    private func isOutdated(_ table: NodeTable) -> Bool {
        if index!.seen < max(1, table.renewedAt) { return true }
        return index!.heaps.count == 1
            ? index!.heaps[0].count > 2 * table.count + 64 : index!.entryCount > 3 * table.count + 64
    }

    private mutating func build(_ table: NodeTable, apart: Scheduler.Group?, spread: Scheduler.Group?) {
        for heap in index!.heaps.indices {
            index!.heaps[heap].removeAll()
            index!.usable[heap] = 0
        }
        table.forEach { number, node in
            let traits = index!.traits[Int(number)]
            if node.isThere, traits.isEligible { index!.usable[Int(traits.domain)] += 1 }
            guard admits(number, node, apart: apart, table.ports) else { return }
            index!.heaps[Int(traits.domain)].append(
                ScoreHeap.Entry(
                    score: score(number, node, table.policy), node: number, version: node.version))
        }
        for heap in index!.heaps.indices { index!.heaps[heap].heapify() }
        index!.seen = table.time
        guard let spread else { return }
        for domain in index!.counts.indices { index!.counts[domain] = 0 }
        for (node, count) in spread.counts { index!.counts[Int(index!.traits[Int(node)].domain)] += count }
    }

    /// The node to take, of those it knows to have room.
    mutating func best(_ table: NodeTable) -> Int32? {
        Self.update(&index!) { index in
            for heap in index.heaps.indices {
                while let top = index.heaps[heap].top, table.nodes[Int(top.node)].version != top.version {
                    index.heaps[heap].pop()
                }
            }
        }
        guard let spread = ask.spread else { return index!.heaps[0].top?.node }
        return spreadBest(maximumSkew: spread.maximumSkew)
    }

    /// Of the domains with room the one with the fewest tasks of the group, and of equals the better node. The domain of
    /// nodes without the label counts like any other; one of whose nodes none fits the constraints does not hold the others back.
    private func spreadBest(maximumSkew: Int?) -> Int32? {
        var found: (count: Int32, entry: ScoreHeap.Entry)?
        var least = Int32.max
        for (domain, heap) in index!.heaps.enumerated() {
            if index!.usable[domain] > 0 {
                least = min(least, index!.counts[domain])
            }
            guard let entry = heap.top else { continue }
            let count = index!.counts[domain]
            if let best = found, best.count < count || best.count == count && !entry.precedes(best.entry) {
                continue
            }
            found = (count, entry)
        }
        guard let found else { return nil }
        if let maximumSkew, found.count - least >= maximumSkew { return nil }
        return found.entry.node
    }
}
