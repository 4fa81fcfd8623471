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
    private let share = Mutex(ProcessorShare())

    /// - Parameter dataDirectory: on the file system that is told of.
    public init(dataDirectory: String, clock: any WallClock) {
        self.dataDirectory = dataDirectory
        self.clock = clock
        cgroups = CgroupTable(
            mountinfo: Self.text("/proc/self/mountinfo") ?? "", cgroup: Self.text("/proc/self/cgroup") ?? "")
    }

    /// - Parameter tasks: how many attempts run.
    /// - Returns: nil where this machine does not tell.
    public func read(tasks: Int) -> NodeMetrics? {
        guard let stat = Self.text("/proc/stat"), let loadavg = Self.text("/proc/loadavg"),
            let meminfo = Self.text("/proc/meminfo"),
            let machine = MachineReading(stat: stat, loadavg: loadavg, meminfo: meminfo)
        else { return nil }
        var status = statvfs()
        guard statvfs(dataDirectory, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        let bounds = CgroupBounds(cgroups) { Self.text($0) }
        let (used, total) = Self.memory(machine, bounds)
        let times = Self.times(machine, bounds, ticks: Double(sysconf(Int32(_SC_CLK_TCK))))
        return NodeMetrics(
            cpuBusy: share.withLock { $0.take(times) }, load: machine.load,
            memoryUsed: ByteCount(used), memoryTotal: ByteCount(total),
            diskUsed: ByteCount(Int64(status.f_blocks - status.f_bavail) * block),
            diskTotal: ByteCount(Int64(status.f_blocks) * block), tasks: tasks, takenAt: clock.now)
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

    /// The first MiB of a file.
    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while text.count < 1 << 20 {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { break }
            text += buffer[..<count]
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}

extension Worker {
    /// How many attempts' ends it waits for.
    public var runningCount: Int { watched.withLock { $0.count } }

    public func metrics() async -> NodeMetrics? { metricsReader?.read(tasks: runningCount) }
}
