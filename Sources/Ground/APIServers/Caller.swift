import Core
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

    /// Nil for nobody: on routes that are open.
    public let principal: Principal?
    private let access: AccessControl

    public init(principal: Principal?, access: AccessControl) {
        self.principal = principal
        self.access = access
    }

    /// The principal's URI, for records.
    public var name: String { principal?.description ?? "anonymous" }

    public func require(_ permission: Permission) async throws {
        guard let principal else {
            throw ApolloError(.unauthenticated, "this needs a token", hint: "send 'Authorization: Bearer …'")
        }
        try access.check(principal, permission.level, on: permission.resource)
    }
}
