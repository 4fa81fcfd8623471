public import Core

/// The phantom kind of ``VersionID``.
public enum VersionKind {}
public typealias VersionID = Identifier<VersionKind>

/// Which version of an object is meant. What was stored while its bucket kept no versions is the one called `null`.
public enum ObjectVersion: Hashable, Sendable {
    case null
    case id(VersionID)

    /// Reads what clients send; nil for what names no version that there can be.
    public init?(parsing text: String) {
        if text == "null" {
            self = .null
        } else if let id = VersionID(parsing: text) {
            self = .id(id)
        } else {
            return nil
        }
    }

    public var text: String {
        switch self {
        case .null: "null"
        case .id(let id): id.text
        }
    }
}

/// Whether a bucket keeps what is replaced and removed.
public enum BucketVersioning: String, Hashable, Sendable, Codable {
    /// It keeps all.
    case enabled = "Enabled"
    /// It keeps what it had when this was said, and of what came since only the last.
    case suspended = "Suspended"
}

/// A version in a list of them.
public struct ListedVersion: Hashable, Sendable {
    public var record: ObjectRecord
    /// Whether it is what is read where no version is named.
    public var isLatest: Bool

    public init(record: ObjectRecord, isLatest: Bool) {
        self.record = record
        self.isLatest = isLatest
    }
}

/// After which version of a key a page begins: `VERSION.SEQUENCE`, which says where that is although it may be gone, or `VERSION`.
public struct VersionMarker: Hashable, Sendable {
    public var version: ObjectVersion
    public var sequence: Int64?

    public init(_ record: ObjectRecord) {
        version = record.version
        sequence = record.sequence
    }

    public init?(parsing text: String) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let version = parts.first.flatMap({ ObjectVersion(parsing: String($0)) }) else { return nil }
        self.version = version
        guard parts.count == 2 else { return }
        guard let sequence = Int64(parts[1]) else { return nil }
        self.sequence = sequence
    }

    public var text: String { version.text + (sequence.map { ".\($0)" } ?? "") }
}

/// One page of the versions of a bucket's objects: by key, and of each key the newest first.
public struct VersionPage: Hashable, Sendable {
    public var versions: [ListedVersion] = []
    /// What many keys have in common up to the delimiter.
    public var prefixes: [String] = []
    /// The last entry, after which the next page begins: a key or a prefix; nil where this is the last.
    public var nextKey: String?
    /// The version of the key that was last; nil where the last entry was a prefix.
    public var nextVersion: VersionMarker?

    public init() {}

    public var count: Int { versions.count + prefixes.count }
}
