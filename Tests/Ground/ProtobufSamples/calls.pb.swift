// Made by protoc-gen-apollo of calls.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf
public import RPCModel

/// The methods of `apollo.samples.Forest`.
public enum ForestMethods {
    public static let echo = RPCMethod<Tree, Tree>(
        service: "apollo.samples.Forest", name: "Echo", kind: .unary,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }))
    public static let children = RPCMethod<Tree, Tree>(
        service: "apollo.samples.Forest", name: "Children", kind: .serverStreaming,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }))
    public static let gather = RPCMethod<Tree, Tree>(
        service: "apollo.samples.Forest", name: "Gather", kind: .clientStreaming,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }))
    public static let exchange = RPCMethod<Tree, Something>(
        service: "apollo.samples.Forest", name: "Exchange", kind: .bidirectional,
        request: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Tree(protobuf: $0) }),
        response: RPCCodec(encode: { $0.protobufBytes() }, decode: { try Something(protobuf: $0) }))
}

/// Takes trees and gives trees.
///
/// What answers its calls; `service` is what a server is given.
public protocol ForestService: Sendable {
    /// Gives back what it is given.
    func echo(_ request: Tree, context: RPCContext) async throws -> Tree
    /// Gives the children one by one.
    func children(_ request: Tree, to responses: RPCWriter<Tree>, context: RPCContext) async throws
    /// Makes one of many.
    func gather(_ requests: RPCReader<Tree>, context: RPCContext) async throws -> Tree
    func exchange(_ requests: RPCReader<Tree>, to responses: RPCWriter<Something>, context: RPCContext) async throws
}

extension ForestService {
    /// The service, each of its calls answered by the method of its name.
    public var service: RPCService {
        RPCService("apollo.samples.Forest", [
            .unary(ForestMethods.echo) { try await self.echo($0, context: $1) },
            .serverStreaming(ForestMethods.children) { try await self.children($0, to: $1, context: $2) },
            .clientStreaming(ForestMethods.gather) { try await self.gather($0, context: $1) },
            .bidirectional(ForestMethods.exchange) { try await self.exchange($0, to: $1, context: $2) },
        ])
    }
}

/// Takes trees and gives trees.
///
/// Calls it.
public struct ForestClient: Sendable {
    private let calls: any RPCCalling

    /// A client that calls through a channel, or a stand-in of a test.
    public init(_ calls: any RPCCalling) { self.calls = calls }

    /// Gives back what it is given.
    public func echo(_ request: Tree, options: RPCCallOptions = RPCCallOptions()) async throws -> Tree {
        try await calls.call(ForestMethods.echo, request, options: options)
    }

    /// Gives the children one by one.
    public func children<Result: Sendable>(
        _ request: Tree, options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCReader<Tree>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(ForestMethods.children, request, options: options, body)
    }

    /// Makes one of many.
    public func gather<Result: Sendable>(
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<Tree>, RPCReader<Tree>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(ForestMethods.gather, options: options, body)
    }

    public func exchange<Result: Sendable>(
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<Tree>, RPCReader<Something>) async throws -> Result
    ) async throws -> Result {
        try await calls.call(ForestMethods.exchange, options: options, body)
    }
}

extension ProtobufFile {
    /// `calls.proto`.
    public static let calls = ProtobufFile(
        name: "calls.proto",
        dependencies: ["samples.proto"],
        symbols: [
            "apollo.samples.Forest",
        ],
        descriptor: """
            CgtjYWxscy5wcm90bxIOYXBvbGxvLnNhbXBsZXMaDXNhbXBsZXMucHJvdG8y7wEKBkZvcmVzdBIyCgRFY2hvEhQuYXBvbGxv
            LnNhbXBsZXMuVHJlZRoULmFwb2xsby5zYW1wbGVzLlRyZWUSOAoIQ2hpbGRyZW4SFC5hcG9sbG8uc2FtcGxlcy5UcmVlGhQu
            YXBvbGxvLnNhbXBsZXMuVHJlZTABEjYKBkdhdGhlchIULmFwb2xsby5zYW1wbGVzLlRyZWUaFC5hcG9sbG8uc2FtcGxlcy5U
            cmVlKAESPwoIRXhjaGFuZ2USFC5hcG9sbG8uc2FtcGxlcy5UcmVlGhkuYXBvbGxvLnNhbXBsZXMuU29tZXRoaW5nKAEwAWIG
            cHJvdG8z
            """)
}
