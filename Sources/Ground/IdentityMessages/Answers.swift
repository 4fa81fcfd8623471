public import Core
public import Documents

/// One page of a list.
public struct ListPage<Item: Codable & Sendable>: Codable, Sendable {
    public var items: [Item]
    public var nextCursor: String?

    public init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// Who asks, by what, and what that is good for.
public struct WhoAmI: Hashable, Sendable, Codable, SchemaProviding {
    public var principal: String
    public var roles: [String]
    /// The token asked with; nil for the machine's own.
    public var token: TokenView?
    public var project: String
    /// By kind of thing, the level in the project.
    public var permissions: [String: String]

    public init(
        principal: String, roles: [String], token: TokenView?, project: String, permissions: [String: String]
    ) {
        self.principal = principal
        self.roles = roles
        self.token = token
        self.project = project
        self.permissions = permissions
    }

    public static var schema: Schema {
        .object(
            "Who asks, and what they may.",
            [
                .required("principal", .string, "The URI of who asks."),
                .required("roles", .array(.string), "The roles they have."),
                .optional(
                    "token", .of(TokenView.self), "What was asked with; nothing for the machine's own token."),
                .required("project", .string, "The project that was asked about."),
                .required("permissions", .map(of: .string), "What they may do there, by kind of thing."),
            ])
    }
}

/// A user.
public struct UserView: Hashable, Sendable, Codable, SchemaProviding {
    public var name: String
    public var kind: String
    public var principal: String
    public var disabled: Bool
    public var hasPassword: Bool
    public var roles: [String]
    public var createdAt: Timestamp
    public var createdBy: String
    public var revision: Int64

    public init(
        name: String, kind: String, principal: String, disabled: Bool, hasPassword: Bool, roles: [String],
        createdAt: Timestamp, createdBy: String, revision: Int64
    ) {
        self.name = name
        self.kind = kind
        self.principal = principal
        self.disabled = disabled
        self.hasPassword = hasPassword
        self.roles = roles
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.revision = revision
    }

    public static let schemaName = "User"
    public static var schema: Schema {
        .object(
            "A user.",
            [
                .required("name", .string), .required("kind", .values(["user", "service"])),
                .required("principal", .string, "The user's URI, as audit records have it."),
                .required("disabled", .boolean, "Whether nobody can log in as this user."),
                .required("hasPassword", .boolean), .required("roles", .array(.string)),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
                .required("revision", .integer, "Counts changes; the ETag."),
            ])
    }
}

/// A role.
public struct RoleView: Hashable, Sendable, Codable, SchemaProviding {
    public var name: String
    public var builtIn: Bool
    public var members: [String]
    public var grants: [GrantView]
    public var createdAt: Timestamp

    public init(name: String, builtIn: Bool, members: [String], grants: [GrantView], createdAt: Timestamp) {
        self.name = name
        self.builtIn = builtIn
        self.members = members
        self.grants = grants
        self.createdAt = createdAt
    }

    public static let schemaName = "Role"
    public static var schema: Schema {
        .object(
            "A role.",
            [
                .required("name", .string), .required("builtIn", .boolean, "Whether it cannot be changed."),
                .required("members", .array(.string, count: 0...100_000), "The users who have it."),
                .required("grants", .array(.of(GrantView.self), count: 0...100_000), "What it holds."),
                .required("createdAt", .string(.timestamp)),
            ])
    }
}

/// A grant.
public struct GrantView: Hashable, Sendable, Codable, SchemaProviding {
    public var id: String
    public var user: String?
    public var role: String?
    public var permission: String
    public var resource: String
    public var createdAt: Timestamp
    public var createdBy: String

