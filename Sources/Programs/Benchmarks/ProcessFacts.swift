import Core
import Glibc

/// What /proc tells of a process and those under it (proc(5)).
public struct ProcessFacts: Hashable, Sendable {
    public let pid: Int32

    public init(_ pid: Int32) { self.pid = pid }

    /// The process and everything it started that lives.
    public static func tree(of root: Int32) throws -> [ProcessFacts] {
        var children: [Int32: [Int32]] = [:]
        for pid in all() {
            guard let text = try TextFile.read("/proc/\(pid)/stat"), let stat = ProcessStat(parsing: text)
            else { continue }
            children[stat.parent, default: []].append(pid)
        }
        var (found, next) = ([ProcessFacts](), [root])
        while let pid = next.popLast() {
            found.append(ProcessFacts(pid))
            next += children[pid] ?? []
        }
        return found
    }

    /// Processes that have `word` as a part of their command line.
    public static func naming(_ word: String) throws -> [ProcessFacts] {
        try all().filter { try TextFile.read("/proc/\($0)/cmdline")?.contains(word) ?? false }.map {
            ProcessFacts($0)
        }
    }

    /// The processor time it has used, user and system.
    public func processorTime() throws -> Duration {
        guard let text = try TextFile.read("/proc/\(pid)/stat"), let stat = ProcessStat(parsing: text) else {
            throw ApolloError(.notFound, "process \(pid) is gone")
        }
        return .nanoseconds(Int64(stat.ticks) * 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// A line of `smaps_rollup` in MiB: `Pss`, its share of memory, or `Rss`, all it touches.
    public func memory(_ name: String) throws -> Double {
        guard let text = try TextFile.read("/proc/\(pid)/smaps_rollup"),
            let kibibytes = ProcessStat.kibibytes(name, in: text)
        else { throw ApolloError(.notFound, "process \(pid) shows no memory") }
        return Double(kibibytes) / 1024
    }

    /// The most memory it had so far, or since ``forgetPeak()``, in MiB.
    public func peakMemory() throws -> Double {
        guard let text = try TextFile.read("/proc/\(pid)/status"),
            let kibibytes = ProcessStat.kibibytes("VmHWM", in: text)
        else { throw ApolloError(.notFound, "process \(pid) shows no memory") }
        return Double(kibibytes) / 1024
    }

    /// Has the most memory be counted from now on.
    public func forgetPeak() throws {
        let path = "/proc/\(pid)/clear_refs"
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Workshop.failure("open", path) }
        defer { close(descriptor) }
        guard write(descriptor, "5", 1) == 1 else { throw Workshop.failure("write", path) }
    }

    private static func all() -> [Int32] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var pids: [Int32] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }
}

/// The fields of `/proc/PID/stat` that are of use here.
public struct ProcessStat: Hashable, Sendable {
    public let parent: Int32
    /// Clock ticks spent, user and system.
    public let ticks: UInt64

    /// Nil for what is no such line. The program's name stands in parentheses and may hold blanks and parentheses itself.
    public init?(parsing text: String) {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
        guard fields.count > 12, let parent = Int32(fields[1]), let user = UInt64(fields[11]),
            let system = UInt64(fields[12])
        else { return nil }
        self.parent = parent
        ticks = user &+ system
    }

    /// The number of a line such as `Pss:   1234 kB`.
    public static func kibibytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[2] == "kB" else { return nil }
            return Int(words[1])
        }
        return nil
    }
}
