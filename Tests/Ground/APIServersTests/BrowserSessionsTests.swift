import APIServers
import Core
import HTTPModel
import Identity
import Testing

@Suite struct BrowserSessionsTests {
    private let now = Timestamp(microseconds: 1_700_000_000_000_000)
    private let secret: BearerToken
    private let access: AccessControl
    private let browsers: BrowserSessions

    init() throws {
        secret = try BearerToken.generate()
        access = AccessControl(
            TokenAuthenticator([
                StoredToken(
                    hash: secret.hash, principal: .localAdministrator, kind: .session,
                    expires: now.advanced(by: .seconds(86400)))
            ]), .embedded)
        browsers = BrowserSessions(access: access, isSecure: false)
    }

    private func request(_ method: HTTPMethod = .get, _ fields: HTTPFields) -> HTTPRequest {
        HTTPRequest(method: method, target: "/", fields: fields)
    }

    private var cookie: String { "apollo_session=\(secret.text)" }

    private func formToken() throws -> String {
        try #require(try browsers.visit(request(.get, HTTPFields(["Cookie": cookie])), at: now)).formToken
    }

    @Test func `the cookie alone is enough to read`() throws {
        let visit = try browsers.trusted(
            request(.get, HTTPFields(["Cookie": "a=b; \(cookie); c=d"])), at: now)
        #expect(visit?.credential.principal == .localAdministrator)
        #expect(try browsers.trusted(request(.get, HTTPFields(["Cookie": "a=b"])), at: now) == nil)
        #expect(try browsers.trusted(request(.get, HTTPFields()), at: now) == nil)
    }

    @Test func `what changes something needs the session's form token`() throws {
        let token = try formToken()
        let right = HTTPFields(["Cookie": cookie, "X-Apollo-Form-Token": token])
        #expect(try browsers.trusted(request(.post, right), at: now) != nil)
        #expect(
            try browsers.trusted(request(.post, HTTPFields(["Cookie": cookie])), form: token, at: now) != nil)
        for wrong in ["", "x", String(token.dropLast()), token + "x"] {
            let fields = HTTPFields(["Cookie": cookie, "X-Apollo-Form-Token": wrong])
            #expect(throws: ApolloError.self) { try browsers.trusted(request(.delete, fields), at: now) }
        }
        #expect(!token.contains(secret.text))
    }

    @Test(arguments: ["cross-site", "same-site", "", "same-origin, cross-site"])
    func `requests of other sites are refused`(_ site: String) throws {
        let fields = HTTPFields([
            "Cookie": cookie, "X-Apollo-Form-Token": try formToken(), "Sec-Fetch-Site": site,
        ])
        #expect(throws: ApolloError.self) { try browsers.trusted(request(.post, fields), at: now) }
    }

    @Test func `an old browser is known by its Origin`() throws {
        let token = try formToken()
        func fields(_ origin: String) -> HTTPFields {
            HTTPFields([
                "Cookie": cookie, "X-Apollo-Form-Token": token, "Origin": origin, "Host": "localhost:7070",
            ])
        }
        #expect(try browsers.trusted(request(.post, fields("http://localhost:7070")), at: now) != nil)
        for origin in [
            "null", "http://localhost:7071", "http://evil.example", "http://localhost:7070.evil.example",
        ] {
            #expect(throws: ApolloError.self) {
                try browsers.trusted(request(.post, fields(origin)), at: now)
            }
        }
    }

    @Test func `cookies that were injected or damaged log nobody in`() throws {
        for line in [
            "\(cookie); apollo_session=x", "apollo_session=x; \(cookie)", "apollo_session=\(secret.text)x",
            "apollo_session=\(secret.text.dropLast())", "apollo_session=\"\(secret.text)\"",
            "apollo_session=%00",
        ] {
            #expect(throws: ApolloError.self, "\(line.prefix(16))…") {
                try browsers.visit(request(.get, HTTPFields(["Cookie": line])), at: now)
            }
        }
        #expect(
            try browsers.visit(
                request(.get, HTTPFields(["Cookie": "Apollo_Session=\(secret.text)"])), at: now) == nil)
    }

    @Test func `a session's secret is no bearer token, nor the other way round`() throws {
        #expect(throws: ApolloError.self) {
            try access.authenticate(authorization: "Bearer \(secret.text)", at: now)
        }
        let bearer = try BearerToken.generate()
        access.update {
            $0.authenticator.add(
                StoredToken(hash: bearer.hash, principal: .localAdministrator, kind: .personal))
        }
        #expect(throws: ApolloError.self) {
            try browsers.visit(
                request(.get, HTTPFields(["Cookie": "apollo_session=\(bearer.text)"])), at: now)
        }
    }

    @Test func `a session ends when it is idle, when it expires and when it is revoked`() throws {
        let fields = HTTPFields(["Cookie": cookie])
        var time = now
        for _ in 0..<3 {
            time = time.advanced(by: .seconds(3500))
            #expect(try browsers.visit(request(.get, fields), at: time) != nil)
        }
        #expect(throws: ApolloError.self) {
            try browsers.visit(request(.get, fields), at: time.advanced(by: .seconds(3601)))
        }
        #expect(throws: ApolloError.self) {
            try browsers.visit(request(.get, fields), at: now.advanced(by: .seconds(86400)))
        }
        // A clock that is set back does not end it.
        #expect(try browsers.visit(request(.get, fields), at: now) != nil)
        access.update { $0.authenticator.revoke(secret.hash) }
        #expect(throws: ApolloError.self) { try browsers.visit(request(.get, fields), at: now) }
    }

    @Test func `the cookie is kept from scripts, and by TLS from everything else`() {
        let secure = BrowserSessions(access: access, isSecure: true)
        let line = secure.cookie(secret, from: now, until: now.advanced(by: .seconds(60)))
        #expect(
            line == "__Host-apollo_session=\(secret.text); Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure"
        )
        #expect(browsers.emptyCookie == "apollo_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
    }
}
