import CApollo
import Cgroups
public import ClusterModel
public import Core
import Glibc

/// Reads what this machine is and has: of memory and processors what the cgroups around this process leave it, where that is less.
public struct NodeInventory: Sendable {
    private let dataDirectory: String
    private let maximumTasks: Int
    private let version: String
    private let registeredAt: Timestamp
    private let labels: [String: String]
    private let address: String?
    private let ports: PortRange?
    private let gpus: @Sendable () -> [GPU]
    private let cgroups = CgroupTable.own

    /// - Parameters:
    ///   - dataDirectory: Where tasks leave their bytes: its file system is the node's disk.
    ///   - maximumTasks: Attempts the node takes at once.
    ///   - labels: What people call it, for constraints.
    ///   - address: Where what runs on it is reached by others; nil where that is seen elsewhere.
    ///   - ports: From which ports are chosen for tasks that name none; nil where the runtimes choose.
    ///   - gpus: Those that are there now.
    public init(
        dataDirectory: String, maximumTasks: Int, version: String, registeredAt: Timestamp,
        labels: [String: String] = [:], address: String? = nil, ports: PortRange? = nil,
        gpus: @escaping @Sendable () -> [GPU] = { [] }
    ) {
        self.gpus = gpus
        self.ports = ports
        self.address = address
        self.labels = labels
        self.dataDirectory = dataDirectory
        self.maximumTasks = maximumTasks
        self.version = version
        self.registeredAt = registeredAt
    }

    /// The node, without its runtimes.
    public func read(id: NodeID) -> Node {
        var names = utsname()
        uname(&names)
        let gpus = gpus()
        let bounds = CgroupBounds(cgroups) { MachineFile.text($0) }
        var node = Node(
            id: id, name: text(&names.nodename), state: .ready,
            capacity: Capacity(
                cpuMillis: Self.cpuMillis(processors, bounds), memory: Self.memory(memory, bounds),
                disk: disk, gpus: gpus.count,
                tasks: maximumTasks),
            allocated: Capacity(), architecture: text(&names.machine),
            operatingSystem: "\(text(&names.sysname)) \(text(&names.release))", version: version,
            runtimes: [],
            registeredAt: registeredAt, labels: labels)
        node.address = address
        node.ports = ports
        node.gpus = gpus
        return node
    }

    /// The processors this process may use: fewer than the machine's where an affinity or a container says so.
    private var processors: Int { Int(capollo_usable_cores()) }

    private var memory: ByteCount {
        ByteCount(Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// What there is to give, of so many processors.
    static func cpuMillis(_ processors: Int, _ bounds: CgroupBounds) -> Int64 {
        let all = Int64(processors) * 1000
        guard let bound = bounds.processors, bound.limit < Double(processors) else { return all }
        return max(1, Int64(bound.limit * 1000))
    }

    static func memory(_ all: ByteCount, _ bounds: CgroupBounds) -> ByteCount {
        min(all, bounds.memory.map { ByteCount($0.limit) } ?? all)
    }

    private var disk: ByteCount {
        var status = statvfs()
        guard statvfs(dataDirectory, &status) == 0 else { return ByteCount(0) }
        return ByteCount(Int64(status.f_blocks) * Int64(status.f_frsize))
    }

    private func text<Tuple>(_ field: inout Tuple) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
