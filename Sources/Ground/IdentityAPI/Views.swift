import Core
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

// What the core knows, as the API tells it.

extension UserView {
    init(_ user: User, _ core: DirectoryCore) {
        self.init(
            name: user.name, kind: user.principal.kind.rawValue, principal: user.principal.description,
            disabled: user.isDisabled, hasPassword: user.passwordHash != nil,
            roles: (core.rolesOf[user.principal] ?? []).map(\.text).sorted(), createdAt: user.createdAt,
            createdBy: user.createdBy, revision: user.revision)
    }
}

extension RoleView {
    init(_ role: Role, _ core: DirectoryCore) {
        self.init(
            name: role.name.text, builtIn: role.isBuiltIn,
            members: (core.members[role.name] ?? []).map(\.name).sorted(),
            grants: core.held(by: .role(role.name)).sorted { $0.id < $1.id }.map { GrantView($0) },
            createdAt: role.createdAt)
    }
}

extension GrantView {
    init(_ record: GrantRecord) {
        var user: String?
        var role: String?
        switch record.grant.subject {
        case .principal(let principal): user = principal.name
        case .role(let name): role = name.text
        }
        self.init(
            id: record.id.text, user: user, role: role, permission: record.grant.permission.rawValue,
            resource: record.grant.resource.description, createdAt: record.createdAt,
            createdBy: record.createdBy)
    }
}

extension TokenView {
    init(_ record: TokenRecord, secret: BearerToken? = nil) {
        self.init(
            id: record.id.text, token: secret?.text, kind: record.kind.rawValue,
            principal: record.principal.description, note: record.note,
            permission: record.scope.permission.rawValue,
            resources: record.scope.resources.map(\.description), createdAt: record.createdAt,
            expires: record.expires)
    }
}

extension ProjectView {
    init(_ project: Project) {
        self.init(name: project.name, createdAt: project.createdAt, createdBy: project.createdBy)
    }
}

extension HTTPResponse {
    /// The answer with what was made, where it is from now on, and never kept by anybody in between.
    static func made(_ value: some Encodable, at path: String) throws -> HTTPResponse {
        try .json(
            value, status: .created, fields: HTTPFields(["Location": path, "Cache-Control": "no-store"]))
    }
}

/// A page of what is at hand, in the order of its keys.
func page<Item, View: Encodable & Sendable>(
    _ items: [Item], _ request: PageRequest, key: (Item) -> String, view: (Item) -> View
) throws -> HTTPResponse {
    let after = request.cursor?.parts.first
    let rest = items.sorted { key($0) < key($1) }.drop { item in after.map { key(item) <= $0 } ?? false }
    let shown = rest.prefix(request.limit)
    let next = rest.count > shown.count ? shown.last.map { Cursor([key($0)]) } : nil
    return try .json(Page(items: shown.map(view), next: next))
}
