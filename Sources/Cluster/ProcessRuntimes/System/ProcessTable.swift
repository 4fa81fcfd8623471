import Files
import Glibc

/// What proc(5) tells of processes.
enum ProcessTable {
    /// When the process started, in clock ticks since the machine did, and whether it lives; nil when there is none.
    static func start(of pid: Int32) -> (ticks: UInt64, isZombie: Bool)? {
        guard let text = ControlFile.read("/proc/\(pid)/stat") else { return nil }
        return parseStat(text)
    }

    /// The name is in parentheses and may hold anything, parentheses too: fields count from the last `)`.
    static func parseStat(_ text: String) -> (ticks: UInt64, isZombie: Bool)? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = UInt64(fields[19]) else { return nil }
        return (ticks, fields[0] == "Z" || fields[0] == "X")
    }

    /// Processor seconds of one process.
    static func cpuSeconds(of pid: Int32) -> Double? {
        guard let text = ControlFile.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return nil
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident bytes of one process.
    static func residentBytes(of pid: Int32) -> Int64? {
        guard let fields = ControlFile.read("/proc/\(pid)/statm")?.split(separator: " "), fields.count > 1,
            let pages = Int64(fields[1])
        else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The children of a process with one thread, where the kernel lists them.
    static func children(of pid: Int32) -> [Int32] {
        let text = ControlFile.read("/proc/\(pid)/task/\(pid)/children") ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    /// Every process there is.
    static var all: [Int32] { DirectoryNames.found(in: "/proc").compactMap { Int32($0) } }

    /// The process and all that descends from it, bounded.
    static func family(of pid: Int32) -> [Int32] {
        var found = [pid]
        var next = 0
        while next < found.count, found.count < 4096 {
            found += children(of: found[next])
            next += 1
        }
        return found
    }

    /// Whether the process was started with `entry` (`NAME=value`) in its environment.
    static func environment(of pid: Int32, contains entry: String) -> Bool {
        guard let text = ControlFile.read("/proc/\(pid)/environ") else { return false }
        return text.split(separator: "\0").contains { $0 == entry }
    }

    /// Tells this run of the machine from others.
    static var bootID: String {
        (ControlFile.read("/proc/sys/kernel/random/boot_id") ?? "").filter { !$0.isWhitespace }
    }
}
