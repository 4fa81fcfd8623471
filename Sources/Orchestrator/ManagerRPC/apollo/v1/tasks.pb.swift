// Made by protoc-gen-apollo of apollo/v1/tasks.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// `apollo.v1.GetTaskRequest`.
public struct GetTaskRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.GetTaskRequest" }

    public var project: String = ""
    /// Its name or its identifier.
    public var task: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", task: String = "") {
        self.project = project
        self.task = task
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.task = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.ListTasksRequest`.
public struct ListTasksRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.ListTasksRequest" }

    public var project: String = ""
    /// The most tasks in the answer, up to 1000; 0 for 100. A page of large tasks may have fewer.
    public var limit: UInt32 = 0
    /// The `next_cursor` of the page before; empty for the first.
    public var cursor: String = ""
    /// Only finished tasks, or only unfinished ones.
    public var finished: Bool?
    /// Only tasks in this state; empty for any.
    public var state: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        project: String = "", limit: UInt32 = 0, cursor: String = "", finished: Bool? = nil,
        state: String = ""
    ) {
        self.project = project
        self.limit = limit
        self.cursor = cursor
        self.finished = finished
        self.state = state
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 16: self.limit = try reader.uint32()
            case 26: self.cursor = try reader.string()
            case 32: self.finished = try reader.bool()
            case 42: self.state = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.state.isEmpty { writer.string(5, self.state) }
        if let value = self.finished { writer.bool(4, value) }
        if !self.cursor.isEmpty { writer.string(3, self.cursor) }
        if self.limit != 0 { writer.uint32(2, self.limit) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.ListTasksResponse`.
public struct ListTasksResponse: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.ListTasksResponse" }

    public var tasks: [TaskInfo] = []
    /// Where the next page begins; empty on the last.
    public var nextCursor: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(tasks: [TaskInfo] = [], nextCursor: String = "") {
        self.tasks = tasks
        self.nextCursor = nextCursor
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(appendingTo: &self.tasks)
            case 18: self.nextCursor = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.nextCursor.isEmpty { writer.string(2, self.nextCursor) }
        writer.messages(1, self.tasks)
    }
}

/// `apollo.v1.WatchTaskRequest`.
public struct WatchTaskRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.WatchTaskRequest" }

    public var project: String = ""
    public var task: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", task: String = "") {
        self.project = project
        self.task = task
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.task = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.TaskEvent`.
public struct TaskEvent: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.TaskEvent" }

    /// `apollo.v1.TaskEvent.StartProgress`.
    public struct StartProgress: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskEvent.StartProgress" }

        public var activity: String = ""
        public var completedBytes: Int64?
        public var totalBytes: Int64?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(activity: String = "", completedBytes: Int64? = nil, totalBytes: Int64? = nil) {
            self.activity = activity
            self.completedBytes = completedBytes
            self.totalBytes = totalBytes
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.activity = try reader.string()
                case 16: self.completedBytes = try reader.int64()
                case 24: self.totalBytes = try reader.int64()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.totalBytes { writer.int64(3, value) }
            if let value = self.completedBytes { writer.int64(2, value) }
            if !self.activity.isEmpty { writer.string(1, self.activity) }
        }
    }

    /// What `event` can be.
    public enum Event: Hashable, Sendable {
        /// The task as it is now.
        indirect case state(TaskInfo)
        /// What its start is busy with.
        case progress(TaskEvent.StartProgress)
    }

    public var event: Event?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(event: Event? = nil) {
        self.event = event
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = TaskInfo()
                if case .state(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .state(value)
            case 18:
                var value = TaskEvent.StartProgress()
                if case .progress(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .progress(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.event {
        case .state(let value)?: writer.message(1, value)
        case .progress(let value)?: writer.message(2, value)
        case nil: break
        }
    }
}

/// `apollo.v1.CreateTaskRequest`.
public struct CreateTaskRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.CreateTaskRequest" }

    public var project: String = ""
    /// Unique within the project; empty for one made of what the task runs.
    public var name: String = ""
    public var spec: TaskSpec? {
        get { specBox?.value }
        set { specBox = newValue.map { ProtobufBox($0) } }
    }
    private var specBox: ProtobufBox<TaskSpec>?
    /// A second request with the same key of the same caller gives the task that the first one made; empty for none.
    public var idempotencyKey: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", name: String = "", spec: TaskSpec? = nil, idempotencyKey: String = "") {
        self.project = project
        self.name = name
        self.spec = spec
        self.idempotencyKey = idempotencyKey
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.name = try reader.string()
            case 26: try reader.message(into: &self.specBox)
            case 34: self.idempotencyKey = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.idempotencyKey.isEmpty { writer.string(4, self.idempotencyKey) }
        if let value = self.specBox?.value { writer.message(3, value) }
        if !self.name.isEmpty { writer.string(2, self.name) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.StopTaskRequest`.
public struct StopTaskRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.StopTaskRequest" }

    public var project: String = ""
    public var task: String = ""
    /// Between SIGTERM and SIGKILL; the task's own unless set.
    public var grace: Double?
    /// Only if the task has this revision; 0 for any.
    public var revision: Int64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", task: String = "", grace: Double? = nil, revision: Int64 = 0) {
        self.project = project
        self.task = task
        self.grace = grace
        self.revision = revision
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.task = try reader.string()
            case 25: self.grace = try reader.double()
            case 32: self.revision = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.revision != 0 { writer.int64(4, self.revision) }
        if let value = self.grace { writer.double(3, value) }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.RemoveTaskRequest`.
public struct RemoveTaskRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.RemoveTaskRequest" }

    public var project: String = ""
    public var task: String = ""
    /// Only if the task has this revision; 0 for any.
    public var revision: Int64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", task: String = "", revision: Int64 = 0) {
        self.project = project
        self.task = task
        self.revision = revision
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.task = try reader.string()
            case 24: self.revision = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.revision != 0 { writer.int64(3, self.revision) }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.v1.RemoveTaskResponse`.
public struct RemoveTaskResponse: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.RemoveTaskResponse" }

    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}

