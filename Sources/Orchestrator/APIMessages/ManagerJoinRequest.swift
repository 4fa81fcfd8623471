public import Documents

/// Asks to be a manager, by a join token.
public struct ManagerJoinRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var token: String
    public var id: String
    public var name: String
    public var version: String
    /// The SHA-256, in hexadecimal, of the administrator's token on its machine.
    public var tokenHash: String

    public init(token: String, id: String, name: String, version: String, tokenHash: String) {
        self.token = token
        self.id = id
        self.name = name
        self.version = version
        self.tokenHash = tokenHash
    }

    public static var schema: Schema {
        .object(
            "Asks to be a manager.",
            [
                .required("token", .string, "A join token."),
                .required(
                    "id", .string(.identifier), "The manager's identifier, kept in its data directory."),
                .required("name", .string(.name), "What it is to be called."),
                .required("version", .string, "Its version."),
                .required(
                    "tokenHash", .string,
                    "The SHA-256, in hexadecimal, of the administrator's token on its machine, which is good for the platform from then on."
                ),
            ])
    }
}
