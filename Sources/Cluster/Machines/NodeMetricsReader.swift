import Cgroups
public import ClusterModel
public import Core
import Glibc
import Synchronization

/// Reads what this machine is busy with: from /proc (proc(5)), and from the cgroups that this process is in, where they leave it
/// less than the machine has.
public final class NodeMetricsReader: Sendable {
    private let dataDirectory: String
    private let clock: any WallClock
    private let cgroups: CgroupTable
    private let gpus: GPUWatch?
    private let share = Mutex(ProcessorShare())

    /// - Parameters:
    ///   - dataDirectory: on the file system that is told of.
    ///   - gpus: what is known of the GPUs; nil where nobody looks for any.
    public init(dataDirectory: String, clock: any WallClock, gpus: GPUWatch? = nil) {
        self.dataDirectory = dataDirectory
        self.clock = clock
        self.gpus = gpus
        cgroups = .own
    }

    /// - Parameter tasks: how many attempts run.
    /// - Returns: nil where this machine does not tell.
    public func read(tasks: Int) -> NodeMetrics? {
        guard let stat = MachineFile.text("/proc/stat"), let loadavg = MachineFile.text("/proc/loadavg"),
            let meminfo = MachineFile.text("/proc/meminfo"),
            let machine = MachineReading(stat: stat, loadavg: loadavg, meminfo: meminfo)
        else { return nil }
        var status = statvfs()
        guard statvfs(dataDirectory, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        let bounds = CgroupBounds(cgroups) { MachineFile.text($0) }
        let (used, total) = Self.memory(machine, bounds)
        let times = Self.times(machine, bounds, ticks: Double(sysconf(Int32(_SC_CLK_TCK))))
        return NodeMetrics(
            cpuBusy: share.withLock { $0.take(times) }, load: machine.load,
            memoryUsed: ByteCount(used), memoryTotal: ByteCount(total),
            diskUsed: ByteCount(Int64(status.f_blocks - status.f_bavail) * block),
            diskTotal: ByteCount(Int64(status.f_blocks) * block), tasks: tasks, gpus: gpus?.metrics ?? [],
            takenAt: clock.now)
    }

    /// Of the machine, or of the cgroup that is given less of it.
    static func memory(_ machine: MachineReading, _ bounds: CgroupBounds) -> (used: Int64, total: Int64) {
        guard let bound = bounds.memory, bound.limit < machine.memoryTotal else {
            return (machine.memoryTotal - machine.memoryAvailable, machine.memoryTotal)
        }
        return (min(bound.used, bound.limit), bound.limit)
    }

    static func times(_ machine: MachineReading, _ bounds: CgroupBounds, ticks: Double) -> ProcessorTimes {
        let times = machine.times(ticks: ticks)
        guard let bound = bounds.processors, bound.limit < times.cores else { return times }
        return ProcessorTimes(busy: bound.used, elapsed: times.elapsed, cores: bound.limit)
    }
}