/// What runs, and how: a container of `image`, or the `executable` of the host.
public struct TaskSpec: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.TaskSpec" }

    /// Exactly one kind of probe, and when it is made.
    public struct HealthCheck: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.HealthCheck" }

        /// A GET that has to be answered with a good status.
        public struct HTTP: ProtobufMessage {
            public static var protobufName: String { "apollo.v1.TaskSpec.HealthCheck.HTTP" }

            /// `/` unless said.
            public var path: String = ""
            /// The port that the task listens on; 0 for the first of its `ports`.
            public var port: UInt32 = 0
            /// The statuses that are good; 200 to 299 where there are none.
            public var status: [UInt32] = []
            public var headers: [String: String] = [:]
            /// Fields that this type does not have.
            public var unknownFields = ProtobufUnknownFields()

            public init() {}

            public init(
                path: String = "", port: UInt32 = 0, status: [UInt32] = [], headers: [String: String] = [:]
            ) {
                self.path = path
                self.port = port
                self.status = status
                self.headers = headers
            }

            public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: self.path = try reader.string()
                    case 16: self.port = try reader.uint32()
                    case 24: self.status.append(try reader.uint32())
                    case 26: try reader.packedUInt32(into: &self.status)
                    case 34:
                        let enclosure = try reader.enter()
                        var (key, value): (String, String) = ("", "")
                        while let tag = try reader.nextTag() {
                            switch tag {
                            case 10: key = try reader.string()
                            case 18: value = try reader.string()
                            default: try reader.skip(tag)
                            }
                        }
                        reader.leave(enclosure)
                        self.headers[key] = value
                    default: try reader.keep(tag, in: &unknownFields)
                    }
                }
            }

            public func write(to writer: inout ProtobufWriter) {
                writer.unknown(unknownFields)
                writer.map(4, self.headers) {
                    $0.string(2, $2)
                    $0.string(1, $1)
                }
                writer.packedUInt32(3, self.status)
                if self.port != 0 { writer.uint32(2, self.port) }
                if !self.path.isEmpty { writer.string(1, self.path) }
            }
        }

        /// A connection that has to be taken.
        public struct TCP: ProtobufMessage {
            public static var protobufName: String { "apollo.v1.TaskSpec.HealthCheck.TCP" }

            /// The port that the task listens on; 0 for the first of its `ports`.
            public var port: UInt32 = 0
            /// Fields that this type does not have.
            public var unknownFields = ProtobufUnknownFields()

            public init() {}

            public init(port: UInt32 = 0) {
                self.port = port
            }

            public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 8: self.port = try reader.uint32()
                    default: try reader.keep(tag, in: &unknownFields)
                    }
                }
            }

            public func write(to writer: inout ProtobufWriter) {
                writer.unknown(unknownFields)
                if self.port != 0 { writer.uint32(1, self.port) }
            }
        }

        /// A command, run inside the task, that has to end with exit code 0.
        public struct Exec: ProtobufMessage {
            public static var protobufName: String { "apollo.v1.TaskSpec.HealthCheck.Exec" }

            public var command: [String] = []
            /// Fields that this type does not have.
            public var unknownFields = ProtobufUnknownFields()

            public init() {}

            public init(command: [String] = []) {
                self.command = command
            }

            public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: self.command.append(try reader.string())
                    default: try reader.keep(tag, in: &unknownFields)
                    }
                }
            }

            public func write(to writer: inout ProtobufWriter) {
                writer.unknown(unknownFields)
                for value in self.command.reversed() { writer.string(1, value) }
            }
        }

        public var http: TaskSpec.HealthCheck.HTTP?
        public var tcp: TaskSpec.HealthCheck.TCP?
        public var exec: TaskSpec.HealthCheck.Exec?
        /// So long after a start, or until the first success, failures do not count; 10 s unless set.
        public var startPeriod: Double?
        /// From the end of one probe to the next; 10 s unless set.
        public var interval: Double?
        /// The longest a probe may take; 5 s unless set.
        public var timeout: Double?
        /// So many failures in a row make it unhealthy; 3 unless set.
        public var retries: UInt32?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(
            http: TaskSpec.HealthCheck.HTTP? = nil, tcp: TaskSpec.HealthCheck.TCP? = nil,
            exec: TaskSpec.HealthCheck.Exec? = nil, startPeriod: Double? = nil, interval: Double? = nil,
            timeout: Double? = nil, retries: UInt32? = nil
        ) {
            self.http = http
            self.tcp = tcp
            self.exec = exec
            self.startPeriod = startPeriod
            self.interval = interval
            self.timeout = timeout
            self.retries = retries
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: try reader.message(into: &self.http)
                case 18: try reader.message(into: &self.tcp)
                case 26: try reader.message(into: &self.exec)
                case 33: self.startPeriod = try reader.double()
                case 41: self.interval = try reader.double()
                case 49: self.timeout = try reader.double()
                case 56: self.retries = try reader.uint32()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.retries { writer.uint32(7, value) }
            if let value = self.timeout { writer.double(6, value) }
            if let value = self.interval { writer.double(5, value) }
            if let value = self.startPeriod { writer.double(4, value) }
            if let value = self.exec { writer.message(3, value) }
            if let value = self.tcp { writer.message(2, value) }
            if let value = self.http { writer.message(1, value) }
        }
    }

    /// The tasks of a group go evenly over the values of a label of the nodes.
    public struct Spread: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Spread" }

        public var over: String = ""
        /// How many more than the least a value may have; as many as there is room for unless set.
        public var maximumSkew: UInt32?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(over: String = "", maximumSkew: UInt32? = nil) {
            self.over = over
            self.maximumSkew = maximumSkew
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.over = try reader.string()
                case 16: self.maximumSkew = try reader.uint32()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.maximumSkew { writer.uint32(2, value) }
            if !self.over.isEmpty { writer.string(1, self.over) }
        }
    }

    /// A file or directory of the host that the task sees.
    public struct Mount: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Mount" }

        public var source: String = ""
        public var target: String = ""
        public var readOnly: Bool = false
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(source: String = "", target: String = "", readOnly: Bool = false) {
            self.source = source
            self.target = target
            self.readOnly = readOnly
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.source = try reader.string()
                case 18: self.target = try reader.string()
                case 24: self.readOnly = try reader.bool()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if self.readOnly { writer.bool(3, self.readOnly) }
            if !self.target.isEmpty { writer.string(2, self.target) }
            if !self.source.isEmpty { writer.string(1, self.source) }
        }
    }

    /// A volume of the project that the task uses; made where there is none.
    public struct Volume: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Volume" }

        public var name: String = ""
        /// The path inside the task; empty for a process that is only told where it is.
        public var target: String = ""
        public var readOnly: Bool = false
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(name: String = "", target: String = "", readOnly: Bool = false) {
            self.name = name
            self.target = target
            self.readOnly = readOnly
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.name = try reader.string()
                case 18: self.target = try reader.string()
                case 24: self.readOnly = try reader.bool()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if self.readOnly { writer.bool(3, self.readOnly) }
            if !self.target.isEmpty { writer.string(2, self.target) }
            if !self.name.isEmpty { writer.string(1, self.name) }
        }
    }

    /// A secret of the project: a file, or the variable `environment`.
    public struct Secret: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Secret" }

        public var name: String = ""
        /// 0 for the newest.
        public var version: Int64 = 0
        public var path: String = ""
        public var environment: String = ""
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(name: String = "", version: Int64 = 0, path: String = "", environment: String = "") {
            self.name = name
            self.version = version
            self.path = path
            self.environment = environment
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.name = try reader.string()
                case 16: self.version = try reader.int64()
                case 26: self.path = try reader.string()
                case 34: self.environment = try reader.string()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if !self.environment.isEmpty { writer.string(4, self.environment) }
            if !self.path.isEmpty { writer.string(3, self.path) }
            if self.version != 0 { writer.int64(2, self.version) }
            if !self.name.isEmpty { writer.string(1, self.name) }
        }
    }

    /// `apollo.v1.TaskSpec.Port`.
    public struct Port: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Port" }

        /// The port that the task listens on.
        public var container: UInt32 = 0
        /// The port of the node; 0 for one that is chosen.
        public var host: UInt32 = 0
        /// The node's address; 127.0.0.1 unless said.
        public var address: String = ""
        /// tcp (unless said), udp.
        public var transport: String = ""
        /// What other tasks find it by, such as http; empty for none.
        public var name: String = ""
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(
            container: UInt32 = 0, host: UInt32 = 0, address: String = "", transport: String = "",
            name: String = ""
        ) {
            self.container = container
            self.host = host
            self.address = address
            self.transport = transport
            self.name = name
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: self.container = try reader.uint32()
                case 16: self.host = try reader.uint32()
                case 26: self.address = try reader.string()
                case 34: self.transport = try reader.string()
                case 42: self.name = try reader.string()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if !self.name.isEmpty { writer.string(5, self.name) }
            if !self.transport.isEmpty { writer.string(4, self.transport) }
            if !self.address.isEmpty { writer.string(3, self.address) }
            if self.host != 0 { writer.uint32(2, self.host) }
            if self.container != 0 { writer.uint32(1, self.container) }
        }
    }

    /// The most it may use; what is 0 has no limit of its own.
    public struct Limits: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Limits" }

        /// Cores: 0.5 is half of one.
        public var cpu: Double = 0
        /// Bytes.
        public var memory: Int64 = 0
        /// Bytes.
        public var disk: Int64 = 0
        public var gpus: UInt32 = 0
        public var processes: Int64 = 0
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(
            cpu: Double = 0, memory: Int64 = 0, disk: Int64 = 0, gpus: UInt32 = 0, processes: Int64 = 0
        ) {
            self.cpu = cpu
            self.memory = memory
            self.disk = disk
            self.gpus = gpus
            self.processes = processes
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 9: self.cpu = try reader.double()
                case 16: self.memory = try reader.int64()
                case 24: self.disk = try reader.int64()
                case 32: self.gpus = try reader.uint32()
                case 40: self.processes = try reader.int64()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if self.processes != 0 { writer.int64(5, self.processes) }
            if self.gpus != 0 { writer.uint32(4, self.gpus) }
            if self.disk != 0 { writer.int64(3, self.disk) }
            if self.memory != 0 { writer.int64(2, self.memory) }
            if self.cpu.bitPattern != 0 { writer.double(1, self.cpu) }
        }
    }

    /// A condition on a node's labels.
    public struct Condition: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Condition" }

        public var label: String = ""
        /// in (unless said), not-in, exists, absent.
        public var relation: String = ""
        public var values: [String] = []
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(label: String = "", relation: String = "", values: [String] = []) {
            self.label = label
            self.relation = relation
            self.values = values
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.label = try reader.string()
                case 18: self.relation = try reader.string()
                case 26: self.values.append(try reader.string())
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            for value in self.values.reversed() { writer.string(3, value) }
            if !self.relation.isEmpty { writer.string(2, self.relation) }
            if !self.label.isEmpty { writer.string(1, self.label) }
        }
    }

    /// `apollo.v1.TaskSpec.Preference`.
    public struct Preference: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Preference" }

        public var condition: TaskSpec.Condition?
        /// -100 to 100; 50 unless set.
        public var weight: Int32?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(condition: TaskSpec.Condition? = nil, weight: Int32? = nil) {
            self.condition = condition
            self.weight = weight
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: try reader.message(into: &self.condition)
                case 16: self.weight = try reader.int32()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.weight { writer.int32(2, value) }
            if let value = self.condition { writer.message(1, value) }
        }
    }

    /// Whether and when another attempt follows one that ended by itself.
    public struct Restarts: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskSpec.Restarts" }

        /// never (unless said), on-failure, always, unless-stopped.
        public var mode: String = ""
        /// The most restarts; no bound unless set.
        public var attempts: UInt32?
        /// The wait before the first; 0.5 s unless set.
        public var wait: Double?
        /// How much longer each next wait is; 2 unless set.
        public var factor: Double?
        /// The longest wait; 60 s unless set.
        public var maximumWait: Double?
        /// A run of at least this long forgets the restarts before it.
        public var window: Double?
        /// So many restarts after failures in a row are on the same node, then it goes elsewhere; 2 unless set.
        public var sameNode: UInt32?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(
            mode: String = "", attempts: UInt32? = nil, wait: Double? = nil, factor: Double? = nil,
            maximumWait: Double? = nil, window: Double? = nil, sameNode: UInt32? = nil
        ) {
            self.mode = mode
            self.attempts = attempts
            self.wait = wait
            self.factor = factor
            self.maximumWait = maximumWait
            self.window = window
            self.sameNode = sameNode
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.mode = try reader.string()
                case 16: self.attempts = try reader.uint32()
                case 25: self.wait = try reader.double()
                case 33: self.factor = try reader.double()
                case 41: self.maximumWait = try reader.double()
                case 49: self.window = try reader.double()
                case 56: self.sameNode = try reader.uint32()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.sameNode { writer.uint32(7, value) }
            if let value = self.window { writer.double(6, value) }
            if let value = self.maximumWait { writer.double(5, value) }
            if let value = self.factor { writer.double(4, value) }
            if let value = self.wait { writer.double(3, value) }
            if let value = self.attempts { writer.uint32(2, value) }
            if !self.mode.isEmpty { writer.string(1, self.mode) }
        }
    }

    public var image: String = ""
    public var executable: String = ""
    public var command: [String] = []
    public var entrypoint: [String] = []
    public var environment: [String: String] = [:]
    public var workingDirectory: String = ""
    public var user: String = ""
    public var mounts: [TaskSpec.Mount] = []
    public var secrets: [TaskSpec.Secret] = []
    public var ports: [TaskSpec.Port] = []
    public var resources: TaskSpec.Limits?
    public var constraints: [TaskSpec.Condition] = []
    public var affinities: [TaskSpec.Preference] = []
    public var restart: TaskSpec.Restarts?
    /// missing (unless said), always, never.
    public var pull: String = ""
    public var labels: [String: String] = [:]
    public var priority: Int32 = 0
    /// keep (unless said), stop_after.
    public var onDisconnect: String = ""
    public var stopAfter: Double = 0
    /// 10 s unless set.
    public var stopGrace: Double?
    public var timeout: Double?
    /// What of its project it belongs to, for `spread` and `apart`.
    public var group: String = ""
    public var spread: TaskSpec.Spread?
    /// Whether it keeps off nodes that have another of its group.
    public var apart: Bool = false
    /// How long after the request its first attempt may begin to run; later it has failed.
    public var startWithin: Double?
    /// How long after the request it must be over, restarts included; later it is ended and has failed.
    public var finishWithin: Double?
    /// How it is found out whether it does its work; absent where that it runs is enough.
    public var health: TaskSpec.HealthCheck? {
        get { healthBox?.value }
        set { healthBox = newValue.map { ProtobufBox($0) } }
    }
    private var healthBox: ProtobufBox<TaskSpec.HealthCheck>?
    /// It runs where they are.
    public var volumes: [TaskSpec.Volume] = []
    /// What runs an image: docker (unless said) or oci.
    public var runtime: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        image: String = "", executable: String = "", command: [String] = [], entrypoint: [String] = [],
        environment: [String: String] = [:], workingDirectory: String = "", user: String = "",
        mounts: [TaskSpec.Mount] = [], secrets: [TaskSpec.Secret] = [], ports: [TaskSpec.Port] = [],
        resources: TaskSpec.Limits? = nil, constraints: [TaskSpec.Condition] = [],
        affinities: [TaskSpec.Preference] = [], restart: TaskSpec.Restarts? = nil, pull: String = "",
        labels: [String: String] = [:], priority: Int32 = 0, onDisconnect: String = "", stopAfter: Double = 0,
        stopGrace: Double? = nil, timeout: Double? = nil, group: String = "", spread: TaskSpec.Spread? = nil,
        apart: Bool = false, startWithin: Double? = nil, finishWithin: Double? = nil,
        health: TaskSpec.HealthCheck? = nil, volumes: [TaskSpec.Volume] = [], runtime: String = ""
    ) {
        self.image = image
        self.executable = executable
        self.command = command
        self.entrypoint = entrypoint
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.mounts = mounts
        self.secrets = secrets
        self.ports = ports
        self.resources = resources
        self.constraints = constraints
        self.affinities = affinities
        self.restart = restart
        self.pull = pull
        self.labels = labels
        self.priority = priority
        self.onDisconnect = onDisconnect
        self.stopAfter = stopAfter
        self.stopGrace = stopGrace
        self.timeout = timeout
        self.group = group
        self.spread = spread
        self.apart = apart
        self.startWithin = startWithin
        self.finishWithin = finishWithin
        self.health = health
        self.volumes = volumes
        self.runtime = runtime
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.image = try reader.string()
            case 18: self.executable = try reader.string()
            case 26: self.command.append(try reader.string())
            case 34: self.entrypoint.append(try reader.string())
            case 42:
                let enclosure = try reader.enter()
                var (key, value): (String, String) = ("", "")
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 18: value = try reader.string()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.environment[key] = value
            case 50: self.workingDirectory = try reader.string()
            case 58: self.user = try reader.string()
            case 66: try reader.message(appendingTo: &self.mounts)
            case 74: try reader.message(appendingTo: &self.secrets)
            case 82: try reader.message(appendingTo: &self.ports)
            case 90: try reader.message(into: &self.resources)
            case 98: try reader.message(appendingTo: &self.constraints)
            case 106: try reader.message(appendingTo: &self.affinities)
            case 114: try reader.message(into: &self.restart)
            case 122: self.pull = try reader.string()
            case 130:
                let enclosure = try reader.enter()
                var (key, value): (String, String) = ("", "")
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 18: value = try reader.string()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.labels[key] = value
            case 136: self.priority = try reader.int32()
            case 146: self.onDisconnect = try reader.string()
            case 153: self.stopAfter = try reader.double()
            case 161: self.stopGrace = try reader.double()
            case 169: self.timeout = try reader.double()
            case 178: self.group = try reader.string()
            case 186: try reader.message(into: &self.spread)
            case 192: self.apart = try reader.bool()
            case 201: self.startWithin = try reader.double()
            case 209: self.finishWithin = try reader.double()
            case 218: try reader.message(into: &self.healthBox)
            case 242: try reader.message(appendingTo: &self.volumes)
            case 250: self.runtime = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.runtime.isEmpty { writer.string(31, self.runtime) }
        writer.messages(30, self.volumes)
        if let value = self.healthBox?.value { writer.message(27, value) }
        if let value = self.finishWithin { writer.double(26, value) }
        if let value = self.startWithin { writer.double(25, value) }
        if self.apart { writer.bool(24, self.apart) }
        if let value = self.spread { writer.message(23, value) }
        if !self.group.isEmpty { writer.string(22, self.group) }
        if let value = self.timeout { writer.double(21, value) }
        if let value = self.stopGrace { writer.double(20, value) }
        if self.stopAfter.bitPattern != 0 { writer.double(19, self.stopAfter) }
        if !self.onDisconnect.isEmpty { writer.string(18, self.onDisconnect) }
        if self.priority != 0 { writer.int32(17, self.priority) }
        writer.map(16, self.labels) {
            $0.string(2, $2)
            $0.string(1, $1)
        }
        if !self.pull.isEmpty { writer.string(15, self.pull) }
        if let value = self.restart { writer.message(14, value) }
        writer.messages(13, self.affinities)
        writer.messages(12, self.constraints)
        if let value = self.resources { writer.message(11, value) }
        writer.messages(10, self.ports)
        writer.messages(9, self.secrets)
        writer.messages(8, self.mounts)
        if !self.user.isEmpty { writer.string(7, self.user) }
        if !self.workingDirectory.isEmpty { writer.string(6, self.workingDirectory) }
        writer.map(5, self.environment) {
            $0.string(2, $2)
            $0.string(1, $1)
        }
        for value in self.entrypoint.reversed() { writer.string(4, value) }
        for value in self.command.reversed() { writer.string(3, value) }
        if !self.executable.isEmpty { writer.string(2, self.executable) }
        if !self.image.isEmpty { writer.string(1, self.image) }
    }
}

