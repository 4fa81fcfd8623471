public import ClusterModel
public import Core

// What nodes say of themselves: which attempts they have, and what they can do.
extension TaskCore {
    /// Takes a node in, with the attempts that each of its runtimes has, and settles them (``settle(_:_:found:at:)``).
    ///
    /// A runtime that does not answer is left out of `found`: what is known to be on it is neither lost nor started again
    /// until it does, and nothing is placed on it.
    public mutating func join(
        _ node: Node, found: [RuntimeKind: [FoundAttempt]], at now: Timestamp
    ) -> Decision {
        var node = node
        node.allocated = Capacity()
        settled[node.id] = Set(found.keys)
        node.runtimes = usable(node.runtimes, on: node.id)
        ownLabels[node.id] = node.labels
        node.labels = orders(of: node.id).labels(of: node.labels)
        (node.state, node.reason) = (.ready, nil)
        node.reserved = nodes[node.id]?.reserved
        node.gpus = node.gpus.map { gpus.gpus($0, on: node.id, known: nodes[node.id]?.gpus ?? []) }
        if let gpus = node.gpus { node.capacity.gpus = gpus.count }
        let there = stranded(on: node.id)
        for record in there { node.allocate(record.spec.resources) }
        for remnant in remnants.values where remnant.node == node.id { node.allocate(remnant.resources) }
        nodes[node.id] = node
        settleState(of: node.id)
        offer(node.id)
        for record in there {
            guard let attempt = record.current else { continue }
            places.hold(
                attempt.id, on: node.id, for: record.ask, priority: record.spec.priority, of: record.id,
                ports: attempt.heldPorts)
            if record.state == .stopping { places.markLeaving(attempt.id) }
        }
        var decision = Decision()
        // All that was given up has its room before an end in any runtime makes some for others.
        for kind in RuntimeKind.allCases {
            if let found = found[kind] { endUnwanted(found, of: kind, on: node.id, &decision) }
        }
        for kind in RuntimeKind.allCases {
            // What an end in one of them makes room for is not looked for in the next: its start is ordered just now.
            if let found = found[kind] { decision += reconcile(there, kind, found, at: now) }
        }
        markMissingGPUs(on: node.id, &decision)
        if orders(of: node.id).service == .drained { drain(node.id, nil, &decision) }
        // What the manager's restart found in its back-off.
        for id in unarmed.sorted() {
            guard let record = tasks[id], record.state == .pending, let notBefore = record.notBefore else {
                continue
            }
            if record.isWaiting(at: now) {
                decision.directives.append(.wake(id, at: min(notBefore, record.deadline?.time ?? notBefore)))
            } else {
                place(id, at: now, &decision)
            }
        }
        unarmed = []
        placeWaiting(at: now, &decision)
        return decision
    }

    /// The connection to the node is broken: until it joins again, or is lost (``lose(_:because:at:)``), nothing new is placed on it.
    /// What it runs goes on as far as anybody knows, and is settled when it joins.
    public mutating func disconnect(_ id: NodeID, because reason: String, at now: Timestamp) -> Decision {
        // Of one that is lost it is news only why it is still not reached.
        setAbsent(id, as: nodes[id]?.state == .lost ? .lost : .disconnected, because: reason, at: now)
    }

