public import Documents

/// Where workers of other machines register.
public struct RegistryDoor: Hashable, Sendable, Codable, SchemaProviding {
    /// At the host under which the API is reached; by gRPC and mutual TLS. Nil where no workers are taken.
    public var port: UInt16?

    public init(port: UInt16?) { self.port = port }

    public static var schema: Schema {
        .object(
            "Where workers of other machines register.",
            [
                .optional(
                    "port", .integer(1...65535),
                    "At the host under which the API is reached; by gRPC and mutual TLS. Absent where no workers are taken."
                )
            ])
    }
}
