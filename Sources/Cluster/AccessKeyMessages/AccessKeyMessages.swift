public import Core
public import Documents

/// What is asked of `POST /api/v1/access-keys`.
public struct AccessKeyRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var note: String
    /// In seconds.
    public var age: Double?
    public var permission: String?
    public var resources: [String]?

    public init(
        note: String, age: Double? = nil, permission: String? = nil, resources: [String]? = nil
    ) {
        self.note = note
        self.age = age
        self.permission = permission
        self.resources = resources
    }

    public static var schema: Schema {
        .object(
            "An access key to make.",
            [
                .required("note", .string(1...200), "What it is for."),
                .optional(
                    "age", .seconds(1...3_153_600_000),
                    "How long it is good for; until it is removed unless said."
                ),
                .optional(
                    "permission", .values(["list", "read", "write", "manage"]),
                    "The highest level it is good for; all that its owner has unless said."),
                .optional(
                    "resources", .array(.string(1...1024), count: 0...64),
                    "What it is good for, and all under these, as blob://…; everything unless said."),
            ])
    }
}

/// An access key, with its secret where it was just made.
public struct AccessKeyView: Hashable, Sendable, Codable, SchemaProviding {
    public var id: String
    /// The secret, shown once.
    public var secret: String?
    public var principal: String
    public var project: String
    public var note: String
    public var permission: String
    public var resources: [String]
    public var createdAt: Timestamp
    public var expires: Timestamp?

    public init(
        id: String, secret: String?, principal: String, project: String, note: String, permission: String,
        resources: [String], createdAt: Timestamp, expires: Timestamp?
    ) {
        self.id = id
        self.secret = secret
        self.principal = principal
        self.project = project
        self.note = note
        self.permission = permission
        self.resources = resources
        self.createdAt = createdAt
        self.expires = expires
    }

    public static let schemaName = "AccessKey"
    public static var schema: Schema {
        .object(
            "An access key of the object store.",
            [
                .required("id", .string, "What S3 calls the access key id."),
                .optional("secret", .string, "The secret access key; only in the answer that makes it."),
                .required("principal", .string, "Whose it is."),
                .required("project", .string(.name), "Where buckets that are made with it belong."),
                .required("note", .string),
                .required("permission", .string, "The highest level it is good for."),
                .required(
                    "resources", .array(.string), "What it is good for; everything where this is empty."),
                .required("createdAt", .string(.timestamp)), .optional("expires", .string(.timestamp)),
            ])
    }
}

/// Access keys.
public struct AccessKeyPage: Sendable, Codable {
    public var items: [AccessKeyView]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?
}

/// Where the object store answers.
public struct ObjectStoreView: Hashable, Sendable, Codable, SchemaProviding {
    /// As the platform's machine reaches it; other machines by the name that they reach the platform by.
    public var address: String
    public var port: Int
    public var region: String

    public init(address: String, port: Int, region: String) {
        self.address = address
        self.port = port
        self.region = region
    }

    public static let schemaName = "ObjectStore"
    public static var schema: Schema {
        .object(
            "Where the object store answers.",
            [
                .required("address", .string, "As this machine reaches it."),
                .required("port", .integer(1...65535)),
                .required("region", .string, "Of all buckets, where a client wants one."),
            ])
    }
}
