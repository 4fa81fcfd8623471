public import Core

/// Under which an object is written or removed.
public struct ObjectCondition: Hashable, Sendable {
    public enum Refusal: Error, Hashable, Sendable {
        /// There is no object, and one was expected.
        case missing
        /// There is another.
        case failed
    }

    /// The values of `If-Match` and `If-None-Match`.
    public var match: String?
    public var noneMatch: String?
    /// Of an object that is removed: its size, and when it was changed, to the second.
    public var size: Int64?
    public var modified: Timestamp?

    public static let none = ObjectCondition()

    public init(match: String? = nil, noneMatch: String? = nil) {
        self.match = match
        self.noneMatch = noneMatch
    }

    public var isEmpty: Bool { self == .none }

    /// Whether a change may be made where the object's tag is `current`, nil for no object.
    public func check(_ current: String?) throws(Refusal) {
        if let match {
            guard let current else { throw .missing }
            guard Self.names(match, current) else { throw .failed }
        }
        if let noneMatch, let current, Self.names(noneMatch, current) { throw .failed }
    }

    /// Whether what is there may be removed. Where there is nothing, nothing is to be held to.
    public func checkRemoval(_ current: ObjectRecord?) throws(Refusal) {
        guard let current else { return }
        if let match, match != "*", current.isMarker || !Self.names(match, current.tag) { throw .failed }
        if let size, current.isMarker || current.size != size { throw .failed }
        if let modified, current.modified.microseconds / 1_000_000 != modified.microseconds / 1_000_000 {
            throw .failed
        }
    }

    /// Whether a list of tags, or `*`, has `tag`. Clients leave the quotes out, too.
    public static func names(_ list: String, _ tag: String) -> Bool {
        list.split(separator: ",").contains { each in
            let bare = each.filter { $0 != " " && $0 != "\"" && $0 != "\t" }
            return bare == "*" || bare == tag
        }
    }
}
