import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

/// `/api/v1/grants`.
struct GrantRoutes {
    let accounts: Accounts
    let environment: Environment

    private static let id = Parameter<GrantID>.path("grant", "The grant's identifier.")
    private static let user = Parameter<String?>.query(
        "user", "Only what this user holds, by himself or by roles.", schema: .string(.name))
    private static let role = Parameter<String?>.query(
        "role", "Only what this role holds.", schema: .string(.name))
    private static let under = Parameter<String?>.query(
        "resource", "Only grants on this URI and under it.", schema: .string(1...1024))

    var routes: [Route<Caller>] { [create, list, get, remove] }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/grants", operation: "createGrant",
            summary: "Grant something on what the caller manages",
            description: "What is granted already is answered as it is: asking again is harmless.",
            tag: "access", access: .authenticated, body: .json(GrantRequest.self),
            responses: [.json(.of(GrantView.self), "The grant.", status: .created)]
        ) { call in
            let body = try await call.body(GrantRequest.self)
            let credential = try call.context.known()
            let uri = try resource(body.resource, field: "resource")
            AuditNote.note(resource: uri.description)
            // As everywhere: a project that is not there, or not the caller's, is unknown.
            try await call.context.require(Caller.Permission(.manage, uri))
            let grant = Grant(try self.subject(body), try permission(body.permission), on: uri)
            let (id, now): (GrantID, Timestamp) = (
                self.environment.identifier(), self.environment.wallClock.now
            )
            let record = try await self.accounts.perform {
                try $0.addGrant(id, grant, by: credential, at: now)
            }
            return try .made(GrantView(record), at: "/api/v1/grants/\(record.id)")
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/grants", operation: "listGrants",
            summary: "List grants: one's own, and those on what one manages", tag: "access",
            access: .authenticated, parameters: [Self.user, Self.role, Self.under] + PageRequest.parameters,
            responses: [.json(.page(of: .of(GrantView.self)), "A page of grants.")]
        ) { call in
            let (request, credential) = (try call.page(), try call.context.known())
            let under = try call[Self.under].map { try resource($0, field: "resource") }
            let role = try call[Self.role].map { try RoleName(parsing: $0) }
            let user = call[Self.user]
            return try self.accounts.read { core in
                let records: [GrantRecord]
                if let user {
                    records = core.users[user].map { core.held(by: $0.principal) } ?? []
                } else if let role {
                    records = core.held(by: .role(role))
                } else {
                    records = Array(core.grants.values)
                }
                let visible = records.filter { record in
                    (under.map { $0.contains(record.grant.resource) } ?? true)
                        && core.isVisible(record, to: credential)
                }
                return try page(visible, request, key: \.id.text) { GrantView($0) }
            }
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/grants/{grant}", operation: "getGrant", summary: "Look at one grant",
            tag: "access", access: .authenticated, parameters: [Self.id],
            responses: [.json(.of(GrantView.self), "The grant, with an ETag: it never changes.")]
        ) { call in
            let (id, credential) = (call[Self.id], try call.context.known())
            let found = self.accounts.read { core in
                core.grants[id].flatMap { core.isVisible($0, to: credential) ? GrantView($0) : nil }
            }
            guard let found else {
                throw ApolloError(.notFound, "no grant \(id)", hint: "'apollo grant ls' lists them")
            }
            return try await call.conditional(found)
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/grants/{grant}", operation: "deleteGrant", summary: "Take a grant back",
            tag: "access", access: .authenticated, parameters: [Self.id],
            responses: [.noContent("It is taken back.")]
        ) { call in
            let (id, credential) = (call[Self.id], try call.context.known())
            if let record = self.accounts.read({ $0.grants[id] }) {
                AuditNote.note(resource: record.grant.resource.description)
            }
            try await self.accounts.change(
                call.ifMatch({ core in core.grants[id].map { GrantView($0) } }) {
                    try $0.removeGrant(id, by: credential)
                })
            return HTTPResponse(.noContent)
        }
    }

    private func subject(_ body: GrantRequest) throws -> Subject {
        switch (body.user, body.role) {
        case (let name?, nil):
            if name == Principal.localAdministrator.name { return .principal(.localAdministrator) }
            guard let user = accounts.read({ $0.users[name] }) else {
                throw ApolloError(
                    .notFound, "no user '\(name)'",
                    fields: [FieldError(path: "user", message: "must be a user's name")])
            }
            return .principal(user.principal)
        case (nil, let name?): return .role(try RoleName(parsing: name))
        default:
            throw ApolloError(
                .invalid, "a grant is for a user or for a role",
                fields: [FieldError(path: "user", message: "name either 'user' or 'role'")])
        }
    }
}
