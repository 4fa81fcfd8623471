public import Core
public import Documents

/// What a machine is busy with.
public struct NodeMetrics: Hashable, Sendable, Codable {
    /// The share of its processors that was busy since the reading before, of 1.
    public var cpuBusy: Double
    /// Processes that ran or waited to run, over the last 1, 5 and 15 minutes.
    public var load: [Double]
    public var memoryUsed: ByteCount
    public var memoryTotal: ByteCount
    /// Of the file system with the worker's data.
    public var diskUsed: ByteCount
    public var diskTotal: ByteCount
    /// Attempts whose end the worker waits for.
    public var tasks: Int
    public var takenAt: Timestamp

    public init(
        cpuBusy: Double, load: [Double], memoryUsed: ByteCount, memoryTotal: ByteCount, diskUsed: ByteCount,
        diskTotal: ByteCount, tasks: Int, takenAt: Timestamp
    ) {
        self.cpuBusy = cpuBusy
        self.load = load
        self.memoryUsed = memoryUsed
        self.memoryTotal = memoryTotal
        self.diskUsed = diskUsed
        self.diskTotal = diskTotal
        self.tasks = tasks
        self.takenAt = takenAt
    }
}

extension NodeMetrics: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What a machine is busy with.",
            [
                .required(
                    "cpuBusy", .number(0...1), "The share of its processors that was busy a moment ago."),
                .required("load", .array(.number(0...)), "Over the last 1, 5 and 15 minutes."),
                .required("memoryUsed", .integer(0...), "Bytes."),
                .required("memoryTotal", .integer(0...), "Bytes."),
                .required("diskUsed", .integer(0...), "Bytes, where the worker's data are."),
                .required("diskTotal", .integer(0...), "Bytes."),
                .required("tasks", .integer(0...), "Attempts that run."),
                .required("takenAt", .string(.timestamp), "By the manager's clock."),
            ])
    }
}
