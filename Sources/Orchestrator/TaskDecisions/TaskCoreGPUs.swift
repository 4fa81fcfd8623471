public import ClusterModel
public import Core

// GPUs that vanish from a node, and that come. One that is not there any more and that an attempt still has goes on counting, as
// missing, until the attempt is over: what it has is taken, and what others may have is not more for it.
extension TaskCore {
    /// Takes in which GPUs a node has now; what waits may find a place.
    public mutating func update(_ id: NodeID, gpus told: [GPU], at now: Timestamp) -> Decision {
        var decision = Decision()
        guard let node = nodes[id], node.gpus != nil || !told.isEmpty || node.capacity.gpus == 0 else {
            return decision
        }
        guard setGPUs(told, of: id) else { return decision }
        offer(id)
        markMissingGPUs(on: id, &decision)
        placeWaiting(at: now, &decision)
        return decision
    }

    /// Notes which GPUs a node has; false where that is nothing new.
    mutating func setGPUs(_ told: [GPU], of id: NodeID) -> Bool {
        guard let node = nodes[id] else { return false }
        let found = gpus.gpus(told.filter { $0.isMissing != true }, on: id, known: node.gpus ?? [])
        guard found != node.gpus ?? [] else { return false }
        nodes[id]!.gpus = found
        nodes[id]!.capacity.gpus = found.count
        return true
    }

    /// Says of the attempts on a node which of their GPUs are not there any more.
    mutating func markMissingGPUs(on id: NodeID, _ decision: inout Decision) {
        guard let known = nodes[id]?.gpus else { return }
        let missing = Set(known.lazy.filter { $0.isMissing == true }.map(\.uuid))
        for var record in stranded(on: id) {
            guard let attempt = record.current, let given = attempt.gpus else { continue }
            let marked = given.map { gpu in
                var gpu = gpu
                gpu.isMissing = missing.contains(gpu.uuid) ? true : nil
                return gpu
            }
            guard marked != given else { continue }
            record.attempts[record.attempts.count - 1].gpus = marked
            store(record, &decision)
        }
    }

    /// Gives back what an attempt had; what is missing of it is not the node's any more.
    mutating func releaseGPUs(_ given: [AssignedGPU], on id: NodeID, of attempt: AttemptID) {
        guard !given.isEmpty else { return }
        gpus.release(given, on: id, of: attempt)
        guard let known = nodes[id]?.gpus, known.contains(where: { $0.isMissing == true }) else { return }
        if setGPUs(known, of: id) { offer(id) }
    }
}
