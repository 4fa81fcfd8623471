public import Core
import Synchronization

/// Who asks, and what they may: the one place that all doors (HTTP, RPC, pages) go through, and that changes while they are open.
///
/// A question costs a lock that nobody holds for long, and a look-up; see ``Authorizer`` and ``TokenAuthenticator``.
public final class AccessControl: Sendable {
    /// What can be asked about.
    public struct State: Sendable {
        public var authenticator: TokenAuthenticator
        public var authorizer: Authorizer
        /// The projects there are, by name; nil where there is no list of them, and any name is taken.
        public var projects: Set<String>?
        var uses = ProjectUses()
        /// Who judges certificates; nil where nobody comes with one.
        public var certificates: (any CertificateAuthenticator)?

        public init(
            _ authenticator: TokenAuthenticator, _ authorizer: Authorizer, projects: Set<String>? = nil
        ) {
            self.authenticator = authenticator
            self.authorizer = authorizer
            self.projects = projects
        }
    }

    private let state: Mutex<State>

    public init(_ authenticator: TokenAuthenticator, _ authorizer: Authorizer) {
        state = Mutex(State(authenticator, authorizer))
    }

    /// Changes what is known, at once for everyone who asks.
    public func update(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// The same for a change that may be refused.
    func change(_ body: (inout State) throws(ApolloError) -> Void) throws(ApolloError) {
        try state.withLock { state throws(ApolloError) in try body(&state) }
    }

    // MARK: Who

    /// The credential of the token in `authorization`, at the time `now`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`. It never repeats what was sent.
    public func authenticate(authorization: String?, at now: Timestamp) throws(ApolloError) -> Credential {
        try state.withLock { state throws(ApolloError) in
            try state.authenticator.authenticate(authorization: authorization, at: now)
        }
    }

    /// The credential of a browser's session, at the time `now`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`.
    public func authenticate(session secret: BearerToken, at now: Timestamp) throws(ApolloError) -> Credential
    {
        try state.withLock { state throws(ApolloError) in
            try state.authenticator.authenticate(session: secret, at: now)
        }
    }

    /// The credential of whoever has shown `certificate`, in DER, and proved to have its key.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`.
    public func authenticate(certificate: [UInt8], at now: Timestamp) throws(ApolloError) -> Credential {
        // Judged without the lock: it takes a signature's time where it is new.
        guard let judge = state.withLock({ $0.certificates }) else {
            throw ApolloError(
                .unauthenticated, "certificates are not taken here",
                hint: "send 'Authorization: Bearer TOKEN'")
        }
        let certified = try judge.authenticate(certificate: certificate, at: now)
        try state.withLock { state throws(ApolloError) in
            try state.authenticator.checkEnabled(certified.principal)
        }
        return Credential(certified, certificate: certificate)
    }

    /// Whether `credential` has neither been revoked nor expired since it was seen.
    public func isValid(_ credential: Credential, at now: Timestamp) -> Bool {
        guard let certificate = credential.certificate else {
            return state.withLock { $0.authenticator.isValid(credential, at: now) }
        }
        // Why it is not good any more is said at the next request.
        return (try? authenticate(certificate: certificate, at: now)) != nil
    }

    // MARK: What

    /// What can be done with `resource` at most: what the principal may, less what its token leaves out.
    public func permission(of credential: Credential, on resource: ResourceURI) -> Permission {
        state.withLock { Self.permission(of: credential, on: resource, $0) }
    }

    /// Whether `credential` is good for what needs `permission`.
    public func allows(_ credential: Credential, _ permission: Permission, on resource: ResourceURI) -> Bool {
        permission != .deny && self.permission(of: credential, on: resource) >= permission
    }

    /// Whether rules of a resource's own, such as a bucket's policy, may allow `credential` what its principal holds no grant for: its
    /// token is good for it, and no grant denies it.
    public func leavesOpen(_ credential: Credential, _ permission: Permission, on resource: ResourceURI)
        -> Bool
    {
        credential.scope.limit(permission, on: resource) == permission
            && !state.withLock { $0.authorizer.isDenied(credential.principal, on: resource) }
    }

    /// Whether `credential` may the same with all that is under `resource` as with itself: neither a grant nor the reach of its token
    /// begins or ends below. One question then answers for a whole listing.
    public func isTreatedAlike(_ credential: Credential, below resource: ResourceURI) -> Bool {
        credential.scope.isEven(below: resource)
            && !state.withLock { $0.authorizer.mayHaveGrants(below: resource) }
    }

    /// - Throws: ``ApolloError``: `denied` naming all three unless ``allows(_:_:on:)``; `notFound` where the resource is in
    ///   a project that is not there, or that the caller may know nothing of: the two look the same.
    public func check(
        _ credential: Credential, _ permission: Permission, on resource: ResourceURI
    ) throws(ApolloError) {
        try state.withLock { state throws(ApolloError) in
            let held = Self.permission(of: credential, on: resource, state)
            if let project = resource.project {
                let isThere = state.projects?.contains(project) ?? true
                guard isThere, held != .deny || Self.sees(credential, project: project, state) else {
                    throw Self.unknown(project: project)
                }
            }
            guard permission == .deny || held < permission else { return }
            guard credential.scope.limit(permission, on: resource) == permission else {
                throw ApolloError(
                    .denied, "this token is not good for '\(permission.rawValue)' on \(resource)",
                    hint: "use a token with a wider scope, or log in")
            }
            throw Authorizer.refusal(credential.principal, permission, on: resource)
        }
    }

    /// Whether the caller may know that `project` is there: it is, and something in it is theirs to see.
    public func sees(_ credential: Credential, project: String) -> Bool {
        state.withLock { state in
            (state.projects?.contains(project) ?? true) && Self.sees(credential, project: project, state)
        }
    }

    /// What is said of a project that is not there, and of one that the caller may know nothing of.
    public static func unknown(project: String) -> ApolloError {
        ApolloError(
            .notFound, "no project '\(project)'", hint: "'apollo project ls' lists those that you can see")
    }

    private static func permission(
        of credential: Credential, on resource: ResourceURI, _ state: State
    ) -> Permission {
        credential.scope.limit(
            state.authorizer.permission(of: credential.principal, on: resource), on: resource)
    }

    private static func sees(_ credential: Credential, project: String, _ state: State) -> Bool {
        ResourceURI.Scheme.allCases.contains { scheme in
            // A name that cannot be in a URI is no project's.
            guard let all = try? ResourceURI(scheme, ["local", "default", project]) else { return false }
            return permission(of: credential, on: all, state) > .deny
        }
    }
}

extension ResourceURI {
    /// The project that the resource is, or is in. Nodes are in none, and roles of the cluster neither.
    public var project: String? { scheme != .node && path.count >= 3 && path[1] == "default" ? path[2] : nil }
}
