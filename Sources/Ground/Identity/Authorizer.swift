public import Core

/// Decides who may do what.
///
/// Nothing is allowed unless a grant on the resource, or on a prefix of it, says so; the highest such grant counts. A
/// grant of `deny` outdoes all others on what is under it: below it nothing can be granted again.
///
/// A check looks up the segments of one path, however many grants there are.
public struct Authorizer: Sendable {
    /// What is granted on one prefix, and what is under it.
    private struct Node: Sendable {
        var granted: [Permission] = []
        var children: [String: Node] = [:]

        var isEmpty: Bool { granted.isEmpty && children.isEmpty }
    }

    private struct Key: Hashable {
        let principal: Principal
        let scheme: ResourceURI.Scheme
    }

    private var roots: [Key: Node] = [:]

    public init(_ grants: some Sequence<Grant> = []) {
        for grant in grants { add(grant) }
    }

    /// Adds `grant`. One that was added twice must be removed twice: two roles may hold it.
    public mutating func add(_ grant: Grant) {
        let key = Key(principal: grant.principal, scheme: grant.resource.scheme)
        Self.add(grant.permission, at: grant.resource.path[...], to: &roots[key, default: Node()])
    }

    /// Takes `grant` back; false if it was not there.
    @discardableResult
    public mutating func remove(_ grant: Grant) -> Bool {
        let key = Key(principal: grant.principal, scheme: grant.resource.scheme)
        guard var root = roots.removeValue(forKey: key) else { return false }
        let wasThere = Self.remove(grant.permission, at: grant.resource.path[...], from: &root)
        if !root.isEmpty { roots[key] = root }
        return wasThere
    }

    /// What `principal` may do with `resource` at most; `deny` if nothing.
    public func permission(of principal: Principal, on resource: ResourceURI) -> Permission {
        guard var node = roots[Key(principal: principal, scheme: resource.scheme)] else { return .deny }
        var highest = Permission.deny
        for segment in resource.path {
            guard let child = node.children[segment] else { break }
            node = child
            for permission in node.granted {
                if permission == .deny { return .deny }
                highest = max(highest, permission)
            }
        }
        return highest
    }

    /// Whether `principal` may do what needs `permission`. Nobody needs `deny`, so nobody is allowed it.
    public func allows(_ principal: Principal, _ permission: Permission, on resource: ResourceURI) -> Bool {
        permission != .deny && self.permission(of: principal, on: resource) >= permission
    }

    /// - Throws: ``ApolloError`` of kind `denied` naming all three, unless ``allows(_:_:on:)``.
    public func check(
        _ principal: Principal, _ permission: Permission, on resource: ResourceURI
    ) throws(ApolloError) {
        guard !allows(principal, permission, on: resource) else { return }
        throw ApolloError(
            .denied, "\(principal) may not \(permission.rawValue) \(resource)",
            hint: "ask someone who may manage it for '\(permission.rawValue)'")
    }

    private static func add(_ permission: Permission, at path: ArraySlice<String>, to node: inout Node) {
        guard let segment = path.first else { return node.granted.append(permission) }
        add(permission, at: path.dropFirst(), to: &node.children[segment, default: Node()])
    }

    private static func remove(
        _ permission: Permission, at path: ArraySlice<String>, from node: inout Node
    ) -> Bool {
        guard let segment = path.first else {
            guard let index = node.granted.firstIndex(of: permission) else { return false }
            node.granted.remove(at: index)
            return true
        }
        guard var child = node.children.removeValue(forKey: segment) else { return false }
        let wasThere = remove(permission, at: path.dropFirst(), from: &child)
        if !child.isEmpty { node.children[segment] = child }
        return wasThere
    }
}

extension Authorizer {
    /// Everything on the machine's own cluster, for its one administrator.
    public static var embedded: Authorizer {
        Authorizer(
            ResourceURI.Scheme.allCases.map { scheme in
                Grant(.localAdministrator, .manage, on: .localCluster(scheme))
            })
    }
}
