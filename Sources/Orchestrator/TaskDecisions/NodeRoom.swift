public import ClusterModel
import Core
import Scheduling

extension RuntimeKind {
    /// What people call the tasks of this kind.
    public var tasks: String {
        switch self {
        case .docker: "containers"
        case .oci: "containers by runc"
        case .process: "processes"
        }
    }
}

extension Node {
    /// What is neither taken nor kept for somebody; never less than nothing.
    var free: Capacity {
        var taken = allocated
        if let reserved { taken.add(reserved) }
        return Capacity(
            cpuMillis: max(0, capacity.cpuMillis - taken.cpuMillis),
            memory: ByteCount(max(0, capacity.memory.bytes - taken.memory.bytes)),
            disk: ByteCount(max(0, capacity.disk.bytes - taken.disk.bytes)),
            gpus: max(0, capacity.gpus - taken.gpus), tasks: max(0, capacity.tasks - taken.tasks))
    }

    /// Whether a task fits beside what runs there, whatever is kept for whom.
    func isRoomy(for spec: TaskSpec) -> Bool {
        guard state == .ready else { return false }
        var after = allocated.amounts
        after.add(spec.amounts)
        return after.fits(in: capacity.amounts)
    }

    /// Keeps what `resources` ask for (`sign` 1), or does so no longer (-1).
    mutating func reserve(_ resources: Resources, sign: Int64 = 1) {
        var amounts = reserved ?? Capacity()
        amounts.add(resources, sign: sign)
        reserved = amounts == Capacity() ? nil : amounts
    }

    /// Takes (`sign` 1) or gives back (-1) what `resources` ask for.
    mutating func allocate(_ resources: Resources, sign: Int64 = 1) { allocated.add(resources, sign: sign) }
}

extension Capacity {
    mutating func add(_ resources: Resources, sign: Int64) {
        cpuMillis += sign * (resources.cpuMillis ?? 0)
        memory.bytes += sign * (resources.memory?.bytes ?? 0)
        disk.bytes += sign * (resources.disk?.bytes ?? 0)
        gpus += Int(sign) * (resources.gpus ?? 0)
        tasks += Int(sign)
    }

    mutating func add(_ other: Capacity) {
        cpuMillis += other.cpuMillis
        memory.bytes += other.memory.bytes
        disk.bytes += other.disk.bytes
        gpus += other.gpus
        tasks += other.tasks
    }
}
