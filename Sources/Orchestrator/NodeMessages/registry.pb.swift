// Made by protoc-gen-apollo of registry.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// `apollo.registry.v1.Registration`.
public struct Registration: ProtobufMessage {
    public static var protobufName: String { "apollo.registry.v1.Registration" }

    /// The node's identifier.
    public var node: String = ""
    /// Drawn anew by every start of the worker.
    public var incarnation: UInt64 = 0
    /// Where the worker answers.
    public var host: String = ""
    public var port: UInt32 = 0
    /// The node as the API has it, without its runtimes.
    public var nodeJSON: [UInt8] = []
    /// The worker's clock, microseconds since 1970.
    public var time: Int64 = 0
    /// What the machine is busy with, as the API has it; absent where it could not be read.
    public var metricsJSON: [UInt8]?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        node: String = "", incarnation: UInt64 = 0, host: String = "", port: UInt32 = 0,
        nodeJSON: [UInt8] = [], time: Int64 = 0, metricsJSON: [UInt8]? = nil
    ) {
        self.node = node
        self.incarnation = incarnation
        self.host = host
        self.port = port
        self.nodeJSON = nodeJSON
        self.time = time
        self.metricsJSON = metricsJSON
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.node = try reader.string()
            case 16: self.incarnation = try reader.uint64()
            case 26: self.host = try reader.string()
            case 32: self.port = try reader.uint32()
            case 42: self.nodeJSON = try reader.bytes()
            case 48: self.time = try reader.int64()
            case 58: self.metricsJSON = try reader.bytes()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.metricsJSON { writer.bytes(7, value) }
        if self.time != 0 { writer.int64(6, self.time) }
        if !self.nodeJSON.isEmpty { writer.bytes(5, self.nodeJSON) }
        if self.port != 0 { writer.uint32(4, self.port) }
        if !self.host.isEmpty { writer.string(3, self.host) }
        if self.incarnation != 0 { writer.uint64(2, self.incarnation) }
        if !self.node.isEmpty { writer.string(1, self.node) }
    }
}

/// `apollo.registry.v1.LeaseGrant`.
public struct LeaseGrant: ProtobufMessage {
    public static var protobufName: String { "apollo.registry.v1.LeaseGrant" }

    /// How long the registration holds, in milliseconds.
    public var leaseMs: Int64 = 0
    /// The epoch of the manager that leads.
    public var epoch: Int64 = 0
    /// How far the worker's clock is ahead of the manager's, in milliseconds; behind it when negative.
    public var clockAheadMs: Int64 = 0
    /// Whether the lease begins anew. Otherwise the manager does not reach the worker, or not yet: what it runs may be placed elsewhere.
    public var isGranted: Bool = false
    /// Why the worker was not reached the last time.
    public var problem: String = ""
    /// Where the APIs of the platform's managers answer, the one that leads first. The worker keeps them: one of them knows who leads next.
    public var managers: [String] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        leaseMs: Int64 = 0, epoch: Int64 = 0, clockAheadMs: Int64 = 0, isGranted: Bool = false,
        problem: String = "", managers: [String] = []
    ) {
        self.leaseMs = leaseMs
        self.epoch = epoch
        self.clockAheadMs = clockAheadMs
        self.isGranted = isGranted
        self.problem = problem
        self.managers = managers
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.leaseMs = try reader.int64()
            case 16: self.epoch = try reader.int64()
            case 24: self.clockAheadMs = try reader.int64()
            case 32: self.isGranted = try reader.bool()
            case 42: self.problem = try reader.string()
            case 50: self.managers.append(try reader.string())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.managers.reversed() { writer.string(6, value) }
        if !self.problem.isEmpty { writer.string(5, self.problem) }
        if self.isGranted { writer.bool(4, self.isGranted) }
        if self.clockAheadMs != 0 { writer.int64(3, self.clockAheadMs) }
        if self.epoch != 0 { writer.int64(2, self.epoch) }
        if self.leaseMs != 0 { writer.int64(1, self.leaseMs) }
    }
}

/// `apollo.registry.v1.SecretsRequest`.
public struct SecretsRequest: ProtobufMessage {
    public static var protobufName: String { "apollo.registry.v1.SecretsRequest" }

    public var project: String = ""
    /// The references, each as JSON, as the API has it.
    public var referenceJSON: [[UInt8]] = []
    /// The attempt that they are for.
    public var attempt: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(project: String = "", referenceJSON: [[UInt8]] = [], attempt: String = "") {
        self.project = project
        self.referenceJSON = referenceJSON
        self.attempt = attempt
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.project = try reader.string()
            case 18: self.referenceJSON.append(try reader.bytes())
            case 26: self.attempt = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.attempt.isEmpty { writer.string(3, self.attempt) }
        for value in self.referenceJSON.reversed() { writer.bytes(2, value) }
        if !self.project.isEmpty { writer.string(1, self.project) }
    }
}

/// `apollo.registry.v1.SecretsAnswer`.
public struct SecretsAnswer: ProtobufMessage {
    public static var protobufName: String { "apollo.registry.v1.SecretsAnswer" }

