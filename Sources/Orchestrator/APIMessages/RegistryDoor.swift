public import Documents

/// Where workers of other machines register.
public struct RegistryDoor: Hashable, Sendable, Codable, SchemaProviding {
    /// At the host under which the API is reached; by gRPC and mutual TLS. Nil where no workers are taken.
    public var port: UInt16?
    /// Where the APIs of all managers answer, the one that leads first; nil where there is one.
    public var managers: [String]?

    public init(port: UInt16?, managers: [String]? = nil) {
        self.port = port
        self.managers = managers
    }

    public static var schema: Schema {
        .object(
            "Where workers of other machines register.",
            [
                .optional(
                    "port", .integer(1...65535),
                    "At the host under which the API is reached; by gRPC and mutual TLS. Absent where no workers are taken."
                ),
                .optional(
                    "managers", .array(.string),
                    "Where the APIs of all managers answer, the one that leads first; absent where there is one."
                ),
            ])
    }
}
