// Made by protoc-gen-apollo of worker.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// Who asks, in every call: the epoch of the manager that leads. A lower one than the worker has seen is refused.
public struct Asking: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Asking" }

    public var epoch: Int64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(epoch: Int64 = 0) {
        self.epoch = epoch
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// `apollo.worker.v1.Done`.
public struct Done: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Done" }

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

/// `apollo.worker.v1.Description`.
public struct Description: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Description" }

    /// The node, as the API has it.
    public var nodeJSON: [UInt8] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(nodeJSON: [UInt8] = []) {
        self.nodeJSON = nodeJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.nodeJSON = try reader.bytes()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.nodeJSON.isEmpty { writer.bytes(1, self.nodeJSON) }
    }
}

/// `apollo.worker.v1.Measurement`.
public struct Measurement: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Measurement" }

    /// As the API has it; absent where the machine does not tell.
    public var metricsJSON: [UInt8]?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(metricsJSON: [UInt8]? = nil) {
        self.metricsJSON = metricsJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.metricsJSON = try reader.bytes()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.metricsJSON { writer.bytes(1, value) }
    }
}

/// One order of a session.
public struct Order: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Order" }

    /// What `kind` can be.
    public enum Kind: Hashable, Sendable {
        case hello(Hello)
        case launch(Launch)
        case cancelLaunch(Place)
        case watch(Place)
        case stop(Stop)
        case remove(Place)
        case discard(Place)
        case probe(Probe)
        case services(Services)
        /// Orders that travel together; only to a worker whose welcome says that it reads them.
        case batch(Batch)
    }

    public var kind: Kind?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(kind: Kind? = nil) {
        self.kind = kind
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = Hello()
                if case .hello(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .hello(value)
            case 18:
                var value = Launch()
                if case .launch(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .launch(value)
            case 26:
                var value = Place()
                if case .cancelLaunch(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .cancelLaunch(value)
            case 34:
                var value = Place()
                if case .watch(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .watch(value)
            case 42:
                var value = Stop()
                if case .stop(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .stop(value)
            case 50:
                var value = Place()
                if case .remove(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .remove(value)
            case 58:
                var value = Place()
                if case .discard(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .discard(value)
            case 66:
                var value = Probe()
                if case .probe(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .probe(value)
            case 74:
                var value = Services()
                if case .services(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .services(value)
            case 82:
                var value = Batch()
                if case .batch(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .batch(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.kind {
        case .hello(let value)?: writer.message(1, value)
        case .launch(let value)?: writer.message(2, value)
        case .cancelLaunch(let value)?: writer.message(3, value)
        case .watch(let value)?: writer.message(4, value)
        case .stop(let value)?: writer.message(5, value)
        case .remove(let value)?: writer.message(6, value)
        case .discard(let value)?: writer.message(7, value)
        case .probe(let value)?: writer.message(8, value)
        case .services(let value)?: writer.message(9, value)
        case .batch(let value)?: writer.message(10, value)
        case nil: break
        }
    }
}

/// Messages of a session that travel as one, in their order, each as it would travel alone. There is none in another.
public struct Batch: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Batch" }

    public var message: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(message: [[UInt8]] = []) {
        self.message = message
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.message.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.message.reversed() { writer.bytes(1, value) }
    }
}

/// Where tasks answer that others look for. What a session says first is whole; what follows are differences.
public struct Services: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Services" }

    /// What was said before is void.
    public var isWhole: Bool = false
    /// Each as JSON, as the API has it.
    public var endpointJSON: [[UInt8]] = []
    /// Tasks that answer no more.
    public var removedTask: [String] = []
    /// Only with the next one it is all.
    public var continues: Bool = false
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        isWhole: Bool = false, endpointJSON: [[UInt8]] = [], removedTask: [String] = [],
        continues: Bool = false
    ) {
        self.isWhole = isWhole
        self.endpointJSON = endpointJSON
        self.removedTask = removedTask
        self.continues = continues
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.isWhole = try reader.bool()
            case 18: self.endpointJSON.append(try reader.bytes())
            case 26: self.removedTask.append(try reader.string())
            case 32: self.continues = try reader.bool()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.continues { writer.bool(4, self.continues) }
        for value in self.removedTask.reversed() { writer.string(3, value) }
        for value in self.endpointJSON.reversed() { writer.bytes(2, value) }
        if self.isWhole { writer.bool(1, self.isWhole) }
    }
}

/// Begins a session.
public struct Hello: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Hello" }

    public var epoch: Int64 = 0
    /// The node that is meant, so that orders for one never reach another at its address.
    public var node: String = ""
    /// How long the worker may go without a sign of the manager, in milliseconds, before it does what the tasks say to do then.
    public var leaseMs: Int64 = 0
    /// What this manager can do beside: "batches" where it reads reports that travel together.
    public var capability: [String] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(epoch: Int64 = 0, node: String = "", leaseMs: Int64 = 0, capability: [String] = []) {
        self.epoch = epoch
        self.node = node
        self.leaseMs = leaseMs
        self.capability = capability
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 18: self.node = try reader.string()
            case 24: self.leaseMs = try reader.int64()
            case 34: self.capability.append(try reader.string())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.capability.reversed() { writer.string(4, value) }
        if self.leaseMs != 0 { writer.int64(3, self.leaseMs) }
        if !self.node.isEmpty { writer.string(2, self.node) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// Start an attempt, then watch it.
public struct Launch: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Launch" }

    public var attempt: String = ""
    public var task: String = ""
    public var taskName: String = ""
    public var project: String = ""
    /// The specification, as the API has it.
    public var specJSON: [UInt8] = []
    /// The GPUs of the machine that it has alone, each as JSON, as the API has it.
    public var gpuJSON: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        attempt: String = "", task: String = "", taskName: String = "", project: String = "",
        specJSON: [UInt8] = [], gpuJSON: [[UInt8]] = []
    ) {
        self.attempt = attempt
        self.task = task
        self.taskName = taskName
        self.project = project
        self.specJSON = specJSON
        self.gpuJSON = gpuJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.attempt = try reader.string()
            case 18: self.task = try reader.string()
            case 26: self.taskName = try reader.string()
            case 34: self.project = try reader.string()
            case 42: self.specJSON = try reader.bytes()
            case 50: self.gpuJSON.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.gpuJSON.reversed() { writer.bytes(6, value) }
        if !self.specJSON.isEmpty { writer.bytes(5, self.specJSON) }
        if !self.project.isEmpty { writer.string(4, self.project) }
        if !self.taskName.isEmpty { writer.string(3, self.taskName) }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.attempt.isEmpty { writer.string(1, self.attempt) }
    }
}

/// Where an attempt is.
public struct Place: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Place" }

    public var task: String = ""
    public var attempt: String = ""
    public var runtime: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(task: String = "", attempt: String = "", runtime: String = "") {
        self.task = task
        self.attempt = attempt
        self.runtime = runtime
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.task = try reader.string()
            case 18: self.attempt = try reader.string()
            case 26: self.runtime = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.runtime.isEmpty { writer.string(3, self.runtime) }
        if !self.attempt.isEmpty { writer.string(2, self.attempt) }
        if !self.task.isEmpty { writer.string(1, self.task) }
    }
}

/// Probe an attempt that runs, until it is ended.
public struct Probe: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Probe" }

    public var place: Place?
    /// The check, and the ports given, each as JSON, as the API has it.
    public var checkJSON: [UInt8] = []
    public var portJSON: [[UInt8]] = []
    /// What was known of its health last: starting, healthy.
    public var known: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(place: Place? = nil, checkJSON: [UInt8] = [], portJSON: [[UInt8]] = [], known: String = "") {
        self.place = place
        self.checkJSON = checkJSON
        self.portJSON = portJSON
        self.known = known
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(into: &self.place)
            case 18: self.checkJSON = try reader.bytes()
            case 26: self.portJSON.append(try reader.bytes())
            case 34: self.known = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.known.isEmpty { writer.string(4, self.known) }
        for value in self.portJSON.reversed() { writer.bytes(3, value) }
        if !self.checkJSON.isEmpty { writer.bytes(2, self.checkJSON) }
        if let value = self.place { writer.message(1, value) }
    }
}

/// `apollo.worker.v1.Stop`.
public struct Stop: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Stop" }

    public var place: Place?
    public var graceMs: Int64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(place: Place? = nil, graceMs: Int64 = 0) {
        self.place = place
        self.graceMs = graceMs
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(into: &self.place)
            case 16: self.graceMs = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.graceMs != 0 { writer.int64(2, self.graceMs) }
        if let value = self.place { writer.message(1, value) }
    }
}

/// One report of a session.
public struct Report: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Report" }

    /// What `kind` can be.
    public enum Kind: Hashable, Sendable {
        /// The hello was accepted.
        case welcome(Welcome)
        case attempt(AttemptNews)
        case progress(Progress)
        /// All runtimes, each as JSON, as the API has it.
        case runtimes(Runtimes)
        case attempts(Attempts)
        /// Something went wrong that is nobody's attempt.
        case problem(String)
        /// The worker is done with this session, and why: nothing follows, and no order is carried out any more.
        case goodbye(String)
        /// Which GPUs the machine has now, where they are others than before.
        case gpus(GPUs)
        /// Reports that travel together; only to a manager whose hello says that it reads them.
        case batch(Batch)
    }

    public var kind: Kind?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(kind: Kind? = nil) {
        self.kind = kind
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = Welcome()
                if case .welcome(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .welcome(value)
            case 18:
                var value = AttemptNews()
                if case .attempt(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .attempt(value)
            case 26:
                var value = Progress()
                if case .progress(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .progress(value)
            case 34:
                var value = Runtimes()
                if case .runtimes(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .runtimes(value)
            case 42:
                var value = Attempts()
                if case .attempts(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .attempts(value)
            case 50: self.kind = .problem(try reader.string())
            case 58: self.kind = .goodbye(try reader.string())
            case 66:
                var value = GPUs()
                if case .gpus(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .gpus(value)
            case 74:
                var value = Batch()
                if case .batch(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .batch(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.kind {
        case .welcome(let value)?: writer.message(1, value)
        case .attempt(let value)?: writer.message(2, value)
        case .progress(let value)?: writer.message(3, value)
        case .runtimes(let value)?: writer.message(4, value)
        case .attempts(let value)?: writer.message(5, value)
        case .problem(let value)?: writer.string(6, value)
        case .goodbye(let value)?: writer.string(7, value)
        case .gpus(let value)?: writer.message(8, value)
        case .batch(let value)?: writer.message(9, value)
        case nil: break
        }
    }
}

/// `apollo.worker.v1.Welcome`.
public struct Welcome: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Welcome" }

    public var version: String = ""
    /// What this worker can do beside: "batches" where it reads orders that travel together.
    public var capability: [String] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(version: String = "", capability: [String] = []) {
        self.version = version
        self.capability = capability
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.version = try reader.string()
            case 18: self.capability.append(try reader.string())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.capability.reversed() { writer.string(2, value) }
        if !self.version.isEmpty { writer.string(1, self.version) }
    }
}

/// `apollo.worker.v1.Runtimes`.
public struct Runtimes: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Runtimes" }

    public var runtimeJSON: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(runtimeJSON: [[UInt8]] = []) {
        self.runtimeJSON = runtimeJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.runtimeJSON.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.runtimeJSON.reversed() { writer.bytes(1, value) }
    }
}

/// `apollo.worker.v1.GPUs`.
public struct GPUs: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.GPUs" }

    /// Each as JSON, as the API has it.
    public var gpuJSON: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(gpuJSON: [[UInt8]] = []) {
        self.gpuJSON = gpuJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.gpuJSON.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.gpuJSON.reversed() { writer.bytes(1, value) }
    }
}

/// What became of an attempt.
public struct AttemptNews: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.AttemptNews" }

    /// What `event` can be.
    public enum Event: Hashable, Sendable {
        case started(Started)
        case startFailed(StartFailed)
        /// Why nobody knows whether it started.
        case startUnclear(String)
        case startCancelled(Done)
        case exited(Exit)
        case health(HealthNews)
    }

    public var attempt: String = ""
    public var task: String = ""
    public var event: Event?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(attempt: String = "", task: String = "", event: Event? = nil) {
        self.attempt = attempt
        self.task = task
        self.event = event
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.attempt = try reader.string()
            case 18: self.task = try reader.string()
            case 26:
                var value = Started()
                if case .started(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .started(value)
            case 34:
                var value = StartFailed()
                if case .startFailed(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .startFailed(value)
            case 42: self.event = .startUnclear(try reader.string())
            case 50:
                var value = Done()
                if case .startCancelled(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .startCancelled(value)
            case 58:
                var value = Exit()
                if case .exited(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .exited(value)
            case 66:
                var value = HealthNews()
                if case .health(let current)? = self.event { value = current }
                try reader.message(into: &value)
                self.event = .health(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.event {
        case .started(let value)?: writer.message(3, value)
        case .startFailed(let value)?: writer.message(4, value)
        case .startUnclear(let value)?: writer.string(5, value)
        case .startCancelled(let value)?: writer.message(6, value)
        case .exited(let value)?: writer.message(7, value)
        case .health(let value)?: writer.message(8, value)
        case nil: break
        }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.attempt.isEmpty { writer.string(1, self.attempt) }
    }
}

/// `apollo.worker.v1.Started`.
public struct Started: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Started" }

    /// Microseconds since 1970, by the worker's clock.
    public var at: Int64 = 0
    /// The ports given, each as JSON, as the API has it.
    public var portJSON: [[UInt8]] = []
    public var warnings: [String] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(at: Int64 = 0, portJSON: [[UInt8]] = [], warnings: [String] = []) {
        self.at = at
        self.portJSON = portJSON
        self.warnings = warnings
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.at = try reader.int64()
            case 18: self.portJSON.append(try reader.bytes())
            case 26: self.warnings.append(try reader.string())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.warnings.reversed() { writer.string(3, value) }
        for value in self.portJSON.reversed() { writer.bytes(2, value) }
        if self.at != 0 { writer.int64(1, self.at) }
    }
}

/// `apollo.worker.v1.StartFailed`.
public struct StartFailed: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.StartFailed" }

    public var reason: String = ""
    public var retry: Bool = false
    /// Ports of the node that it was to have and something else has; those of UDP 65536 higher.
    public var busyPort: [UInt32] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(reason: String = "", retry: Bool = false, busyPort: [UInt32] = []) {
        self.reason = reason
        self.retry = retry
        self.busyPort = busyPort
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.reason = try reader.string()
            case 16: self.retry = try reader.bool()
            case 24: self.busyPort.append(try reader.uint32())
            case 26: try reader.packedUInt32(into: &self.busyPort)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.packedUInt32(3, self.busyPort)
        if self.retry { writer.bool(2, self.retry) }
        if !self.reason.isEmpty { writer.string(1, self.reason) }
    }
}

/// What the probes of an attempt say now.
public struct HealthNews: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.HealthNews" }

    /// starting, healthy, unhealthy.
    public var state: String = ""
    public var reason: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(state: String = "", reason: String = "") {
        self.state = state
        self.reason = reason
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.state = try reader.string()
            case 18: self.reason = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.reason.isEmpty { writer.string(2, self.reason) }
        if !self.state.isEmpty { writer.string(1, self.state) }
    }
}

/// `apollo.worker.v1.Exit`.
public struct Exit: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Exit" }

    /// Absent when nobody saw it end.
    public var code: Int32?
    public var at: Int64 = 0
    public var reason: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(code: Int32? = nil, at: Int64 = 0, reason: String = "") {
        self.code = code
        self.at = at
        self.reason = reason
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.code = try reader.int32()
            case 16: self.at = try reader.int64()
            case 26: self.reason = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.reason.isEmpty { writer.string(3, self.reason) }
        if self.at != 0 { writer.int64(2, self.at) }
        if let value = self.code { writer.int32(1, value) }
    }
}

/// `apollo.worker.v1.Progress`.
public struct Progress: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Progress" }

    public var attempt: String = ""
    public var task: String = ""
    public var activity: String = ""
    public var completedBytes: Int64?
    public var totalBytes: Int64?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        attempt: String = "", task: String = "", activity: String = "", completedBytes: Int64? = nil,
        totalBytes: Int64? = nil
    ) {
        self.attempt = attempt
        self.task = task
        self.activity = activity
        self.completedBytes = completedBytes
        self.totalBytes = totalBytes
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.attempt = try reader.string()
            case 18: self.task = try reader.string()
            case 26: self.activity = try reader.string()
            case 32: self.completedBytes = try reader.int64()
            case 40: self.totalBytes = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.totalBytes { writer.int64(5, value) }
        if let value = self.completedBytes { writer.int64(4, value) }
        if !self.activity.isEmpty { writer.string(3, self.activity) }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.attempt.isEmpty { writer.string(1, self.attempt) }
    }
}

/// What runtimes have. One that does not answer is left out.
public struct Attempts: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Attempts" }

    public var runtimes: [RuntimeAttempts] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(runtimes: [RuntimeAttempts] = []) {
        self.runtimes = runtimes
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(appendingTo: &self.runtimes)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(1, self.runtimes)
    }
}

/// `apollo.worker.v1.RuntimeAttempts`.
public struct RuntimeAttempts: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.RuntimeAttempts" }

    public var runtime: String = ""
    public var attempts: [Found] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(runtime: String = "", attempts: [Found] = []) {
        self.runtime = runtime
        self.attempts = attempts
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.runtime = try reader.string()
            case 18: try reader.message(appendingTo: &self.attempts)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(2, self.attempts)
        if !self.runtime.isEmpty { writer.string(1, self.runtime) }
    }
}

/// `apollo.worker.v1.Found`.
public struct Found: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Found" }

    public var attempt: String = ""
    public var task: String = ""
    public var startedAt: Int64 = 0
    public var portJSON: [[UInt8]] = []
    /// Absent while it runs.
    public var exit: Exit?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        attempt: String = "", task: String = "", startedAt: Int64 = 0, portJSON: [[UInt8]] = [],
        exit: Exit? = nil
    ) {
        self.attempt = attempt
        self.task = task
        self.startedAt = startedAt
        self.portJSON = portJSON
        self.exit = exit
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.attempt = try reader.string()
            case 18: self.task = try reader.string()
            case 24: self.startedAt = try reader.int64()
            case 34: self.portJSON.append(try reader.bytes())
            case 42: try reader.message(into: &self.exit)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.exit { writer.message(5, value) }
        for value in self.portJSON.reversed() { writer.bytes(4, value) }
        if self.startedAt != 0 { writer.int64(3, self.startedAt) }
        if !self.task.isEmpty { writer.string(2, self.task) }
        if !self.attempt.isEmpty { writer.string(1, self.attempt) }
    }
}

/// `apollo.worker.v1.PlaceQuery`.
public struct PlaceQuery: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.PlaceQuery" }

    public var epoch: Int64 = 0
    public var place: Place?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(epoch: Int64 = 0, place: Place? = nil) {
        self.epoch = epoch
        self.place = place
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 18: try reader.message(into: &self.place)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.place { writer.message(2, value) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// `apollo.worker.v1.VolumeQuery`.
public struct VolumeQuery: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.VolumeQuery" }

    public var epoch: Int64 = 0
    public var project: String = ""
    public var name: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(epoch: Int64 = 0, project: String = "", name: String = "") {
        self.epoch = epoch
        self.project = project
        self.name = name
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 18: self.project = try reader.string()
            case 26: self.name = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.name.isEmpty { writer.string(3, self.name) }
        if !self.project.isEmpty { writer.string(2, self.project) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// `apollo.worker.v1.UsageAnswer`.
public struct UsageAnswer: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.UsageAnswer" }

    /// Absent when it has ended.
    public var usage: Usage?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(usage: Usage? = nil) {
        self.usage = usage
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(into: &self.usage)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.usage { writer.message(1, value) }
    }
}

/// `apollo.worker.v1.Usage`.
public struct Usage: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.Usage" }

    public var cpuSeconds: Double = 0
    public var memory: Int64 = 0
    public var processes: Int64 = 0
    /// Of disks, so far.
    public var readBytes: Int64?
    public var writtenBytes: Int64?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        cpuSeconds: Double = 0, memory: Int64 = 0, processes: Int64 = 0, readBytes: Int64? = nil,
        writtenBytes: Int64? = nil
    ) {
        self.cpuSeconds = cpuSeconds
        self.memory = memory
        self.processes = processes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: self.cpuSeconds = try reader.double()
            case 16: self.memory = try reader.int64()
            case 24: self.processes = try reader.int64()
            case 32: self.readBytes = try reader.int64()
            case 40: self.writtenBytes = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.writtenBytes { writer.int64(5, value) }
        if let value = self.readBytes { writer.int64(4, value) }
        if self.processes != 0 { writer.int64(3, self.processes) }
        if self.memory != 0 { writer.int64(2, self.memory) }
        if self.cpuSeconds.bitPattern != 0 { writer.double(1, self.cpuSeconds) }
    }
}

/// `apollo.worker.v1.LogRequest`.
public struct LogRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.LogRequest" }

    public var epoch: Int64 = 0
    public var place: Place?
    public var follow: Bool = false
    /// Microseconds since 1970.
    public var since: Int64?
    public var tail: Int64?
    /// What comes after this end of a piece.
    public var offset: Int64?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        epoch: Int64 = 0, place: Place? = nil, follow: Bool = false, since: Int64? = nil, tail: Int64? = nil,
        offset: Int64? = nil
    ) {
        self.epoch = epoch
        self.place = place
        self.follow = follow
        self.since = since
        self.tail = tail
        self.offset = offset
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 18: try reader.message(into: &self.place)
            case 24: self.follow = try reader.bool()
            case 32: self.since = try reader.int64()
            case 40: self.tail = try reader.int64()
            case 48: self.offset = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.offset { writer.int64(6, value) }
        if let value = self.tail { writer.int64(5, value) }
        if let value = self.since { writer.int64(4, value) }
        if self.follow { writer.bool(3, self.follow) }
        if let value = self.place { writer.message(2, value) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// `apollo.worker.v1.LogHandle`.
public struct LogHandle: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.LogHandle" }

    public var epoch: Int64 = 0
    public var reader: UInt64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(epoch: Int64 = 0, reader: UInt64 = 0) {
        self.epoch = epoch
        self.reader = reader
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 16: self.reader = try reader.uint64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.reader != 0 { writer.uint64(2, self.reader) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// Pieces of output in order; none at the end.
public struct LogPieces: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.LogPieces" }

    public var pieces: [LogPiece] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(pieces: [LogPiece] = []) {
        self.pieces = pieces
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(appendingTo: &self.pieces)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(1, self.pieces)
    }
}

/// `apollo.worker.v1.LogPiece`.
public struct LogPiece: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.LogPiece" }

    public var isError: Bool = false
    public var time: Int64 = 0
    public var bytes: [UInt8] = []
    /// The place behind it, where reading can go on.
    public var end: Int64?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(isError: Bool = false, time: Int64 = 0, bytes: [UInt8] = [], end: Int64? = nil) {
        self.isError = isError
        self.time = time
        self.bytes = bytes
        self.end = end
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.isError = try reader.bool()
            case 16: self.time = try reader.int64()
            case 26: self.bytes = try reader.bytes()
            case 32: self.end = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.end { writer.int64(4, value) }
        if !self.bytes.isEmpty { writer.bytes(3, self.bytes) }
        if self.time != 0 { writer.int64(2, self.time) }
        if self.isError { writer.bool(1, self.isError) }
    }
}

/// `apollo.worker.v1.ExecOrder`.
public struct ExecOrder: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.ExecOrder" }

    public var epoch: Int64 = 0
    public var place: Place?
    public var command: [String] = []
    public var takesInput: Bool = false
    /// Absent for pipes.
    public var terminal: ExecTerminal?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        epoch: Int64 = 0, place: Place? = nil, command: [String] = [], takesInput: Bool = false,
        terminal: ExecTerminal? = nil
    ) {
        self.epoch = epoch
        self.place = place
        self.command = command
        self.takesInput = takesInput
        self.terminal = terminal
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.epoch = try reader.int64()
            case 18: try reader.message(into: &self.place)
            case 26: self.command.append(try reader.string())
            case 32: self.takesInput = try reader.bool()
            case 42: try reader.message(into: &self.terminal)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.terminal { writer.message(5, value) }
        if self.takesInput { writer.bool(4, self.takesInput) }
        for value in self.command.reversed() { writer.string(3, value) }
        if let value = self.place { writer.message(2, value) }
        if self.epoch != 0 { writer.int64(1, self.epoch) }
    }
}

/// `apollo.worker.v1.ExecTerminal`.
public struct ExecTerminal: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.ExecTerminal" }

    public var size: WindowSize?
    /// What TERM says.
    public var type: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(size: WindowSize? = nil, type: String = "") {
        self.size = size
        self.type = type
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(into: &self.size)
            case 18: self.type = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.type.isEmpty { writer.string(2, self.type) }
        if let value = self.size { writer.message(1, value) }
    }
}

/// `apollo.worker.v1.WindowSize`.
public struct WindowSize: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.WindowSize" }

    public var columns: UInt32 = 0
    public var rows: UInt32 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(columns: UInt32 = 0, rows: UInt32 = 0) {
        self.columns = columns
        self.rows = rows
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.columns = try reader.uint32()
            case 16: self.rows = try reader.uint32()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.rows != 0 { writer.uint32(2, self.rows) }
        if self.columns != 0 { writer.uint32(1, self.columns) }
    }
}

