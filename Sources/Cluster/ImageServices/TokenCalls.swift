import AccountServices
import Core
import Cryptography
import Documents
import HTTPModel
import Identity
import ImageModel
import S3Signatures

/// The token endpoint: takes a name and a password, or a token of the platform, and gives a token for a while.
extension ImageServer {
    /// Bytes of a form that asks for a token.
    private static let formLimit = 16 << 10
    /// The most scopes that are asked for at once.
    private static let scopeLimit = 64

    func token(_ request: HTTPRequest, _ query: RequestQuery) async throws -> HTTPResponse {
        let now = environment.wallClock.now
        var scopes = query.items.filter { $0.name == "scope" }.map(\.value)
        let proof: RegistryGrant.Proof
        if request.method == .post {
            let form = FormFields(try await request.body.collect(upTo: Self.formLimit))
            if let scope = form["scope"] { scopes.append(scope) }
            proof = try await self.proof(form, request.peer, at: now)
        } else {
            proof = try await self.proof(request, at: now)
        }
        let grant = try grant(proof, scopes.flatMap { $0.split(separator: " ").map(String.init) }, at: now)
        let text = try tokens.issue(grant, at: now)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("token", text)
        writer.field("access_token", text)
        writer.field("expires_in", RegistryTokens.age.components.seconds)
        writer.field("issued_at", "\(now)")
        writer.endObject()
        return HTTPResponse(
            .ok, fields: HTTPFields(["Content-Type": "application/json", "Cache-Control": "no-store"]),
            body: .bytes(writer.bytes))
    }

    /// Docker's clients send the name and the password as HTTP's Basic; where they have none they ask for a token of nobody.
    private func proof(_ request: HTTPRequest, at now: Timestamp) async throws -> RegistryGrant.Proof {
        guard let field = request.fields["Authorization"] else { return try nobody() }
        if let pair = BasicCredentials(field) { return try await proof(pair, request.peer, at: now) }
        return .token(try access.authenticate(authorization: field, at: now))
    }

    /// As OAuth 2.0 has it (RFC 6749), which newer clients try first. There are no refresh tokens here: a token of the platform is
    /// taken for one.
    private func proof(
        _ form: FormFields, _ peer: String, at now: Timestamp
    ) async throws -> RegistryGrant.Proof {
        switch form["grant_type"] {
        case "password":
            guard let name = form["username"], let password = form["password"] else { return try nobody() }
            return try await proof(BasicCredentials(name: name, password: password), peer, at: now)
        case "refresh_token":
            return .token(
                try access.authenticate(authorization: "Bearer \(form["refresh_token"] ?? "")", at: now))
        default:
            throw RegistryError(.badRequest, .unsupported, "grant_type is neither password nor refresh_token")
        }
    }

    private func proof(
        _ pair: BasicCredentials, _ peer: String, at now: Timestamp
    ) async throws -> RegistryGrant.Proof {
        if pair.password.hasPrefix(BearerToken.prefix) {
            return .token(try access.authenticate(authorization: "Bearer \(pair.password)", at: now))
        }
        do {
            let principal = try await verify(pair.name, pair.password, peer)
            let key = StoredToken(hash: SHA256.hash(principal.description), principal: principal)
            _ = try access.authenticate(verified: key, at: now)
            return .password(key)
        } catch let refusal as LoginRefusal {
            switch refusal {
            case .tooOften(let wait):
                var error = RegistryError(
                    .tooManyRequests, .tooManyRequests, "too many attempts: try again in \(wait.short)")
                error.fields["Retry-After"] = "\(wait.wholeSeconds)"
                throw error
            case .wrong, .code:
                throw RegistryError(
                    .unauthorized, .unauthorized,
                    "the name and the password do not fit; a token of the platform is taken as a password, too"
                )
            }
        }
    }

    private func nobody() throws -> RegistryGrant.Proof {
        guard !open.isEmpty else {
            var error = RegistryError(.unauthorized, .unauthorized, "this needs a login")
            error.fields["WWW-Authenticate"] = "Basic realm=\"Apollo\", charset=\"UTF-8\""
            throw error
        }
        return .nobody
    }

    /// A token for `scopes`, which does not say that its owner may: that is looked at with every request.
    private func grant(
        _ proof: RegistryGrant.Proof, _ scopes: [String], at now: Timestamp
    ) throws -> RegistryGrant {
        guard scopes.count <= Self.scopeLimit else {
            throw RegistryError(
                .badRequest, .unsupported, "more than \(Self.scopeLimit) scopes were asked for")
        }
        var grant = RegistryGrant(
            proof: proof, scope: [:], catalog: false, expires: now.advanced(by: RegistryTokens.age))
        for scope in scopes {
            // `repository:NAME:ACTION,…`; what is of another kind gets nothing.
            let parts = scope.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 3, let actions = parts.last?.split(separator: ",") else { continue }
            if parts[0] == "registry" {
                grant.catalog = grant.catalog || parts[1] == "catalog"
                continue
            }
            guard parts[0] == "repository" || parts[0].hasPrefix("repository(") else { continue }
            let name = try RegistryOperation.canonical(
                RepositoryName(parsing: parts[1..<(parts.count - 1)].joined(separator: ":")))
            for text in actions {
                let wanted =
                    text == "*"
                    ? RegistryAction.allCases : [RegistryAction(rawValue: String(text))].compactMap(\.self)
                grant.scope[name, default: []].formUnion(wanted)
            }
        }
        return grant
    }
}

/// A name and a password as HTTP's Basic has them (RFC 7617).
struct BasicCredentials: Sendable {
    let name: String
    let password: String

    init(name: String, password: String) {
        self.name = name
        self.password = password
    }

    /// Reads a field; nil where it is of another scheme, or malformed.
    init?(_ field: String) {
        guard field.utf8.count <= 4096, field.prefix(6).lowercased() == "basic ",
            let bytes = Base64.decode(String(field.dropFirst(6))),
            let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        name = String(text[..<colon])
        password = String(text[text.index(after: colon)...])
    }
}