/// A task as the platform knows it: what was asked, what is wanted now, and what is seen.
public struct TaskInfo: ProtobufMessage {
    public static var protobufName: String { "apollo.v1.TaskInfo" }

    /// One try of the task on one node.
    public struct Attempt: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskInfo.Attempt" }

        public var id: String = ""
        public var number: Int64 = 0
        public var node: String = ""
        public var epoch: Int64 = 0
        /// starting, running, ended.
        public var state: String = ""
        public var createdAt: Int64 = 0
        public var startedAt: Int64?
        public var endedAt: Int64?
        /// completed, failed, lost, preempted, drained, stopped; empty until it has ended.
        public var outcome: String = ""
        /// 128 plus its number for a signal.
        public var exitCode: Int32?
        public var reason: String = ""
        /// The ports given, in the order of the specification's.
        public var ports: [TaskSpec.Port] = []
        /// Absent where it is not probed.
        public var health: TaskInfo.Health?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(
            id: String = "", number: Int64 = 0, node: String = "", epoch: Int64 = 0, state: String = "",
            createdAt: Int64 = 0, startedAt: Int64? = nil, endedAt: Int64? = nil, outcome: String = "",
            exitCode: Int32? = nil, reason: String = "", ports: [TaskSpec.Port] = [],
            health: TaskInfo.Health? = nil
        ) {
            self.id = id
            self.number = number
            self.node = node
            self.epoch = epoch
            self.state = state
            self.createdAt = createdAt
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.outcome = outcome
            self.exitCode = exitCode
            self.reason = reason
            self.ports = ports
            self.health = health
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.id = try reader.string()
                case 16: self.number = try reader.int64()
                case 26: self.node = try reader.string()
                case 32: self.epoch = try reader.int64()
                case 42: self.state = try reader.string()
                case 48: self.createdAt = try reader.int64()
                case 56: self.startedAt = try reader.int64()
                case 64: self.endedAt = try reader.int64()
                case 74: self.outcome = try reader.string()
                case 80: self.exitCode = try reader.int32()
                case 90: self.reason = try reader.string()
                case 98: try reader.message(appendingTo: &self.ports)
                case 106: try reader.message(into: &self.health)
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.health { writer.message(13, value) }
            writer.messages(12, self.ports)
            if !self.reason.isEmpty { writer.string(11, self.reason) }
            if let value = self.exitCode { writer.int32(10, value) }
            if !self.outcome.isEmpty { writer.string(9, self.outcome) }
            if let value = self.endedAt { writer.int64(8, value) }
            if let value = self.startedAt { writer.int64(7, value) }
            if self.createdAt != 0 { writer.int64(6, self.createdAt) }
            if !self.state.isEmpty { writer.string(5, self.state) }
            if self.epoch != 0 { writer.int64(4, self.epoch) }
            if !self.node.isEmpty { writer.string(3, self.node) }
            if self.number != 0 { writer.int64(2, self.number) }
            if !self.id.isEmpty { writer.string(1, self.id) }
        }
    }

    /// How an attempt that is probed does.
    public struct Health: ProtobufMessage {
        public static var protobufName: String { "apollo.v1.TaskInfo.Health" }

        /// starting, healthy, unhealthy.
        public var state: String = ""
        /// What was found last.
        public var reason: String = ""
        /// Since when it is in this state.
        public var since: Int64 = 0
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(state: String = "", reason: String = "", since: Int64 = 0) {
            self.state = state
            self.reason = reason
            self.since = since
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.state = try reader.string()
                case 18: self.reason = try reader.string()
                case 24: self.since = try reader.int64()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if self.since != 0 { writer.int64(3, self.since) }
            if !self.reason.isEmpty { writer.string(2, self.reason) }
            if !self.state.isEmpty { writer.string(1, self.state) }
        }
    }

    public var id: String = ""
    public var name: String = ""
    public var project: String = ""
    /// Counts every change.
    public var revision: Int64 = 0
    public var spec: TaskSpec? {
        get { specBox?.value }
        set { specBox = newValue.map { ProtobufBox($0) } }
    }
    private var specBox: ProtobufBox<TaskSpec>?
    /// run, suspended, stopped.
    public var desired: String = ""
    /// pending, scheduled, running, stopping, suspended; and, finished, completed, failed, stopped.
    public var state: String = ""
    /// Why it is in this state.
    public var reason: String = ""
    /// The latest tries, oldest first; `attempt_count` counts them all.
    public var attempts: [TaskInfo.Attempt] = []
    public var attemptCount: Int64 = 0
    public var restartStreak: Int64 = 0
    /// When a pending task is tried again.
    public var notBefore: Int64?
    public var createdAt: Int64 = 0
    /// A principal's URI.
    public var createdBy: String = ""
    public var finishedAt: Int64?
    /// Restarts after failures in a row on the same node.
    public var nodeStreak: Int64 = 0
    /// When it has failed unless an attempt has begun to run; absent once one has.
    public var startBy: Int64?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        id: String = "", name: String = "", project: String = "", revision: Int64 = 0, spec: TaskSpec? = nil,
        desired: String = "", state: String = "", reason: String = "", attempts: [TaskInfo.Attempt] = [],
        attemptCount: Int64 = 0, restartStreak: Int64 = 0, notBefore: Int64? = nil, createdAt: Int64 = 0,
        createdBy: String = "", finishedAt: Int64? = nil, nodeStreak: Int64 = 0, startBy: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.revision = revision
        self.spec = spec
        self.desired = desired
        self.state = state
        self.reason = reason
        self.attempts = attempts
        self.attemptCount = attemptCount
        self.restartStreak = restartStreak
        self.notBefore = notBefore
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.finishedAt = finishedAt
        self.nodeStreak = nodeStreak
        self.startBy = startBy
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.id = try reader.string()
            case 18: self.name = try reader.string()
            case 26: self.project = try reader.string()
            case 32: self.revision = try reader.int64()
            case 42: try reader.message(into: &self.specBox)
            case 50: self.desired = try reader.string()
            case 58: self.state = try reader.string()
            case 66: self.reason = try reader.string()
            case 74: try reader.message(appendingTo: &self.attempts)
            case 80: self.attemptCount = try reader.int64()
            case 88: self.restartStreak = try reader.int64()
            case 96: self.notBefore = try reader.int64()
            case 104: self.createdAt = try reader.int64()
            case 114: self.createdBy = try reader.string()
            case 120: self.finishedAt = try reader.int64()
            case 128: self.nodeStreak = try reader.int64()
            case 136: self.startBy = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.startBy { writer.int64(17, value) }
        if self.nodeStreak != 0 { writer.int64(16, self.nodeStreak) }
        if let value = self.finishedAt { writer.int64(15, value) }
        if !self.createdBy.isEmpty { writer.string(14, self.createdBy) }
        if self.createdAt != 0 { writer.int64(13, self.createdAt) }
        if let value = self.notBefore { writer.int64(12, value) }
        if self.restartStreak != 0 { writer.int64(11, self.restartStreak) }
        if self.attemptCount != 0 { writer.int64(10, self.attemptCount) }
        writer.messages(9, self.attempts)
        if !self.reason.isEmpty { writer.string(8, self.reason) }
        if !self.state.isEmpty { writer.string(7, self.state) }
        if !self.desired.isEmpty { writer.string(6, self.desired) }
        if let value = self.specBox?.value { writer.message(5, value) }
        if self.revision != 0 { writer.int64(4, self.revision) }
        if !self.project.isEmpty { writer.string(3, self.project) }
        if !self.name.isEmpty { writer.string(2, self.name) }
        if !self.id.isEmpty { writer.string(1, self.id) }
    }
}