/// `apollo.worker.v1.ExecInputPiece`.
public struct ExecInputPiece: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.ExecInputPiece" }

    /// What `kind` can be.
    public enum Kind: Hashable, Sendable {
        indirect case order(ExecOrder)
        case input([UInt8])
        case end(Done)
        case size(WindowSize)
    }

    public var kind: Kind?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(kind: Kind? = nil) {
        self.kind = kind
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = ExecOrder()
                if case .order(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .order(value)
            case 18: self.kind = .input(try reader.bytes())
            case 26:
                var value = Done()
                if case .end(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .end(value)
            case 34:
                var value = WindowSize()
                if case .size(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .size(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.kind {
        case .order(let value)?: writer.message(1, value)
        case .input(let value)?: writer.bytes(2, value)
        case .end(let value)?: writer.message(3, value)
        case .size(let value)?: writer.message(4, value)
        case nil: break
        }
    }
}

/// `apollo.worker.v1.ExecNews`.
public struct ExecNews: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.ExecNews" }

    /// What `kind` can be.
    public enum Kind: Hashable, Sendable {
        case started(Done)
        case output([UInt8])
        case errors([UInt8])
        /// The last.
        case end(ExecEnd)
    }

    public var kind: Kind?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(kind: Kind? = nil) {
        self.kind = kind
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var value = Done()
                if case .started(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .started(value)
            case 18: self.kind = .output(try reader.bytes())
            case 26: self.kind = .errors(try reader.bytes())
            case 34:
                var value = ExecEnd()
                if case .end(let current)? = self.kind { value = current }
                try reader.message(into: &value)
                self.kind = .end(value)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        switch self.kind {
        case .started(let value)?: writer.message(1, value)
        case .output(let value)?: writer.bytes(2, value)
        case .errors(let value)?: writer.bytes(3, value)
        case .end(let value)?: writer.message(4, value)
        case nil: break
        }
    }
}

/// `apollo.worker.v1.ExecEnd`.
public struct ExecEnd: ProtobufMessage {
    public static var protobufName: String { "apollo.worker.v1.ExecEnd" }

    public var code: Int32 = 0
    public var reason: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(code: Int32 = 0, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.code = try reader.int32()
            case 18: self.reason = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.reason.isEmpty { writer.string(2, self.reason) }
        if self.code != 0 { writer.int32(1, self.code) }
    }
}

/// The methods of `apollo.worker.v1.Worker`.
public enum WorkerMethods {
    public static let session = RPCMethod<Order, Report>(
        service: "apollo.worker.v1.Worker", name: "Session", kind: .bidirectional,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Order(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Report(protobuf: $0) }))
    public static let describe = RPCMethod<Asking, Description>(
        service: "apollo.worker.v1.Worker", name: "Describe", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Asking(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Description(protobuf: $0) }))
    public static let refresh = RPCMethod<Asking, Done>(
        service: "apollo.worker.v1.Worker", name: "Refresh", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Asking(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Done(protobuf: $0) }))
    public static let measure = RPCMethod<Asking, Measurement>(
        service: "apollo.worker.v1.Worker", name: "Measure", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Asking(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Measurement(protobuf: $0) }))
    public static let list = RPCMethod<Asking, Attempts>(
        service: "apollo.worker.v1.Worker", name: "List", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Asking(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Attempts(protobuf: $0) }))
    public static let usage = RPCMethod<PlaceQuery, UsageAnswer>(
        service: "apollo.worker.v1.Worker", name: "Usage", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try PlaceQuery(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try UsageAnswer(protobuf: $0) }))
    public static let removeVolume = RPCMethod<VolumeQuery, Done>(
        service: "apollo.worker.v1.Worker", name: "RemoveVolume", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try VolumeQuery(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Done(protobuf: $0) }))
    public static let openLog = RPCMethod<LogRequest, LogHandle>(
        service: "apollo.worker.v1.Worker", name: "OpenLog", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LogRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LogHandle(protobuf: $0) }))
    public static let readLog = RPCMethod<LogHandle, LogPieces>(
        service: "apollo.worker.v1.Worker", name: "ReadLog", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LogHandle(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LogPieces(protobuf: $0) }))
    public static let closeLog = RPCMethod<LogHandle, Done>(
        service: "apollo.worker.v1.Worker", name: "CloseLog", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LogHandle(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Done(protobuf: $0) }))
    public static let exec = RPCMethod<ExecInputPiece, ExecNews>(
        service: "apollo.worker.v1.Worker", name: "Exec", kind: .bidirectional,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ExecInputPiece(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try ExecNews(protobuf: $0) }))
}

