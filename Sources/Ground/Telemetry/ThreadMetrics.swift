import Glibc

/// A thread of this process, from proc(5).
public struct ThreadMetrics: Hashable, Sendable {
    public var id: Int
    public var name: String
    /// One letter: `R` runs, `S` waits, `D` waits for a disk.
    public var state: String
    public var cpuSeconds: Double

    /// The threads, those that used the most time first, at most `limit`.
    public static func current(limit: Int) -> [ThreadMetrics] {
        guard let directory = opendir("/proc/self/task") else { return [] }
        defer { closedir(directory) }
        var threads: [ThreadMetrics] = []
        while let entry = readdir(directory) {
            let text = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // One that has ended meanwhile has no file any more.
            if let id = Int(text), let thread = read(id) { threads.append(thread) }
        }
        threads.sort { ($1.cpuSeconds, $0.id) < ($0.cpuSeconds, $1.id) }
        return Array(threads.prefix(limit))
    }

    private static func read(_ id: Int) -> ThreadMetrics? {
        guard let stat = ProcessMetrics.read("/proc/self/task/\(id)/stat"),
            let open = stat.firstIndex(of: "("),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[close...].split(separator: " ").dropFirst().map(String.init)
        // Fields 3, 14 and 15 of proc(5).
        guard fields.count > 12, let user = Double(fields[11]), let kernel = Double(fields[12]) else {
            return nil
        }
        return ThreadMetrics(
            id: id, name: String(stat[stat.index(after: open)..<close]), state: fields[0],
            cpuSeconds: (user + kernel) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}
