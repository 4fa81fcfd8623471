public import APIServers
import AuthorityMessages
import Certificates
public import Core
import Cryptography
import Documents
import HTTPModel
public import HTTPRouting
import Identity

/// `/api/v1/join`, `/api/v1/renew` and the tokens for it; with those of the authorities.
public struct JoinRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("certificates", "Which machines belong to the platform, and how they prove it.")
    ]

    private let store: AuthorityStore
    private let limiter: JoinLimiter

    public init(_ store: AuthorityStore, environment: Environment) {
        self.store = store
        limiter = JoinLimiter(clock: environment.clock)
    }

    private static let token = Parameter<String>.path("token", "The token's identifier.")

    public var routes: [Route<Caller>] {
        AuthorityRoutes(store: store).routes + [createToken, listTokens, deleteToken, join, renew]
    }

    private var createToken: Route<Caller> {
        Route(
            .post, "/api/v1/join-tokens", operation: "createJoinToken",
            summary: "Make a token that lets machines join", tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
            body: .json(JoinTokenRequest.self, isRequired: false),
            responses: [.json(.of(JoinTokenRecord.self), "The token, told this once.", status: .created)]
        ) { call in
            let wanted = try await call.body(JoinTokenRequest.self)
            let (token, expiresAt) = try await self.store.makeToken(
                uses: wanted.uses, lifetime: .seconds(wanted.expires), by: call.context.name)
            let record = JoinTokenRecord(
                id: token.id.text, expiresAt: expiresAt, uses: wanted.uses,
                createdAt: expiresAt.advanced(by: .zero - .seconds(wanted.expires)),
                createdBy: call.context.name, token: token.text)
            return try .json(record, status: .created, fields: HTTPFields(["Cache-Control": "no-store"]))
        }
    }

    private var listTokens: Route<Caller> {
        Route(
            .get, "/api/v1/join-tokens", operation: "listJoinTokens",
            summary: "List the tokens that can be used",
            tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.list, try Resources.nodes()) },
            responses: [.json(.page(of: .of(JoinTokenRecord.self)), "Without the tokens themselves.")]
        ) { _ in try .json(JoinTokenRecords(items: try await self.store.tokens())) }
    }

    private var deleteToken: Route<Caller> {
        Route(
            .delete, "/api/v1/join-tokens/{token}", operation: "deleteJoinToken",
            summary: "Take a token back",
            tag: "certificates",
            access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
            parameters: [Self.token], responses: [.noContent("Nobody can join with it any more.")]
        ) { call in
            try await self.store.removeToken(call[Self.token])
            return HTTPResponse(.noContent)
        }
    }

    private var join: Route<Caller> {
        Route(
            .post, "/api/v1/join", operation: "joinNode", summary: "Join as a machine, by a join token",
            description: "Needs no other token. Who fails too often is told to wait.", tag: "certificates",
            access: .open, body: .json(JoinRequest.self),
            responses: [.json(.of(JoinAnswer.self), "The machine's certificate.", status: .created)]
        ) { call in
            let wanted = try await call.body(JoinRequest.self)
            let issued = try await self.limiter.limit(call.request.peer) {
                guard let token = JoinToken(parsing: wanted.token) else {
                    throw Self.fault(
                        "token", "is no join token, or not all of one: it has three parts, apj_….….…")
                }
                let request = try Self.read("request") { () throws(CertificateError) in
                    try SigningRequest(pem: Array(wanted.request.utf8))
                }
                return try await self.store.join(token, name: wanted.name, request)
            }
            return try await self.answer(issued)
        }
    }

    private var renew: Route<Caller> {
        Route(
            .post, "/api/v1/renew", operation: "renewCertificate",
            summary: "Get the next certificate, by the key of the one before", tag: "certificates",
            access: .open, body: .json(RenewRequest.self),
            responses: [.json(.of(JoinAnswer.self), "The next certificate.", status: .created)]
        ) { call in
            let wanted = try await call.body(RenewRequest.self)
            let issued = try await self.limiter.limit(call.request.peer) {
                guard let signature = Base64URL.decode(wanted.signature) else {
                    throw Self.fault(
                        "signature", "must be base 64 for URLs (RFC 4648, section 5), without padding")
                }
                let chain = try Self.read("certificate") { () throws(CertificateError) in
                    try Certificate.chain(pem: Array(wanted.certificate.utf8))
                }
                let request = try Self.read("request") { () throws(CertificateError) in
                    try SigningRequest(pem: Array(wanted.request.utf8))
                }
                return try await self.store.renew(
                    chain, request, signedAt: wanted.time, signature: signature)
            }
            return try await self.answer(issued)
        }
    }

    private func answer(_ issued: Issued) async throws -> HTTPResponse {
        let authorities = try await store.trusted().map { try $0.certificate.pem() }.joined()
        return try .json(
            JoinAnswer(
                principal: "\(issued.principal)", certificate: try issued.certificate.pem(),
                authorities: authorities, notAfter: issued.certificate.notAfter,
                renewsAt: issued.certificate.renewsAt),
            status: .created)
    }

    private static func read<Value>(
        _ field: String, _ body: () throws(CertificateError) -> Value
    ) throws -> Value {
        do throws(CertificateError) {
            return try body()
        } catch {
            throw fault(field, error.asApolloError.message)
        }
    }

    private static func fault(_ path: String, _ message: String) -> ApolloError {
        ApolloError(
            .invalid, "the request to join is wrong", fields: [FieldError(path: path, message: message)])
    }
}
