import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions
import IdentityMessages

/// `/api/v1/login`, `logout` and `whoami`.
struct LoginRoutes {
    let accounts: Accounts

    var routes: [Route<Caller>] { [logIn, browser, logOut, whoAmI] }

    private var logIn: Route<Caller> {
        Route(
            .post, "/api/v1/login", operation: "logIn", summary: "Get a token for a password",
            description: """
                After some failures an account, and whoever tries from one address, has to wait before the next try: 429 \
                with `Retry-After`. A wrong name and a wrong password are answered alike, and after the same time.
                """,
            tag: "login", access: .open, body: .json(LoginRequest.self, limit: 8192),
            responses: [.json(.of(TokenView.self), "The token, shown this once.", status: .created)]
        ) { call in
            let body = try await call.body(LoginRequest.self)
            noteLogin(body.user)
            let issued = try await answering {
                try await self.accounts.logIn(
                    body.user, password: body.password, peer: call.request.peer,
                    note: body.note ?? "login", age: body.age.map { .seconds($0) })
            }
            AuditNote.note(principal: issued.record.principal.description)
            return try .made(
                TokenView(issued.record, secret: issued.secret), at: "/api/v1/tokens/\(issued.record.id)")
        }
    }

    private var browser: Route<Caller> {
        Route(
            .post, "/api/v1/login/browser", operation: "makeLoginLink",
            summary: "Make a link that logs a browser in, once, within a minute", tag: "login",
            access: .authenticated,
            responses: [.json(.of(BrowserCode.self), "Where the browser goes.", status: .created)]
        ) { call in
            let code = try self.accounts.code(for: call.context.known())
            return try .json(
                BrowserCode(path: "/login/once?code=\(code)", age: 60), status: .created,
                fields: HTTPFields(["Cache-Control": "no-store"]))
        }
    }

    private var logOut: Route<Caller> {
        Route(
            .post, "/api/v1/logout", operation: "logOut", summary: "End the token that asks", tag: "login",
            access: .authenticated, responses: [.noContent("It is worth nothing any more.")]
        ) { call in
            try await self.accounts.logOut(call.context.known())
            return HTTPResponse(.noContent)
        }
    }

    private var whoAmI: Route<Caller> {
        Route(
            .get, "/api/v1/whoami", operation: "whoAmI", summary: "Who asks, and what they may", tag: "login",
            access: .authenticated, parameters: [Parameters.project],
            responses: [.json(.of(WhoAmI.self), "Who asks.")]
        ) { call in
            let credential = try call.context.known()
            let project = call[Parameters.project]
            guard call.context.access.sees(credential, project: project) || project == "default" else {
                throw AccessControl.unknown(project: project)
            }
            var permissions: [String: String] = [:]
            for scheme in ResourceURI.Scheme.allCases {
                let resource = try scheme == .node ? Resources.nodes() : Resources.all(scheme, in: project)
                let level = call.context.access.permission(of: credential, on: resource)
                if level > .deny { permissions[scheme.rawValue] = level.rawValue }
            }
            let (roles, token) = self.accounts.read { core in
                (
                    (core.rolesOf[credential.principal] ?? []).map(\.text).sorted(),
                    credential.token.flatMap { core.tokens[$0] }
                )
            }
            return try .json(
                WhoAmI(
                    principal: credential.principal.description, roles: roles,
                    token: token.map { TokenView($0) }, project: project, permissions: permissions))
        }
    }
}
