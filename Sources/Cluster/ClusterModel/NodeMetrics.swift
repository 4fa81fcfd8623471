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
    /// Of each GPU that its driver tells of; empty where there is none.
    public var gpus: [GPUMetrics]
    public var takenAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case cpuBusy, load, memoryUsed, memoryTotal, diskUsed, diskTotal, tasks, gpus, takenAt
    }

    public init(
        cpuBusy: Double, load: [Double], memoryUsed: ByteCount, memoryTotal: ByteCount, diskUsed: ByteCount,
        diskTotal: ByteCount, tasks: Int, gpus: [GPUMetrics] = [], takenAt: Timestamp
    ) {
        self.gpus = gpus
        self.cpuBusy = cpuBusy
        self.load = load
        self.memoryUsed = memoryUsed
        self.memoryTotal = memoryTotal
        self.diskUsed = diskUsed
        self.diskTotal = diskTotal
        self.tasks = tasks
        self.takenAt = takenAt
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            cpuBusy: try values.decode(Double.self, forKey: .cpuBusy),
            load: try values.decode([Double].self, forKey: .load),
            memoryUsed: try values.decode(ByteCount.self, forKey: .memoryUsed),
            memoryTotal: try values.decode(ByteCount.self, forKey: .memoryTotal),
            diskUsed: try values.decode(ByteCount.self, forKey: .diskUsed),
            diskTotal: try values.decode(ByteCount.self, forKey: .diskTotal),
            tasks: try values.decode(Int.self, forKey: .tasks),
            // Workers of the version before do not tell.
            gpus: try values.decodeIfPresent([GPUMetrics].self, forKey: .gpus) ?? [],
            takenAt: try values.decode(Timestamp.self, forKey: .takenAt))
    }
}

/// What a GPU is busy with.
public struct GPUMetrics: Hashable, Sendable, Codable {
    /// Which of the machine's it is, as its driver counts, from 0.
    public var index: Int
    /// The same over restarts.
    public var uuid: String
    public var name: String
    /// The share of the time that something ran on it, of 1; nil where the device does not tell.
    public var busy: Double?
    public var memoryUsed: ByteCount
    public var memoryTotal: ByteCount

    public init(
        index: Int, uuid: String, name: String, busy: Double?, memoryUsed: ByteCount, memoryTotal: ByteCount
    ) {
        self.index = index
        self.uuid = uuid
        self.name = name
        self.busy = busy
        self.memoryUsed = memoryUsed
        self.memoryTotal = memoryTotal
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
                .required("gpus", .array(.of(GPUMetrics.self))),
                .required("takenAt", .string(.timestamp), "By the manager's clock."),
            ])
    }
}

extension GPUMetrics: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What a GPU is busy with.",
            [
                .required("index", .integer(0...), "Which of the machine's, as its driver counts."),
                .required("uuid", .string), .required("name", .string),
                .optional("busy", .number(0...1), "The share of the time that something ran on it."),
                .required("memoryUsed", .integer(0...), "Bytes."),
                .required("memoryTotal", .integer(0...), "Bytes."),
            ])
    }
}
