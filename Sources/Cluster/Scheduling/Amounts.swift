/// Amounts of what tasks ask for and nodes have, in the units of ``ClusterModel/Resources``: exact, for deciding what fits.
public struct Amounts: Hashable, Sendable {
    /// Thousandths of a core.
    public var cpuMillis: Int64
    /// Bytes.
    public var memory: Int64
    /// Bytes.
    public var disk: Int64
    public var gpus: Int64
    /// Tasks: one for each that is placed.
    public var tasks: Int64

    public static let zero = Amounts()

    public init(
        cpuMillis: Int64 = 0, memory: Int64 = 0, disk: Int64 = 0, gpus: Int64 = 0, tasks: Int64 = 0
    ) {
        self.cpuMillis = cpuMillis
        self.memory = memory
        self.disk = disk
        self.gpus = gpus
        self.tasks = tasks
    }

    /// Whether all of it is there in `room`.
    @inlinable
    public func fits(in room: Amounts) -> Bool {
        cpuMillis <= room.cpuMillis && memory <= room.memory && disk <= room.disk && gpus <= room.gpus
            && tasks <= room.tasks
    }

    /// The lesser of each.
    public func least(_ other: Amounts) -> Amounts {
        Amounts(
            cpuMillis: min(cpuMillis, other.cpuMillis), memory: min(memory, other.memory),
            disk: min(disk, other.disk), gpus: min(gpus, other.gpus), tasks: min(tasks, other.tasks))
    }

    public mutating func add(_ other: Amounts) { self += other }

    @inline(__always)
    static func += (a: inout Amounts, b: Amounts) {
        a.cpuMillis += b.cpuMillis
        a.memory += b.memory
        a.disk += b.disk
        a.gpus += b.gpus
        a.tasks += b.tasks
    }

    @inline(__always)
    static func -= (a: inout Amounts, b: Amounts) {
        a.cpuMillis -= b.cpuMillis
        a.memory -= b.memory
        a.disk -= b.disk
        a.gpus -= b.gpus
        a.tasks -= b.tasks
    }

    /// CPU, memory, disk and GPUs as numbers that can be weighed: no longer exact.
    @inline(__always)
    var weights: SIMD4<Float> { SIMD4(Float(cpuMillis), Float(memory), Float(disk), Float(gpus)) }
}