/// A worker: runs attempts on its machine.
///
/// What answers its calls; `service` is what a server is given.
public protocol WorkerService: Sendable {
    /// Carries out orders as they come, and reports what comes of them. The first order is the hello. One session at a time: a later
    /// one of the same epoch, or of a higher one, ends the one before; one of a lower epoch is refused.
    func session(_ requests: RPCReader<Order>, to responses: RPCWriter<Report>, context: RPCContext) async throws
    /// What the machine is and has, its runtimes probed now.
    func describe(_ request: Asking, context: RPCContext) async throws -> Description
    /// Looks at the runtimes now, and reports what changed.
    func refresh(_ request: Asking, context: RPCContext) async throws -> Done
    /// What the machine is busy with now.
    func measure(_ request: Asking, context: RPCContext) async throws -> Measurement
    /// Every attempt on the machine.
    func list(_ request: Asking, context: RPCContext) async throws -> Attempts
    /// What an attempt uses now.
    func usage(_ request: PlaceQuery, context: RPCContext) async throws -> UsageAnswer
    /// Removes a volume of the machine with all that is in it; nothing where it is not there.
    func removeVolume(_ request: VolumeQuery, context: RPCContext) async throws -> Done
    /// Begins to read what an attempt wrote.
    func openLog(_ request: LogRequest, context: RPCContext) async throws -> LogHandle
    /// The next pieces, waited for where the attempt still runs and more was asked for.
    func readLog(_ request: LogHandle, context: RPCContext) async throws -> LogPieces
    /// Gives up reading.
    func closeLog(_ request: LogHandle, context: RPCContext) async throws -> Done
    /// Runs a program beside an attempt, as long as the call lasts. The first message says which; input and output follow as they are.
    func exec(_ requests: RPCReader<ExecInputPiece>, to responses: RPCWriter<ExecNews>, context: RPCContext) async throws
}

