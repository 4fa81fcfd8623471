public import ClusterModel
public import Core

/// An attempt that its task has given up, and that may live on its node all the same.
struct Remnant: Hashable, Sendable {
    var task: TaskID
    var node: NodeID
    var resources: Resources
    var runtime: RuntimeKind
    var gpus: [AssignedGPU]
    /// In how many lists of its runtime it has to be missing before it is over: a start that is under way is in none.
    var missing = 1
}

// What a node still runs of tasks that are elsewhere by now, or over: it was lost and is back. What that has there is not free
// before it is certain that it is over. Known only here; after a restart it is found again by what nodes have.
extension TaskCore {
    /// What the node still gives to attempts that are given up.
    public func remnants(on node: NodeID) -> Capacity {
        remnants.values.reduce(into: Capacity()) { sum, remnant in
            if remnant.node == node { sum.add(remnant.resources, sign: 1) }
        }
    }

    /// Counts an attempt of the task as one that takes room, until it is known to be over.
    ///
    /// - Parameter isStarting: whether nobody has heard that its start was done: it may be under way when the node is back.
    mutating func keepRemnant(
        _ attempt: AttemptID, on node: NodeID, of record: TaskRecord, isStarting: Bool = false
    ) {
        guard remnants[attempt] == nil, nodes[node] != nil else { return }
        let given = record.attempts.first { $0.id == attempt }
        remnants[attempt] = Remnant(
            task: record.id, node: node, resources: record.spec.resources, runtime: record.spec.runtime,
            gpus: given?.gpus ?? [], missing: isStarting ? Self.listsOfStarts : 1)
        gpus.hold(given?.gpus ?? [], on: node, for: attempt)
        nodes[node]!.allocate(record.spec.resources)
        places.hold(
            attempt, on: node, for: record.ask, priority: record.spec.priority, of: record.id,
            ports: given?.heldPorts)
        places.markLeaving(attempt)
        settleState(of: node)
    }

    /// The first comes when the node is back, and has the start given up; a second may come at once, and the third when it long has been.
    private static var listsOfStarts: Int { 3 }

    /// It is over.
    mutating func releaseRemnant(_ attempt: AttemptID) {
        guard let remnant = remnants.removeValue(forKey: attempt) else { return }
        nodes[remnant.node]?.allocate(remnant.resources, sign: -1)
        places.release(attempt)
        releaseGPUs(remnant.gpus, on: remnant.node, of: attempt)
        victimLeft(attempt, remnant.node)
        settleState(of: remnant.node)
    }

    /// The node is forgotten, and with it what it may have.
    mutating func releaseRemnants(on node: NodeID) {
        for attempt in remnants.filter({ $0.value.node == node }).keys.sorted() { releaseRemnant(attempt) }
    }

    /// Of those that one of the node's runtimes should have, what it does not have any more is over. What it may be starting is given up.
    mutating func releaseRemnants(
        of runtime: RuntimeKind, on node: NodeID, but found: [FoundAttempt], _ decision: inout Decision
    ) {
        guard !remnants.isEmpty else { return }
        let exits = Dictionary(found.map { ($0.attempt, $0.exit) }, uniquingKeysWith: { first, _ in first })
        for (attempt, remnant) in remnants.sorted(by: { $0.key < $1.key })
        where remnant.node == node && remnant.runtime == runtime {
            if let exit = exits[attempt] {
                if exit != nil { releaseRemnant(attempt) }
            } else if remnant.missing > 1 {
                remnants[attempt]!.missing -= 1
                decision.directives.append(
                    .cancelLaunch(
                        AttemptPlace(task: remnant.task, attempt: attempt, node: node, runtime: runtime)))
            } else {
                releaseRemnant(attempt)
            }
        }
    }

    /// Takes in what happened to an attempt that its task has given up.
    mutating func observeRemnant(
        _ event: AttemptEvent, of attempt: AttemptID, at now: Timestamp, _ decision: inout Decision
    ) {
        guard let remnant = remnants[attempt] else { return }
        switch event {
        case .exited, .startFailed, .startCancelled: releaseRemnant(attempt)
        case .started, .startUnclear:
            // It was done when it had been given up.
            decision.directives.append(
                .stop(
                    AttemptPlace(
                        task: remnant.task, attempt: attempt, node: remnant.node, runtime: remnant.runtime),
                    grace: .zero))
        case .health: break
        }
        placeWaiting(at: now, &decision)
    }
}
