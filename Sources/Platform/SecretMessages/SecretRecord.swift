public import Core
public import Documents

/// What is known of a secret, which is everything but the secret.
public struct SecretRecord: Hashable, Sendable, Codable {
    public var name: String
    public var project: String
    /// Counts every change.
    public var revision: Int64
    /// The newest version.
    public var version: Int64
    /// All that are kept, the oldest first.
    public var versions: [SecretVersion]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var updatedBy: String

    public init(
        name: String, project: String, revision: Int64, version: Int64, versions: [SecretVersion],
        createdAt: Timestamp, updatedAt: Timestamp, updatedBy: String
    ) {
        self.name = name
        self.project = project
        self.revision = revision
        self.version = version
        self.versions = versions
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}

/// One version of a secret.
public struct SecretVersion: Hashable, Sendable, Codable {
    public var version: Int64
    /// Bytes.
    public var size: Int
    public var createdAt: Timestamp
    public var createdBy: String

    public init(version: Int64, size: Int, createdAt: Timestamp, createdBy: String) {
        self.version = version
        self.size = size
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// One page of secrets.
public struct SecretPage: Sendable, Codable {
    public var items: [SecretRecord]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?
}

extension SecretRecord: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What is known of a secret, which is everything but the secret.",
            [
                .required("name", .string(.name)), .required("project", .string(.name)),
                .required("revision", .integer(1...), "Counts every change; the ETag."),
                .required("version", .integer(1...), "The newest version."),
                .required("versions", .array(.of(SecretVersion.self)), "Those that are kept, oldest first."),
                .required("createdAt", .string(.timestamp)), .required("updatedAt", .string(.timestamp)),
                .required("updatedBy", .string),
            ])
    }
}

extension SecretVersion: SchemaProviding {
    public static var schema: Schema {
        .object(
            "One version of a secret.",
            [
                .required("version", .integer(1...)), .required("size", .integer(0...), "Bytes."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
            ])
    }
}
