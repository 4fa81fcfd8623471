public import Documents

/// What is asked of `POST /api/v1/images/collect`.
public struct ImageCollectionRequest: Hashable, Sendable, Codable, SchemaProviding {
    /// In seconds.
    public var grace: Double?
    public var untagged: Bool?

    public init(grace: Double? = nil, untagged: Bool? = nil) {
        self.grace = grace
        self.untagged = untagged
    }

    public static var schema: Schema {
        .object(
            "What of the image registry is to be collected.",
            [
                .optional(
                    "grace", .seconds(0...3_153_600_000),
                    "Only what is older; images.grace unless said. Pushes that are under way may fail where it is short, and have to be repeated."
                ),
                .optional(
                    "untagged", .boolean,
                    "Whether manifests go, too, that no tag and no index has, and that are about no manifest that is there."
                ),
            ])
    }
}

/// What the collection of garbage has removed.
public struct ImageCollectionView: Hashable, Sendable, Codable, SchemaProviding {
    public var uploads: Int
    public var manifests: Int
    public var links: Int
    public var blobs: Int
    /// In bytes.
    public var bytes: Int64
    public var repositories: Int

    public init(uploads: Int, manifests: Int, links: Int, blobs: Int, bytes: Int64, repositories: Int) {
        self.uploads = uploads
        self.manifests = manifests
        self.links = links
        self.blobs = blobs
        self.bytes = bytes
        self.repositories = repositories
    }

    public static let schemaName = "ImageCollection"
    public static var schema: Schema {
        .object(
            "What was removed from the image registry.",
            [
                .required("uploads", .integer(0...), "Uploads that nobody has ended."),
                .required("manifests", .integer(0...), "Manifests without a tag."),
                .required("links", .integer(0...), "Layers that no image of their repository uses."),
                .required("blobs", .integer(0...), "Contents that no repository had any more."),
                .required("bytes", .integer(0...), "Bytes of these."),
                .required("repositories", .integer(0...), "Repositories that had nothing left."),
            ])
    }
}

/// The most that the images of a project have, as it is set.
public struct ImageQuotaRequest: Hashable, Sendable, Codable, SchemaProviding {
    /// In bytes; nil for what the setting `images.quota` says.
    public var bytes: Int64?

    public init(bytes: Int64? = nil) { self.bytes = bytes }

    public static var schema: Schema {
        .object(
            "The most that the images of a project have, in place of what was set before.",
            [.optional("bytes", .integer(0...), "The most bytes; what images.quota says unless said.")])
    }
}

/// What the images of projects have.
public struct ImageUsagePage: Sendable, Codable {
    public var items: [ImageUsageView]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?
}

/// What the images of a project have.
public struct ImageUsageView: Hashable, Sendable, Codable, SchemaProviding {
    public var project: String
    public var repositories: Int
    /// In bytes, each content once.
    public var bytes: Int64
    /// In bytes; nil for no limit.
    public var quota: Int64?

    public init(project: String, repositories: Int, bytes: Int64, quota: Int64?) {
        self.project = project
        self.repositories = repositories
        self.bytes = bytes
        self.quota = quota
    }

    public static let schemaName = "ImageUsage"
    public static var schema: Schema {
        .object(
            "What the images of a project have.",
            [
                .required("project", .string(.name)),
                .required("repositories", .integer(0...), "How many repositories there are."),
                .required("bytes", .integer(0...), "Bytes of all of them, what several share counted once."),
                .optional("quota", .integer(0...), "The most bytes; no limit unless said."),
            ])
    }
}
