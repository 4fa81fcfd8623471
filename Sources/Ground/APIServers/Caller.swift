public import Core
public import HTTPRouting
public import Identity

/// Who makes a call, and what they may do.
public struct Caller: RequestContext {
    /// A level of rights on a thing.
    public struct Permission: Sendable {
        public var level: Identity.Permission
        public var resource: ResourceURI

        public init(_ level: Identity.Permission, _ resource: ResourceURI) {
            self.level = level
            self.resource = resource
        }
    }

    /// How the caller proved who asks. Nil for nobody: on routes that are open.
    public let credential: Credential?
    /// For pages: what their forms must send back, bound to the browser's session. Nil for all other callers.
    public let formToken: String?
    public let access: AccessControl

    public init(credential: Credential?, formToken: String? = nil, access: AccessControl) {
        self.credential = credential
        self.formToken = formToken
        self.access = access
    }

    public var principal: Principal? { credential?.principal }

    /// The principal's URI, for records.
    public var name: String { principal?.description ?? "anonymous" }

    public func require(_ permission: Permission) async throws {
        try access.check(try known(), permission.level, on: permission.resource)
    }

    /// Whether the caller has a permission; never for nobody.
    public func may(_ permission: Permission) -> Bool {
        credential.map { access.allows($0, permission.level, on: permission.resource) } ?? false
    }

    /// The credential of a caller who is somebody.
    public func known() throws(ApolloError) -> Credential {
        guard let credential else {
            throw ApolloError(.unauthenticated, "this needs a token", hint: "send 'Authorization: Bearer …'")
        }
        return credential
    }
}
