/// What a token may be used for at most: it only ever takes away from what its principal may do.
public struct TokenScope: Hashable, Sendable {
    /// The highest permission.
    public var permission: Permission
    /// What it reaches: these and all under them; empty for everything.
    public var resources: [ResourceURI]

    /// All that the principal may do.
    public static let everything = TokenScope(permission: .manage, resources: [])

    public init(permission: Permission, resources: [ResourceURI]) {
        self.permission = permission
        self.resources = resources
    }

    public var isLimited: Bool { permission != .manage || !resources.isEmpty }

    /// Whether `resource` is within reach.
    public func reaches(_ resource: ResourceURI) -> Bool {
        resources.isEmpty || resources.contains { $0.contains(resource) }
    }

    /// Whether it reaches all that is under `resource`, or nothing of it.
    func isEven(below resource: ResourceURI) -> Bool {
        reaches(resource) || !resources.contains { resource.contains($0) }
    }

    /// What is left of `permission` on `resource`.
    public func limit(_ permission: Permission, on resource: ResourceURI) -> Permission {
        reaches(resource) ? min(permission, self.permission) : .deny
    }

    /// Whether `other` allows nothing that this one does not.
    public func contains(_ other: TokenScope) -> Bool {
        guard other.permission <= permission else { return false }
        if resources.isEmpty { return true }
        return !other.resources.isEmpty && other.resources.allSatisfy { reaches($0) }
    }
}
