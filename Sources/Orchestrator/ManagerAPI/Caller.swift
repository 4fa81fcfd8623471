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
    private let authorizer: Authorizer

    public init(principal: Principal?, authorizer: Authorizer) {
        self.principal = principal
        self.authorizer = authorizer
    }

    /// The principal's URI, for records.
    public var name: String { principal?.description ?? "anonymous" }

    public func require(_ permission: Permission) async throws {
        guard let principal else {
            throw ApolloError(.unauthenticated, "this needs a token", hint: "send 'Authorization: Bearer …'")
        }
        try authorizer.check(principal, permission.level, on: permission.resource)
    }
}

/// The URIs of what the API is about. There is one cluster and one organisation until the platform brings more.
enum Resources {
    /// All tasks of a project.
    static func tasks(in project: String) throws -> ResourceURI {
        try ResourceURI(.task, ["local", "default", project])
    }

    static func task(_ handle: String, in project: String) throws -> ResourceURI {
        try ResourceURI(.task, ["local", "default", project, handle])
    }

    static func nodes() throws -> ResourceURI { try ResourceURI(.node, ["local"]) }
}
