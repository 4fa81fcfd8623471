public import ClusterModel
import Core

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
