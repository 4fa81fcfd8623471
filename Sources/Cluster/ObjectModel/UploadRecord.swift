public import Core

/// The phantom kind of ``UploadID``.
public enum UploadKind {}
public typealias UploadID = Identifier<UploadKind>

/// An object that comes in parts.
public struct UploadRecord: Hashable, Sendable {
    public var id: UploadID
    public var key: ObjectKey
    public var headers: ObjectHeaders
    /// The checksum that each part has.
    public var algorithm: ObjectChecksum.Algorithm?
    /// What the checksum of the object will be of.
    public var kind = ObjectChecksum.Kind.composite
    public var createdAt: Timestamp
    /// The principal's URI.
    public var createdBy: String
    /// Whose the object will be.
    public var owner = ""
    public var attributes = ObjectAttributes()

    public init(
        id: UploadID, key: ObjectKey, headers: ObjectHeaders, algorithm: ObjectChecksum.Algorithm?,
        createdAt: Timestamp, createdBy: String
    ) {
        self.id = id
        self.key = key
        self.headers = headers
        self.algorithm = algorithm
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// One part of an upload.
public struct PartRecord: Hashable, Sendable {
    /// The parts of an object, in their order.
    public static let numbers = 1...10_000
    /// The least bytes of any part but the last.
    public static let smallest: Int64 = 5 << 20

    public var number: Int
    public var content: ContentID
    public var size: Int64
    /// The MD5 of its bytes in hexadecimal.
    public var tag: String
    /// In base 64, by the upload's algorithm.
    public var checksum: String?
    public var modified: Timestamp

    public init(
        number: Int, content: ContentID, size: Int64, tag: String, checksum: String?, modified: Timestamp
    ) {
        self.number = number
        self.content = content
        self.size = size
        self.tag = tag
        self.checksum = checksum
        self.modified = modified
    }
}

/// A part as the one who completes an upload names it.
public struct NamedPart: Hashable, Sendable {
    public var number: Int
    /// Without quotes.
    public var tag: String
    /// In base 64, where it is said.
    public var checksum: String?

    public init(number: Int, tag: String, checksum: String? = nil) {
        self.number = number
        self.tag = tag
        self.checksum = checksum
    }
}

/// A part of an object that came in parts.
public struct ObjectPart: Hashable, Sendable {
    /// From 1 on, without gaps.
    public var number: Int
    public var size: Int64
    /// In base 64, by the object's algorithm.
    public var checksum: String?

    public init(number: Int, size: Int64, checksum: String?) {
        self.number = number
        self.size = size
        self.checksum = checksum
    }
}
