public import Core

/// What of a bucket is listed.
public struct ListQuery: Hashable, Sendable {
    /// The keys that begin with it.
    public var prefix: String
    /// Keys with it behind the prefix are listed as one, up to it; empty for none.
    public var delimiter: String
    /// Only what comes after it.
    public var after: String
    /// The most entries, of both kinds.
    public var limit: Int

    public init(prefix: String = "", delimiter: String = "", after: String = "", limit: Int = 1000) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.after = after
        self.limit = limit
    }
}

/// An object in a list: what of it a list tells.
public struct ListedObject: Hashable, Sendable {
    public var key: ObjectKey
    public var size: Int64
    /// As ``ObjectRecord/tag``.
    public var tag: String
    public var modified: Timestamp
    public var checksum: ObjectChecksum?
    /// As ``ObjectRecord/owner``.
    public var owner: String

    public init(
        key: ObjectKey, size: Int64, tag: String, modified: Timestamp, checksum: ObjectChecksum?,
        owner: String
    ) {
        self.key = key
        self.size = size
        self.tag = tag
        self.modified = modified
        self.checksum = checksum
        self.owner = owner
    }
}

/// One page of a bucket's objects, in the order of their keys' bytes.
public struct ListPage: Hashable, Sendable {
    public var objects: [ListedObject]
    /// What many keys have in common up to the delimiter.
    public var prefixes: [String]
    /// The last entry, after which the next page begins; nil where this is the last.
    public var next: String?

    public init(objects: [ListedObject] = [], prefixes: [String] = [], next: String? = nil) {
        self.objects = objects
        self.prefixes = prefixes
        self.next = next
    }

    public var count: Int { objects.count + prefixes.count }
}

/// Makes a page of rows that come in the order of their keys: says for each what is done with it.
public struct ListWalk: Sendable {
    public enum Step: Hashable, Sendable {
        case object
        /// The row stands for all with this prefix: the walk goes on behind them.
        case prefix(String)
        /// The row is under a prefix that was listed already.
        case skip
        /// No further key begins with the query's prefix.
        case end
    }

    private let query: ListQuery
    private var last: String?

    public init(_ query: ListQuery) {
        self.query = query
        // A page that ended with a common prefix goes on behind all that is under it.
        if !query.delimiter.isEmpty, let after = ObjectKey(query.after), after.hasPrefix(query.prefix),
            let common = after.commonPrefix(behind: query.prefix, delimiter: query.delimiter),
            common.utf8.elementsEqual(query.after.utf8)
        {
            last = common
        }
    }

    /// What comes after everything under `prefix`, as far as one text can say it.
    public static func behind(_ prefix: String) -> String { prefix + "\u{10FFFF}" }

    /// Where the rows begin: after this key, or with the prefix itself.
    public var start: (after: String, with: String) {
        (last.map { Self.behind($0) } ?? query.after, query.prefix)
    }

    public mutating func step(_ key: ObjectKey) -> Step {
        guard key.hasPrefix(query.prefix) else { return .end }
        guard let common = key.commonPrefix(behind: query.prefix, delimiter: query.delimiter) else {
            return .object
        }
        if let last, last.utf8.elementsEqual(common.utf8) { return .skip }
        last = common
        return .prefix(common)
    }
}
