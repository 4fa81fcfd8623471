public import Core

/// The phantom kind of ``ContentID``.
public enum ContentKind {}
/// Names the bytes of an object, which never change. Copies share them.
public typealias ContentID = Identifier<ContentKind>

/// What is known of an object, apart from its bytes.
public struct ObjectRecord: Hashable, Sendable {
    public var key: ObjectKey
    public var content: ContentID
    public var size: Int64
    /// The MD5 of the bytes in hexadecimal; of an upload in parts that of the parts' MD5s, with `-N` behind it. Without quotes.
    public var tag: String
    public var modified: Timestamp
    public var headers: ObjectHeaders
    public var checksum: ObjectChecksum?
    public var version = ObjectVersion.null
    /// Grows from version to version of a key; 0 of what was never anything but the only one.
    public var sequence: Int64 = 0
    /// Says that the object was removed: it has no bytes, and what came before stays.
    public var isMarker = false
    /// Whose it is, as S3 names principals; empty of objects from before this was kept.
    public var owner: String
    public var attributes = ObjectAttributes()

    public init(
        key: ObjectKey, content: ContentID, size: Int64, tag: String, modified: Timestamp,
        headers: ObjectHeaders = ObjectHeaders(), checksum: ObjectChecksum? = nil, owner: String = ""
    ) {
        self.key = key
        self.content = content
        self.size = size
        self.tag = tag
        self.modified = modified
        self.headers = headers
        self.checksum = checksum
        self.owner = owner
    }
}

/// What a client gave with an object, to be given back with it: content fields by their names, and metadata of its own.
public struct ObjectHeaders: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields that are kept, in lower case, besides those that begin with ``metadataPrefix``.
    public static let contentFields = [
        "content-type", "cache-control", "content-disposition", "content-encoding", "content-language",
        "expires", "x-amz-website-redirect-location",
    ]
    public static let metadataPrefix = "x-amz-meta-"
    /// Bytes of all names, without their prefix, and values of metadata.
    public static let maximumMetadata = 2048

    public var lines: [Line]

    public init(_ lines: [Line] = []) { self.lines = lines }

    /// The first value of `name`, in lower case.
    public subscript(name: String) -> String? { lines.first { $0.name == name }?.value }

    /// Bytes that count for ``maximumMetadata``.
    public var metadataBytes: Int {
        lines.filter { $0.name.hasPrefix(Self.metadataPrefix) }.reduce(0) {
            $0 + $1.name.utf8.count - Self.metadataPrefix.utf8.count + $1.value.utf8.count
        }
    }
}

/// A bucket.
public struct BucketRecord: Hashable, Sendable {
    public var name: BucketName
    /// Whom it belongs to.
    public var project: String
    public var createdAt: Timestamp
    /// The principal's URI.
    public var createdBy: String
    public var settings: BucketSettings

    public init(
        name: BucketName, project: String, createdAt: Timestamp, createdBy: String,
        settings: BucketSettings = BucketSettings()
    ) {
        self.name = name
        self.project = project
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.settings = settings
    }
}
