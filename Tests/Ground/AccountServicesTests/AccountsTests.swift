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

@Suite(.everyDatabase) struct AccountsTests {
    private let environment = Environment.live

    private func accounts(_ database: any Database) async throws -> Accounts {
        try await DirectoryStore.migrations.apply(to: database, clock: environment.wallClock)
        let accounts = Accounts(
            store: DirectoryStore(database), access: AccessControl(TokenAuthenticator(), .embedded),
            hasher: try PasswordHasher(Argon2.Parameters(kibibytes: 64, passes: 1)), environment: environment)
        try await accounts.load(projects: ["old"])
        return accounts
    }

    @Test func `all that was changed is read again as it was`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let first = try await accounts(database)
        let (admin, now) = (Credential.administrator, environment.wallClock.now)
        let hash = try await first.hash("four words in a row")
        try await first.change {
            try $0.createUser("ann", kind: .user, passwordHash: hash, key: "k", by: admin, at: now)
        }
        let role = try RoleName(parsing: "dev")
        try await first.change { try $0.createRole(role, key: nil, by: admin, at: now) }
        try await first.change { try $0.assign(role, to: "ann", by: admin) }
        let id: GrantID = environment.identifier()
        let grant = try Grant(.role(role), .write, on: ResourceURI(parsing: "task://local/default/old"))
        try await first.perform { try $0.addGrant(id, grant, by: admin, at: now) }
        let login = try await first.logIn(
            "ann", password: "four words in a row", peer: "127.0.0.1:1", note: "n", age: .seconds(60))
        let second = try await accounts(database)
        #expect(first.read { $0.users } == second.read { $0.users })
        #expect(first.read { $0.roles } == second.read { $0.roles })
        #expect(first.read { $0.members } == second.read { $0.members })
        #expect(first.read { $0.grants } == second.read { $0.grants })
        #expect(first.read { $0.tokens } == second.read { $0.tokens })
        #expect(first.read { $0.projects } == second.read { $0.projects })
        let credential = try second.access.authenticate(
            authorization: "Bearer \(login.secret.text)", at: environment.wallClock.now)
        #expect(second.access.allows(credential, .write, on: grant.resource))
        await database.close()
    }

    @Test func `a password is hashed anew where more is asked of hashes today`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        let (admin, now) = (Credential.administrator, environment.wallClock.now)
        let weak = try Argon2.hash(
            Array("four words in a row".utf8), salt: [UInt8](repeating: 3, count: 16),
            Argon2.Parameters(kibibytes: 8, passes: 1))
        try await accounts.change {
            try $0.createUser("ann", kind: .user, passwordHash: weak, key: nil, by: admin, at: now)
        }
        _ = try await accounts.logIn(
            "ann", password: "four words in a row", peer: "127.0.0.1:1", note: "", age: nil)
        let hash = try #require(accounts.read { $0.users["ann"]?.passwordHash })
        #expect(Argon2.parameters(of: hash)?.kibibytes == 64)
        #expect(try Argon2.verify(Array("four words in a row".utf8), hash))
        await database.close()
    }

    @Test func `what cannot be stored does not count`() async throws {
        let database = FailingDatabase(try await TestDatabase.open(environment: .live))
        let accounts = try await accounts(database)
        let (admin, now) = (Credential.administrator, environment.wallClock.now)
        database.fails.withLock { $0 = true }
        await #expect(throws: ApolloError.self) {
            try await accounts.change {
                try $0.createProject("shop", key: nil, grantIDs: { fatalError() }, by: admin, at: now)
            }
        }
        #expect(accounts.read { $0.projects["shop"] } == nil)
        #expect(!accounts.access.sees(admin, project: "shop"))
        database.fails.withLock { $0 = false }
        try await accounts.change {
            try $0.createProject("shop", key: nil, grantIDs: { fatalError() }, by: admin, at: now)
        }
        #expect(accounts.access.sees(admin, project: "shop"))
        await database.close()
    }
}

/// A database whose writes fail when they are told to.
private final class FailingDatabase: Database {
    let fails = Mutex(false)
    private let database: any Database

    init(_ database: any Database) { self.database = database }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value { try await database.read(body) }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        if fails.withLock({ $0 }) { throw DatabaseError(.full, "the disk is full") }
        return try await database.write(body)
    }

    func close() async { await database.close() }
}
