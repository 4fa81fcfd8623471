public import ClusterModel
import Core
import Scheduling

/// Which node has room for which task: the scheduler, in the words of tasks, nodes and attempts.
struct NodePlaces: Sendable {
    private var scheduler: Scheduler
    private var numbers: [NodeID: Scheduler.NodeNumber] = [:]
    private var ids: [Scheduler.NodeNumber: NodeID] = [:]
    private var held: [AttemptID: Scheduler.PlacementNumber] = [:]

    init(policy: SchedulingPolicy) { scheduler = Scheduler(policy: policy) }

    /// Takes a node in, or takes in what changed about it.
    mutating func offer(_ node: Node) {
        let offer = Offer(
            capacity: node.capacity.amounts, labels: node.placementLabels, isOpen: node.state == .ready)
        if let number = numbers[node.id] {
            scheduler.update(number, offer)
        } else {
            let number = scheduler.add(offer)
            numbers[node.id] = number
            ids[number] = node.id
        }
    }

    /// Forgets a node that holds nothing any more.
    mutating func remove(_ node: NodeID) {
        guard let number = numbers.removeValue(forKey: node) else { return }
        ids[number] = nil
        scheduler.remove(number)
    }

    /// Takes the best place there is, for the attempt; nil where there is none.
    mutating func take(for spec: TaskSpec, attempt: AttemptID) -> NodeID? {
        guard let placement = scheduler.place(spec.ask, priority: spec.priority) else { return nil }
        held[attempt] = placement.number
        return ids[placement.node]
    }

    /// Counts an attempt that is on a node already; once.
    mutating func hold(_ attempt: AttemptID, on node: NodeID, for spec: TaskSpec) {
        guard held[attempt] == nil, let number = numbers[node] else { return }
        let askClass = scheduler.classify(spec.ask)
        held[attempt] = scheduler.place(askClass, on: number, priority: spec.priority).number
    }

    mutating func release(_ attempt: AttemptID) {
        if let placement = held.removeValue(forKey: attempt) { scheduler.release(placement) }
    }

    func explain(_ spec: TaskSpec) -> Explanation { scheduler.explain(spec.ask) }
}

extension TaskSpec {
    /// What it asks of a node. Which runtimes a node has is a label, like all else that constraints look at.
    var ask: Ask {
        Ask(
            amounts: Amounts(
                cpuMillis: resources.cpuMillis ?? 0, memory: resources.memory?.bytes ?? 0,
                disk: resources.disk?.bytes ?? 0, gpus: Int64(resources.gpus ?? 0), tasks: 1),
            constraints: [Constraint("runtime.\(runtime.rawValue)", .exists)] + constraints,
            affinities: affinities)
    }
}

extension Node {
    /// The labels that people gave it, and what constraints can ask of any node: `node.name`, `node.architecture`,
    /// `node.os`, and `runtime.<kind>` for each runtime that can be used.
    public var placementLabels: [String: String] {
        var all = labels
        all["node.name"] = name
        all["node.architecture"] = architecture
        all["node.os"] = operatingSystem
        for runtime in runtimes where runtime.isAvailable {
            all["runtime.\(runtime.kind.rawValue)"] = runtime.detail
        }
        return all
    }
}

extension Capacity {
    var amounts: Amounts {
        Amounts(
            cpuMillis: cpuMillis, memory: memory.bytes, disk: disk.bytes, gpus: Int64(gpus),
            tasks: Int64(tasks))
    }
}
