import ClusterModel
import Core

/// Which attempt has which GPU of which node. How many a node has left is the scheduler's to know: here it is which.
struct GPULedger: Sendable {
    private struct Holding: Sendable {
        var index: Int
        var attempt: AttemptID
    }

    /// By the GPUs' identifiers.
    private var holdings: [NodeID: [String: Holding]] = [:]

    /// Gives `count` of the node's GPUs to an attempt, those with the lowest numbers; none where the node does not tell which it has.
    mutating func take(_ count: Int, of gpus: [GPU], on node: NodeID, for attempt: AttemptID) -> [AssignedGPU]
    {
        guard count > 0 else { return [] }
        let held = holdings[node] ?? [:]
        let free = gpus.filter { held[$0.uuid] == nil }.sorted { $0.index < $1.index }
        guard free.count >= count else { return [] }
        let given = free.prefix(count).map { AssignedGPU(index: $0.index, uuid: $0.uuid) }
        hold(given, on: node, for: attempt)
        return given
    }

    /// The attempt has them already.
    mutating func hold(_ gpus: [AssignedGPU], on node: NodeID, for attempt: AttemptID) {
        for gpu in gpus where holdings[node]?[gpu.uuid] == nil {
            holdings[node, default: [:]][gpu.uuid] = Holding(index: gpu.index, attempt: attempt)
        }
    }

    mutating func release(_ gpus: [AssignedGPU], on node: NodeID, of attempt: AttemptID) {
        for gpu in gpus where holdings[node]?[gpu.uuid]?.attempt == attempt {
            holdings[node]![gpu.uuid] = nil
        }
        if holdings[node]?.isEmpty == true { holdings[node] = nil }
    }

    /// The GPUs of a node that has those of `told`: these, and those that attempts still have and that are not there any more, each
    /// as it was known before.
    func gpus(_ told: [GPU], on node: NodeID, known: [GPU]) -> [GPU] {
        var all = told
        for (uuid, holding) in holdings[node] ?? [:] where !told.contains(where: { $0.uuid == uuid }) {
            var gpu =
                known.first { $0.uuid == uuid }
                ?? GPU(index: holding.index, uuid: uuid, name: "", memory: ByteCount(0))
            gpu.isMissing = true
            all.append(gpu)
        }
        return all.sorted { ($0.index, $0.uuid) < ($1.index, $1.uuid) }
    }
}