/// The methods of `apollo.v1.Tasks`.
public enum TasksMethods {
    public static let get = RPCMethod<GetTaskRequest, TaskInfo>(
        service: "apollo.v1.Tasks", name: "Get", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try GetTaskRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try TaskInfo(protobuf: $0) }))
    public static let list = RPCMethod<ListTasksRequest, ListTasksResponse>(
        service: "apollo.v1.Tasks", name: "List", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ListTasksRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ListTasksResponse(protobuf: $0) }))
    public static let watch = RPCMethod<WatchTaskRequest, TaskEvent>(
        service: "apollo.v1.Tasks", name: "Watch", kind: .serverStreaming,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try WatchTaskRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try TaskEvent(protobuf: $0) }))
    public static let create = RPCMethod<CreateTaskRequest, TaskInfo>(
        service: "apollo.v1.Tasks", name: "Create", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try CreateTaskRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try TaskInfo(protobuf: $0) }))
    public static let stop = RPCMethod<StopTaskRequest, TaskInfo>(
        service: "apollo.v1.Tasks", name: "Stop", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try StopTaskRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try TaskInfo(protobuf: $0) }))
    public static let remove = RPCMethod<RemoveTaskRequest, RemoveTaskResponse>(
        service: "apollo.v1.Tasks", name: "Remove", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try RemoveTaskRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try RemoveTaskResponse(protobuf: $0) }))
}