    /// Nothing new is placed on the node from now on.
    mutating func setAbsent(
        _ id: NodeID, as state: Node.State, because reason: String, at now: Timestamp
    ) -> Decision {
        guard let node = nodes[id], node.state != state || node.reason != reason else { return Decision() }
        (nodes[id]!.state, nodes[id]!.reason) = (state, reason)
        offer(id)
        var decision = Decision()
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Takes in what a runtime of a node has. The first time this settles it: adopts what runs, takes in the ends of what
    /// ended, starts again what had not been started. Each time it ends what should not run, and discards what belongs to no
    /// task; a list that is a little old does no harm.
    public mutating func settle(
        _ node: NodeID, _ runtime: RuntimeKind, found: [FoundAttempt], at now: Timestamp
    ) -> Decision {
        guard nodes[node] != nil else { return Decision() }
        var decision = Decision()
        endUnwanted(found, of: runtime, on: node, &decision)
        guard settled[node, default: []].insert(runtime).inserted else {
            placeWaiting(at: now, &decision)
            return decision
        }
        decision += reconcile(stranded(on: node), runtime, found, at: now)
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Takes in what a node can do now; what waits may find a place.
    public mutating func update(_ id: NodeID, runtimes: [RuntimeStatus], at now: Timestamp) -> Decision {
        let usable = usable(runtimes, on: id)
        guard let node = nodes[id], node.runtimes != usable else { return Decision() }
        nodes[id]!.runtimes = usable
        offer(id)
        var decision = Decision()
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Has the scheduler take in what changed about a node.
    mutating func offer(_ id: NodeID) {
        places.offer(nodes[id]!)
        reviewClaims(on: id)
    }

    /// The runtimes, those not for use that have not told what they have: what is placed there could be taken for lost when
    /// they do.
    private func usable(_ runtimes: [RuntimeStatus], on node: NodeID) -> [RuntimeStatus] {
        runtimes.map { status in
            guard status.isAvailable, !settled[node, default: []].contains(status.kind) else { return status }
            return RuntimeStatus(
                kind: status.kind, isAvailable: false, detail: "what it runs is not known yet")
        }
    }

    private mutating func reconcile(
        _ there: [TaskRecord], _ runtime: RuntimeKind, _ found: [FoundAttempt], at now: Timestamp
    ) -> Decision {
        var decision = Decision()
        let foundByID = Dictionary(found.map { ($0.attempt, $0) }, uniquingKeysWith: { first, _ in first })
        for record in there where record.spec.runtime == runtime {
            // What became of the others may have ended this one meanwhile.
            guard let attempt = record.current, tasks[record.id]?.current?.id == attempt.id,
                tasks[record.id]?.current?.state != .ended
            else { continue }
            decision += reconcile(record, attempt, with: foundByID[attempt.id], at: now)
        }
        return decision
    }

    /// Ends what runs although it is over for its task, and forgets what belongs to no task. Both come from starts that were
    /// done after they had been given up.
    private mutating func endUnwanted(
        _ found: [FoundAttempt], of runtime: RuntimeKind, on node: NodeID, _ decision: inout Decision
    ) {
        releaseRemnants(of: runtime, on: node, but: found, &decision)
        for found in found {
            let place = AttemptPlace(
                task: found.task, attempt: found.attempt, node: node, runtime: found.runtime)
            let record = tasks[found.task] ?? leaving[found.task]
            let attempts = record?.attempts ?? []
            guard let record, let known = attempts.firstIndex(where: { $0.id == found.attempt }) else {
                decision.directives.append(.discard(place))
                continue
            }
            if attempts[known].state == .ended, found.exit == nil {
                decision.directives.append(.stop(place, grace: .zero))
                keepRemnant(found.attempt, on: node, of: record)
            }
        }
    }

    private mutating func reconcile(
        _ record: TaskRecord, _ attempt: Attempt, with found: FoundAttempt?, at now: Timestamp
    ) -> Decision {
        let place = place(of: attempt, record)
        var decision = Decision()
        relieve(record.id, &decision)
        let record = tasks[record.id] ?? record
        // A start that broke off may have left something that never ran, and whose end nobody saw: that is no start.
        let isTraceOnly = attempt.state == .starting && found?.exit != nil && found?.exit?.code == nil
        guard let found, !isTraceOnly else {
            guard attempt.state == .running else {
                // It was never started, or the start is still under way: both orders are idempotent, and the runtime does
                // them after it.
                if record.state == .stopping {
                    decision.directives.append(.stop(place, grace: .zero))
                    return decision
                }
                var record = record
                startAgain(&record, attempt, &decision)
                return decision
            }
            decision += observe(
                .exited(code: nil, at: now, reason: "lost: its node does not know it any more"),
                of: attempt.id,
                task: record.id, at: now)
            return decision
        }
        if attempt.state == .starting {
            decision += observe(
                .started(at: found.startedAt, ports: found.ports, warnings: []), of: attempt.id,
                task: record.id, at: now)
        } else if found.exit == nil, record.state == .stopping {
            decision.directives.append(.stop(place, grace: record.spec.stopGrace.duration))
        } else if found.exit == nil, let look = nextLook(at: record, now) {
            decision.directives.append(.wake(record.id, at: look))
        }
        if let exit = found.exit {
            decision.directives.removeAll { if case .stop = $0 { true } else { false } }
            decision += observe(
                .exited(code: exit.code, at: exit.endedAt, reason: exit.reason), of: attempt.id,
                task: record.id, at: now)
        } else {
            decision.directives.append(.watch(place))
            if attempt.state == .running, let probing = probing(attempt, of: record) {
                decision.directives.append(probing)
            }
        }
        return decision
    }
}
