public import Protobuf
public import RPCModel

/// What a server says of itself to everyone: its health, and what can be called.
public struct ServerDescription: Sendable {
    public let health: Health
    private let reflection: Reflection

    /// `services` are the full names of what is served besides, `files` what describes them.
    public init(services: [String], files: [ProtobufFile]) {
        health = Health(services: services)
        reflection = Reflection(
            services: services + ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"],
            files: files + [.grpcHealthV1Health, .grpcReflectionV1Reflection])
    }

    public var services: [RPCService] {
        [health.service, reflection.service, RPCService(Self.older.service, [olderReflection])]
    }

    /// Everyone may ask.
    public static let rules: [String: RPCRule] = [
        HealthMethods.check.path: RPCRule("checkHealth", .open),
        HealthMethods.watch.path: RPCRule("watchHealth", .open),
        ServerReflectionMethods.serverReflectionInfo.path: RPCRule("reflect", .open),
        older.path: RPCRule("reflect", .open),
    ]

    /// What clients of before 2023 call. The messages are those of version 1 under other names, which the wire does not have.
    private static let older = RPCMethod<ServerReflectionRequest, ServerReflectionResponse>(
        service: "grpc.reflection.v1alpha.ServerReflection", name: "ServerReflectionInfo",
        kind: .bidirectional, request: ServerReflectionMethods.serverReflectionInfo.request,
        response: ServerReflectionMethods.serverReflectionInfo.response)

    private var olderReflection: RPCHandler {
        .bidirectional(Self.older) { [reflection] requests, responses, context in
            try await reflection.serverReflectionInfo(requests, to: responses, context: context)
        }
    }
}
