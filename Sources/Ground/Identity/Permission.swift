/// What may be done with a resource; each level includes those below it.
public enum Permission: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nothing, whatever else is granted: see ``Authorizer``.
    case deny
    /// See that it exists.
    case list
    /// See what is in it.
    case read
    /// Make, change and remove it.
    case write
    /// Grant others permissions on it.
    case manage
}

extension Permission: Comparable {
    static let granting: [Permission] = [.list, .read, .write, .manage]

    var rank: Int {
        switch self {
        case .deny: 0
        case .list: 1
        case .read: 2
        case .write: 3
        case .manage: 4
        }
    }

    public static func < (a: Permission, b: Permission) -> Bool { a.rank < b.rank }
}
