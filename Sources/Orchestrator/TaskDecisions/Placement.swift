public import ClusterModel
import Core

/// Finds a node for a task: candidates, then the pick. Pure; the schedulers of later take its place.
struct Placement {
    /// The node to use, or why there is none.
    enum Outcome: Equatable {
        case node(NodeID)
        /// No node has room now. The reason says what each lacks.
        case noRoom(String)
    }

    /// Picks the first node, by identifier, that runs the kind and has room.
    static func place(_ spec: TaskSpec, on nodes: [Node]) -> Outcome {
        guard !nodes.isEmpty else { return .noRoom("waiting for a node to join") }
        var lacks: [String] = []
        for node in nodes {
            if let lack = lack(of: node, for: spec) {
                lacks.append("\(node.name) \(lack)")
            } else {
                return .node(node.id)
            }
        }
        let listed = lacks.prefix(3).joined(separator: "; ")
        let more = lacks.count > 3 ? "; and \(lacks.count - 3) more nodes" : ""
        return .noRoom("waiting for room: \(listed)\(more)")
    }

    /// What `node` lacks for `spec`, or nil.
    static func lack(of node: Node, for spec: TaskSpec) -> String? {
        guard node.state == .ready else { return "is \(node.state.rawValue)" }
        guard let runtime = node.runtimes.first(where: { $0.kind == spec.runtime }) else {
            return "does not run \(spec.runtime.tasks)"
        }
        guard runtime.isAvailable else { return "cannot run \(spec.runtime.tasks) now: \(runtime.detail)" }
        let ask = spec.resources
        let free = node.free
        if let cpu = ask.cpuMillis, cpu > free.cpuMillis {
            return
                "has \(cores(free.cpuMillis)) of \(cores(node.capacity.cpuMillis)) cores free, asked are \(cores(cpu))"
        }
        if let memory = ask.memory, memory > free.memory {
            return "has \(free.memory) of \(node.capacity.memory) memory free, asked are \(memory)"
        }
        if let disk = ask.disk, disk > free.disk {
            return "has \(free.disk) of \(node.capacity.disk) disk free, asked are \(disk)"
        }
        if let gpus = ask.gpus, gpus > free.gpus {
            return "has \(free.gpus) of \(node.capacity.gpus) GPUs free, asked are \(gpus)"
        }
        if free.tasks < 1 { return "runs \(node.capacity.tasks) tasks already, as many as it may" }
        return nil
    }

    private static func cores(_ millis: Int64) -> String {
        millis % 1000 == 0 ? "\(millis / 1000)" : "\(Double(millis) / 1000)"
    }
}

extension RuntimeKind {
    /// What people call the tasks of this kind.
    public var tasks: String {
        switch self {
        case .docker: "containers"
        case .process: "processes"
        }
    }
}

extension Node {
    var free: Capacity {
        Capacity(
            cpuMillis: capacity.cpuMillis - allocated.cpuMillis,
            memory: ByteCount(capacity.memory.bytes - allocated.memory.bytes),
            disk: ByteCount(capacity.disk.bytes - allocated.disk.bytes), gpus: capacity.gpus - allocated.gpus,
            tasks: capacity.tasks - allocated.tasks)
    }

    /// Takes (`sign` 1) or gives back (-1) what `resources` ask for.
    mutating func allocate(_ resources: Resources, sign: Int64 = 1) {
        allocated.cpuMillis += sign * (resources.cpuMillis ?? 0)
        allocated.memory.bytes += sign * (resources.memory?.bytes ?? 0)
        allocated.disk.bytes += sign * (resources.disk?.bytes ?? 0)
        allocated.gpus += Int(sign) * (resources.gpus ?? 0)
        allocated.tasks += Int(sign)
    }
}
