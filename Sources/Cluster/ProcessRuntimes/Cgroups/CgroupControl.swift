import Core
import Glibc
import TaskRuntimes

/// What can be done with an attempt's cgroups.
extension AttemptCgroup {
    /// The processes in it; threads count as their process.
    var members: [Int32] {
        guard let directory = containment?.directory else { return [] }
        let text = ControlFile.read(directory + "/cgroup.procs") ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    /// Sends SIGKILL to all that is in it, so that what forks meanwhile does not escape.
    func kill() {
        guard let containment else { return }
        let directory = containment.directory
        switch containment.killing {
        case .file:
            if ControlFile.write("1", to: directory + "/cgroup.kill") != nil { killMembers() }
        case .freeze:
            _ = ControlFile.write("1", to: directory + "/cgroup.freeze")
            killMembers()
            _ = ControlFile.write("0", to: directory + "/cgroup.freeze")
        case .freezer:
            // Frozen processes take the signal as they are thawed (kernel: cgroup-v1/freezer-subsystem).
            _ = ControlFile.write("FROZEN", to: directory + "/freezer.state")
            killMembers()
            _ = ControlFile.write("THAWED", to: directory + "/freezer.state")
        }
    }

    private func killMembers() {
        for pid in members { Glibc.kill(pid, SIGKILL) }
    }

    /// Removes the cgroup that holds the processes; false while some are in it.
    func removeContainment() -> Bool {
        guard let directory = containment?.directory else { return true }
        return rmdir(directory) == 0 || errno == ENOENT
    }

    /// Removes all of its directories; false when some are still busy, for a moment, with what just ended.
    func remove() -> Bool {
        var isGone = true
        for directory in directories where rmdir(directory) != 0 && errno != ENOENT { isGone = false }
        return isGone
    }

    /// How many of its processes the kernel killed for the memory limit.
    var memoryKills: Int {
        guard let memory else { return 0 }
        let file = memory.isVersion2 ? "/memory.events" : "/memory.oom_control"
        return Int(Self.value("oom_kill", in: ControlFile.read(memory.directory + file) ?? "") ?? 0)
    }

    /// What its processes use; `main` stands for them where there is no cgroup.
    func usage(main: Int32) -> AttemptUsage {
        let pids = containment == nil ? ProcessTable.family(of: main) : members
        var memoryBytes: Int64?
        if let memory {
            let file = memory.isVersion2 ? "/memory.current" : "/memory.usage_in_bytes"
            memoryBytes = Self.number(ControlFile.read(memory.directory + file))
        }
        let cpu = containment.flatMap {
            Self.value("usage_usec", in: ControlFile.read($0.directory + "/cpu.stat") ?? "")
        }
        let memorySum = memoryBytes ?? pids.compactMap(ProcessTable.residentBytes).reduce(0, +)
        let cpuSum = cpu.map { Double($0) / 1e6 } ?? pids.compactMap(ProcessTable.cpuSeconds).reduce(0, +)
        return AttemptUsage(cpuSeconds: cpuSum, memory: ByteCount(memorySum), processes: pids.count)
    }

    /// Bytes that its processes moved from and to disks: by the cgroup, where it counts them, else of those that there are.
    func diskUse(main: Int32) -> (read: Int64, written: Int64)? {
        if let directory = containment?.directory, let text = ControlFile.read(directory + "/io.stat") {
            return Self.diskUse(ofCgroup: text)
        }
        let pids = containment == nil ? ProcessTable.family(of: main) : members
        let texts = pids.compactMap { ControlFile.read("/proc/\($0)/io") }
        guard !texts.isEmpty else { return nil }
        return texts.reduce((0, 0)) { total, text in
            func number(_ key: String) -> Int64 { Self.value(key + ":", in: text) ?? 0 }
            return (total.0 + number("read_bytes"), total.1 + number("write_bytes"))
        }
    }

    /// Lines of `8:0 rbytes=1 wbytes=2 rios=3 …`, one a disk (cgroups(7), `io.stat`).
    static func diskUse(ofCgroup text: String) -> (read: Int64, written: Int64) {
        var total: (read: Int64, written: Int64) = (0, 0)
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let number = Int64(parts[1]) else { continue }
            if parts[0] == "rbytes" { total.read += number }
            if parts[0] == "wbytes" { total.written += number }
        }
        return total
    }

    /// The number behind `key` in lines of `key number`.
    static func value(_ key: String, in text: String) -> Int64? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int64(words[1]) }
        }
        return nil
    }

    private static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0.prefix { $0.isNumber }) }
    }
}
