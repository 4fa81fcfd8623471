// Made by protoc-gen-apollo of grpc/health/v1/health.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// Which service is asked about.
public struct HealthCheckRequest: ProtobufMessage {
    public static var protobufName: String { "grpc.health.v1.HealthCheckRequest" }

    /// Its full name; empty for the whole server.
    public var service: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(service: String = "") {
        self.service = service
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.service = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.service.isEmpty { writer.string(1, self.service) }
    }
}

/// Whether a service takes calls.
public struct HealthCheckResponse: ProtobufMessage {
    public static var protobufName: String { "grpc.health.v1.HealthCheckResponse" }

    /// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
    public struct ServingStatus: ProtobufEnumeration {
        public static let unknown = ServingStatus(rawValue: 0)
        public static let serving = ServingStatus(rawValue: 1)
        public static let notServing = ServingStatus(rawValue: 2)
        /// Only in answers of Watch.
        public static let serviceUnknown = ServingStatus(rawValue: 3)

        public let rawValue: Int32

        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let protobufNames: [Int32: String] = [
            0: "UNKNOWN",
            1: "SERVING",
            2: "NOT_SERVING",
            3: "SERVICE_UNKNOWN",
        ]
    }

    public var status: HealthCheckResponse.ServingStatus = HealthCheckResponse.ServingStatus()
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(status: HealthCheckResponse.ServingStatus = HealthCheckResponse.ServingStatus()) {
        self.status = status
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.status = try reader.enumeration()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.status.rawValue != 0 { writer.enumeration(1, self.status) }
    }
}

/// The methods of `grpc.health.v1.Health`.
public enum HealthMethods {
    public static let check = RPCMethod<HealthCheckRequest, HealthCheckResponse>(
        service: "grpc.health.v1.Health", name: "Check", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try HealthCheckRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try HealthCheckResponse(protobuf: $0) }))
    public static let watch = RPCMethod<HealthCheckRequest, HealthCheckResponse>(
        service: "grpc.health.v1.Health", name: "Watch", kind: .serverStreaming,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try HealthCheckRequest(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try HealthCheckResponse(protobuf: $0) }))
}

/// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
///
/// What answers its calls; `service` is what a server is given.
public protocol HealthService: Sendable {
    /// How it is now. NOT_FOUND for a service that is not served.
    func check(_ request: HealthCheckRequest, context: RPCContext) async throws -> HealthCheckResponse
    /// How it is now, and whenever that changes.
    func watch(_ request: HealthCheckRequest, to responses: RPCWriter<HealthCheckResponse>, context: RPCContext) async throws
}

extension HealthService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("grpc.health.v1.Health", [
            .unary(HealthMethods.check) { try await self.check($0, context: $1) },
            .serverStreaming(HealthMethods.watch) { try await self.watch($0, to: $1, context: $2) },
        ])
    }
}

/// https://github.com/grpc/grpc/blob/master/doc/health-checking.md
///
/// Calls it.
public struct HealthClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// How it is now. NOT_FOUND for a service that is not served.
    public func check(_ request: HealthCheckRequest, options: RPCCallOptions = RPCCallOptions()) async throws -> HealthCheckResponse {
        try await calls.call(HealthMethods.check, request, options: options)
    }

    /// How it is now, and whenever that changes.
    public func watch<Result: Sendable>(
        _ request: HealthCheckRequest, options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCReader<HealthCheckResponse>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(HealthMethods.watch, request, options: options, body)
    }
}

extension ProtobufFile {
    /// `grpc/health/v1/health.proto`.
    public static let grpcHealthV1Health = ProtobufFile(
        name: "grpc/health/v1/health.proto",
        dependencies: [],
        symbols: [
            "grpc.health.v1.Health",
            "grpc.health.v1.HealthCheckRequest",
            "grpc.health.v1.HealthCheckResponse",
            "grpc.health.v1.HealthCheckResponse.ServingStatus",
        ],
        descriptor: """
            ChtncnBjL2hlYWx0aC92MS9oZWFsdGgucHJvdG8SDmdycGMuaGVhbHRoLnYxIi4KEkhlYWx0aENoZWNrUmVxdWVzdBIYCgdz
            ZXJ2aWNlGAEgASgJUgdzZXJ2aWNlIq8BChNIZWFsdGhDaGVja1Jlc3BvbnNlEkkKBnN0YXR1cxgBIAEoDjIxLmdycGMuaGVh
            bHRoLnYxLkhlYWx0aENoZWNrUmVzcG9uc2UuU2VydmluZ1N0YXR1c1IGc3RhdHVzIk0KDVNlcnZpbmdTdGF0dXMSCQoHVU5L
            Tk9XThILCgdTRVJWSU5HEAESDwoLTk9UX1NFUlZJTkcQAhITCg9TRVJWSUNFX1VOS05PV04QAzKuAQoGSGVhbHRoElAKBUNo
            ZWNrEiIuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXF1ZXN0GiMuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXNw
            b25zZRJSCgVXYXRjaBIiLmdycGMuaGVhbHRoLnYxLkhlYWx0aENoZWNrUmVxdWVzdBojLmdycGMuaGVhbHRoLnYxLkhlYWx0
            aENoZWNrUmVzcG9uc2UwAWIGcHJvdG8z
            """)
}
