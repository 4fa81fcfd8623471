public import Core
public import Documents

/// A manager, as the API shows it.
public struct ManagerDescription: Hashable, Sendable, Codable, SchemaProviding {
    public enum Role: String, Hashable, Sendable, Codable, CaseIterable { case leader, standby, absent }

    public var id: String
    public var name: String
    public var role: Role
    /// Where its API answers; nil before it has started.
    public var address: String?
    public var version: String
    public var joinedAt: Timestamp
    /// By the clock of the database, as all times here; nil before it was there the first time.
    public var seenAt: Timestamp?
    /// Of its term, where it leads.
    public var epoch: Int64?
    public var leadsSince: Timestamp?

    public init(
        id: String, name: String, role: Role, address: String?, version: String, joinedAt: Timestamp,
        seenAt: Timestamp?, epoch: Int64? = nil, leadsSince: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.address = address
        self.version = version
        self.joinedAt = joinedAt
        self.seenAt = seenAt
        self.epoch = epoch
        self.leadsSince = leadsSince
    }

    public static let schemaName = "Manager"

    public static var schema: Schema {
        .object(
            "A manager of the platform.",
            [
                .required("id", .string(.identifier), "Its identifier."),
                .required("name", .string, "What it is called."),
                .required(
                    "role", .values(Role.self), "Whether it leads, stands by, or was not seen for long."),
                .optional("address", .string, "Where its API answers; absent before it has started."),
                .required("version", .string, "Its version."),
                .required("joinedAt", .string(.timestamp), "When it joined."),
                .optional("seenAt", .string(.timestamp), "When it was seen last, by the database's clock."),
                .optional("epoch", .integer(1...), "The number of its term, where it leads."),
                .optional("leadsSince", .string(.timestamp), "When its term began."),
            ])
    }
}

/// The managers of a platform.
public struct ManagerDescriptions: Hashable, Sendable, Codable {
    public var items: [ManagerDescription]

    public init(items: [ManagerDescription]) { self.items = items }
}
