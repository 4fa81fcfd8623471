public import Core

/// Decides who may do what.
///
/// Nothing is allowed unless a grant on the resource, or on a prefix of it, says so; the highest such grant counts. A
/// grant of `deny` outdoes all others on what is under it: below it nothing can be granted again. What a role holds, all
/// hold who have it.
///
/// A check looks up the segments of one path, and at each the asker and his roles, however many grants there are.
public struct Authorizer: Sendable {
    private var tree = GrantTree()
    private var subjects: [Subject: Int32] = [:]
    /// By principal: himself and his roles, as the tree numbers them.
    private var roles: [Principal: [Int32]] = [:]

    public init(_ grants: some Sequence<Grant> = []) {
        for grant in grants { add(grant) }
    }

    /// Adds `grant`. One that was added twice must be removed twice.
    public mutating func add(_ grant: Grant) {
        tree.add(grant.permission, to: number(grant.subject), at: grant.resource)
    }

    /// Takes `grant` back; false if it was not there.
    @discardableResult
    public mutating func remove(_ grant: Grant) -> Bool {
        guard let number = subjects[grant.subject] else { return false }
        return tree.remove(grant.permission, from: number, at: grant.resource)
    }

    /// Gives `principal` all that `role` holds.
    public mutating func assign(_ role: RoleName, to principal: Principal) {
        let own = number(.principal(principal))
        let number = number(.role(role))
        var all = roles[principal] ?? [own]
        if !all.contains(number) { all.append(number) }
        roles[principal] = all
    }

    public mutating func unassign(_ role: RoleName, from principal: Principal) {
        guard let number = subjects[.role(role)] else { return }
        roles[principal]?.removeAll { $0 == number }
    }

    /// What `principal` may do with `resource` at most; `deny` if nothing.
    public func permission(of principal: Principal, on resource: ResourceURI) -> Permission {
        guard let numbers = roles[principal] else { return .deny }
        return tree.permission(of: numbers, on: resource)
    }

    /// Whether a grant of `deny` to `principal` is on `resource`, or on a prefix of it.
    public func isDenied(_ principal: Principal, on resource: ResourceURI) -> Bool {
        roles[principal].map { tree.isDenied($0, on: resource) } ?? false
    }

    /// Whether a grant, to whomever, may be on something under `resource`. That one is there is never missed.
    public func mayHaveGrants(below resource: ResourceURI) -> Bool { tree.mayHaveGrants(below: resource) }

    /// Whether `principal` may do what needs `permission`. Nobody needs `deny`, so nobody is allowed it.
    public func allows(_ principal: Principal, _ permission: Permission, on resource: ResourceURI) -> Bool {
        permission != .deny && self.permission(of: principal, on: resource) >= permission
    }

    /// - Throws: ``ApolloError`` of kind `denied` naming all three, unless ``allows(_:_:on:)``.
    public func check(
        _ principal: Principal, _ permission: Permission, on resource: ResourceURI
    ) throws(ApolloError) {
        guard !allows(principal, permission, on: resource) else { return }
        throw Self.refusal(principal, permission, on: resource)
    }

    static func refusal(
        _ principal: Principal, _ permission: Permission, on resource: ResourceURI
    ) -> ApolloError {
        ApolloError(
            .denied, "\(principal) may not \(permission.rawValue) \(resource)",
            hint: "ask someone who may manage it for '\(permission.rawValue)'")
    }

    /// Numbers stay: subjects are few, and come back.
    private mutating func number(_ subject: Subject) -> Int32 {
        if let number = subjects[subject] { return number }
        let number = Int32(subjects.count)
        subjects[subject] = number
        if case .principal(let principal) = subject { roles[principal] = [number] }
        return number
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
