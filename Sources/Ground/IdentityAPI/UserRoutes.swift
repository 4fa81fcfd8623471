import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages
import Passwords

/// `/api/v1/users`.
struct UserRoutes {
    let accounts: Accounts
    let environment: Environment

    var routes: [Route<Caller>] {
        [
            create, list, get, password, state("disable", isDisabled: true),
            state("enable", isDisabled: false), remove,
        ]
    }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/users", operation: "createUser", summary: "Make a user, who may nothing yet",
            tag: "users", access: .permission(Caller.Permission(.manage, DirectoryCore.people)),
            body: .json(UserRequest.self, limit: 8192),
            responses: [.json(.of(UserView.self), "The user.", status: .created)]
        ) { call in
            let body = try await call.body(UserRequest.self)
            AuditNote.note(resource: "\(body.kind)://local/\(body.name)")
            let (credential, key) = (try call.context.known(), try call.idempotencyKey())
            var hash: String?
            if let password = body.password {
                try PasswordRules.check(password, for: body.name)
                hash = try await self.accounts.hash(password)
            }
            let kind = Principal.Kind(rawValue: body.kind) ?? .user
            let (stored, now) = (hash, self.environment.wallClock.now)
            try await self.accounts.change { core in
                try core.createUser(
                    body.name, kind: kind, passwordHash: stored, key: key, by: credential, at: now)
            }
            return try .made(self.view(body.name), at: "/api/v1/users/\(body.name)")
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/users", operation: "listUsers", summary: "List users", tag: "users",
            access: .permission(Caller.Permission(.list, DirectoryCore.people)),
            parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(UserView.self)), "A page of users.")]
        ) { call in
            let request = try call.page()
            return try self.accounts.read { core in
                try page(Array(core.users.values), request, key: \.name) { UserView($0, core) }
            }
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/users/{user}", operation: "getUser", summary: "Look at one user", tag: "users",
            access: .authenticated, parameters: [Parameters.user],
            responses: [.json(.of(UserView.self), "The user, with an ETag.")]
        ) { call in
            let name = call[Parameters.user]
            // Everybody may look at himself.
            if self.accounts.read({ $0.users[name]?.principal }) != call.context.principal {
                try await call.requirePeople(.read)
            }
            return try await call.conditional(self.view(name))
        }
    }

    private var password: Route<Caller> {
        Route(
            .put, "/api/v1/users/{user}/password", operation: "setPassword", summary: "Set a password",
            description:
                "One's own, with the old one; or that of a user all of whose rights the caller manages.",
            tag: "users", access: .authenticated, parameters: [Parameters.user],
            body: .json(PasswordRequest.self, limit: 8192),
            responses: [.noContent("It is set; what was logged in with the old one is not any more.")]
        ) { call in
            let (name, credential) = (call[Parameters.user], try call.context.known())
            AuditNote.note(resource: "user://local/\(name)")
            let body = try await call.body(PasswordRequest.self)
            try PasswordRules.check(body.password, for: name)
            // Before anything is hashed, and before strangers learn who there is.
            guard body.current != nil || call.context.may(Caller.Permission(.manage, DirectoryCore.people))
            else {
                throw ApolloError(
                    .denied,
                    "setting your own password takes the one you have, that of others the rights of an administrator",
                    fields: [FieldError(path: "current", message: "must be your password of now")])
            }
            var provedOld = false
            if let current = body.current {
                let owner = try await answering {
                    try await self.accounts.verify(name, password: current, peer: call.request.peer)
                }
                provedOld = owner == credential.principal
            }
            let hash = try await self.accounts.hash(body.password)
            let isOwn = provedOld
            try await self.accounts.change { core in
                try core.setPassword(name, hash: hash, provedOld: isOwn, by: credential)
            }
            return HTTPResponse(.noContent)
        }
    }

    private func state(_ verb: String, isDisabled: Bool) -> Route<Caller> {
        Route(
            .post, "/api/v1/users/{user}/\(verb)", operation: "\(verb)User",
            summary: isDisabled ? "Keep a user out" : "Let a user in again", tag: "users",
            access: .permission(Caller.Permission(.manage, DirectoryCore.people)),
            parameters: [Parameters.user],
            responses: [.json(.of(UserView.self), "The user as it is now.")]
        ) { call in
            let (name, credential) = (call[Parameters.user], try call.context.known())
            AuditNote.note(resource: "user://local/\(name)")
            try await self.accounts.change(
                call.ifMatch(Self.view(name)) { try $0.setDisabled(name, isDisabled, by: credential) })
            return try .json(self.view(name))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/users/{user}", operation: "deleteUser",
            summary: "Remove a user with all tokens, sessions, grants and roles", tag: "users",
            access: .permission(Caller.Permission(.manage, DirectoryCore.people)),
            parameters: [Parameters.user],
            responses: [.noContent("The user is gone.")]
        ) { call in
            let (name, credential) = (call[Parameters.user], try call.context.known())
            AuditNote.note(resource: "user://local/\(name)")
            try await self.accounts.change(
                call.ifMatch(Self.view(name)) { try $0.removeUser(name, by: credential) })
            return HTTPResponse(.noContent)
        }
    }

    private static func view(_ name: String) -> @Sendable (DirectoryCore) -> UserView? {
        { core in core.users[name].map { UserView($0, core) } }
    }

    private func view(_ name: String) throws -> UserView {
        guard let view = accounts.read(Self.view(name)) else {
            throw ApolloError(.notFound, "no user '\(name)'", hint: "'apollo user ls' lists them")
        }
        return view
    }
}
