public import Documents

/// The most that a bucket or an owner may have, as it is set.
public struct ObjectQuotaRequest: Hashable, Sendable, Codable, SchemaProviding {
    /// In bytes; nil for no limit.
    public var bytes: Int64?
    /// Nil for no limit.
    public var objects: Int64?

    public init(bytes: Int64? = nil, objects: Int64? = nil) {
        self.bytes = bytes
        self.objects = objects
    }

    public static var schema: Schema {
        .object(
            "The most that there may be, in place of what was set before.",
            [
                .optional("bytes", .integer(0...), "The most bytes; no limit unless said."),
                .optional("objects", .integer(0...), "The most objects; no limit unless said."),
            ])
    }
}

/// What a bucket or an owner has, and the most that it may have.
public struct ObjectUsageView: Hashable, Sendable, Codable, SchemaProviding {
    /// `bucket` or `owner`.
    public var kind: String
    public var name: String
    /// In bytes, of objects, older versions and parts of uploads.
    public var bytes: Int64
    /// With older versions.
    public var objects: Int64
    /// In bytes; nil for no limit.
    public var quota: Int64?
    /// Nil for no limit.
    public var objectQuota: Int64?

    public init(
        kind: String, name: String, bytes: Int64, objects: Int64, quota: Int64?, objectQuota: Int64?
    ) {
        self.kind = kind
        self.name = name
        self.bytes = bytes
        self.objects = objects
        self.quota = quota
        self.objectQuota = objectQuota
    }

    public static let schemaName = "ObjectUsage"
    public static var schema: Schema {
        .object(
            "What a bucket, or an owner in all buckets together, has.",
            [
                .required("kind", .values(["bucket", "owner"])), .required("name", .string),
                .required("bytes", .integer(0...), "Of objects, older versions and parts of uploads."),
                .required("objects", .integer(0...), "Objects and older versions."),
                .optional("quota", .integer(0...), "The most bytes; no limit unless said."),
                .optional("objectQuota", .integer(0...), "The most objects; no limit unless said."),
            ])
    }
}

/// What buckets and owners have.
public struct ObjectUsagePage: Sendable, Codable {
    public var items: [ObjectUsageView]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?
}
