public import Core

/// A file or an object, as it is compared.
public struct SyncEntry: Hashable, Sendable {
    /// Within the folder.
    public var path: String
    public var size: Int64
    public var modified: Timestamp
    /// What the store says of its bytes; nil for files.
    public var tag: String?

    public init(path: String, size: Int64, modified: Timestamp, tag: String? = nil) {
        self.path = path
        self.size = size
        self.modified = modified
        self.tag = tag
    }
}

/// What makes one folder like another: a plain value.
public struct SyncPlan: Hashable, Sendable {
    /// When a file and an object of one name are held to be the same.
    public enum Comparison: Hashable, Sendable {
        /// They are as large, and the source was not written later.
        case sizeAndTime
        case size
        /// They are as large, and their bytes have the same checksum.
        case checksum
    }

    public enum Reason: String, Hashable, Sendable, Codable {
        case new
        case size
        case newer
        case content
    }

    public struct Copy: Hashable, Sendable {
        public var source: SyncEntry
        public var reason: Reason
    }

    /// A pair that is as large, whose bytes have to be compared.
    public struct Pair: Hashable, Sendable {
        public var source: SyncEntry
        public var target: SyncEntry
    }

    public private(set) var copies: [Copy] = []
    public private(set) var comparisons: [Pair] = []
    /// Paths that only the target has.
    public private(set) var extra: [String] = []
    /// How many are the same.
    public private(set) var unchanged = 0

    /// - Parameters:
    ///   - source: in any order, each path once.
    ///   - target: the same.
    public init(
        source: [SyncEntry], target: [SyncEntry], by comparison: Comparison, filter: PathFilter
    ) {
        let before: (SyncEntry, SyncEntry) -> Bool = { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        var sources = source.filter { filter.takes($0.path) }.sorted(by: before)[...]
        var targets = target.filter { filter.takes($0.path) }.sorted(by: before)[...]
        while let first = sources.first {
            if let other = targets.first, before(other, first) {
                extra.append(other.path)
                targets.removeFirst()
                continue
            }
            sources.removeFirst()
            // Compared as bytes: texts that only look the same are two keys.
            guard let other = targets.first, other.path.utf8.elementsEqual(first.path.utf8) else {
                copies.append(Copy(source: first, reason: .new))
                continue
            }
            targets.removeFirst()
            compare(first, other, comparison)
        }
        extra += targets.map(\.path)
    }

    private mutating func compare(_ source: SyncEntry, _ target: SyncEntry, _ comparison: Comparison) {
        guard source.size == target.size else {
            copies.append(Copy(source: source, reason: .size))
            return
        }
        switch comparison {
        case .size: unchanged += 1
        case .sizeAndTime:
            if Self.isLater(source.modified, target.modified) {
                copies.append(Copy(source: source, reason: .newer))
            } else {
                unchanged += 1
            }
        case .checksum: comparisons.append(Pair(source: source, target: target))
        }
    }

    /// Most stores know the second alone: then no more than that is compared.
    private static func isLater(_ time: Timestamp, _ other: Timestamp) -> Bool {
        let second: Int64 = 1_000_000
        guard time.microseconds % second != 0, other.microseconds % second != 0 else {
            return time.microseconds / second > other.microseconds / second
        }
        return time > other
    }

    /// Takes what came of comparing a pair.
    public mutating func settle(_ pair: Pair, isSame: Bool) {
        if isSame { unchanged += 1 } else { copies.append(Copy(source: pair.source, reason: .content)) }
    }
}
