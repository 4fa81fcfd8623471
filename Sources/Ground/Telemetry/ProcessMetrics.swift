public import Core
import Glibc

/// Figures of this process, from proc(5).
public struct ProcessMetrics: Hashable, Sendable {
    /// User and system time, in seconds.
    public var cpuSeconds: Double
    public var residentMemory: ByteCount
    public var virtualMemory: ByteCount
    public var threads: Int
    public var openDescriptors: Int
    public var maximumDescriptors: UInt64
    /// When it started, in seconds since 1970.
    public var startTime: Double

    /// Reads them; nil where `/proc` is not to be read.
    public static func current() -> ProcessMetrics? {
        guard let stat = read("/proc/self/stat"), let system = read("/proc/stat"),
            // The second field is the name in parentheses, which may hold anything: what follows starts at the last.
            let name = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[name...].split(separator: " ").dropFirst().map(String.init)
        // Field 3 of proc(5) is the first here.
        func field(_ number: Int) -> Double? {
            fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil
        }
        let boot = system.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let user = field(14), let kernel = field(15), let threads = field(20), let started = field(22),
            let virtual = field(23), let resident = field(24), let boot,
            let bootTime = Double(boot.dropFirst(6))
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return ProcessMetrics(
            cpuSeconds: (user + kernel) / ticks, residentMemory: ByteCount(Int64(resident * page)),
            virtualMemory: ByteCount(Int64(virtual)), threads: Int(threads),
            openDescriptors: openDescriptorCount(), maximumDescriptors: UInt64(limit.rlim_cur),
            startTime: bootTime + started / ticks)
    }

    /// Adds the figures to `registry`, under the names Prometheus' own clients use.
    public static func register(in registry: MetricsRegistry) {
        registry.collect { exposition in
            guard let now = current() else { return }
            exposition.single(
                "process_cpu_seconds_total", "User and system CPU time spent.", kind: "counter",
                now.cpuSeconds)
            exposition.single(
                "process_resident_memory_bytes", "Resident memory.", Double(now.residentMemory.bytes))
            exposition.single(
                "process_virtual_memory_bytes", "Virtual memory.", Double(now.virtualMemory.bytes))
            exposition.single("process_threads", "Threads.", Double(now.threads))
            exposition.single("process_open_fds", "Open file descriptors.", Double(now.openDescriptors))
            exposition.single(
                "process_max_fds", "The most open file descriptors.", Double(now.maximumDescriptors))
            exposition.single(
                "process_start_time_seconds", "When the process started, since 1970.", now.startTime)
        }
    }

    private static func openDescriptorCount() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Less `.`, `..` and the descriptor of the directory itself.
        return max(0, count - 3)
    }

    /// The first MiB of a file.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while all.count < 1 << 20 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