extension WorkerService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("apollo.worker.v1.Worker", [
            .bidirectional(WorkerMethods.session) { try await self.session($0, to: $1, context: $2) },
            .unary(WorkerMethods.describe) { try await self.describe($0, context: $1) },
            .unary(WorkerMethods.refresh) { try await self.refresh($0, context: $1) },
            .unary(WorkerMethods.measure) { try await self.measure($0, context: $1) },
            .unary(WorkerMethods.list) { try await self.list($0, context: $1) },
            .unary(WorkerMethods.usage) { try await self.usage($0, context: $1) },
            .unary(WorkerMethods.removeVolume) { try await self.removeVolume($0, context: $1) },
            .unary(WorkerMethods.openLog) { try await self.openLog($0, context: $1) },
            .unary(WorkerMethods.readLog) { try await self.readLog($0, context: $1) },
            .unary(WorkerMethods.closeLog) { try await self.closeLog($0, context: $1) },
            .bidirectional(WorkerMethods.exec) { try await self.exec($0, to: $1, context: $2) },
        ])
    }
}

/// A worker: runs attempts on its machine.
///
/// Calls it.
public struct WorkerClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// Carries out orders as they come, and reports what comes of them. The first order is the hello. One session at a time: a later
    /// one of the same epoch, or of a higher one, ends the one before; one of a lower epoch is refused.
    public func session<Result: Sendable>(
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<Order>, RPCReader<Report>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(WorkerMethods.session, options: options, body)
    }

    /// What the machine is and has, its runtimes probed now.
    public func describe(_ request: Asking, options: RPCCallOptions = RPCCallOptions()) async throws -> Description {
        try await calls.call(WorkerMethods.describe, request, options: options)
    }

    /// Looks at the runtimes now, and reports what changed.
    public func refresh(_ request: Asking, options: RPCCallOptions = RPCCallOptions()) async throws -> Done {
        try await calls.call(WorkerMethods.refresh, request, options: options)
    }

    /// What the machine is busy with now.
    public func measure(_ request: Asking, options: RPCCallOptions = RPCCallOptions()) async throws -> Measurement {
        try await calls.call(WorkerMethods.measure, request, options: options)
    }

    /// Every attempt on the machine.
    public func list(_ request: Asking, options: RPCCallOptions = RPCCallOptions()) async throws -> Attempts {
        try await calls.call(WorkerMethods.list, request, options: options)
    }

    /// What an attempt uses now.
    public func usage(_ request: PlaceQuery, options: RPCCallOptions = RPCCallOptions()) async throws -> UsageAnswer {
        try await calls.call(WorkerMethods.usage, request, options: options)
    }

    /// Removes a volume of the machine with all that is in it; nothing where it is not there.
    public func removeVolume(_ request: VolumeQuery, options: RPCCallOptions = RPCCallOptions()) async throws -> Done {
        try await calls.call(WorkerMethods.removeVolume, request, options: options)
    }

    /// Begins to read what an attempt wrote.
    public func openLog(_ request: LogRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> LogHandle {
        try await calls.call(WorkerMethods.openLog, request, options: options)
    }

    /// The next pieces, waited for where the attempt still runs and more was asked for.
    public func readLog(_ request: LogHandle, options: RPCCallOptions = RPCCallOptions()) async throws -> LogPieces {
        try await calls.call(WorkerMethods.readLog, request, options: options)
    }

    /// Gives up reading.
    public func closeLog(_ request: LogHandle, options: RPCCallOptions = RPCCallOptions()) async throws -> Done {
        try await calls.call(WorkerMethods.closeLog, request, options: options)
    }

    /// Runs a program beside an attempt, as long as the call lasts. The first message says which; input and output follow as they are.
    public func exec<Result: Sendable>(
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<ExecInputPiece>, RPCReader<ExecNews>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(WorkerMethods.exec, options: options, body)
    }
}

