public import ClusterModel
public import Core
public import Documents

/// What a running task uses at one moment.
public struct TaskUsage: Hashable, Sendable, Codable {
    /// The attempt that runs: its processor time begins anew with each.
    public var attempt: AttemptID
    public var node: NodeID
    /// Processor time so far, in seconds.
    public var cpuSeconds: Double
    /// Bytes of memory.
    public var memory: ByteCount
    /// Processes and threads, as its limit counts them.
    public var processes: Int
    /// When it was read, by the clock of the platform.
    public var takenAt: Timestamp
    /// The limits, where there are any: cores, and bytes.
    public var cpuLimit: Double?
    public var memoryLimit: ByteCount?
    /// Bytes read from and written to disks so far; nil where nobody counts them.
    public var readBytes: Int64?
    public var writtenBytes: Int64?

    public init(
        attempt: AttemptID, node: NodeID, cpuSeconds: Double, memory: ByteCount, processes: Int,
        takenAt: Timestamp, cpuLimit: Double? = nil, memoryLimit: ByteCount? = nil, readBytes: Int64? = nil,
        writtenBytes: Int64? = nil
    ) {
        self.attempt = attempt
        self.node = node
        self.cpuSeconds = cpuSeconds
        self.memory = memory
        self.processes = processes
        self.takenAt = takenAt
        self.cpuLimit = cpuLimit
        self.memoryLimit = memoryLimit
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }

    /// How many cores it kept busy since an earlier reading; nil where that was of another attempt, or of no time ago.
    public func cores(since earlier: TaskUsage) -> Double? {
        let time = earlier.takenAt.duration(to: takenAt).inSeconds
        guard attempt == earlier.attempt, time > 0 else { return nil }
        return max(0, cpuSeconds - earlier.cpuSeconds) / time
    }
}

extension TaskUsage: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What a running task uses at one moment.",
            [
                .required("attempt", .string(.identifier), "Processor time begins anew with each."),
                .required("node", .string(.identifier)),
                .required("cpuSeconds", .number(0...), "Processor time so far, in seconds."),
                .required("memory", .integer(0...), "Bytes."),
                .required("processes", .integer(0...), "As its limit counts them."),
                .required("takenAt", .string(.timestamp)),
                .optional("cpuLimit", .number(0...), "Cores."),
                .optional("memoryLimit", .integer(0...), "Bytes."),
                .optional(
                    "readBytes", .integer(0...), "From disks, so far; absent where nobody counts them."),
                .optional("writtenBytes", .integer(0...), "To disks, so far."),
            ])
    }
}