/// Tasks: looks at them, runs them, stops them.
///
/// Every call carries a token as metadata: `authorization`, with `Bearer TOKEN`. Words such as states and modes are those of the HTTP
/// interface; times are microseconds since 1970, durations seconds. A project that is not named is `default`.
///
/// What answers its calls; `service` is what a server is given.
public protocol TasksService: Sendable {
    /// One task, by its name or its identifier.
    func get(_ request: GetTaskRequest, context: RPCContext) async throws -> TaskInfo
    /// A page of the tasks of a project, oldest first.
    func list(_ request: ListTasksRequest, context: RPCContext) async throws -> ListTasksResponse
    /// A task's states, now and whenever they change, until it is finished or removed. A slow reader misses states, never the last.
    func watch(_ request: WatchTaskRequest, to responses: RPCWriter<TaskEvent>, context: RPCContext) async throws
    /// Runs a task. Answers once it is stored: from then on it is not lost.
    func create(_ request: CreateTaskRequest, context: RPCContext) async throws -> TaskInfo
    /// Asks a task to end: SIGTERM, and SIGKILL after the grace. Stopping a finished task changes nothing.
    func stop(_ request: StopTaskRequest, context: RPCContext) async throws -> TaskInfo
    /// Forgets a finished task and its output.
    func remove(_ request: RemoveTaskRequest, context: RPCContext) async throws -> RemoveTaskResponse
}

extension TasksService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("apollo.v1.Tasks", [
            .unary(TasksMethods.get) { try await self.get($0, context: $1) },
            .unary(TasksMethods.list) { try await self.list($0, context: $1) },
            .serverStreaming(TasksMethods.watch) { try await self.watch($0, to: $1, context: $2) },
            .unary(TasksMethods.create) { try await self.create($0, context: $1) },
            .unary(TasksMethods.stop) { try await self.stop($0, context: $1) },
            .unary(TasksMethods.remove) { try await self.remove($0, context: $1) },
        ])
    }
}

