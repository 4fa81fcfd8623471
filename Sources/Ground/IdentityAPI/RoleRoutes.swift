import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

/// `/api/v1/roles`.
struct RoleRoutes {
    let accounts: Accounts
    let environment: Environment

    var routes: [Route<Caller>] { [create, list, get, remove, assign, unassign] }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/roles", operation: "createRole", summary: "Make a role, which holds nothing yet",
            tag: "access", access: .authenticated, body: .json(NameRequest.self),
            responses: [.json(.of(RoleView.self), "The role.", status: .created)]
        ) { call in
            let name = try RoleName(parsing: try await call.body(NameRequest.self).name)
            AuditNote.note(resource: "role://local/\(name)")
            let (credential, key) = (try call.context.known(), try call.idempotencyKey())
            let now = self.environment.wallClock.now
            try await self.accounts.change { try $0.createRole(name, key: key, by: credential, at: now) }
            return try .made(self.view(name, credential), at: "/api/v1/roles/\(name)")
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/roles", operation: "listRoles",
            summary: "List roles: one's own, and those one may see",
            tag: "access", access: .authenticated, parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(RoleView.self)), "A page of roles.")]
        ) { call in
            let (request, credential) = (try call.page(), try call.context.known())
            return try self.accounts.read { core in
                let roles = core.roles.values.filter { Self.sees($0.name, credential, core) }
                return try page(roles, request, key: \.name.text) { RoleView($0, core) }
            }
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/roles/{role}", operation: "getRole", summary: "Look at one role", tag: "access",
            access: .authenticated, parameters: [Parameters.role],
            responses: [.json(.of(RoleView.self), "The role, with an ETag.")]
        ) { call in
            try await call.conditional(
                self.view(RoleName(parsing: call[Parameters.role]), call.context.known()))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/roles/{role}", operation: "deleteRole",
            summary: "Remove a role, from those who have it too", tag: "access", access: .authenticated,
            parameters: [Parameters.role], responses: [.noContent("It is gone.")]
        ) { call in
            let (name, credential) = (try RoleName(parsing: call[Parameters.role]), try call.context.known())
            AuditNote.note(resource: "role://local/\(name)")
            try await self.accounts.change(
                call.ifMatch(Self.view(name)) { try $0.removeRole(name, by: credential) })
            return HTTPResponse(.noContent)
        }
    }

    private var assign: Route<Caller> {
        member(.put, "assignRole", "Give a user all that a role holds") { core, name, user, credential in
            try core.assign(name, to: user, by: credential)
        }
    }

    private var unassign: Route<Caller> {
        member(.delete, "unassignRole", "Take a role from a user") { core, name, user, credential in
            try core.unassign(name, from: user, by: credential)
        }
    }

    private func member(
        _ method: HTTPMethod, _ operation: String, _ summary: String,
        _ decide:
            @escaping @Sendable (DirectoryCore, RoleName, String, Credential) throws -> [DirectoryChange]
    ) -> Route<Caller> {
        Route(
            method, "/api/v1/roles/{role}/members/{user}", operation: operation, summary: summary,
            tag: "access",
            access: .authenticated, parameters: [Parameters.role, Parameters.user],
            responses: [.noContent("It is done.")]
        ) { call in
            let (name, credential) = (try RoleName(parsing: call[Parameters.role]), try call.context.known())
            let user = call[Parameters.user]
            AuditNote.note(resource: "role://local/\(name)/members/\(user)")
            try await self.accounts.change(
                call.ifMatch(Self.view(name)) { try decide($0, name, user, credential) })
            return HTTPResponse(.noContent)
        }
    }

    private static func sees(_ name: RoleName, _ credential: Credential, _ core: DirectoryCore) -> Bool {
        if core.rolesOf[credential.principal]?.contains(name) ?? false { return true }
        // A name that is stored can be in a URI.
        guard let resource = try? name.resource else { return false }
        return core.level(credential, on: resource) >= .list
    }

    private static func view(_ name: RoleName) -> @Sendable (DirectoryCore) -> RoleView? {
        { core in core.roles[name].map { RoleView($0, core) } }
    }

    private func view(_ name: RoleName, _ credential: Credential) throws -> RoleView {
        let view = accounts.read { core in
            core.roles[name].flatMap { Self.sees(name, credential, core) ? RoleView($0, core) : nil }
        }
        guard let view else {
            throw ApolloError(.notFound, "no role '\(name)'", hint: "'apollo role ls' lists them")
        }
        return view
    }
}
