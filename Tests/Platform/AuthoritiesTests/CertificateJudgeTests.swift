import Authorities
import Certificates
import Concurrency
import Core
import Databases
import Identity
import KeyRings
import TestDatabases
import Testing

@Suite(.everyDatabase) struct CertificateJudgeTests {
    private let now = LiveWallClock().now

    private func withStore(_ body: (AuthorityStore, CertificateJudge) async throws -> Void) async throws {
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [KeyRing.migrations, AuthorityStore.migrations] {
            try await migrations.apply(to: database, clock: LiveWallClock())
        }
        let key = try MasterKey.generate().text
        let keys = try await KeyRing.open(.command("echo \(key)"), database, environment: .live)
        let store = AuthorityStore(database, keys: keys, environment: .live)
        let judge = CertificateJudge(store)
        store.observers.observe {
            do { try await judge.reload() } catch { Issue.record("the judge cannot be told: \(error)") }
        }
        try await judge.reload()
        try await body(store, judge)
        await database.close()
    }

    private func join(_ store: AuthorityStore, _ name: String) async throws -> Certificate {
        let token = try await store.makeToken(uses: 1, lifetime: .seconds(60), by: "user://local/admin").token
        return try await store.join(token, name: name, .make(for: .generate())).certificate
    }

    private func refusal(
        _ judge: CertificateJudge, _ certificate: [UInt8], after seconds: Int64 = 1
    ) -> String? {
        do {
            _ = try judge.authenticate(
                certificate: certificate, at: now.advanced(by: .seconds(seconds)))
            return nil
        } catch {
            #expect(error.kind == .unauthenticated || error.kind == .invalid)
            return error.message
        }
    }

    @Test("A machine's certificate is believed, also after a rotation, until it expires or is called back")
    func machines() async throws {
        try await withStore { store, judge in
            let certificate = try await join(store, "w1")
            for _ in 0..<2 {
                let certified = try judge.authenticate(certificate: certificate.der, at: now)
                #expect("\(certified.principal)" == "node://local/w1")
                #expect(certified.expires == certificate.notAfter)
            }
            _ = try await store.rotate()
            #expect(refusal(judge, certificate.der) == nil)
            #expect(refusal(judge, certificate.der, after: 31 * 86400)?.contains("expired at") == true)
            #expect(refusal(judge, certificate.der, after: -172_800)?.contains("clocks is wrong") == true)
            try await store.revoke(certificate.serial)
            #expect(refusal(judge, certificate.der)?.contains("was revoked") == true)
        }
    }

    @Test("A certificate of another authority, the server's own, and bytes that are none are refused")
    func others() async throws {
        try await withStore { store, judge in
            try await withStore { other, _ in
                let foreign = try await join(other, "w1")
                #expect(refusal(judge, foreign.der)?.contains("another authority") == true)
            }
            let server = try await store.certify(server: [.host("localhost")], .make(for: .generate()))
            #expect(refusal(judge, server.certificate.der)?.contains("not for use as a client") == true)
            #expect(refusal(judge, [1, 2, 3])?.contains("damaged") == true)
        }
    }

    @Test("An authority is endorsed by the one before it")
    func endorsement() async throws {
        try await withStore { store, _ in
            let first = try #require(try await store.trusted().first)
            #expect(first.endorsement == nil)
            let second = try #require(try await store.rotate().first)
            let endorsement = try #require(second.endorsement)
            #expect(endorsement.isSigned(by: first.certificate))
            #expect(endorsement.subject == second.certificate.subject)
        }
    }

    @Test("Who is disabled has no use of a certificate, and a credential ends with the certificate")
    func access() async throws {
        try await withStore { store, judge in
            let access = AccessControl(TokenAuthenticator(), .embedded)
            let certificate = try await join(store, "w1")
            #expect(throws: ApolloError.self) {
                try access.authenticate(certificate: certificate.der, at: now)
            }
            access.update { $0.certificates = judge }
            let credential = try access.authenticate(certificate: certificate.der, at: now)
            #expect(credential.kind == .certificate && credential.expires == certificate.notAfter)
            #expect(access.isValid(credential, at: now))
            access.update { $0.authenticator.setDisabled(credential.principal, true) }
            #expect(!access.isValid(credential, at: now))
            access.update { $0.authenticator.setDisabled(credential.principal, false) }
            try await store.revoke(certificate.serial)
            #expect(!access.isValid(credential, at: now))
        }
    }
}
