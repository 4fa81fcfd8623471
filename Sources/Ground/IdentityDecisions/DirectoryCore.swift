public import Core
public import Identity

/// Decides everything about users, roles, grants, tokens and projects. A plain value: a command gives the changes that it
/// means, or a refusal, and alters nothing; ``apply(_:)`` takes over what has been stored.
///
/// The rule that all others serve: nobody gives, or takes away, rights on what they do not manage themselves, not by way of
/// a role, a token, another's password, or a thing removed and made again.
public struct DirectoryCore: Sendable {
    public struct Limits: Hashable, Sendable {
        public var users = 100_000
        public var roles = 10_000
        public var rolesOfOne = 64
        public var grants = 2_000_000
        public var tokensOfOne = 1000
        public var projects = 10_000
        /// The longest a token is good for.
        public var tokenAge = Duration.seconds(365 * 86400)

        public init() {}
    }

    public internal(set) var users: [String: User] = [:]
    public internal(set) var roles: [RoleName: Role] = [:]
    public internal(set) var members: [RoleName: Set<Principal>] = [:]
    public internal(set) var rolesOf: [Principal: Set<RoleName>] = [:]
    public internal(set) var grants: [GrantID: GrantRecord] = [:]
    var grantsOf: [Subject: Set<GrantID>] = [:]
    public internal(set) var tokens: [TokenID: TokenRecord] = [:]
    var tokensOf: [Principal: Set<TokenID>] = [:]
    public internal(set) var projects: [String: Project] = [:]
    var authorizer = Authorizer.embedded
    public let limits: Limits

    /// What rights on people, and on what they may, are about.
    public static let people = ResourceURI.localCluster(.role)

    public init(limits: Limits = Limits()) { self.limits = limits }

    // MARK: Questions

    /// What `credential` is good for on `resource`.
    public func level(_ credential: Credential, on resource: ResourceURI) -> Permission {
        credential.scope.limit(authorizer.permission(of: credential.principal, on: resource), on: resource)
    }

    /// Whether `credential` manages all of `resource`, with nothing under it denied.
    public func manages(_ credential: Credential, _ resource: ResourceURI) -> Bool {
        guard level(credential, on: resource) == .manage else { return false }
        return !held(by: credential.principal).contains {
            $0.grant.permission == .deny && resource.contains($0.grant.resource)
        }
    }

    /// What `principal` holds, by itself and by its roles.
    public func held(by principal: Principal) -> [GrantRecord] {
        let subjects = [Subject.principal(principal)] + (rolesOf[principal] ?? []).map { .role($0) }
        return subjects.flatMap { held(by: $0) }
    }

    public func held(by subject: Subject) -> [GrantRecord] {
        (grantsOf[subject] ?? []).compactMap { grants[$0] }
    }

    public func tokens(of principal: Principal) -> [TokenRecord] {
        (tokensOf[principal] ?? []).compactMap { tokens[$0] }.sorted { $0.id < $1.id }
    }

    /// Users who can do everything, without the one that the machine's file stands for.
    public var administrators: [User] {
        users.values.filter { user in
            !user.isDisabled
                && [ResourceURI.Scheme.role, .node].allSatisfy {
                    authorizer.permission(of: user.principal, on: .localCluster($0)) == .manage
                }
        }
    }

    // MARK: Refusals that many share

    func requireManaged(_ resource: ResourceURI, by credential: Credential) throws(DirectoryRefusal) {
        guard manages(credential, resource) else { throw .needs(.manage, on: resource, of: credential) }
    }

    /// Refuses unless `credential` manages all that `subject` holds.
    func requireAll(of subject: Subject, by credential: Credential) throws(DirectoryRefusal) {
        for record in held(by: subject) { try requireManaged(record.grant.resource, by: credential) }
    }

    /// Who may change a user as if it were his own account: whoever manages people, and all that the user holds.
    func requirePower(over principal: Principal, by credential: Credential) throws(DirectoryRefusal) {
        guard level(credential, on: Self.people) == .manage else {
            throw .needs(.manage, on: Self.people, of: credential)
        }
        for record in held(by: principal) { try requireManaged(record.grant.resource, by: credential) }
    }

    /// Refuses what would leave no user who can do everything, unless it is asked for on the machine itself, which always can.
    func requireAdministrator(after changes: [DirectoryChange], by credential: Credential)
        throws(DirectoryRefusal)
    {
        guard !credential.isLocalAdministrator, !administrators.isEmpty else { return }
        var next = self
        for change in changes { next.apply(change) }
        guard next.administrators.isEmpty else { return }
        throw .conflict(
            "this would leave no administrator among the users",
            hint: "make another one first, or do it on the platform's own machine")
    }

    func user(_ name: String) throws(DirectoryRefusal) -> User {
        guard let user = users[name] else { throw .notFound("user '\(name.prefix(80))'") }
        return user
    }

    func role(_ name: RoleName) throws(DirectoryRefusal) -> Role {
        guard let role = roles[name] else { throw .notFound("role '\(name)'") }
        return role
    }

    static func checkName(_ name: String, field: String) throws(DirectoryRefusal) {
        let hyphen = UInt8(ascii: "-")
        let isFine =
            (1...63).contains(name.utf8.count) && name.utf8.first != hyphen && name.utf8.last != hyphen
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == hyphen }
        guard isFine else {
            throw .invalid(
                field: field,
                "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end")
        }
    }
}
