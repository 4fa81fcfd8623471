// Made by protoc-gen-apollo of RPC/echo.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// What the benchmarks of calls send to and fro.
public struct Payload: ProtobufMessage {
    public static var protobufName: String { "apollo.bench.Payload" }

    public var data: [UInt8] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(data: [UInt8] = []) {
        self.data = data
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.data = try reader.bytes()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.data.isEmpty { writer.bytes(1, self.data) }
    }
}

/// How many answers are wanted.
public struct Amount: ProtobufMessage {
    public static var protobufName: String { "apollo.bench.Amount" }

    public var count: Int64 = 0
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(count: Int64 = 0) {
        self.count = count
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.count = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.count != 0 { writer.int64(1, self.count) }
    }
}

/// The methods of `apollo.bench.Echo`.
public enum EchoMethods {
    public static let say = RPCMethod<Payload, Payload>(
        service: "apollo.bench.Echo", name: "Say", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Payload(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Payload(protobuf: $0) }))
    public static let count = RPCMethod<Amount, Payload>(
        service: "apollo.bench.Echo", name: "Count", kind: .serverStreaming,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Amount(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Payload(protobuf: $0) }))
}

/// The smallest service there is.
///
/// What answers its calls; `service` is what a server is given.
public protocol EchoService: Sendable {
    /// Gives back what it was sent.
    func say(_ request: Payload, context: RPCContext) async throws -> Payload
    /// Sends payloads of 64 bytes.
    func count(_ request: Amount, to responses: RPCWriter<Payload>, context: RPCContext) async throws
}

extension EchoService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("apollo.bench.Echo", [
            .unary(EchoMethods.say) { try await self.say($0, context: $1) },
            .serverStreaming(EchoMethods.count) { try await self.count($0, to: $1, context: $2) },
        ])
    }
}

/// The smallest service there is.
///
/// Calls it.
public struct EchoClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// Gives back what it was sent.
    public func say(_ request: Payload, options: RPCCallOptions = RPCCallOptions()) async throws -> Payload {
        try await calls.call(EchoMethods.say, request, options: options)
    }

    /// Sends payloads of 64 bytes.
    public func count<Result: Sendable>(
        _ request: Amount, options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCReader<Payload>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(EchoMethods.count, request, options: options, body)
    }
}

extension ProtobufFile {
    /// `RPC/echo.proto`.
    public static let rpcEcho = ProtobufFile(
        name: "RPC/echo.proto",
        dependencies: [],
        symbols: [
            "apollo.bench.Amount",
            "apollo.bench.Echo",
            "apollo.bench.Payload",
        ],
        descriptor: """
            Cg5SUEMvZWNoby5wcm90bxIMYXBvbGxvLmJlbmNoIh0KB1BheWxvYWQSEgoEZGF0YRgBIAEoDFIEZGF0YSIeCgZBbW91bnQS
            FAoFY291bnQYASABKANSBWNvdW50MnMKBEVjaG8SMwoDU2F5EhUuYXBvbGxvLmJlbmNoLlBheWxvYWQaFS5hcG9sbG8uYmVu
            Y2guUGF5bG9hZBI2CgVDb3VudBIULmFwb2xsby5iZW5jaC5BbW91bnQaFS5hcG9sbG8uYmVuY2guUGF5bG9hZDABYgZwcm90
            bzM
            """)
}
