/// What few objects have: kept as JSON, and empty for all others.
public struct ObjectAttributes: Hashable, Sendable, Codable {
    public var tags: [ObjectTag]?
    /// The upload that the object came in parts by, so that a request to put it together may be repeated.
    public var upload: UploadID?
    public var lock: ObjectLock?
    /// Nil where the bytes are as they came.
    public var encryption: ObjectEncryption?
    /// Nil for that only its owner may.
    public var access: AccessList?

    public init() {}

    public var isEmpty: Bool { self == ObjectAttributes() }
}

/// A name and a value that objects and buckets are sorted by.
public struct ObjectTag: Hashable, Sendable, Codable {
    public static let maximumOfObject = 10
    public static let maximumOfBucket = 50

    /// Why tags are refused.
    public enum Fault: Error, Hashable, Sendable {
        case tooMany(Int)
        /// A name of more than 128 characters, or none.
        case badName
        /// A value of more than 256 characters.
        case badValue
        case repeated(String)
    }

    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public static func check(_ tags: [ObjectTag], limit: Int) throws(Fault) {
        guard tags.count <= limit else { throw .tooMany(limit) }
        var names: Set<String> = []
        for tag in tags {
            guard (1...128).contains(tag.name.unicodeScalars.count) else { throw .badName }
            guard tag.value.unicodeScalars.count <= 256 else { throw .badValue }
            guard names.insert(tag.name).inserted else { throw .repeated(tag.name) }
        }
    }
}
