import AccountServices
import Concurrency
import Core
import Databases
import Identity
import IdentityDecisions
import IdentityStorage
import Passwords
import Synchronization
import TestDatabases
import Testing

/// A wall clock that is set ahead and back while tokens and sessions are in use, and what is forgotten after their end.
@Suite(.everyDatabase) struct ClockSkewTests {
    private final class SettableClock: WallClock {
        private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))
        var now: Timestamp { time.withLock { $0 } }
        func step(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    private let clock = SettableClock()
    private let admin = Credential.administrator
    private var environment: Environment {
        Environment(clock: Environment.live.clock, wallClock: clock, random: Environment.live.random)
    }

    private func accounts(_ database: any Database, tokens: Int = 1000) async throws -> Accounts {
        try await DirectoryStore.migrations.apply(to: database, clock: clock)
        var limits = DirectoryCore.Limits()
        limits.tokensOfOne = tokens
        let accounts = Accounts(
            store: DirectoryStore(database), access: AccessControl(TokenAuthenticator(), .embedded),
            hasher: try PasswordHasher(Argon2.Parameters(kibibytes: 64, passes: 1)), environment: environment,
            limits: limits)
        try await accounts.load(projects: [])
        guard accounts.read({ $0.users["ann"] }) == nil else { return accounts }
        let now = clock.now
        try await accounts.change {
            try $0.createUser("ann", kind: .user, passwordHash: nil, key: nil, by: admin, at: now)
        }
        return accounts
    }

    private func token(_ accounts: Accounts, age: Duration) async throws -> BearerToken {
        let ann = try #require(accounts.read { $0.users["ann"]?.principal })
        return try await accounts.createToken(
            for: ann, note: "", scope: .everything, age: age, key: nil, by: admin
        ).secret
    }

    private func isGood(_ token: BearerToken, _ accounts: Accounts) -> Bool {
        (try? accounts.access.authenticate(authorization: "Bearer \(token.text)", at: clock.now)) != nil
    }

    @Test func `a clock that is ahead for a while refuses tokens meanwhile, and takes none away`()
        async throws
    {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        let old = try await token(accounts, age: .seconds(3600))
        clock.step(.seconds(3 * 3600))
        #expect(!isGood(old, accounts))
        // What is made meanwhile, and what is swept, leaves the old one alone.
        let made = try await token(accounts, age: .seconds(3600))
        #expect(isGood(made, accounts))
        #expect(try await accounts.forgetTokens(limit: 100) == 0)
        clock.step(.seconds(-3 * 3600))
        #expect(isGood(old, accounts))
        // It is good until the time that was told; no right clock makes that longer than the clock was wrong.
        clock.step(.seconds(4 * 3600 - 1))
        #expect(isGood(made, accounts) && !isGood(old, accounts))
        clock.step(.seconds(1))
        #expect(!isGood(made, accounts))
        await database.close()
    }

    @Test func `a clock that is set back keeps revoked tokens revoked`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        let secret = try await token(accounts, age: .seconds(3600))
        let id = try #require(accounts.read { $0.tokens.keys.first })
        try await accounts.change { try $0.revokeToken(id, by: admin) }
        clock.step(.seconds(-86400 * 365))
        #expect(!isGood(secret, accounts))
        let again = try await self.accounts(database, tokens: 2)
        #expect(!isGood(secret, again))
        await database.close()
    }

    @Test func `a session neither ends nor gets longer than its age by a clock that is set`() throws {
        let secret = try BearerToken.generate()
        let start = clock.now
        let access = AccessControl(
            TokenAuthenticator([
                StoredToken(
                    hash: secret.hash, principal: .localAdministrator, kind: .session,
                    expires: start.advanced(by: .seconds(12 * 3600)))
            ]), .embedded)
        func isOpen() -> Bool { (try? access.authenticate(session: secret, at: clock.now)) != nil }
        #expect(isOpen())
        // Ahead it looks idle; set right it goes on.
        clock.step(.seconds(2 * 3600))
        #expect(!isOpen())
        clock.step(.seconds(-2 * 3600))
        #expect(isOpen())
        // Set back it is used, and what is left of the hour counts from the latest time that was seen.
        clock.step(.seconds(-3600))
        #expect(isOpen())
        clock.step(.seconds(2 * 3600))
        #expect(isOpen())
        clock.step(.seconds(3601))
        #expect(!isOpen())
        // Used all the time, it is over at its end.
        let other = AccessControl(
            TokenAuthenticator([
                StoredToken(
                    hash: secret.hash, principal: .localAdministrator, kind: .session,
                    expires: clock.now.advanced(by: .seconds(12 * 3600)))
            ]), .embedded)
        for _ in 0..<24 {
            #expect((try? other.authenticate(session: secret, at: clock.now)) != nil)
            clock.step(.seconds(1800))
        }
        #expect((try? other.authenticate(session: secret, at: clock.now)) == nil)
    }

    @Test func `tokens are forgotten a day after their end, a few at a time`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        for _ in 0..<5 { _ = try await token(accounts, age: .seconds(60)) }
        let lasting = try await token(accounts, age: .seconds(7 * 86400))
        clock.step(.seconds(86400))
        #expect(try await accounts.forgetTokens(limit: 3) == 0)
        clock.step(.seconds(61))
        #expect(try await accounts.forgetTokens(limit: 3) == 3)
        #expect(try await accounts.forgetTokens(limit: 3) == 2)
        #expect(try await accounts.forgetTokens(limit: 3) == 0)
        #expect(accounts.read { $0.tokens.count } == 1)
        #expect(isGood(lasting, accounts))
        await database.close()
    }

    @Test func `tokens that are over make room where there is none`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database, tokens: 2)
        _ = try await token(accounts, age: .seconds(60))
        let lasting = try await token(accounts, age: .seconds(3600))
        await #expect(throws: ApolloError.self) { try await token(accounts, age: .seconds(60)) }
        clock.step(.seconds(61))
        _ = try await token(accounts, age: .seconds(60))
        #expect(accounts.read { $0.tokens.count } == 2)
        #expect(isGood(lasting, accounts))
        await database.close()
    }
}
