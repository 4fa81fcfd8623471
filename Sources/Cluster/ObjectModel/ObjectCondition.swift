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

    public static let none = ObjectCondition()

    public init(match: String? = nil, noneMatch: String? = nil) {
        self.match = match
        self.noneMatch = noneMatch
    }

    public var isEmpty: Bool { match == nil && noneMatch == nil }

    /// Whether a change may be made where the object's tag is `current`, nil for no object.
    public func check(_ current: String?) throws(Refusal) {
        if let match {
            guard let current else { throw .missing }
            guard Self.names(match, current) else { throw .failed }
        }
        if let noneMatch, let current, Self.names(noneMatch, current) { throw .failed }
    }

    /// Whether a list of tags, or `*`, has `tag`. Clients leave the quotes out, too.
    public static func names(_ list: String, _ tag: String) -> Bool {
        list.split(separator: ",").contains { each in
            let bare = each.filter { $0 != " " && $0 != "\"" && $0 != "\t" }
            return bare == "*" || bare == tag
        }
    }
}