extension ProtobufFile {
    /// `worker.proto`.
    public static let worker = ProtobufFile(
        name: "worker.proto",
        dependencies: [],
        symbols: [
            "apollo.worker.v1.Asking",
            "apollo.worker.v1.AttemptNews",
            "apollo.worker.v1.Attempts",
            "apollo.worker.v1.Batch",
            "apollo.worker.v1.Description",
            "apollo.worker.v1.Done",
            "apollo.worker.v1.ExecEnd",
            "apollo.worker.v1.ExecInputPiece",
            "apollo.worker.v1.ExecNews",
            "apollo.worker.v1.ExecOrder",
            "apollo.worker.v1.ExecTerminal",
            "apollo.worker.v1.Exit",
            "apollo.worker.v1.Found",
            "apollo.worker.v1.GPUs",
            "apollo.worker.v1.HealthNews",
            "apollo.worker.v1.Hello",
            "apollo.worker.v1.Launch",
            "apollo.worker.v1.LogHandle",
            "apollo.worker.v1.LogPiece",
            "apollo.worker.v1.LogPieces",
            "apollo.worker.v1.LogRequest",
            "apollo.worker.v1.Measurement",
            "apollo.worker.v1.Order",
            "apollo.worker.v1.Place",
            "apollo.worker.v1.PlaceQuery",
            "apollo.worker.v1.Probe",
            "apollo.worker.v1.Progress",
            "apollo.worker.v1.Report",
            "apollo.worker.v1.RuntimeAttempts",
            "apollo.worker.v1.Runtimes",
            "apollo.worker.v1.Services",
            "apollo.worker.v1.StartFailed",
            "apollo.worker.v1.Started",
            "apollo.worker.v1.Stop",
            "apollo.worker.v1.Usage",
            "apollo.worker.v1.UsageAnswer",
            "apollo.worker.v1.VolumeQuery",
            "apollo.worker.v1.Welcome",
            "apollo.worker.v1.WindowSize",
            "apollo.worker.v1.Worker",
        ],
        descriptor: """
            Cgx3b3JrZXIucHJvdG8SEGFwb2xsby53b3JrZXIudjEiHgoGQXNraW5nEhQKBWVwb2NoGAEgASgDUgVlcG9jaCIGCgREb25l
            IioKC0Rlc2NyaXB0aW9uEhsKCW5vZGVfanNvbhgBIAEoDFIIbm9kZUpzb24iRgoLTWVhc3VyZW1lbnQSJgoMbWV0cmljc19q
            c29uGAEgASgMSACIAQFSC21ldHJpY3NKc29uQg8KDV9tZXRyaWNzX2pzb24ilwQKBU9yZGVyEi8KBWhlbGxvGAEgASgLMhcu
            YXBvbGxvLndvcmtlci52MS5IZWxsb0gAUgVoZWxsbxIyCgZsYXVuY2gYAiABKAsyGC5hcG9sbG8ud29ya2VyLnYxLkxhdW5j
            aEgAUgZsYXVuY2gSPgoNY2FuY2VsX2xhdW5jaBgDIAEoCzIXLmFwb2xsby53b3JrZXIudjEuUGxhY2VIAFIMY2FuY2VsTGF1
            bmNoEi8KBXdhdGNoGAQgASgLMhcuYXBvbGxvLndvcmtlci52MS5QbGFjZUgAUgV3YXRjaBIsCgRzdG9wGAUgASgLMhYuYXBv
            bGxvLndvcmtlci52MS5TdG9wSABSBHN0b3ASMQoGcmVtb3ZlGAYgASgLMhcuYXBvbGxvLndvcmtlci52MS5QbGFjZUgAUgZy
            ZW1vdmUSMwoHZGlzY2FyZBgHIAEoCzIXLmFwb2xsby53b3JrZXIudjEuUGxhY2VIAFIHZGlzY2FyZBIvCgVwcm9iZRgIIAEo
            CzIXLmFwb2xsby53b3JrZXIudjEuUHJvYmVIAFIFcHJvYmUSOAoIc2VydmljZXMYCSABKAsyGi5hcG9sbG8ud29ya2VyLnYx
            LlNlcnZpY2VzSABSCHNlcnZpY2VzEi8KBWJhdGNoGAogASgLMhcuYXBvbGxvLndvcmtlci52MS5CYXRjaEgAUgViYXRjaEIG
            CgRraW5kIiEKBUJhdGNoEhgKB21lc3NhZ2UYASADKAxSB21lc3NhZ2UiiwEKCFNlcnZpY2VzEhkKCGlzX3dob2xlGAEgASgI
            Ugdpc1dob2xlEiMKDWVuZHBvaW50X2pzb24YAiADKAxSDGVuZHBvaW50SnNvbhIhCgxyZW1vdmVkX3Rhc2sYAyADKAlSC3Jl
            bW92ZWRUYXNrEhwKCWNvbnRpbnVlcxgEIAEoCFIJY29udGludWVzImwKBUhlbGxvEhQKBWVwb2NoGAEgASgDUgVlcG9jaBIS
            CgRub2RlGAIgASgJUgRub2RlEhkKCGxlYXNlX21zGAMgASgDUgdsZWFzZU1zEh4KCmNhcGFiaWxpdHkYBCADKAlSCmNhcGFi
            aWxpdHkipQEKBkxhdW5jaBIYCgdhdHRlbXB0GAEgASgJUgdhdHRlbXB0EhIKBHRhc2sYAiABKAlSBHRhc2sSGwoJdGFza19u
            YW1lGAMgASgJUgh0YXNrTmFtZRIYCgdwcm9qZWN0GAQgASgJUgdwcm9qZWN0EhsKCXNwZWNfanNvbhgFIAEoDFIIc3BlY0pz
            b24SGQoIZ3B1X2pzb24YBiADKAxSB2dwdUpzb24iTwoFUGxhY2USEgoEdGFzaxgBIAEoCVIEdGFzaxIYCgdhdHRlbXB0GAIg
            ASgJUgdhdHRlbXB0EhgKB3J1bnRpbWUYAyABKAlSB3J1bnRpbWUiiAEKBVByb2JlEi0KBXBsYWNlGAEgASgLMhcuYXBvbGxv
            Lndvcmtlci52MS5QbGFjZVIFcGxhY2USHQoKY2hlY2tfanNvbhgCIAEoDFIJY2hlY2tKc29uEhsKCXBvcnRfanNvbhgDIAMo
            DFIIcG9ydEpzb24SFAoFa25vd24YBCABKAlSBWtub3duIlAKBFN0b3ASLQoFcGxhY2UYASABKAsyFy5hcG9sbG8ud29ya2Vy
            LnYxLlBsYWNlUgVwbGFjZRIZCghncmFjZV9tcxgCIAEoA1IHZ3JhY2VNcyLHAwoGUmVwb3J0EjUKB3dlbGNvbWUYASABKAsy
            GS5hcG9sbG8ud29ya2VyLnYxLldlbGNvbWVIAFIHd2VsY29tZRI5CgdhdHRlbXB0GAIgASgLMh0uYXBvbGxvLndvcmtlci52
            MS5BdHRlbXB0TmV3c0gAUgdhdHRlbXB0EjgKCHByb2dyZXNzGAMgASgLMhouYXBvbGxvLndvcmtlci52MS5Qcm9ncmVzc0gA
            Ughwcm9ncmVzcxI4CghydW50aW1lcxgEIAEoCzIaLmFwb2xsby53b3JrZXIudjEuUnVudGltZXNIAFIIcnVudGltZXMSOAoI
            YXR0ZW1wdHMYBSABKAsyGi5hcG9sbG8ud29ya2VyLnYxLkF0dGVtcHRzSABSCGF0dGVtcHRzEhoKB3Byb2JsZW0YBiABKAlI
            AFIHcHJvYmxlbRIaCgdnb29kYnllGAcgASgJSABSB2dvb2RieWUSLAoEZ3B1cxgIIAEoCzIWLmFwb2xsby53b3JrZXIudjEu
            R1BVc0gAUgRncHVzEi8KBWJhdGNoGAkgASgLMhcuYXBvbGxvLndvcmtlci52MS5CYXRjaEgAUgViYXRjaEIGCgRraW5kIkMK
            B1dlbGNvbWUSGAoHdmVyc2lvbhgBIAEoCVIHdmVyc2lvbhIeCgpjYXBhYmlsaXR5GAIgAygJUgpjYXBhYmlsaXR5Ii0KCFJ1
            bnRpbWVzEiEKDHJ1bnRpbWVfanNvbhgBIAMoDFILcnVudGltZUpzb24iIQoER1BVcxIZCghncHVfanNvbhgBIAMoDFIHZ3B1
            SnNvbiKTAwoLQXR0ZW1wdE5ld3MSGAoHYXR0ZW1wdBgBIAEoCVIHYXR0ZW1wdBISCgR0YXNrGAIgASgJUgR0YXNrEjUKB3N0
            YXJ0ZWQYAyABKAsyGS5hcG9sbG8ud29ya2VyLnYxLlN0YXJ0ZWRIAFIHc3RhcnRlZBJCCgxzdGFydF9mYWlsZWQYBCABKAsy
            HS5hcG9sbG8ud29ya2VyLnYxLlN0YXJ0RmFpbGVkSABSC3N0YXJ0RmFpbGVkEiUKDXN0YXJ0X3VuY2xlYXIYBSABKAlIAFIM
            c3RhcnRVbmNsZWFyEkEKD3N0YXJ0X2NhbmNlbGxlZBgGIAEoCzIWLmFwb2xsby53b3JrZXIudjEuRG9uZUgAUg5zdGFydENh
            bmNlbGxlZBIwCgZleGl0ZWQYByABKAsyFi5hcG9sbG8ud29ya2VyLnYxLkV4aXRIAFIGZXhpdGVkEjYKBmhlYWx0aBgIIAEo
            CzIcLmFwb2xsby53b3JrZXIudjEuSGVhbHRoTmV3c0gAUgZoZWFsdGhCBwoFZXZlbnQiUgoHU3RhcnRlZBIOCgJhdBgBIAEo
            A1ICYXQSGwoJcG9ydF9qc29uGAIgAygMUghwb3J0SnNvbhIaCgh3YXJuaW5ncxgDIAMoCVIId2FybmluZ3MiWAoLU3RhcnRG
            YWlsZWQSFgoGcmVhc29uGAEgASgJUgZyZWFzb24SFAoFcmV0cnkYAiABKAhSBXJldHJ5EhsKCWJ1c3lfcG9ydBgDIAMoDVII
            YnVzeVBvcnQiOgoKSGVhbHRoTmV3cxIUCgVzdGF0ZRgBIAEoCVIFc3RhdGUSFgoGcmVhc29uGAIgASgJUgZyZWFzb24iUAoE
            RXhpdBIXCgRjb2RlGAEgASgFSACIAQFSBGNvZGUSDgoCYXQYAiABKANSAmF0EhYKBnJlYXNvbhgDIAEoCVIGcmVhc29uQgcK
            BV9jb2RlIswBCghQcm9ncmVzcxIYCgdhdHRlbXB0GAEgASgJUgdhdHRlbXB0EhIKBHRhc2sYAiABKAlSBHRhc2sSGgoIYWN0
            aXZpdHkYAyABKAlSCGFjdGl2aXR5EiwKD2NvbXBsZXRlZF9ieXRlcxgEIAEoA0gAiAEBUg5jb21wbGV0ZWRCeXRlcxIkCgt0
            b3RhbF9ieXRlcxgFIAEoA0gBiAEBUgp0b3RhbEJ5dGVzQhIKEF9jb21wbGV0ZWRfYnl0ZXNCDgoMX3RvdGFsX2J5dGVzIkkK
            CEF0dGVtcHRzEj0KCHJ1bnRpbWVzGAEgAygLMiEuYXBvbGxvLndvcmtlci52MS5SdW50aW1lQXR0ZW1wdHNSCHJ1bnRpbWVz
            ImAKD1J1bnRpbWVBdHRlbXB0cxIYCgdydW50aW1lGAEgASgJUgdydW50aW1lEjMKCGF0dGVtcHRzGAIgAygLMhcuYXBvbGxv
            Lndvcmtlci52MS5Gb3VuZFIIYXR0ZW1wdHMinQEKBUZvdW5kEhgKB2F0dGVtcHQYASABKAlSB2F0dGVtcHQSEgoEdGFzaxgC
            IAEoCVIEdGFzaxIdCgpzdGFydGVkX2F0GAMgASgDUglzdGFydGVkQXQSGwoJcG9ydF9qc29uGAQgAygMUghwb3J0SnNvbhIq
            CgRleGl0GAUgASgLMhYuYXBvbGxvLndvcmtlci52MS5FeGl0UgRleGl0IlEKClBsYWNlUXVlcnkSFAoFZXBvY2gYASABKANS
            BWVwb2NoEi0KBXBsYWNlGAIgASgLMhcuYXBvbGxvLndvcmtlci52MS5QbGFjZVIFcGxhY2UiUQoLVm9sdW1lUXVlcnkSFAoF
            ZXBvY2gYASABKANSBWVwb2NoEhgKB3Byb2plY3QYAiABKAlSB3Byb2plY3QSEgoEbmFtZRgDIAEoCVIEbmFtZSI8CgtVc2Fn
            ZUFuc3dlchItCgV1c2FnZRgBIAEoCzIXLmFwb2xsby53b3JrZXIudjEuVXNhZ2VSBXVzYWdlIs0BCgVVc2FnZRIfCgtjcHVf
            c2Vjb25kcxgBIAEoAVIKY3B1U2Vjb25kcxIWCgZtZW1vcnkYAiABKANSBm1lbW9yeRIcCglwcm9jZXNzZXMYAyABKANSCXBy
            b2Nlc3NlcxIiCgpyZWFkX2J5dGVzGAQgASgDSACIAQFSCXJlYWRCeXRlcxIoCg13cml0dGVuX2J5dGVzGAUgASgDSAGIAQFS
            DHdyaXR0ZW5CeXRlc0INCgtfcmVhZF9ieXRlc0IQCg5fd3JpdHRlbl9ieXRlcyLYAQoKTG9nUmVxdWVzdBIUCgVlcG9jaBgB
            IAEoA1IFZXBvY2gSLQoFcGxhY2UYAiABKAsyFy5hcG9sbG8ud29ya2VyLnYxLlBsYWNlUgVwbGFjZRIWCgZmb2xsb3cYAyAB
            KAhSBmZvbGxvdxIZCgVzaW5jZRgEIAEoA0gAiAEBUgVzaW5jZRIXCgR0YWlsGAUgASgDSAGIAQFSBHRhaWwSGwoGb2Zmc2V0
            GAYgASgDSAKIAQFSBm9mZnNldEIICgZfc2luY2VCBwoFX3RhaWxCCQoHX29mZnNldCI5CglMb2dIYW5kbGUSFAoFZXBvY2gY
            ASABKANSBWVwb2NoEhYKBnJlYWRlchgCIAEoBFIGcmVhZGVyIj8KCUxvZ1BpZWNlcxIyCgZwaWVjZXMYASADKAsyGi5hcG9s
            bG8ud29ya2VyLnYxLkxvZ1BpZWNlUgZwaWVjZXMibgoITG9nUGllY2USGQoIaXNfZXJyb3IYASABKAhSB2lzRXJyb3ISEgoE
            dGltZRgCIAEoA1IEdGltZRIUCgVieXRlcxgDIAEoDFIFYnl0ZXMSFQoDZW5kGAQgASgDSACIAQFSA2VuZEIGCgRfZW5kIscB
            CglFeGVjT3JkZXISFAoFZXBvY2gYASABKANSBWVwb2NoEi0KBXBsYWNlGAIgASgLMhcuYXBvbGxvLndvcmtlci52MS5QbGFj
            ZVIFcGxhY2USGAoHY29tbWFuZBgDIAMoCVIHY29tbWFuZBIfCgt0YWtlc19pbnB1dBgEIAEoCFIKdGFrZXNJbnB1dBI6Cgh0
            ZXJtaW5hbBgFIAEoCzIeLmFwb2xsby53b3JrZXIudjEuRXhlY1Rlcm1pbmFsUgh0ZXJtaW5hbCJUCgxFeGVjVGVybWluYWwS
            MAoEc2l6ZRgBIAEoCzIcLmFwb2xsby53b3JrZXIudjEuV2luZG93U2l6ZVIEc2l6ZRISCgR0eXBlGAIgASgJUgR0eXBlIjoK
            CldpbmRvd1NpemUSGAoHY29sdW1ucxgBIAEoDVIHY29sdW1ucxISCgRyb3dzGAIgASgNUgRyb3dzIsUBCg5FeGVjSW5wdXRQ
            aWVjZRIzCgVvcmRlchgBIAEoCzIbLmFwb2xsby53b3JrZXIudjEuRXhlY09yZGVySABSBW9yZGVyEhYKBWlucHV0GAIgASgM
            SABSBWlucHV0EioKA2VuZBgDIAEoCzIWLmFwb2xsby53b3JrZXIudjEuRG9uZUgAUgNlbmQSMgoEc2l6ZRgEIAEoCzIcLmFw
            b2xsby53b3JrZXIudjEuV2luZG93U2l6ZUgAUgRzaXplQgYKBGtpbmQiqQEKCEV4ZWNOZXdzEjIKB3N0YXJ0ZWQYASABKAsy
            Fi5hcG9sbG8ud29ya2VyLnYxLkRvbmVIAFIHc3RhcnRlZBIYCgZvdXRwdXQYAiABKAxIAFIGb3V0cHV0EhgKBmVycm9ycxgD
            IAEoDEgAUgZlcnJvcnMSLQoDZW5kGAQgASgLMhkuYXBvbGxvLndvcmtlci52MS5FeGVjRW5kSABSA2VuZEIGCgRraW5kIjUK
            B0V4ZWNFbmQSEgoEY29kZRgBIAEoBVIEY29kZRIWCgZyZWFzb24YAiABKAlSBnJlYXNvbjLxBQoGV29ya2VyEkAKB1Nlc3Np
            b24SFy5hcG9sbG8ud29ya2VyLnYxLk9yZGVyGhguYXBvbGxvLndvcmtlci52MS5SZXBvcnQoATABEkMKCERlc2NyaWJlEhgu
            YXBvbGxvLndvcmtlci52MS5Bc2tpbmcaHS5hcG9sbG8ud29ya2VyLnYxLkRlc2NyaXB0aW9uEjsKB1JlZnJlc2gSGC5hcG9s
            bG8ud29ya2VyLnYxLkFza2luZxoWLmFwb2xsby53b3JrZXIudjEuRG9uZRJCCgdNZWFzdXJlEhguYXBvbGxvLndvcmtlci52
            MS5Bc2tpbmcaHS5hcG9sbG8ud29ya2VyLnYxLk1lYXN1cmVtZW50EjwKBExpc3QSGC5hcG9sbG8ud29ya2VyLnYxLkFza2lu
            ZxoaLmFwb2xsby53b3JrZXIudjEuQXR0ZW1wdHMSRAoFVXNhZ2USHC5hcG9sbG8ud29ya2VyLnYxLlBsYWNlUXVlcnkaHS5h
            cG9sbG8ud29ya2VyLnYxLlVzYWdlQW5zd2VyEkUKDFJlbW92ZVZvbHVtZRIdLmFwb2xsby53b3JrZXIudjEuVm9sdW1lUXVl
            cnkaFi5hcG9sbG8ud29ya2VyLnYxLkRvbmUSRAoHT3BlbkxvZxIcLmFwb2xsby53b3JrZXIudjEuTG9nUmVxdWVzdBobLmFw
            b2xsby53b3JrZXIudjEuTG9nSGFuZGxlEkMKB1JlYWRMb2cSGy5hcG9sbG8ud29ya2VyLnYxLkxvZ0hhbmRsZRobLmFwb2xs
            by53b3JrZXIudjEuTG9nUGllY2VzEj8KCENsb3NlTG9nEhsuYXBvbGxvLndvcmtlci52MS5Mb2dIYW5kbGUaFi5hcG9sbG8u
            d29ya2VyLnYxLkRvbmUSSAoERXhlYxIgLmFwb2xsby53b3JrZXIudjEuRXhlY0lucHV0UGllY2UaGi5hcG9sbG8ud29ya2Vy
            LnYxLkV4ZWNOZXdzKAEwAWIGcHJvdG8z
            """)
}
