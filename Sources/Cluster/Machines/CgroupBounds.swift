import Cgroups

/// What the cgroups around this process leave it of the machine, and what they use (cgroups(7)): a worker in a container, or in a
/// service with limits, has less than the machine has.
struct CgroupBounds: Hashable {
    struct Memory: Hashable {
        /// Bytes.
        var limit: Int64
        /// Bytes in use that cannot be had back at once: without files that were read and can be read again.
        var used: Int64
    }

    struct Processors: Hashable {
        /// Cores' worth of time.
        var limit: Double
        /// Seconds of processor time so far.
        var used: Double
    }

    /// The tightest limits there are; nil for none.
    var memory: Memory?
    var processors: Processors?

    /// - Parameter read: the text of a file; nil where there is none.
    init(_ table: CgroupTable, read: (String) -> String?) {
        for directory in table.unified?.enclosingDirectories ?? [] {
            tighten(Self.memory2(directory, read))
            tighten(Self.processors2(directory, read))
        }
        for directory in table.legacy("memory")?.enclosingDirectories ?? [] {
            tighten(Self.memory1(directory, read))
        }
        let accounts = table.legacy("cpuacct")
        for directory in table.legacy("cpu")?.enclosingDirectories ?? [] {
            tighten(Self.processors1(directory, accounts, read))
        }
    }

    private mutating func tighten(_ found: Memory?) {
        guard let found, found.limit < memory?.limit ?? .max else { return }
        memory = found
    }

    private mutating func tighten(_ found: Processors?) {
        guard let found, found.limit < processors?.limit ?? .infinity else { return }
        processors = found
    }

    private static func memory2(_ directory: String, _ read: (String) -> String?) -> Memory? {
        guard let limit = number(read(directory + "/memory.max")),
            let current = number(read(directory + "/memory.current"))
        else { return nil }
        let files = value("inactive_file", in: read(directory + "/memory.stat")) ?? 0
        return Memory(limit: limit, used: max(0, current - files))
    }

    private static func memory1(_ directory: String, _ read: (String) -> String?) -> Memory? {
        // Without a limit it is the largest multiple of a page.
        guard let limit = number(read(directory + "/memory.limit_in_bytes")), limit < 1 << 60,
            let current = number(read(directory + "/memory.usage_in_bytes"))
        else { return nil }
        let files = value("total_inactive_file", in: read(directory + "/memory.stat")) ?? 0
        return Memory(limit: limit, used: max(0, current - files))
    }

    private static func processors2(_ directory: String, _ read: (String) -> String?) -> Processors? {
        // `max 100000`, or microseconds of each period.
        let words = (read(directory + "/cpu.max") ?? "").split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let quota = Int64(words[0]), let period = Int64(words[1]), quota > 0,
            period > 0, let used = value("usage_usec", in: read(directory + "/cpu.stat"))
        else { return nil }
        return Processors(limit: Double(quota) / Double(period), used: Double(used) / 1e6)
    }

    /// What is used is counted by another controller, beside the quota or in a hierarchy of its own: there it is what the process's
    /// own cgroup of that hierarchy uses.
    private static func processors1(
        _ directory: String, _ accounts: CgroupTable.Hierarchy?, _ read: (String) -> String?
    ) -> Processors? {
        let isTogether = accounts?.controllers.contains("cpu") ?? false
        guard let quota = number(read(directory + "/cpu.cfs_quota_us")), quota > 0,
            let period = number(read(directory + "/cpu.cfs_period_us")), period > 0,
            let counting = isTogether ? directory : accounts?.directory,
            let used = number(read(counting + "/cpuacct.usage"))
        else { return nil }
        return Processors(limit: Double(quota) / Double(period), used: Double(used) / 1e9)
    }

    /// A file that is one number; nil for `max`.
    private static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0.prefix { !$0.isNewline }) }.flatMap { $0 >= -1 ? $0 : nil }
    }

    /// `name 123` on a line of its own.
    private static func value(_ name: String, in text: String?) -> Int64? {
        for line in (text ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int64(words[1]).flatMap { $0 >= 0 ? $0 : nil } }
        }
        return nil
    }
}