    public init(
        id: String, user: String?, role: String?, permission: String, resource: String, createdAt: Timestamp,
        createdBy: String
    ) {
        self.id = id
        self.user = user
        self.role = role
        self.permission = permission
        self.resource = resource
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    public static let schemaName = "Grant"
    public static var schema: Schema {
        .object(
            "A grant.",
            [
                .required("id", .string(.identifier)), .optional("user", .string, "Who holds it."),
                .optional("role", .string, "The role that holds it."), .required("permission", .string),
                .required("resource", .string), .required("createdAt", .string(.timestamp)),
                .required("createdBy", .string),
            ])
    }
}

/// A token, without its secret but right after it was made.
public struct TokenView: Hashable, Sendable, Codable, SchemaProviding {
    public var id: String
    /// The secret, shown once.
    public var token: String?
    public var kind: String
    public var principal: String
    public var note: String
    public var permission: String
    public var resources: [String]
    public var createdAt: Timestamp
    public var expires: Timestamp?

    public init(
        id: String, token: String?, kind: String, principal: String, note: String, permission: String,
        resources: [String], createdAt: Timestamp, expires: Timestamp?
    ) {
        self.id = id
        self.token = token
        self.kind = kind
        self.principal = principal
        self.note = note
        self.permission = permission
        self.resources = resources
        self.createdAt = createdAt
        self.expires = expires
    }

    public static let schemaName = "Token"
    public static var schema: Schema {
        .object(
            "A token.",
            [
                .required("id", .string(.identifier)),
                .optional("token", .string, "The secret; only in the answer that makes it."),
                .required(
                    "kind", .values(["login", "personal", "session"]),
                    "By a password, for a program, a browser's."),
                .required("principal", .string, "Whose it is."), .required("note", .string),
                .required("permission", .string, "The highest level it is good for."),
                .required(
                    "resources", .array(.string), "What it is good for; everything where this is empty."),
                .required("createdAt", .string(.timestamp)), .optional("expires", .string(.timestamp)),
            ])
    }
}

/// A project.
public struct ProjectView: Hashable, Sendable, Codable, SchemaProviding {
    public var name: String
    public var createdAt: Timestamp
    public var createdBy: String

    public init(name: String, createdAt: Timestamp, createdBy: String) {
        self.name = name
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    public static let schemaName = "Project"
    public static var schema: Schema {
        .object(
            "A project.",
            [
                .required("name", .string), .required("createdAt", .string(.timestamp)),
                .required("createdBy", .string),
            ])
    }
}

/// A code that logs a browser in.
public struct BrowserCode: Hashable, Sendable, Codable, SchemaProviding {
    /// Where the browser goes, under the platform's address.
    public var path: String
    /// For how many seconds.
    public var age: Double

    public init(path: String, age: Double) {
        self.path = path
        self.age = age
    }

    public static var schema: Schema {
        .object(
            "A link that logs a browser in, once.",
            [
                .required("path", .string, "Under the platform's address."),
                .required("age", .number, "For how many seconds it is good."),
            ])
    }
}

/// What somebody did, or tried to.
public struct AuditView: Hashable, Sendable, Codable, SchemaProviding {
    public var time: Timestamp
    public var principal: String
    public var action: String
    public var resource: String
    public var outcome: String
    public var reason: String?
    public var requestID: String
    public var peer: String

    public init(
        time: Timestamp, principal: String, action: String, resource: String, outcome: String,
        reason: String?,
        requestID: String, peer: String
    ) {
        self.time = time
        self.principal = principal
        self.action = action
        self.resource = resource
        self.outcome = outcome
        self.reason = reason
        self.requestID = requestID
        self.peer = peer
    }

    public static let schemaName = "AuditRecord"
    public static var schema: Schema {
        .object(
            "What somebody did, or tried to.",
            [
                .required("time", .string(.timestamp)),
                .required("principal", .string, "Who, or `anonymous`."),
                .required("action", .string, "The operation, such as `createTask`."),
                .required("resource", .string, "On what: a URI, or the path of the request."),
                .required("outcome", .values(["succeeded", "failed", "denied"])),
                .optional("reason", .string, "Why it did not succeed."),
                .required("requestID", .string, "As `X-Request-Id` has it."),
                .required("peer", .string, "Where it came from."),
            ])
    }
}
