/// What the files of /proc say that tell what a machine is busy with (proc(5)), read from their texts.
package struct MachineReading: Hashable, Sendable {
    /// Ticks that processors worked, and all of their ticks.
    package var busyTicks: UInt64
    package var allTicks: UInt64
    package var processors: Int
    /// Over the last 1, 5 and 15 minutes.
    package var load: [Double]
    /// Bytes.
    package var memoryTotal: Int64
    package var memoryAvailable: Int64

    /// nil where a text is not what it should be.
    package init?(stat: String, loadavg: String, meminfo: String) {
        guard let times = Self.processorTimes(stat), let total = Self.bytes("MemTotal", in: meminfo),
            let available = Self.bytes("MemAvailable", in: meminfo)
        else { return nil }
        (busyTicks, allTicks) = times
        // Each has a line of its own: `cpu0 …`.
        let lines = stat.split(separator: "\n").prefix { $0.hasPrefix("cpu") }
        processors = max(1, lines.count - 1)
        load = loadavg.split(separator: " ").prefix(3).compactMap { Double($0) }.filter {
            $0.isFinite && $0 >= 0
        }
        (memoryTotal, memoryAvailable) = (total, min(available, total))
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
    static func bytes(_ name: String, in text: String) -> Int64? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            guard let number = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) }),
                number >= 0, number < 1 << 50
            else { return nil }
            return number * 1024
        }
        return nil
    }

    /// The processors' times, with `ticks` to a second.
    func times(ticks: Double) -> ProcessorTimes {
        let cores = Double(processors)
        return ProcessorTimes(
            busy: Double(busyTicks) / ticks, elapsed: Double(allTicks) / ticks / cores, cores: cores)
    }
}
