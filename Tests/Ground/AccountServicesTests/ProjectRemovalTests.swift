import AccountServices
import Concurrency
import Core
import Databases
import Identity
import IdentityDecisions
import IdentityStorage
import Passwords
import TestDatabases
import Testing

/// A project is removed while something is added to it. The parts that meet are held open by each other, so both orders
/// happen as written.
@Suite(.everyDatabase) struct ProjectRemovalTests {
    private let environment = Environment.live
    private let admin = Credential.administrator

    private func accounts(_ database: any Database) async throws -> Accounts {
        try await DirectoryStore.migrations.apply(to: database, clock: environment.wallClock)
        let accounts = Accounts(
            store: DirectoryStore(database), access: AccessControl(TokenAuthenticator(), .embedded),
            hasher: try PasswordHasher(Argon2.Parameters(kibibytes: 64, passes: 1)), environment: environment)
        try await accounts.load(projects: ["shop", "other"])
        return accounts
    }

    private func expect(_ kind: ErrorKind, _ body: () async throws -> Void) async {
        await #expect {
            try await body()
        } throws: { error in
            (error as? ApolloError)?.kind == kind
        }
    }

    @Test func `a removal that comes while something is added is refused, and the project stays`()
        async throws
    {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        try await accounts.access.adding(to: "shop") {
            await expect(.conflict) {
                try await accounts.removeProject("shop", by: admin) { _ in
                    Issue.record("nobody should look into it")
                    return nil
                }
            }
            // Others are not in each other's way.
            try await accounts.access.adding(to: "shop") {}
            try await accounts.removeProject("other", by: admin) { _ in nil }
        }
        #expect(accounts.read { $0.projects["shop"] } != nil)
        await expect(.conflict) { try await accounts.removeProject("shop", by: admin) { _ in "a task" } }
        await database.close()
    }

    @Test func `what comes while the project is removed is refused, and finds none afterwards`() async throws
    {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        try await accounts.removeProject("shop", by: admin) { name in
            await expect(.conflict) {
                try await accounts.access.adding(to: name) { _ = Issue.record("nothing is to be added") }
            }
            await expect(.conflict) { try await accounts.removeProject(name, by: admin) { _ in nil } }
            try await accounts.access.adding(to: "other") {}
            return nil
        }
        await expect(.notFound) {
            try await accounts.access.adding(to: "shop") { _ = Issue.record("nothing is to be added") }
        }
        await database.close()
    }

    @Test func `after a removal that was refused the project takes things again`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        await expect(.conflict) { try await accounts.removeProject("shop", by: admin) { _ in "secrets" } }
        try await accounts.access.adding(to: "shop") {}
        try await accounts.removeProject("shop", by: admin) { _ in nil }
        await database.close()
    }

    @Test func `a grant that was allowed before the project went is refused after`() async throws {
        let database = try await TestDatabase.open(environment: .live)
        let accounts = try await accounts(database)
        let now = environment.wallClock.now
        try await accounts.change {
            try $0.createUser("ann", kind: .user, passwordHash: nil, key: nil, by: admin, at: now)
        }
        let ann = try #require(accounts.read { $0.users["ann"]?.principal })
        let resource = try ResourceURI(parsing: "task://local/default/shop/web")
        try await accounts.removeProject("shop", by: admin) { _ in nil }
        let id: GrantID = environment.identifier()
        await expect(.notFound) {
            try await accounts.perform {
                try $0.addGrant(id, Grant(.principal(ann), .read, on: resource), by: admin, at: now)
            }
        }
        try await accounts.change {
            try $0.createProject(
                "shop", key: nil, grantIDs: { environment.identifier() }, by: admin, at: now)
        }
        #expect(accounts.read { $0.held(by: ann) }.isEmpty)
        await database.close()
    }
}
