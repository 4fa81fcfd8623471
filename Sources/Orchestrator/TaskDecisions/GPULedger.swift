import ClusterModel

/// Which attempt has which GPU of which node. How many a node has left is the scheduler's to know: here it is which.
struct GPULedger: Sendable {
    private var holders: [NodeID: [String: AttemptID]] = [:]

    /// Gives `count` of the node's GPUs to an attempt, those with the lowest numbers; none where the node does not tell which it has.
    mutating func take(_ count: Int, of gpus: [GPU], on node: NodeID, for attempt: AttemptID) -> [AssignedGPU]
    {
        guard count > 0 else { return [] }
        let held = holders[node] ?? [:]
        let free = gpus.filter { held[$0.uuid] == nil }.sorted { $0.index < $1.index }
        guard free.count >= count else { return [] }
        let given = free.prefix(count).map { AssignedGPU(index: $0.index, uuid: $0.uuid) }
        hold(given, on: node, for: attempt)
        return given
    }

    /// The attempt has them already.
    mutating func hold(_ gpus: [AssignedGPU], on node: NodeID, for attempt: AttemptID) {
        for gpu in gpus where holders[node]?[gpu.uuid] == nil {
            holders[node, default: [:]][gpu.uuid] = attempt
        }
    }

    mutating func release(_ gpus: [AssignedGPU], on node: NodeID, of attempt: AttemptID) {
        for gpu in gpus where holders[node]?[gpu.uuid] == attempt { holders[node]![gpu.uuid] = nil }
        if holders[node]?.isEmpty == true { holders[node] = nil }
    }
}
