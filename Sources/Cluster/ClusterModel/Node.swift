public import Core

/// A machine with a worker on it.
public struct Node: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case ready
        /// The connection to it is broken; its lease has not lapsed yet.
        case disconnected
        /// It gave no sign of life for as long as its lease.
        case lost
        /// It takes no new tasks, as ordered.
        case cordoned
        /// It takes no new tasks, and those it has are being moved.
        case draining
        /// It takes no tasks, and has none.
        case drained

        /// Whether there is no connection to it.
        public var isAbsent: Bool { self == .disconnected || self == .lost }
    }

    public var id: NodeID
    public var name: String
    public var state: State
    /// Why it is in this state, where it is not ready, in words a person can act on.
    public var reason: String?
    public var capacity: Capacity
    /// What the attempts on it have asked for, of the capacity.
    public var allocated: Capacity
    /// What is kept beside that for tasks of a higher priority, while others make room for them; nil for nothing.
    public var reserved: Capacity?
    public var architecture: String
    public var operatingSystem: String
    public var version: String
    /// The runtimes it has, each with its version or with why it cannot be used.
    public var runtimes: [RuntimeStatus]
    public var registeredAt: Timestamp
    public var labels: [String: String]
    /// Where what runs on it is reached by others; nil where that is not known.
    public var address: String?
    /// From which of its ports are chosen for tasks that name none; nil where its runtimes choose.
    public var ports: PortRange?
    /// Its GPUs; nil where it does not tell which they are.
    public var gpus: [GPU]?
    /// What it is busy with; nil where that is not known.
    public var metrics: NodeMetrics?
    /// Why nothing newer than `metrics` is known; nil where it was told when it was asked last.
    public var metricsProblem: String?

    public init(
        id: NodeID, name: String, state: State, capacity: Capacity, allocated: Capacity, architecture: String,
        operatingSystem: String, version: String, runtimes: [RuntimeStatus], registeredAt: Timestamp,
        labels: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.capacity = capacity
        self.allocated = allocated
        self.architecture = architecture
        self.operatingSystem = operatingSystem
        self.version = version
        self.runtimes = runtimes
        self.registeredAt = registeredAt
        self.labels = labels
    }
}

/// Amounts of what a node can give.
public struct Capacity: Hashable, Sendable, Codable {
    public var cpuMillis: Int64
    public var memory: ByteCount
    public var disk: ByteCount
    public var gpus: Int
    public var tasks: Int

    public init(
        cpuMillis: Int64 = 0, memory: ByteCount = ByteCount(0), disk: ByteCount = ByteCount(0), gpus: Int = 0,
        tasks: Int = 0
    ) {
        self.cpuMillis = cpuMillis
        self.memory = memory
        self.disk = disk
        self.gpus = gpus
        self.tasks = tasks
    }
}

/// Whether a runtime can be used on a node.
public struct RuntimeStatus: Hashable, Sendable, Codable {
    public var kind: RuntimeKind
    public var isAvailable: Bool
    /// The version when it is available, such as `Docker 20.10.24, cgroup v1`; else why it is not and what would help.
    public var detail: String

    public init(kind: RuntimeKind, isAvailable: Bool, detail: String) {
        self.kind = kind
        self.isAvailable = isAvailable
        self.detail = detail
    }
}
