import Authorities
import AuthorityMessages
import Certificates
import Concurrency
import Core
import Databases
import KeyRings
import Synchronization
import TestDatabases
import Testing

@Suite(.everyDatabase) struct JoiningTests {
    private final class SettableClock: WallClock {
        private let time = Mutex(Timestamp(parsing: "2026-11-26T12:00:00Z")!)
        var now: Timestamp { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    private let clock = SettableClock()

    private func withStore(_ body: (AuthorityStore, KeyRing) async throws -> Void) async throws {
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [KeyRing.migrations, AuthorityStore.migrations] {
            try await migrations.apply(to: database, clock: clock)
        }
        var environment = Environment.live
        environment.wallClock = clock
        let key = try MasterKey.generate().text
        let keys = try await KeyRing.open(.command("echo \(key)"), database, environment: environment)
        try await body(AuthorityStore(database, keys: keys, environment: environment), keys)
        await database.close()
    }

    private func token(_ store: AuthorityStore, uses: Int = 1) async throws -> JoinToken {
        try await store.makeToken(uses: uses, lifetime: .seconds(3600), by: "user://local/admin").token
    }

    private func refusal(_ body: () async throws -> Void) async -> ApolloError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ApolloError
        }
    }

    private func refusal(of token: JoinToken, _ store: AuthorityStore) async -> ApolloError? {
        await refusal { _ = try await store.join(token, name: "other", .make(for: .generate())) }
    }

    @Test("A machine with a token gets a certificate that is believed for both usages")
    func joins() async throws {
        try await withStore { store, _ in
            let token = try await token(store)
            let issued = try await store.join(token, name: "w1", .make(for: .generate()))
            #expect("\(issued.principal)" == "node://local/w1")
            for usage in CertificateUsage.allCases {
                #expect(try await store.verify([issued.certificate], for: usage) == issued.principal)
            }
            #expect(try await store.trusted().first?.certificate.fingerprint == token.fingerprint)
        }
    }

    @Test(
        "A token that is used up, expired, removed, forged or of another platform is refused with its reason")
    func badTokens() async throws {
        try await withStore { store, _ in
            let used = try await token(store)
            _ = try await store.join(used, name: "w1", .make(for: .generate()))
            #expect(await refusal(of: used, store)?.message.contains("used up") == true)
            let late = try await token(store)
            clock.advance(by: .seconds(3601))
            #expect(await refusal(of: late, store)?.message.contains("expired at") == true)
            let gone = try await token(store)
            try await store.removeToken(gone.id.text)
            #expect(await refusal(of: gone, store)?.message.contains("not known") == true)
            // The name of a token is nothing without its secret.
            let known = try await token(store)
            let forged = try JoinToken.generate(known.id, fingerprint: known.fingerprint)
            #expect(await refusal(of: forged, store)?.message.contains("not known") == true)
            try await withStore { other, _ in
                let fault = await refusal(of: known, other)
                #expect(
                    fault?.kind == .unauthenticated && fault?.message.contains("another platform") == true)
            }
        }
    }

    @Test("Of those that race for the last uses of a token as many join as may")
    func races() async throws {
        try await withStore { store, _ in
            let token = try await token(store, uses: 3)
            let joined = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        do {
                            _ = try await store.join(token, name: "w\(number)", .make(for: .generate()))
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(joined == 3)
            #expect(try await store.certificates().count == 3)
        }
    }

    @Test("A name that is taken is refused and uses nothing up; after a revocation it is free")
    func names() async throws {
        try await withStore { store, _ in
            let token = try await token(store, uses: 3)
            let first = try await store.join(token, name: "w1", .make(for: .generate()))
            let taken = await refusal { _ = try await store.join(token, name: "w1", .make(for: .generate())) }
            #expect(taken?.kind == .exists)
            #expect(try await store.tokens().first?.uses == 2)
            try await store.revoke(first.certificate.serial)
            let refused = await refusal { _ = try await store.verify([first.certificate], for: .client) }
            #expect(refused?.message.contains("revoked") == true)
            _ = try await store.join(token, name: "w1", .make(for: .generate()))
        }
    }

    @Test("A machine renews with its key alone, while its certificate is valid and the clocks agree")
    func renewals() async throws {
        try await withStore { store, _ in
            let key = try PrivateKey.generate()
            let first = try await store.join(try await token(store), name: "w1", .make(for: key))
            clock.advance(by: .seconds(20 * 86400))
            let next = try SigningRequest.make(for: .generate())
            func renew(_ signer: PrivateKey, at time: Timestamp) async throws -> Issued {
                let signature = try signer.sign(RenewalProof.message(for: next, at: time))
                return try await store.renew([first.certificate], next, signedAt: time, signature: signature)
            }
            let renewed = try await renew(key, at: clock.now)
            #expect(renewed.principal == first.principal)
            #expect(renewed.certificate.notAfter > first.certificate.notAfter)
            #expect(
                await refusal { _ = try await renew(.generate(), at: clock.now) }?.kind == .unauthenticated)
            let early = clock.now.advanced(by: .seconds(3600))
            #expect(await refusal { _ = try await renew(key, at: early) }?.message.contains("clocks") == true)
            clock.advance(by: .seconds(11 * 86400))
            let late = await refusal { _ = try await renew(key, at: clock.now) }
            #expect(late?.message.contains("expired at") == true)
        }
    }

    @Test("After a rotation both authorities are trusted, the new one signs, and the old one goes in time")
    func rotation() async throws {
        try await withStore { store, keys in
            let old = try await store.join(try await token(store), name: "w1", .make(for: .generate()))
            let invited = try await token(store)
            let bundle = try await store.rotate()
            #expect(bundle.count == 2)
            // A token that was made before names an authority that is trusted still.
            let new = try await store.join(invited, name: "w2", .make(for: .generate()))
            #expect(new.certificate.issuer == bundle[0].certificate.subject)
            for issued in [old, new] { _ = try await store.verify([issued.certificate], for: .client) }
            // The keys of authorities are sealed anew with all the rest.
            let result = try await keys.rotate([AuthorityStore.table])
            #expect(result.rows == 2 && result.removed == 1)
            _ = try await store.join(try await token(store), name: "w3", .make(for: .generate()))
            clock.advance(by: AuthorityStore.overlap + .seconds(1))
            #expect(try await store.trusted().count == 1)
        }
    }

    @Test("A token survives its text, shows itself in no log, and is nothing when a part is missing")
    func texts() async throws {
        try await withStore { store, _ in
            let token = try await token(store)
            #expect(JoinToken(parsing: token.text) == token)
            #expect(!"\(token) \(String(reflecting: token))".contains(token.text.suffix(43)))
            let parts = token.text.split(separator: ".").map(String.init)
            let bad = [
                "", "apj_", parts[0], "\(parts[0]).\(parts[1])", String(token.text.dropLast()),
                token.text + "A",
                token.text + ".x", " " + token.text,
            ]
            for text in bad { #expect(JoinToken(parsing: text) == nil) }
        }
    }
}