/// Tasks: looks at them, runs them, stops them.
///
/// Every call carries a token as metadata: `authorization`, with `Bearer TOKEN`. Words such as states and modes are those of the HTTP
/// interface; times are microseconds since 1970, durations seconds. A project that is not named is `default`.
///
/// Calls it.
public struct TasksClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// One task, by its name or its identifier.
    public func get(_ request: GetTaskRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> TaskInfo {
        try await calls.call(TasksMethods.get, request, options: options)
    }

    /// A page of the tasks of a project, oldest first.
    public func list(_ request: ListTasksRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> ListTasksResponse {
        try await calls.call(TasksMethods.list, request, options: options)
    }

    /// A task's states, now and whenever they change, until it is finished or removed. A slow reader misses states, never the last.
    public func watch<Result: Sendable>(
        _ request: WatchTaskRequest, options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCReader<TaskEvent>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(TasksMethods.watch, request, options: options, body)
    }

    /// Runs a task. Answers once it is stored: from then on it is not lost.
    public func create(_ request: CreateTaskRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> TaskInfo {
        try await calls.call(TasksMethods.create, request, options: options)
    }

    /// Asks a task to end: SIGTERM, and SIGKILL after the grace. Stopping a finished task changes nothing.
    public func stop(_ request: StopTaskRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> TaskInfo {
        try await calls.call(TasksMethods.stop, request, options: options)
    }

    /// Forgets a finished task and its output.
    public func remove(_ request: RemoveTaskRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> RemoveTaskResponse {
        try await calls.call(TasksMethods.remove, request, options: options)
    }
}

extension ProtobufFile {
    /// `apollo/v1/tasks.proto`.
    public static let apolloV1Tasks = ProtobufFile(
        name: "apollo/v1/tasks.proto",
        dependencies: [],
        symbols: [
            "apollo.v1.CreateTaskRequest",
            "apollo.v1.GetTaskRequest",
            "apollo.v1.ListTasksRequest",
            "apollo.v1.ListTasksResponse",
            "apollo.v1.RemoveTaskRequest",
            "apollo.v1.RemoveTaskResponse",
            "apollo.v1.StopTaskRequest",
            "apollo.v1.TaskEvent",
            "apollo.v1.TaskEvent.StartProgress",
            "apollo.v1.TaskInfo",
            "apollo.v1.TaskInfo.Attempt",
            "apollo.v1.TaskInfo.Health",
            "apollo.v1.TaskSpec",
            "apollo.v1.TaskSpec.Condition",
            "apollo.v1.TaskSpec.HealthCheck",
            "apollo.v1.TaskSpec.HealthCheck.Exec",
            "apollo.v1.TaskSpec.HealthCheck.HTTP",
            "apollo.v1.TaskSpec.HealthCheck.TCP",
            "apollo.v1.TaskSpec.Limits",
            "apollo.v1.TaskSpec.Mount",
            "apollo.v1.TaskSpec.Port",
            "apollo.v1.TaskSpec.Preference",
            "apollo.v1.TaskSpec.Restarts",
            "apollo.v1.TaskSpec.Secret",
            "apollo.v1.TaskSpec.Spread",
            "apollo.v1.TaskSpec.Volume",
            "apollo.v1.Tasks",
            "apollo.v1.WatchTaskRequest",
        ],
        descriptor: """
            ChVhcG9sbG8vdjEvdGFza3MucHJvdG8SCWFwb2xsby52MSI+Cg5HZXRUYXNrUmVxdWVzdBIYCgdwcm9qZWN0GAEgASgJUgdw
            cm9qZWN0EhIKBHRhc2sYAiABKAlSBHRhc2singEKEExpc3RUYXNrc1JlcXVlc3QSGAoHcHJvamVjdBgBIAEoCVIHcHJvamVj
            dBIUCgVsaW1pdBgCIAEoDVIFbGltaXQSFgoGY3Vyc29yGAMgASgJUgZjdXJzb3ISHwoIZmluaXNoZWQYBCABKAhIAIgBAVII
            ZmluaXNoZWQSFAoFc3RhdGUYBSABKAlSBXN0YXRlQgsKCV9maW5pc2hlZCJfChFMaXN0VGFza3NSZXNwb25zZRIpCgV0YXNr
            cxgBIAMoCzITLmFwb2xsby52MS5UYXNrSW5mb1IFdGFza3MSHwoLbmV4dF9jdXJzb3IYAiABKAlSCm5leHRDdXJzb3IiQAoQ
            V2F0Y2hUYXNrUmVxdWVzdBIYCgdwcm9qZWN0GAEgASgJUgdwcm9qZWN0EhIKBHRhc2sYAiABKAlSBHRhc2siqQIKCVRhc2tF
            dmVudBIrCgVzdGF0ZRgBIAEoCzITLmFwb2xsby52MS5UYXNrSW5mb0gAUgVzdGF0ZRJACghwcm9ncmVzcxgCIAEoCzIiLmFw
            b2xsby52MS5UYXNrRXZlbnQuU3RhcnRQcm9ncmVzc0gAUghwcm9ncmVzcxqjAQoNU3RhcnRQcm9ncmVzcxIaCghhY3Rpdml0
            eRgBIAEoCVIIYWN0aXZpdHkSLAoPY29tcGxldGVkX2J5dGVzGAIgASgDSACIAQFSDmNvbXBsZXRlZEJ5dGVzEiQKC3RvdGFs
            X2J5dGVzGAMgASgDSAGIAQFSCnRvdGFsQnl0ZXNCEgoQX2NvbXBsZXRlZF9ieXRlc0IOCgxfdG90YWxfYnl0ZXNCBwoFZXZl
            bnQikwEKEUNyZWF0ZVRhc2tSZXF1ZXN0EhgKB3Byb2plY3QYASABKAlSB3Byb2plY3QSEgoEbmFtZRgCIAEoCVIEbmFtZRIn
            CgRzcGVjGAMgASgLMhMuYXBvbGxvLnYxLlRhc2tTcGVjUgRzcGVjEicKD2lkZW1wb3RlbmN5X2tleRgEIAEoCVIOaWRlbXBv
            dGVuY3lLZXkigAEKD1N0b3BUYXNrUmVxdWVzdBIYCgdwcm9qZWN0GAEgASgJUgdwcm9qZWN0EhIKBHRhc2sYAiABKAlSBHRh
            c2sSGQoFZ3JhY2UYAyABKAFIAIgBAVIFZ3JhY2USGgoIcmV2aXNpb24YBCABKANSCHJldmlzaW9uQggKBl9ncmFjZSJdChFS
            ZW1vdmVUYXNrUmVxdWVzdBIYCgdwcm9qZWN0GAEgASgJUgdwcm9qZWN0EhIKBHRhc2sYAiABKAlSBHRhc2sSGgoIcmV2aXNp
            b24YAyABKANSCHJldmlzaW9uIhQKElJlbW92ZVRhc2tSZXNwb25zZSLdGAoIVGFza1NwZWMSFAoFaW1hZ2UYASABKAlSBWlt
            YWdlEh4KCmV4ZWN1dGFibGUYAiABKAlSCmV4ZWN1dGFibGUSGAoHY29tbWFuZBgDIAMoCVIHY29tbWFuZBIeCgplbnRyeXBv
            aW50GAQgAygJUgplbnRyeXBvaW50EkYKC2Vudmlyb25tZW50GAUgAygLMiQuYXBvbGxvLnYxLlRhc2tTcGVjLkVudmlyb25t
            ZW50RW50cnlSC2Vudmlyb25tZW50EisKEXdvcmtpbmdfZGlyZWN0b3J5GAYgASgJUhB3b3JraW5nRGlyZWN0b3J5EhIKBHVz
            ZXIYByABKAlSBHVzZXISMQoGbW91bnRzGAggAygLMhkuYXBvbGxvLnYxLlRhc2tTcGVjLk1vdW50UgZtb3VudHMSNAoHc2Vj
            cmV0cxgJIAMoCzIaLmFwb2xsby52MS5UYXNrU3BlYy5TZWNyZXRSB3NlY3JldHMSLgoFcG9ydHMYCiADKAsyGC5hcG9sbG8u
            djEuVGFza1NwZWMuUG9ydFIFcG9ydHMSOAoJcmVzb3VyY2VzGAsgASgLMhouYXBvbGxvLnYxLlRhc2tTcGVjLkxpbWl0c1IJ
            cmVzb3VyY2VzEj8KC2NvbnN0cmFpbnRzGAwgAygLMh0uYXBvbGxvLnYxLlRhc2tTcGVjLkNvbmRpdGlvblILY29uc3RyYWlu
            dHMSPgoKYWZmaW5pdGllcxgNIAMoCzIeLmFwb2xsby52MS5UYXNrU3BlYy5QcmVmZXJlbmNlUgphZmZpbml0aWVzEjYKB3Jl
            c3RhcnQYDiABKAsyHC5hcG9sbG8udjEuVGFza1NwZWMuUmVzdGFydHNSB3Jlc3RhcnQSEgoEcHVsbBgPIAEoCVIEcHVsbBI3
            CgZsYWJlbHMYECADKAsyHy5hcG9sbG8udjEuVGFza1NwZWMuTGFiZWxzRW50cnlSBmxhYmVscxIaCghwcmlvcml0eRgRIAEo
            BVIIcHJpb3JpdHkSIwoNb25fZGlzY29ubmVjdBgSIAEoCVIMb25EaXNjb25uZWN0Eh0KCnN0b3BfYWZ0ZXIYEyABKAFSCXN0
            b3BBZnRlchIiCgpzdG9wX2dyYWNlGBQgASgBSACIAQFSCXN0b3BHcmFjZRIdCgd0aW1lb3V0GBUgASgBSAGIAQFSB3RpbWVv
            dXQSFAoFZ3JvdXAYFiABKAlSBWdyb3VwEjIKBnNwcmVhZBgXIAEoCzIaLmFwb2xsby52MS5UYXNrU3BlYy5TcHJlYWRSBnNw
            cmVhZBIUCgVhcGFydBgYIAEoCFIFYXBhcnQSJgoMc3RhcnRfd2l0aGluGBkgASgBSAKIAQFSC3N0YXJ0V2l0aGluEigKDWZp
            bmlzaF93aXRoaW4YGiABKAFIA4gBAVIMZmluaXNoV2l0aGluEjcKBmhlYWx0aBgbIAEoCzIfLmFwb2xsby52MS5UYXNrU3Bl
            Yy5IZWFsdGhDaGVja1IGaGVhbHRoEjQKB3ZvbHVtZXMYHiADKAsyGi5hcG9sbG8udjEuVGFza1NwZWMuVm9sdW1lUgd2b2x1
            bWVzEhgKB3J1bnRpbWUYHyABKAlSB3J1bnRpbWUaPgoQRW52aXJvbm1lbnRFbnRyeRIQCgNrZXkYASABKAlSA2tleRIUCgV2
            YWx1ZRgCIAEoCVIFdmFsdWU6AjgBGjkKC0xhYmVsc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5EhQKBXZhbHVlGAIgASgJUgV2
            YWx1ZToCOAEahAUKC0hlYWx0aENoZWNrEjgKBGh0dHAYASABKAsyJC5hcG9sbG8udjEuVGFza1NwZWMuSGVhbHRoQ2hlY2su
            SFRUUFIEaHR0cBI1CgN0Y3AYAiABKAsyIy5hcG9sbG8udjEuVGFza1NwZWMuSGVhbHRoQ2hlY2suVENQUgN0Y3ASOAoEZXhl
            YxgDIAEoCzIkLmFwb2xsby52MS5UYXNrU3BlYy5IZWFsdGhDaGVjay5FeGVjUgRleGVjEiYKDHN0YXJ0X3BlcmlvZBgEIAEo
            AUgAiAEBUgtzdGFydFBlcmlvZBIfCghpbnRlcnZhbBgFIAEoAUgBiAEBUghpbnRlcnZhbBIdCgd0aW1lb3V0GAYgASgBSAKI
            AQFSB3RpbWVvdXQSHQoHcmV0cmllcxgHIAEoDUgDiAEBUgdyZXRyaWVzGs8BCgRIVFRQEhIKBHBhdGgYASABKAlSBHBhdGgS
            EgoEcG9ydBgCIAEoDVIEcG9ydBIWCgZzdGF0dXMYAyADKA1SBnN0YXR1cxJLCgdoZWFkZXJzGAQgAygLMjEuYXBvbGxvLnYx
            LlRhc2tTcGVjLkhlYWx0aENoZWNrLkhUVFAuSGVhZGVyc0VudHJ5UgdoZWFkZXJzGjoKDEhlYWRlcnNFbnRyeRIQCgNrZXkY
            ASABKAlSA2tleRIUCgV2YWx1ZRgCIAEoCVIFdmFsdWU6AjgBGhkKA1RDUBISCgRwb3J0GAEgASgNUgRwb3J0GiAKBEV4ZWMS
            GAoHY29tbWFuZBgBIAMoCVIHY29tbWFuZEIPCg1fc3RhcnRfcGVyaW9kQgsKCV9pbnRlcnZhbEIKCghfdGltZW91dEIKCghf
            cmV0cmllcxpVCgZTcHJlYWQSEgoEb3ZlchgBIAEoCVIEb3ZlchImCgxtYXhpbXVtX3NrZXcYAiABKA1IAIgBAVILbWF4aW11
            bVNrZXdCDwoNX21heGltdW1fc2tldxpUCgVNb3VudBIWCgZzb3VyY2UYASABKAlSBnNvdXJjZRIWCgZ0YXJnZXQYAiABKAlS
            BnRhcmdldBIbCglyZWFkX29ubHkYAyABKAhSCHJlYWRPbmx5GlEKBlZvbHVtZRISCgRuYW1lGAEgASgJUgRuYW1lEhYKBnRh
            cmdldBgCIAEoCVIGdGFyZ2V0EhsKCXJlYWRfb25seRgDIAEoCFIIcmVhZE9ubHkabAoGU2VjcmV0EhIKBG5hbWUYASABKAlS
            BG5hbWUSGAoHdmVyc2lvbhgCIAEoA1IHdmVyc2lvbhISCgRwYXRoGAMgASgJUgRwYXRoEiAKC2Vudmlyb25tZW50GAQgASgJ
            UgtlbnZpcm9ubWVudBqEAQoEUG9ydBIcCgljb250YWluZXIYASABKA1SCWNvbnRhaW5lchISCgRob3N0GAIgASgNUgRob3N0
            EhgKB2FkZHJlc3MYAyABKAlSB2FkZHJlc3MSHAoJdHJhbnNwb3J0GAQgASgJUgl0cmFuc3BvcnQSEgoEbmFtZRgFIAEoCVIE
            bmFtZRp4CgZMaW1pdHMSEAoDY3B1GAEgASgBUgNjcHUSFgoGbWVtb3J5GAIgASgDUgZtZW1vcnkSEgoEZGlzaxgDIAEoA1IE
            ZGlzaxISCgRncHVzGAQgASgNUgRncHVzEhwKCXByb2Nlc3NlcxgFIAEoA1IJcHJvY2Vzc2VzGlUKCUNvbmRpdGlvbhIUCgVs
            YWJlbBgBIAEoCVIFbGFiZWwSGgoIcmVsYXRpb24YAiABKAlSCHJlbGF0aW9uEhYKBnZhbHVlcxgDIAMoCVIGdmFsdWVzGnEK
            ClByZWZlcmVuY2USOwoJY29uZGl0aW9uGAEgASgLMh0uYXBvbGxvLnYxLlRhc2tTcGVjLkNvbmRpdGlvblIJY29uZGl0aW9u
            EhsKBndlaWdodBgCIAEoBUgAiAEBUgZ3ZWlnaHRCCQoHX3dlaWdodBqnAgoIUmVzdGFydHMSEgoEbW9kZRgBIAEoCVIEbW9k
            ZRIfCghhdHRlbXB0cxgCIAEoDUgAiAEBUghhdHRlbXB0cxIXCgR3YWl0GAMgASgBSAGIAQFSBHdhaXQSGwoGZmFjdG9yGAQg
            ASgBSAKIAQFSBmZhY3RvchImCgxtYXhpbXVtX3dhaXQYBSABKAFIA4gBAVILbWF4aW11bVdhaXQSGwoGd2luZG93GAYgASgB
            SASIAQFSBndpbmRvdxIgCglzYW1lX25vZGUYByABKA1IBYgBAVIIc2FtZU5vZGVCCwoJX2F0dGVtcHRzQgcKBV93YWl0QgkK
            B19mYWN0b3JCDwoNX21heGltdW1fd2FpdEIJCgdfd2luZG93QgwKCl9zYW1lX25vZGVCDQoLX3N0b3BfZ3JhY2VCCgoIX3Rp
            bWVvdXRCDwoNX3N0YXJ0X3dpdGhpbkIQCg5fZmluaXNoX3dpdGhpbiLWCAoIVGFza0luZm8SDgoCaWQYASABKAlSAmlkEhIK
            BG5hbWUYAiABKAlSBG5hbWUSGAoHcHJvamVjdBgDIAEoCVIHcHJvamVjdBIaCghyZXZpc2lvbhgEIAEoA1IIcmV2aXNpb24S
            JwoEc3BlYxgFIAEoCzITLmFwb2xsby52MS5UYXNrU3BlY1IEc3BlYxIYCgdkZXNpcmVkGAYgASgJUgdkZXNpcmVkEhQKBXN0
            YXRlGAcgASgJUgVzdGF0ZRIWCgZyZWFzb24YCCABKAlSBnJlYXNvbhI3CghhdHRlbXB0cxgJIAMoCzIbLmFwb2xsby52MS5U
            YXNrSW5mby5BdHRlbXB0UghhdHRlbXB0cxIjCg1hdHRlbXB0X2NvdW50GAogASgDUgxhdHRlbXB0Q291bnQSJQoOcmVzdGFy
            dF9zdHJlYWsYCyABKANSDXJlc3RhcnRTdHJlYWsSIgoKbm90X2JlZm9yZRgMIAEoA0gAiAEBUglub3RCZWZvcmUSHQoKY3Jl
            YXRlZF9hdBgNIAEoA1IJY3JlYXRlZEF0Eh0KCmNyZWF0ZWRfYnkYDiABKAlSCWNyZWF0ZWRCeRIkCgtmaW5pc2hlZF9hdBgP
            IAEoA0gBiAEBUgpmaW5pc2hlZEF0Eh8KC25vZGVfc3RyZWFrGBAgASgDUgpub2RlU3RyZWFrEh4KCHN0YXJ0X2J5GBEgASgD
            SAKIAQFSB3N0YXJ0QnkatgMKB0F0dGVtcHQSDgoCaWQYASABKAlSAmlkEhYKBm51bWJlchgCIAEoA1IGbnVtYmVyEhIKBG5v
            ZGUYAyABKAlSBG5vZGUSFAoFZXBvY2gYBCABKANSBWVwb2NoEhQKBXN0YXRlGAUgASgJUgVzdGF0ZRIdCgpjcmVhdGVkX2F0
            GAYgASgDUgljcmVhdGVkQXQSIgoKc3RhcnRlZF9hdBgHIAEoA0gAiAEBUglzdGFydGVkQXQSHgoIZW5kZWRfYXQYCCABKANI
            AYgBAVIHZW5kZWRBdBIYCgdvdXRjb21lGAkgASgJUgdvdXRjb21lEiAKCWV4aXRfY29kZRgKIAEoBUgCiAEBUghleGl0Q29k
            ZRIWCgZyZWFzb24YCyABKAlSBnJlYXNvbhIuCgVwb3J0cxgMIAMoCzIYLmFwb2xsby52MS5UYXNrU3BlYy5Qb3J0UgVwb3J0
            cxIyCgZoZWFsdGgYDSABKAsyGi5hcG9sbG8udjEuVGFza0luZm8uSGVhbHRoUgZoZWFsdGhCDQoLX3N0YXJ0ZWRfYXRCCwoJ
            X2VuZGVkX2F0QgwKCl9leGl0X2NvZGUaTAoGSGVhbHRoEhQKBXN0YXRlGAEgASgJUgVzdGF0ZRIWCgZyZWFzb24YAiABKAlS
            BnJlYXNvbhIUCgVzaW5jZRgDIAEoA1IFc2luY2VCDQoLX25vdF9iZWZvcmVCDgoMX2ZpbmlzaGVkX2F0QgsKCV9zdGFydF9i
            eTL8AgoFVGFza3MSNQoDR2V0EhkuYXBvbGxvLnYxLkdldFRhc2tSZXF1ZXN0GhMuYXBvbGxvLnYxLlRhc2tJbmZvEkEKBExp
            c3QSGy5hcG9sbG8udjEuTGlzdFRhc2tzUmVxdWVzdBocLmFwb2xsby52MS5MaXN0VGFza3NSZXNwb25zZRI8CgVXYXRjaBIb
            LmFwb2xsby52MS5XYXRjaFRhc2tSZXF1ZXN0GhQuYXBvbGxvLnYxLlRhc2tFdmVudDABEjsKBkNyZWF0ZRIcLmFwb2xsby52
            MS5DcmVhdGVUYXNrUmVxdWVzdBoTLmFwb2xsby52MS5UYXNrSW5mbxI3CgRTdG9wEhouYXBvbGxvLnYxLlN0b3BUYXNrUmVx
            dWVzdBoTLmFwb2xsby52MS5UYXNrSW5mbxJFCgZSZW1vdmUSHC5hcG9sbG8udjEuUmVtb3ZlVGFza1JlcXVlc3QaHS5hcG9s
            bG8udjEuUmVtb3ZlVGFza1Jlc3BvbnNlYgZwcm90bzM
            """)
}
