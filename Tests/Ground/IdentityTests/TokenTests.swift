import Core
import Cryptography
import Identity
import Testing

@Suite struct TokenTests {
    private let now = Timestamp(microseconds: 1_000_000)

    @Test func `a token has its form, and no two are the same`() throws {
        let token = try BearerToken.generate()
        #expect(token.text.hasPrefix("apl_"))
        #expect(token.text.utf8.count == 47)
        #expect(BearerToken(parsing: token.text)?.text == token.text)
        #expect(token.hash == SHA256.hash(token.text))
        #expect(try BearerToken.generate().text != token.text)
    }

    @Test func `a token shows itself in no log`() throws {
        let token = try BearerToken.generate()
        var dumped = ""
        dump(token, to: &dumped)
        for shown in [
            "\(token)", String(reflecting: token), dumped, "\([token])", "\(Optional(token) as Any)",
        ] {
            #expect(!shown.contains(token.text))
            #expect(!shown.contains(token.text.dropFirst(10)))
        }
    }

    @Test func `what is no token is refused`() throws {
        let text = try BearerToken.generate().text
        let body = String(text.dropFirst(4))
        let cut = String(text.dropLast())
        let wrong: [String] = [
            "", "apl_", body, "APL_\(body)", "apl-\(body)", "\(text)A", cut, "\(cut)=", "\(cut)\n", " \(cut)",
            "\(cut.dropLast())é",
            "apl_" + String(repeating: "A", count: 42) + "B",  // bits to spare that are not zero
        ]
        for text in wrong { #expect(BearerToken(parsing: text) == nil, "\(text)") }
    }

    @Test func `a known token tells the principal, whatever the case of the scheme`() throws {
        let token = try BearerToken.generate()
        let authenticator = TokenAuthenticator([
            StoredToken(hash: token.hash, principal: .localAdministrator),
            StoredToken(
                hash: try BearerToken.generate().hash,
                principal: try Principal(.user, realm: "local", name: "x")),
        ])
        for scheme in ["Bearer ", "bearer ", "BEARER ", "Bearer    "] {
            let principal = try authenticator.authenticate(authorization: scheme + token.text, at: now)
                .principal
            #expect(principal == .localAdministrator)
        }
    }

    @Test func `everything else is unauthenticated, and is not repeated in the error`() throws {
        let token = try BearerToken.generate()
        let authenticator = TokenAuthenticator([
            StoredToken(hash: token.hash, principal: .localAdministrator)
        ])
        let stranger = try BearerToken.generate()
        let fields: [String?] = [
            nil, "", "Bearer", "Bearer ", token.text, "Bearer" + token.text, "Basic " + token.text,
            "Bearer\t" + token.text, "Bearer\0" + token.text, " Bearer " + token.text,
            "Bearer " + token.text + " ", "Bearer " + stranger.text, "Bearer " + token.text.uppercased(),
            "Bearer " + token.text + ", Bearer " + token.text,
            "Bearer " + String(repeating: " ", count: 100_000) + token.text,
        ]
        for field in fields {
            #expect {
                try authenticator.authenticate(authorization: field, at: now)
            } throws: { error in
                guard let error = error as? ApolloError, error.kind == .unauthenticated else { return false }
                return !error.description.contains(stranger.text) && !error.description.contains(token.text)
            }
        }
    }

    @Test func `a token is worth nothing once it expired or was revoked`() throws {
        let token = try BearerToken.generate()
        var authenticator = TokenAuthenticator([
            StoredToken(
                hash: token.hash, principal: .localAdministrator, expires: now.advanced(by: .seconds(1)))
        ])
        let field = "Bearer " + token.text
        #expect(
            try authenticator.authenticate(authorization: field, at: now).principal == .localAdministrator)
        #expect(throws: ApolloError.self) {
            try authenticator.authenticate(authorization: field, at: now.advanced(by: .seconds(1)))
        }
        let wasThere = authenticator.revoke(token.hash)
        let isThere = authenticator.revoke(token.hash)
        #expect(wasThere && !isThere)
        #expect(throws: ApolloError.self) { try authenticator.authenticate(authorization: field, at: now) }
    }
}
