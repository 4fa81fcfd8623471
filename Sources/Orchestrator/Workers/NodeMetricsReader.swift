public import ClusterModel
public import Core
import Glibc
import Synchronization

/// Reads what this machine is busy with, from /proc (proc(5)).
public final class NodeMetricsReader: Sendable {
    private let dataDirectory: String
    private let clock: any WallClock
    /// The processors' time at the reading before: busy, and all.
    private let last = Mutex<(busy: UInt64, all: UInt64)?>(nil)

    /// - Parameter dataDirectory: on the file system that is told of.
    public init(dataDirectory: String, clock: any WallClock) {
        self.dataDirectory = dataDirectory
        self.clock = clock
    }

    /// - Parameter tasks: how many attempts run.
    /// - Returns: nil where this machine does not tell.
    public func read(tasks: Int) -> NodeMetrics? {
        guard let stat = Self.text("/proc/stat"), let load = Self.text("/proc/loadavg"),
            let memory = Self.text("/proc/meminfo"), let times = Self.processorTimes(stat),
            let total = Self.kibibytes("MemTotal", in: memory),
            let available = Self.kibibytes("MemAvailable", in: memory)
        else { return nil }
        let before = last.withLock { last in
            defer { last = times }
            return last
        }
        let (busy, all) = before.map { (times.busy &- $0.busy, times.all &- $0.all) } ?? times
        var status = statvfs()
        guard statvfs(dataDirectory, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        return NodeMetrics(
            cpuBusy: all == 0 ? 0 : min(1, Double(busy) / Double(all)),
            load: load.split(separator: " ").prefix(3).compactMap { Double($0) },
            memoryUsed: ByteCount(max(0, total - available)), memoryTotal: ByteCount(total),
            diskUsed: ByteCount(Int64(status.f_blocks - status.f_bavail) * block),
            diskTotal: ByteCount(Int64(status.f_blocks) * block), tasks: tasks, takenAt: clock.now)
    }

    /// The first line: `cpu user nice system idle iowait irq softirq steal guest guest_nice`, in ticks. Guests are in user.
    static func processorTimes(_ stat: String) -> (busy: UInt64, all: UInt64)? {
        let line = stat.prefix { $0 != "\n" }.split(separator: " ")
        guard line.first == "cpu", line.count >= 9 else { return nil }
        let ticks = line[1...8].compactMap { UInt64($0) }
        guard ticks.count == 8 else { return nil }
        let all = ticks.reduce(0, &+)
        return (all &- ticks[3] &- ticks[4], all)
    }

    /// `MemTotal:  24684092 kB`, in bytes.
    static func kibibytes(_ name: String, in text: String) -> Int64? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 * 1024 }
        }
        return nil
    }

    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

extension Worker {
    /// How many attempts' ends it waits for.
    public var runningCount: Int { watched.withLock { $0.count } }
}