    /// In the order of the references.
    public var values: [[UInt8]] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(values: [[UInt8]] = []) {
        self.values = values
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.values.append(try reader.bytes())
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        for value in self.values.reversed() { writer.bytes(1, value) }
    }
}

/// The methods of `apollo.registry.v1.Registry`.
public enum RegistryMethods {
    public static let register = RPCMethod<Registration, LeaseGrant>(
        service: "apollo.registry.v1.Registry", name: "Register", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Registration(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try LeaseGrant(protobuf: $0) }))
    public static let secrets = RPCMethod<SecretsRequest, SecretsAnswer>(
        service: "apollo.registry.v1.Registry", name: "Secrets", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try SecretsRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try SecretsAnswer(protobuf: $0) }))
}

/// Where workers register, each known by its certificate.
///
/// What answers its calls; `service` is what a server is given.
public protocol RegistryService: Sendable {
    /// Registers a node, or renews its lease: the same call, again before a third of the lease has passed.
    func register(_ request: Registration, context: RPCContext) async throws -> LeaseGrant
    /// The secrets of an attempt that the manager has put on the node of the caller.
    func secrets(_ request: SecretsRequest, context: RPCContext) async throws -> SecretsAnswer
}

extension RegistryService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("apollo.registry.v1.Registry", [
            .unary(RegistryMethods.register) { try await self.register($0, context: $1) },
            .unary(RegistryMethods.secrets) { try await self.secrets($0, context: $1) },
        ])
    }
}

/// Where workers register, each known by its certificate.
///
/// Calls it.
public struct RegistryClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// Registers a node, or renews its lease: the same call, again before a third of the lease has passed.
    public func register(_ request: Registration, options: RPCCallOptions = RPCCallOptions()) async throws -> LeaseGrant {
        try await calls.call(RegistryMethods.register, request, options: options)
    }

    /// The secrets of an attempt that the manager has put on the node of the caller.
    public func secrets(_ request: SecretsRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> SecretsAnswer {
        try await calls.call(RegistryMethods.secrets, request, options: options)
    }
}

extension ProtobufFile {
    /// `registry.proto`.
    public static let registry = ProtobufFile(
        name: "registry.proto",
        dependencies: [],
        symbols: [
            "apollo.registry.v1.LeaseGrant",
            "apollo.registry.v1.Registration",
            "apollo.registry.v1.Registry",
            "apollo.registry.v1.SecretsAnswer",
            "apollo.registry.v1.SecretsRequest",
        ],
        descriptor: """
            Cg5yZWdpc3RyeS5wcm90bxISYXBvbGxvLnJlZ2lzdHJ5LnYxItYBCgxSZWdpc3RyYXRpb24SEgoEbm9kZRgBIAEoCVIEbm9k
            ZRIgCgtpbmNhcm5hdGlvbhgCIAEoBFILaW5jYXJuYXRpb24SEgoEaG9zdBgDIAEoCVIEaG9zdBISCgRwb3J0GAQgASgNUgRw
            b3J0EhsKCW5vZGVfanNvbhgFIAEoDFIIbm9kZUpzb24SEgoEdGltZRgGIAEoA1IEdGltZRImCgxtZXRyaWNzX2pzb24YByAB
            KAxIAIgBAVILbWV0cmljc0pzb25CDwoNX21ldHJpY3NfanNvbiK4AQoKTGVhc2VHcmFudBIZCghsZWFzZV9tcxgBIAEoA1IH
            bGVhc2VNcxIUCgVlcG9jaBgCIAEoA1IFZXBvY2gSJAoOY2xvY2tfYWhlYWRfbXMYAyABKANSDGNsb2NrQWhlYWRNcxIdCgpp
            c19ncmFudGVkGAQgASgIUglpc0dyYW50ZWQSGAoHcHJvYmxlbRgFIAEoCVIHcHJvYmxlbRIaCghtYW5hZ2VycxgGIAMoCVII
            bWFuYWdlcnMiawoOU2VjcmV0c1JlcXVlc3QSGAoHcHJvamVjdBgBIAEoCVIHcHJvamVjdBIlCg5yZWZlcmVuY2VfanNvbhgC
            IAMoDFINcmVmZXJlbmNlSnNvbhIYCgdhdHRlbXB0GAMgASgJUgdhdHRlbXB0IicKDVNlY3JldHNBbnN3ZXISFgoGdmFsdWVz
            GAEgAygMUgZ2YWx1ZXMyqgEKCFJlZ2lzdHJ5EkwKCFJlZ2lzdGVyEiAuYXBvbGxvLnJlZ2lzdHJ5LnYxLlJlZ2lzdHJhdGlv
            bhoeLmFwb2xsby5yZWdpc3RyeS52MS5MZWFzZUdyYW50ElAKB1NlY3JldHMSIi5hcG9sbG8ucmVnaXN0cnkudjEuU2VjcmV0
            c1JlcXVlc3QaIS5hcG9sbG8ucmVnaXN0cnkudjEuU2VjcmV0c0Fuc3dlcmIGcHJvdG8z
            """)
}
