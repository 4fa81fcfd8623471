public import ClusterModel
public import Core

/// An attempt that its task has given up, and that may live on its node all the same.
struct Remnant: Hashable, Sendable {
    var task: TaskID
    var node: NodeID
    var resources: Resources
    var runtime: RuntimeKind
    var gpus: [AssignedGPU]
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
    mutating func keepRemnant(_ attempt: AttemptID, on node: NodeID, of record: TaskRecord) {
        guard remnants[attempt] == nil, nodes[node] != nil else { return }
        let given = record.attempts.first { $0.id == attempt }
        remnants[attempt] = Remnant(
            task: record.id, node: node, resources: record.spec.resources, runtime: record.spec.runtime,
            gpus: given?.gpus ?? [])
        gpus.hold(given?.gpus ?? [], on: node, for: attempt)
        nodes[node]!.allocate(record.spec.resources)
        places.hold(
            attempt, on: node, for: record.ask, priority: record.spec.priority, of: record.id,
            ports: given?.heldPorts)
        places.markLeaving(attempt)
        settleState(of: node)
    }

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

    /// Of those that one of the node's runtimes should have, what it does not have any more is over.
    mutating func releaseRemnants(of runtime: RuntimeKind, on node: NodeID, but found: [FoundAttempt]) {
        guard !remnants.isEmpty else { return }
        let live = Set(found.lazy.filter { $0.exit == nil }.map(\.attempt))
        for (attempt, remnant) in remnants.sorted(by: { $0.key < $1.key })
        where remnant.node == node && remnant.runtime == runtime && !live.contains(attempt) {
            releaseRemnant(attempt)
        }
    }
}
