import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

/// `/api/v1/tokens`.
struct TokenRoutes {
    let accounts: Accounts

    private static let id = Parameter<TokenID>.path("token", "The token's identifier.")
    private static let user = Parameter<String?>.query(
        "user", "Those of this user; the caller's own unless said.", schema: .string(.name))

    var routes: [Route<Caller>] { [create, list, revoke] }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/tokens", operation: "createToken", summary: "Make a token for a program",
            description: """
                It is worth what its owner is, less what `permission` and `resources` leave out, and never more than the \
                token it is made with. The answer is the only place where its secret ever stands.
                """,
            tag: "login", access: .authenticated, body: .json(TokenRequest.self),
            responses: [.json(.of(TokenView.self), "The token, with its secret.", status: .created)]
        ) { call in
            let body = try await call.body(TokenRequest.self)
            let (credential, key) = (try call.context.known(), try call.idempotencyKey())
            let owner = try self.owner(body.user, credential)
            AuditNote.note(resource: owner.description)
            let scope = TokenScope(
                permission: try permission(body.permission ?? Permission.manage.rawValue),
                resources: try (body.resources ?? []).map { try resource($0, field: "resources") })
            let issued = try await self.accounts.createToken(
                for: owner, note: body.note, scope: scope, age: .seconds(body.age ?? 90 * 86400), key: key,
                by: credential)
            return try .made(
                TokenView(issued.record, secret: issued.secret), at: "/api/v1/tokens/\(issued.record.id)")
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/tokens", operation: "listTokens", summary: "List tokens and sessions",
            tag: "login",
            access: .authenticated, parameters: [Self.user] + PageRequest.parameters,
            responses: [.json(.page(of: .of(TokenView.self)), "A page of tokens, without their secrets.")]
        ) { call in
            let (request, credential) = (try call.page(), try call.context.known())
            let owner = try self.owner(call[Self.user], credential)
            return try self.accounts.read { core in
                // A token of limited scope sees itself.
                let tokens = core.tokens(of: owner).filter {
                    !credential.scope.isLimited || owner != credential.principal || $0.id == credential.token
                }
                return try page(tokens, request, key: \.id.text) { TokenView($0) }
            }
        }
    }

    private var revoke: Route<Caller> {
        Route(
            .delete, "/api/v1/tokens/{token}", operation: "revokeToken", summary: "End a token or a session",
            description: "Streams that were opened with it end within 15 seconds.", tag: "login",
            access: .authenticated, parameters: [Self.id],
            responses: [.noContent("It is worth nothing any more.")]
        ) { call in
            let (id, credential) = (call[Self.id], try call.context.known())
            if let token = self.accounts.read({ $0.tokens[id] }) {
                AuditNote.note(resource: token.principal.description)
            }
            try await self.accounts.change { try $0.revokeToken(id, by: credential) }
            return HTTPResponse(.noContent)
        }
    }

    private func owner(_ name: String?, _ credential: Credential) throws -> Principal {
        guard let name, name != credential.principal.name else { return credential.principal }
        guard accounts.read({ $0.level(credential, on: DirectoryCore.people) >= .read }) else {
            throw ApolloError(
                .denied, "\(credential.principal) may not see the tokens of others",
                hint: "leave out the user for your own")
        }
        guard let user = accounts.read({ $0.users[name] }) else {
            throw ApolloError(.notFound, "no user '\(name)'", hint: "'apollo user ls' lists them")
        }
        return user.principal
    }
}
